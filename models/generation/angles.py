"""Angles: what a post can do with a topic, rotating so that a pillar does not repeat itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from models.generation.wording import templates


@dataclass(frozen=True)
class Angle:
    """Sentences with `{topic}` and `{Topic}`; `statements` and `questions` are alternative openings."""

    id: str
    brief: str
    title: str
    statements: tuple[str, ...]
    questions: tuple[str, ...]
    body: tuple[str, ...]
    short: str


@lru_cache(maxsize=1)
def angles() -> tuple[Angle, ...]:
    """All angles in the order they rotate."""
    return tuple(
        Angle(
            id=raw["id"], brief=raw["brief"], title=raw["title"], statements=tuple(raw["statements"]),
            questions=tuple(raw["questions"]), body=tuple(raw["body"]), short=raw["short"],
        )
        for raw in templates("angles")
    )  # fmt: skip


def about(sentence: str, topic: str) -> str:
    """The sentence with the topic in place."""
    return sentence.replace("{topic}", topic).replace("{Topic}", topic[:1].upper() + topic[1:])


def nth_angle(pillar: str, turn: int) -> Angle:
    """The angle of a pillar's n-th post; pillars begin at different angles."""
    return angles()[(digest(pillar) + turn) % len(angles())]


def angle_of_brief(brief: str, pillar: str) -> Angle:
    """The angle a brief was written from; for a brief in other words, one chosen by its text."""
    for angle in angles():
        if brief.startswith(about(angle.brief, pillar)):
            return angle
    return nth_angle(brief, 0)


def digest(text: str) -> int:
    """A stable number made from a text."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
