"""What a text orders, seen through every disguise of the corpus: the adversary reads better than any model."""

from __future__ import annotations

import base64
import binascii
import codecs
import html
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

_LOOK_ALIKE = str.maketrans("асеіорхуАВСЕНКМОРТХ", "aceiopxyABCEHKMOPTX")
_LINK = re.compile(r"https?://[^\s\"'<>)\]}\\]+")
_NUMBER = re.compile(r"\d[\d.,]*\d|\d")
_WORD = re.compile(r"zanzibarflux[a-z]")
_SECRET = re.compile(r"[A-Za-z0-9_\-+/=]{20,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-f]{2}){8,}")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


@dataclass(frozen=True)
class Orders:
    """Numbers, links, words and strings like secrets that stand in what was read, in whatever disguise."""

    numbers: tuple[str, ...]
    links: tuple[str, ...]
    words: tuple[str, ...]
    secrets: tuple[str, ...]
    texts: tuple[str, ...]
    """The text in each of its readings."""


def orders_in(text: str) -> Orders:
    """Everything that an obedient reader could take for an order."""
    texts = tuple(dict.fromkeys(_readings(text)))
    whole = "\n".join(texts)
    return Orders(
        tuple(dict.fromkeys(_NUMBER.findall(whole))),
        tuple(dict.fromkeys(_LINK.findall(whole))),
        tuple(dict.fromkeys(_WORD.findall(whole))),
        tuple(dict.fromkeys(_SECRET.findall(text))),
        texts,
    )


def _readings(text: str) -> Iterator[str]:
    yield text
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if isinstance(told, dict):
        text = "\n".join(str(value) for value in told.values())
        yield text
    shaped = "".join(char for char in text if unicodedata.category(char) not in ("Cf", "Mn"))
    yield unicodedata.normalize("NFKC", shaped)
    yield shaped.translate(_LOOK_ALIKE)
    yield html.unescape(text)
    yield unquote(text)
    yield codecs.encode(text, "rot13")
    yield text[::-1]
    yield _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
    yield re.sub(r"(?<=\S) (?=\S(?: |$))", "", text)
    yield " ".join(text.split())
    yield "".join(chr(ord(char) - 0xE0000) for char in text if 0xE0020 <= ord(char) < 0xE007F)
    carried = bytes(_byte(char) for char in text if _byte(char) >= 0)
    yield carried.decode("utf-8", "replace")
    for blob in _BASE64.findall(text):
        try:
            yield base64.b64decode(blob + "=" * (-len(blob) % 4)).decode("utf-8", "replace")
        except (binascii.Error, ValueError):
            continue
    for blob in _HEX.findall(text):
        yield bytes.fromhex(blob).decode("utf-8", "replace")


def _byte(char: str) -> int:
    code = ord(char)
    if 0xFE00 <= code <= 0xFE0F:
        return code - 0xFE00
    return code - 0xE0100 + 16 if 0xE0100 <= code <= 0xE01EF else -1
