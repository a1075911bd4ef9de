"""What every prompt says about the brand: its own words, how its posts read, what was noticed, what people asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from models.domain.brand import BrandProfile

_LONGEST = 600


@dataclass(frozen=True)
class Background:
    """`voice` and `noticed` are lines that code wrote (the voice profile, opportunities, competitors' fact sheet): no text of a
    competitor is in them. `feedback` are remarks of the workspace's own people, newest last."""

    brand: BrandProfile
    name: str
    language: str = "English"
    voice: tuple[str, ...] = ()
    noticed: tuple[str, ...] = ()
    feedback: tuple[str, ...] = ()

    def section(self, *, noticed: bool = False) -> str:
        """The part of a prompt."""
        brand = self.brand
        said = [f"Name: {_line(self.name)}", f"Language: {self.language}"]
        said += [
            f"{title}: {_line(text)}"
            for title, text in (("About", brand.description), ("Audience", brand.audience), ("Tone", brand.tone))
            if text.strip()
        ]
        if not (brand.description.strip() or brand.audience.strip()):
            said.append("About, audience, tone: nothing on record")
        parts = [section("The brand", said)]
        parts += [section("How its own posts read", self.voice)] if self.voice else []
        parts += [section("What was noticed", self.noticed)] if noticed and self.noticed else []
        return "\n\n".join(parts)

    def wishes(self) -> str:
        """The part with what people asked for; empty without."""
        return (
            f"\n\n{section('What people asked for', [_line(text) for text in self.feedback])}" if self.feedback else ""
        )


def section(title: str, lines: Sequence[str]) -> str:
    """A titled list."""
    return "\n".join([f"# {title}", *(f"- {line}" for line in lines)])


def _line(text: str) -> str:
    """One line of it, bounded, with nothing that could open a section of its own."""
    flat = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return flat.lstrip("#-*> ")[:_LONGEST]
