"""All checks of a draft, in the order in which a reviewer reads them."""

from __future__ import annotations

from collections.abc import Mapping

from models.domain.social import Platform
from models.generation.checks.context import Checks
from models.generation.checks.duplicates import own_duplicates, rival_duplicates
from models.generation.checks.language import language
from models.generation.checks.links import links
from models.generation.checks.numbers import numbers
from models.generation.checks.phrases import banned_phrases, open_places, required_phrases
from models.generation.checks.platform_limits import platform_limits
from models.generation.checks.readability import readability
from models.generation.checks.sentiment import sentiment

NAMES = (
    "Platform limits", "Open places", "Banned phrases", "Required phrases", "Numbers", "Links", "Own repetition",
    "Competitors' wording", "Language", "Readability", "Sentiment",
)  # fmt: skip


def check_draft(text: str, platform: Platform, context: Checks) -> Mapping[str, str]:
    """Check name to finding: empty when it passed; `outcome` tells refusals from what only informs.

    Pure but for the libraries of language, sentiment and hyphenation, which are read when first asked; nothing is sent
    anywhere. `context.nearest` may ask an index.
    """
    findings = (
        platform_limits(text, platform),
        open_places(text),
        banned_phrases(text, context),
        required_phrases(text, context),
        numbers(text, context),
        links(text, context),
        own_duplicates(text, context),
        rival_duplicates(text, context),
        language(text, context),
        readability(text),
        sentiment(text),
    )
    return dict(zip(NAMES, findings, strict=True))
