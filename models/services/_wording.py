"""What people typed, checked before it is stored."""

from __future__ import annotations

import unicodedata

from models.errors import InvalidInput


def clean(value: str, what: str, *, limit: int, required: bool = True) -> str:
    """The text in NFC, with \\n between lines and without surrounding white space; `InvalidInput` if empty though required, too long or not text."""
    text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
    if required and not text:
        raise InvalidInput(f"{what} is empty: write something.")
    if len(text) > limit:
        raise InvalidInput(f"{what} has {len(text):,} characters: shorten it to {limit:,}.")
    # Cc: control characters, of which only line breaks and tabs are text; Cs: half a surrogate pair.
    if any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" for char in text):
        raise InvalidInput(f"{what} contains control characters: remove them and try again.")
    return text


def clean_line(value: str, what: str, *, limit: int = 200, required: bool = True) -> str:
    """As `clean`, for one line: inner white space becomes single spaces."""
    return clean(" ".join(value.split()), what, limit=limit, required=required)
