"""Texts in pieces that a model reads whole, and what tells one piece from another."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from math import ceil

from models.domain.retrieval import Document

WORDS = 150
"""Words of a chunk, about. all-MiniLM-L6-v2 reads 256 word pieces, some 190 words of English."""
MOST_WORDS = 200
"""A text of so many words stays whole."""
OVERLAP = 25
"""Words that a chunk repeats of the one before, so that a thought on the border is whole in one of them."""
LONGEST = 1_600
"""Characters of a chunk: text without spaces (Chinese, addresses) is cut here."""
MOST = 400
"""Chunks of one document; 400 are some 50,000 words."""
_WORD = re.compile(r"\S+")


@dataclass(frozen=True)
class Chunk:
    """A piece of a document. `hash` is that of what is embedded: equal pieces have equal vectors."""

    document: Document
    number: int
    text: str

    @property
    def embedded(self) -> str:
        """What the model reads: every piece knows its document's title."""
        title = self.document.title.strip()
        return f"{title}\n{self.text}".strip() if title and not self.text.startswith(title) else self.text

    @property
    def hash(self) -> str:
        return hashlib.sha256(self.embedded.encode(errors="surrogatepass")).hexdigest()


def chunks_of(document: Document) -> list[Chunk]:
    """The document's pieces in order; none of a document without words. One without text but a title is one piece."""
    pieces = split(document.text)
    if not pieces and document.title.strip():
        pieces = [document.title.strip()]
    return [Chunk(document, number, piece) for number, piece in enumerate(pieces[:MOST])]


def storable(text: str) -> str:
    """The text without what no encoding carries (lone surrogates) and what ends a string elsewhere (zero characters)."""
    return text.replace("\0", " ").encode(errors="replace").decode()


def split(text: str) -> list[str]:
    """Pieces of about `WORDS` words, the white space between words kept; equal but for `OVERLAP` words in size.

    A rest is shared out over the pieces instead of standing alone.
    """
    spans = [(found.start(), found.end()) for found in _WORD.finditer(text)]
    if not spans:
        return []
    if len(spans) <= MOST_WORDS:
        return _cut(text[spans[0][0] : spans[-1][1]])
    fresh = len(spans) - OVERLAP
    count = max(round(fresh / (WORDS - OVERLAP)), ceil(fresh / (MOST_WORDS - OVERLAP)))
    size = ceil(fresh / count) + OVERLAP
    starts = range(0, fresh, size - OVERLAP)
    found: list[str] = []
    for start in starts:
        last = min(start + size, len(spans)) - 1
        found += _cut(text[spans[start][0] : spans[last][1]])
    return found


def _cut(piece: str) -> list[str]:
    return [piece[at : at + LONGEST] for at in range(0, len(piece), LONGEST)]
