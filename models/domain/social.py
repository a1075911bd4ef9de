"""Platforms and what each accepts.

Limits are data with their source; the numbers come from the vendors' documents as of 2026-11-22.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Platform(StrEnum):
    FACEBOOK = "facebook"
    INSTAGRAM = "instagram"
    LINKEDIN = "linkedin"
    X = "x"
    TIKTOK = "tiktok"
    YOUTUBE = "youtube"
    EMAIL = "email"
    WEB = "web"
    """A site or blog; own articles and competitors' articles."""

    @property
    def label(self) -> str:
        return _LABELS[self]


_LABELS = {
    Platform.FACEBOOK: "Facebook",
    Platform.INSTAGRAM: "Instagram",
    Platform.LINKEDIN: "LinkedIn",
    Platform.X: "X",
    Platform.TIKTOK: "TikTok",
    Platform.YOUTUBE: "YouTube",
    Platform.EMAIL: "E-mail",
    Platform.WEB: "Blog",
}


@dataclass(frozen=True)
class TextLimits:
    """Text limits of a post on one platform. `max_chars` counts as the platform counts (X: weighted)."""

    max_chars: int
    max_hashtags: int | None
    weighted: bool
    source: str


TEXT_LIMITS: dict[Platform, TextLimits] = {
    Platform.FACEBOOK: TextLimits(63_206, None, False, "third-party measurement of the message field"),
    Platform.INSTAGRAM: TextLimits(2_200, 30, False, "Instagram content publishing guide"),
    Platform.LINKEDIN: TextLimits(3_000, None, False, "third-party measurement of the visible commentary"),
    Platform.X: TextLimits(280, None, True, "X developer docs, counting characters"),
    Platform.TIKTOK: TextLimits(2_200, None, False, "TikTok direct post reference, UTF-16 units"),
    Platform.YOUTUBE: TextLimits(5_000, 15, False, "YouTube Data API, snippet.description"),
    Platform.EMAIL: TextLimits(100_000, None, False, "own bound, below clipping sizes of common clients"),
    Platform.WEB: TextLimits(100_000, None, False, "own bound"),
}
