"""How X counts a post: NFC, any link 23, an emoji sequence 2, most scripts 1 and the rest (CJK, …) 2 a character.

The rule is version 3 of X's published counting configuration (docs "Counting characters"); links and emoji are found as
its library twitter-text 3.1.0 finds them, which judges this module in the tests. A link has an http(s) scheme, or none
when its name ends in a known top-level domain (`tlds.txt`); `emoji.txt` says what is one emoji.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

LINK_LENGTH = 23
EMOJI_LENGTH = 2
_LIGHT = ((0x0000, 0x10FF), (0x2000, 0x200D), (0x2010, 0x201F), (0x2032, 0x2037))

_LATIN = r"\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0253\u0254\u0256\u0257\u0259\u025b\u0263\u0268\u026f\u0272\u0289\u028b\u02bb\u0300-\u036f\u1e00-\u1eff"
_DIRECTIONS = r"\u202a-\u202e\u061c\u200e\u200f\u2066-\u2069"
_NO_CHARACTERS = r"\ufffe\ufeff\uffff"
_SPACES = r"\x09-\x0d\x20\x85\xa0\u1680\u180e\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_HOST_CHAR = rf"[^!'#%&()*+,\\\-./:;<=>?@\[\]^_{{|}}~${_SPACES}{_NO_CHARACTERS}{_DIRECTIONS}]"
_BEFORE = rf"(?:[^A-Za-z0-9@＠$#＃{_NO_CHARACTERS}]|[{_DIRECTIONS}]|^|(?=[\U00010000-\U0010ffff]))"
"""What may stand before a link. The library sees a character beyond U+FFFF as two, so its first half may, too."""
_PATH_CHAR = rf"[a-z\u0400-\u04ff0-9!*';:=+,.$/%#\[\]\-\u2013_~@|&{_LATIN}]"
_PARENTHESES = rf"\((?:{_PATH_CHAR}+|{_PATH_CHAR}*\({_PATH_CHAR}+\){_PATH_CHAR}*)\)"
_PATH_END = rf"[+\-a-z\u0400-\u04ff0-9=_#/{_LATIN}]"
_PATH = rf"(?:{_PATH_CHAR}*(?:{_PARENTHESES}{_PATH_CHAR}*)*{_PATH_END}|{_PARENTHESES}|@{_PATH_CHAR}+/)"
_QUERY = r"\?[a-z0-9!?*'@();:&=+$/%#\[\]\-_.,~|]*[a-z0-9\-_&=#/]"
_NOT_BEFORE_BARE = ("-", "_", ".", "/")
_SHORTENED = re.compile(rf"https?://t\.co/([a-z0-9]+)(?:{_QUERY})?", re.IGNORECASE | re.ASCII)
MAX_LINK = 4096
MAX_SHORTENED = 40
MAX_LABEL = 63
_FULL_STOPS = re.compile(r"[\u3002\uff0e\uff61]")


@dataclass(frozen=True)
class _Patterns:
    """`link` has the groups before, url, scheme, host and path; `ascii_host` finds hosts of Latin letters inside a host."""

    emoji: re.Pattern[str]
    link: re.Pattern[str]
    ascii_host: re.Pattern[str]


@lru_cache(maxsize=1)
def _patterns() -> _Patterns:
    """The rules as regular expressions, those with long lists read from the files beside this module."""
    folder = files("models.generation")
    emoji = (folder / "emoji.txt").read_text(encoding="utf-8").splitlines()
    domains = (folder / "tlds.txt").read_text(encoding="utf-8").splitlines()
    names = {name for line in domains if not line.startswith("#") for name in line.split()}
    ending = rf"(?:{_one_of(names)}(?=[^0-9a-zA-Z@+-]|$)|xn--[-0-9a-z]+)"
    host = rf"(?:{_HOST_CHAR}(?:[_-]*+{_HOST_CHAR})*+\.)*{_HOST_CHAR}(?:-*+{_HOST_CHAR})*+\.{ending}"
    link = (
        rf"(?P<before>{_BEFORE})(?P<url>(?P<scheme>https?://)?(?P<host>{host})(?::[0-9]+)?"
        rf"(?P<path>/{_PATH}*)?(?:{_QUERY})?)"
    )
    return _Patterns(
        re.compile(_one_emoji(line for line in emoji if not line.startswith("#"))),
        re.compile(link, re.IGNORECASE),
        re.compile(rf"(?:[-a-z0-9{_LATIN}]+\.)+{ending}", re.IGNORECASE),
    )


def _one_emoji(lines: Iterable[str]) -> str:
    """A regular expression for any sequence of the table, longer ones first."""
    tails = {tuple(tail.split()): heads.split() for tail, _, heads in (line.partition(":") for line in lines)}
    return "|".join(
        _signs(heads) + "".join(_signs([sign]) for sign in tail)
        for tail, heads in sorted(tails.items(), key=lambda entry: (-len(entry[0]), entry[0]))
    )


def _signs(spans: Sequence[str]) -> str:
    """A character class of hexadecimal code points, spans of them, and `tone` for the five skin tones; `bare` is a look ahead."""
    if list(spans) == ["bare"]:
        return r"(?!\ufe0e)"
    points = ("1F3FB-1F3FF" if span == "tone" else span for span in spans)
    return "[" + "".join("-".join(f"\\U{int(point, 16):08x}" for point in span.split("-")) for span in points) + "]"


def _one_of(names: Iterable[str]) -> str:
    """A regular expression for any of the names, the longest first, as a tree by letters: a plain list would be tried in full
    at every dot."""
    tails: dict[str, list[str]] = {}
    for name in sorted(filter(None, names)):
        tails.setdefault(name[0], []).append(name[1:])
    branches = "|".join(
        re.escape(first) + (_one_of(rest) + ("?" if "" in rest else "") if any(rest) else "")
        for first, rest in tails.items()
    )
    return f"(?:{branches})"


def link_spans(text: str) -> list[tuple[int, int]]:
    """Start and end of every stretch of NFC `text` that X shortens to a link, in order."""
    if "." not in text:
        return []
    rules = _patterns()
    spans: list[tuple[int, int]] = []
    for found in rules.link.finditer(text):
        start, end = found.span("url")
        if end - start > MAX_LINK or not _is_host(found["host"], rules):
            continue
        if found["scheme"] is None:
            spans += _bare(found, rules)
        elif (short := _SHORTENED.match(found["url"])) is None:
            spans.append((start, end))
        elif len(short[1]) <= MAX_SHORTENED:
            spans.append((start, start + short.end()))
    return spans


def _bare(found: re.Match[str], rules: _Patterns) -> list[tuple[int, int]]:
    """Links without a scheme: hosts of Latin letters; the last of them takes the path along."""
    if found["before"].endswith(_NOT_BEFORE_BARE):
        return []
    offset = found.start("host")
    spans: list[tuple[int, int]] = []
    end = 0
    for host in rules.ascii_host.findall(found["host"]):
        # The library looks the host up by its letters from the last one on, and so may hit an earlier place.
        start = found["host"].index(host, end)
        end = start + len(host)
        spans.append((offset + start, offset + end))
    if spans and found["path"]:
        start, end = spans[-1]
        spans[-1] = (start, _further(found.string, end, len(found["url"]) - len(found["host"])))
    return spans


def _further(text: str, position: int, units: int) -> int:
    """The position `units` UTF-16 units further on, in which the library counts."""
    while units > 0 and position < len(text):
        units -= 2 if ord(text[position]) > 0xFFFF else 1
        position += 1
    return position


def _is_host(host: str, rules: _Patterns) -> bool:
    """Whether every label fits into the name system: 63 letters in its ASCII form (punycode, RFC 3492)."""
    if host.startswith("xn--") and rules.ascii_host.search(host) is None:
        return False
    return all(0 < _ascii_length(label) <= MAX_LABEL for label in host.split("."))


def _ascii_length(label: str) -> int:
    """Letters of a label in ASCII form. What punycode takes for full stops parts it, as in the library."""
    parts = _FULL_STOPS.split(label)
    letters = (len(part) if part.isascii() else len("xn--") + len(part.encode("punycode")) for part in parts)
    return sum(letters) + len(parts) - 1


def _weight(char: str) -> int:
    code = ord(char)
    return 1 if any(low <= code <= high for low, high in _LIGHT) else 2


def weighted_length(text: str) -> int:
    """The length of `text` as X counts it; a post may have 280. What begins inside a link counts with the link."""
    normal = unicodedata.normalize("NFC", text)
    emoji = {found.start(): found.end() for found in _patterns().emoji.finditer(normal)}
    links = dict(link_spans(normal))
    total = position = 0
    while position < len(normal):
        if position in links:
            total += LINK_LENGTH
            position = links[position]
        elif position in emoji:
            total += EMOJI_LENGTH
            position = emoji[position]
        else:
            total += _weight(normal[position])
            position += 1
    return total
