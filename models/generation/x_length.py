"""How X counts a post: NFC, any link 23, an emoji sequence 2, most scripts 1 and the rest (CJK, …) 2 a character.

The rule is version 3 of X's published counting configuration (docs "Counting characters"). Links are found as X finds
them: with http(s) scheme, or without one when the name ends in a known top-level domain (`tlds.txt`).
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

LINK_LENGTH = 23
_LIGHT = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))

_PICTOGRAPH = (
    r"(?:[\u00a9\u00ae](?=\ufe0f)|[\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf"
    r"\u2934\u2935\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff])"
)
_EMOJI = re.compile(
    r"[\U0001f1e6-\U0001f1ff]{2}|[0-9#*]\ufe0f?\u20e3|"
    rf"{_PICTOGRAPH}(?:[\U0001f3fb-\U0001f3ff]|\ufe0f)?(?:[\U000e0020-\U000e007f]+)?"
    rf"(?:\u200d{_PICTOGRAPH}(?:[\U0001f3fb-\U0001f3ff]|\ufe0f)?)*"
)

_LATIN = r"\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
_LABEL_WITH_SCHEME = r"[^\s!'#%&()*+,\\\-./:;<=>?@\[\]^_{|}~$\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
_LABEL = rf"[a-z0-9{_LATIN}]"
_PATH_CHAR = rf"[a-z\u0400-\u04ff0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_LATIN}]"
_PATH_END = rf"[+\-a-z\u0400-\u04ff0-9=_#/{_LATIN}]"
_PARENTHESES = rf"\((?:{_PATH_CHAR}+|{_PATH_CHAR}*\({_PATH_CHAR}+\){_PATH_CHAR}*)\)"
_TAIL = re.compile(
    rf"(?::[0-9]+)?(?:/(?:(?:{_PATH_CHAR}|{_PARENTHESES})*(?:{_PATH_END}|{_PARENTHESES}))?)?"
    r"(?:\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/])?",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"(?<![A-Za-z0-9@＠$#＃])https?://", re.IGNORECASE)
_BARE = re.compile(rf"(?<![A-Za-z0-9@＠$#＃_./{_LATIN}-])(?=[a-z0-9{_LATIN}][a-z0-9{_LATIN}-]*\.)", re.IGNORECASE)
_ANY_LABEL = re.compile(rf"{_LABEL_WITH_SCHEME}(?:[_-]*{_LABEL_WITH_SCHEME})*", re.IGNORECASE)
_ASCII_LABEL = re.compile(rf"{_LABEL}(?:-*{_LABEL})*", re.IGNORECASE)
_SHORTENED = re.compile(r"https?://t\.co/[a-z0-9]+", re.IGNORECASE)


@lru_cache(maxsize=1)
def _ending() -> re.Pattern[str]:
    """Matches a top-level domain where a host name may end."""
    text = (files("models.generation") / "tlds.txt").read_text(encoding="utf-8")
    names = {name for line in text.splitlines() if not line.startswith("#") for name in line.split()}
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    return re.compile(rf"(?:{'|'.join(map(re.escape, longest_first))}|xn--[a-z0-9-]+)(?![0-9a-zA-Z@+-])", re.IGNORECASE)


def _host_end(text: str, start: int, label: re.Pattern[str]) -> int:
    """Where the longest host name from `start` ends that closes with a top-level domain; `start` if there is none."""
    end = position = start
    while (part := label.match(text, position)) is not None and text[part.end() : part.end() + 1] == ".":
        position = part.end() + 1
        if (closing := _ending().match(text, position)) is not None:
            end = closing.end()
    return end


def link_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of every stretch of NFC `text` that X shortens to a link, in order."""
    spans: list[tuple[int, int]] = []
    for pattern, label in ((_SCHEME, _ANY_LABEL), (_BARE, _ASCII_LABEL)):
        position = 0
        while (found := pattern.search(text, position)) is not None:
            inside = [end for start, end in spans if start <= found.start() < end]
            host = found.end() if inside else _host_end(text, found.end(), label)
            if host == found.end():
                position = max([found.end() + 1, *inside])
                continue
            tail = _SHORTENED.match(text, found.start()) or _TAIL.match(text, host)
            end = host if tail is None else tail.end()
            spans.append((found.start(), end))
            position = end
    return sorted(spans)


def _weight(char: str) -> int:
    code = ord(char)
    return 1 if any(low <= code <= high for low, high in _LIGHT) else 2


def weighted_length(text: str) -> int:
    """The length of `text` as X counts it; a post may have 280."""
    normal = unicodedata.normalize("NFC", text)
    total, position = 0, 0
    for start, end in [*link_spans(normal), (len(normal), len(normal))]:
        total += _plain_length(normal[position:start])
        total += LINK_LENGTH if end > start else 0
        position = end
    return total


def _plain_length(text: str) -> int:
    total, position = 0, 0
    for emoji in _EMOJI.finditer(text):
        total += sum(map(_weight, text[position : emoji.start()])) + 2
        position = emoji.end()
    return total + sum(map(_weight, text[position:]))
