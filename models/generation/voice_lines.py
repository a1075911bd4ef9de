"""A brand's voice and openings as plain lines for a prompt."""

from __future__ import annotations

from models.domain.brand_study import VoiceProfile
from models.domain.opportunity import OpportunityFeed
from models.domain.social import Platform


def voice_lines(profile: VoiceProfile | None, platform: Platform | None = None) -> tuple[str, ...]:
    """The profile as lines: `Do: …`, `Don't: …`, and up to three of the brand's own sentences.

    With a platform, lines that speak of another are left out. Nothing for None or a profile without traits.
    """
    if profile is None:
        return ()
    others = tuple(f"{other.label}: " for other in Platform if platform is not None and other is not platform)
    lines = [f"Do: {line}" for line in profile.dos if not line.startswith(others)]
    lines += [f"Don't: {line}" for line in profile.donts if not line.startswith(others)]
    rhythm = profile.trait("sentence_words")
    lines += [f"Example of the brand's own words: {example}" for example in (rhythm.examples if rhythm else ())]
    return tuple(lines)


def opportunity_lines(feed: OpportunityFeed, most: int = 8) -> tuple[str, ...]:
    """The best openings as lines: kind, title, reason and confidence. Numbers in them were filled by code."""
    return tuple(
        f"{item.kind.label}: {item.title}. {item.reason} Confidence: {item.confidence}." for item in feed.items[:most]
    )
