"""What a platform would refuse of a draft, by the limits that are kept as data beside each connector.

Only those tables are imported, when they are first needed: no connector, and nothing that speaks to a network.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from models.domain.assets import DraftMedia
from models.domain.connection import Vendor
from models.domain.publishing import Media, OutgoingPost, Problem
from models.domain.social import Platform
from models.generation.limits import parts

_TAKES_TEXT = frozenset({Platform.LINKEDIN, Platform.TIKTOK})
"""Platforms whose check wants the reader's text beside the post."""
_SOCIAL = frozenset(vendor.platform for vendor in Vendor) - {Platform.EMAIL}
_SERVED = "https://media.invalid/file"
"""Stands for the address that a file gets while its post goes out."""


def media_refusals(platform: Platform, text: str, shown: Sequence[DraftMedia]) -> list[str]:
    """Why the platform would refuse the post for its files, or for having none; empty where it takes it."""
    if platform is Platform.EMAIL and shown:
        return ["A mail goes out without the files of its draft: remove them, or link to them in the text."]
    if platform not in _SOCIAL:
        return []
    split = parts(platform, text)
    post = OutgoingPost(
        key="", vendor=Vendor(platform.value), account_id="", text=split.body, title=split.fields.get("Title", ""),
        media=tuple(_media(each) for each in shown),
    )  # fmt: skip
    limits = import_module(f"connectors.social.{platform.value}.limits")
    found: list[Problem] = limits.validate(post, post.text) if platform in _TAKES_TEXT else limits.validate(post)
    return [problem.message for problem in found if problem.field == "media"]


def _media(shown: DraftMedia) -> Media:
    asset = shown.asset
    return Media(
        kind=asset.kind, path=asset.name, content_type=asset.content_type, size=asset.size, sha256=asset.id,
        width=asset.width, height=asset.height, duration_seconds=asset.duration_seconds, alt_text=shown.alt_text,
        url=_SERVED,
    )  # fmt: skip
