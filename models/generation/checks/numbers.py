"""Does the draft state a number, a date, a rank or a comparison that nobody observed?"""

from __future__ import annotations

from models.generation.checks.context import Checks
from models.generation.grounding.draft import check_copy


def numbers(text: str, context: Checks) -> str:
    """The first three statements without a fact. What the brand profile says may stand in its own words."""
    brand = context.brand
    said = (*context.said, *brand.required_phrases, brand.description, brand.audience)
    problems = check_copy(text, context.facts, said=[words for words in said if words.strip()])
    shown = [problem.reason for problem in problems[:3]]
    more = len(problems) - len(shown)
    return " ".join([*shown, *([f"{more} more like this."] if more > 0 else [])])
