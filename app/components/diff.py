"""Word-level difference of two texts."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from app.components.text import without_controls

_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """A run of text that was kept, added or removed."""

    kind: Literal["same", "added", "removed"]
    text: str


def words(before: str, after: str) -> tuple[Piece, ...]:
    """The runs that turn `before` into `after`, removed before added.

    Joining `same` and `removed` gives `before`, joining `same` and `added` gives `after`.
    """
    old, new = _TOKENS.findall(before), _TOKENS.findall(after)
    pieces: list[Piece] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(a=old, b=new, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece("same", "".join(old[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(Piece("removed", "".join(old[i1:i2])))
        if j2 > j1:
            pieces.append(Piece("added", "".join(new[j1:j2])))
    return tuple(pieces)


def as_html(pieces: tuple[Piece, ...]) -> str:
    """The pieces as escaped HTML: `<del>` and `<ins>` say it without colour too."""
    tags = {"same": "span", "added": "ins", "removed": "del"}
    body = "".join(f"<{tags[p.kind]}>{html.escape(without_controls(p.text))}</{tags[p.kind]}>" for p in pieces)
    return f'<div class="fabric-text fabric-diff">{body}</div>'
