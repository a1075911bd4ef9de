"""Colours of cards: `#rrggbb`, and how well they are read on each other (WCAG 2.2, relative luminance and contrast ratio)."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.errors import InvalidInput

Colour = tuple[int, int, int]
READABLE = 4.5
"""The least contrast of text (WCAG 2.2, 1.4.3, AA)."""
VISIBLE = 1.6
"""Below it a bar of the accent colour is not seen on its background."""
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_BLACK, _DARK, _WHITE = (0, 0, 0), (17, 17, 17), (255, 255, 255)
DEFAULTS = {"background": "#1e2440", "accent": "#ffb84d", "text": "#ffffff"}


@dataclass(frozen=True)
class Palette:
    """`changed` says in words what was replaced to be readable, empty when nothing was."""

    background: Colour
    accent: Colour
    text: Colour
    changed: str = ""


def palette(background: str = "", accent: str = "", text: str = "") -> Palette:
    """The colours of a card; empty ones are the defaults. Raises `InvalidInput` for what is no `#rrggbb`."""
    ground = parsed(background or DEFAULTS["background"])
    bar = parsed(accent or DEFAULTS["accent"])
    wanted = parsed(text) if text else _most_readable(ground)
    shown, changed = wanted, ""
    if contrast(wanted, ground) < READABLE:
        shown = _most_readable(ground)
        changed = f"The text is {hex_of(shown)}, because {hex_of(wanted)} can hardly be read on {hex_of(ground)}."
    if contrast(bar, ground) < VISIBLE:
        bar = shown
    return Palette(ground, bar, shown, changed)


def parsed(text: str) -> Colour:
    if not _HEX.fullmatch(text):
        raise InvalidInput(f"{text!r} is no colour: write it as #rrggbb, such as #1e2440.")
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)


def hex_of(colour: Colour) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)


def contrast(one: Colour, other: Colour) -> float:
    """Between 1 (the same) and 21 (black on white)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _most_readable(ground: Colour) -> Colour:
    """White or nearly black. White or black always has a contrast of at least 4.58 with any colour."""
    best = max((_WHITE, _BLACK), key=lambda colour: contrast(colour, ground))
    return _DARK if best == _BLACK and contrast(_DARK, ground) >= READABLE else best


def _luminance(colour: Colour) -> float:
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (value / 255 for value in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
