"""Drafts: one text a platform for a calendar entry, with two variants that each differ along one dimension.

These are scaffolds a marketer finishes: whatever only the team can know stands in [brackets]. No number, no claim about the
brand beyond its own profile, no link but the profile's, no banned phrase; always within the platform's limits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from models.domain.approval import Draft, DraftStatus, DraftVersion, Variant
from models.domain.brand import BrandProfile
from models.domain.calendar import CalendarEntry
from models.domain.social import Platform
from models.domain.strategy import Strategy
from models.domain.workspace import Workspace
from models.errors import InvalidInput
from models.generation.angles import angle_of_brief, angles
from models.generation.layout import Material, Shape, lay_out
from models.generation.limits import FIELDS, check_text
from models.generation.rules import WRITER
from models.generation.voice import Voice, topic_words, voice_of

FIRST_NOTE = "First version, written from the strategy; finish the parts in brackets."
_BASE = Shape(opening="statement", length="full")
_QUESTION = Shape(opening="question", length="full")
_SHORT = Shape(opening="statement", length="short")


def write_drafts(
    entry: CalendarEntry, strategy: Strategy, brand: BrandProfile, workspace: Workspace, *, now: datetime
) -> list[Draft]:
    """One draft in review per platform of the entry; the same input gives the same ids and texts.

    Raises `InvalidInput` when entry, strategy, profile and workspace do not belong together.
    """
    if not (entry.workspace_id == strategy.workspace_id == brand.workspace_id == workspace.id):
        raise InvalidInput(
            f"Drafts for {workspace.id} cannot be written from another workspace's entry, strategy or profile: "
            "read all of them from the same workspace."
        )
    voice = voice_of(brand)
    drafts = []
    for platform in entry.platforms:
        draft_id = str(uuid5(NAMESPACE_URL, f"fabric:{entry.id}:{platform.value}"))
        text, variants = _texts(platform, _material(entry, strategy, voice), voice)
        version = DraftVersion(
            draft_id=draft_id,
            number=1,
            text=text,
            variants=variants,
            author=WRITER,
            created_at=now,
            note=FIRST_NOTE,
        )
        drafts.append(
            Draft(
                id=draft_id,
                workspace_id=entry.workspace_id,
                entry_id=entry.id,
                platform=platform,
                status=DraftStatus.IN_REVIEW,
                slot_at=entry.slot_at,
                version=version,
            )
        )
    return drafts


def other_texts(
    draft: Draft, entry: CalendarEntry, strategy: Strategy, brand: BrandProfile, *, turn: int
) -> tuple[str, tuple[Variant, ...]]:
    """Another wording of a draft, in the order in which its angles rotate: `turn` counts from 1 for the first other one."""
    voice = voice_of(brand)
    material = _material(entry, strategy, voice)
    start = angles().index(material.angle)
    other = angles()[(start + turn) % len(angles())]
    return _texts(draft.platform, replace(material, angle=other, key=f"{entry.id}:{turn}"), voice)


def _material(entry: CalendarEntry, strategy: Strategy, voice: Voice) -> Material:
    pillar = next((p for p in strategy.document.pillars if p.name == entry.pillar), None)
    topic = topic_words(entry.pillar) if pillar is not None else topic_words("")
    keywords = (topic, *(topic_words(word) for word in pillar.keywords)) if pillar is not None else ()
    return Material(
        angle=angle_of_brief(entry.brief, entry.pillar),
        topic=topic if voice.allows(topic) else topic_words(""),
        keywords=tuple(word for word in dict.fromkeys(keywords) if word != topic_words("")),
        key=entry.id,
    )


def _texts(platform: Platform, material: Material, voice: Voice) -> tuple[str, tuple[Variant, ...]]:
    """The draft's text and its variants, all different from each other and within the limits."""
    opens_with = FIELDS[platform][0].lower() if platform in FIELDS else "opening"
    text = _fitting(platform, material, _BASE, voice, ())
    question = _fitting(platform, material, _QUESTION, voice, (text,))
    short = _fitting(platform, material, _SHORT, voice, (text, question))
    return text, (
        Variant(label=f"Question as {opens_with}", dimension=opens_with, text=question),
        Variant(label="Short version", dimension="length", text=short),
    )


def _fitting(platform: Platform, material: Material, shape: Shape, voice: Voice, seen: Iterable[str]) -> str:
    """The fullest layout that fits and is not yet there; parts are dropped in the order `lay_out` gives them up."""
    taken = set(seen)
    for level in range(Shape.LEVELS):
        text = lay_out(platform, material, shape, voice, level)
        if text not in taken and voice.allows(text) and not check_text(platform, text):
            return text
    text = "[…]"
    while text in taken:
        text += " […]"
    return text
