"""Does the platform take the text?"""

from __future__ import annotations

from models.domain.social import Platform
from models.generation.limits import check_text


def platform_limits(text: str, platform: Platform) -> str:
    """What keeps the platform from taking it."""
    return " ".join(check_text(platform, text))
