"""Does the draft state a number, a date, a rank or a comparison that nobody observed?"""

from __future__ import annotations

from models.generation.checks.context import Checks
from models.generation.grounding.draft import check_copy, own_words


def numbers(text: str, context: Checks) -> str:
    """The first three statements without a fact. What the brand profile says may stand in its own words."""
    problems = check_copy(text, context.facts, said=own_words(context.brand, context.said))
    shown = [problem.reason for problem in problems[:3]]
    more = len(problems) - len(shown)
    return " ".join([*shown, *([f"{more} more like this."] if more > 0 else [])])
