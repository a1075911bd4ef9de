"""Sizes of cards in pixels, by where they are shown: what the platforms recommend for a single picture of a post."""

from __future__ import annotations

from models.domain.social import Platform

SIZES: dict[Platform, tuple[int, int]] = {
    Platform.FACEBOOK: (1080, 1350),
    Platform.INSTAGRAM: (1080, 1350),
    Platform.LINKEDIN: (1200, 1200),
    Platform.X: (1600, 900),
    Platform.TIKTOK: (1080, 1920),
    Platform.YOUTUBE: (1280, 720),
    Platform.EMAIL: (1200, 600),
    Platform.WEB: (1200, 630),
}
