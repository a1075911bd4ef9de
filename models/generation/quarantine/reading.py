"""The visible text of something that somebody else published: what a person who reads the page would see, bounded.

Left out are comments, hidden elements, attributes, front matter, codes (base64 and the like), characters without a shape,
and addresses, which are counted. What was left out leaves a `Sign`. This is tidying, not the defence: what remains may
still say anything, and is data.
"""

from __future__ import annotations

import html
import re
import unicodedata
from dataclasses import dataclass

from models.generation.quarantine.markup import shown_text
from models.generation.quarantine.schema import Sign

MAX_RAW = 60_000
"""Characters of a text that are looked at."""
MAX_VISIBLE = 6_000
"""Characters of visible text that are read."""

_FRONT_MATTER = re.compile(r"\A\s*(---|\+\+\+)[ \t]*\n.{0,8000}?\n\1[ \t]*(?:\n|\Z)", re.DOTALL)
_MARKUP = re.compile(r"<(?:[a-zA-Z/!?])")
_MARKDOWN_HIDDEN = re.compile(
    r"^[ \t]{0,3}\[[^\[\]\n]{1,200}\]:[ \t].*$|!\[[^\[\]\n]{0,500}\](?:\([^()\n]{0,1000}\)|\[[^\[\]\n]{0,200}\])?",
    re.MULTILINE,
)
_MARKDOWN_LINK = re.compile(r"\[([^\[\]\n]{0,400})\]\([^()\n]{0,1000}\)")
_TEMPLATE = re.compile(r"\{\{[^{}]{0,400}\}\}|\{%[^{}]{0,400}%\}|\$\{[^{}]{0,400}\}")
_LINK = re.compile(
    r"\b(?:[a-z][a-z0-9+.\-]{1,15}://|www\.)\S{1,2000}|\b(?:javascript|data|mailto|tel|file):[^\s<>]{3,2000}",
    re.IGNORECASE,
)
_LABELS = r"(?<![\w@.\-])(?:[a-z0-9](?:[a-z0-9\-]{0,62})\.){1,4}"
_BARE_LINK = re.compile(
    rf"{_LABELS}[a-z]{{2,12}}/\S{{0,500}}"
    rf"|{_LABELS}(?:com|org|net|io|ai|co|me|ly|gov|edu|dev|app|info|biz|xyz|tv|example|test|invalid|de|fr|es|it|pt|uk|eu|ru"
    r"|cn|jp|in)\b(?!\.\w)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?<![\w.+\-])[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,4}")
_MENTION = re.compile(r"(?<![\w@])@[\w.\-]{1,60}")
_ESCAPES = re.compile(
    r"(?:%[0-9a-fA-F]{2}){4,}|(?:\\x[0-9a-fA-F]{2}|\\u\{?[0-9a-fA-F]{2,6}\}?|&#x?[0-9a-fA-F]{2,6};?){3,}"
    r"|\b(?:0x)?(?:[0-9a-fA-F]{2}[ :,\-]?){12,}(?![0-9a-zA-Z])|(?:\b[01]{7,8}\b ?){3,}"
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_]{10,}={0,2}")
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_JOINERS = frozenset("\u200c\u200d\ufe0e\ufe0f\u00ad\ufeff")
"""Used in honest text as well: Indic and Arabic script, emoji, hyphenation, a byte order mark."""
_SPACES = re.compile(r"[^\S\n]+")
_LINES = re.compile(r"\s*\n\s*")
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


@dataclass(frozen=True)
class Visible:
    """`text` has lines separated by single line breaks and words by single spaces. `links` and `mentions` were counted."""

    text: str
    links: int
    mentions: int
    signs: tuple[Sign, ...]


def visible(raw: str) -> Visible:
    """What a reader sees of a text; pure, linear in its length, never fails."""
    signs: set[Sign] = set()
    text = raw[:MAX_RAW]
    bare = _FRONT_MATTER.sub("", text.removeprefix("\ufeff"))
    if _MARKUP.search(bare):
        bare, hid = shown_text(bare)
        signs |= {Sign.HIDDEN} if hid else set()
    else:
        bare = html.unescape(bare)
    if len(bare) < len(text) and _FRONT_MATTER.match(text.removeprefix("\ufeff")):
        signs.add(Sign.HIDDEN)
    text = _characters(bare, signs)
    without = _MARKDOWN_HIDDEN.sub(" ", text)
    signs |= {Sign.HIDDEN} if without != text else set()
    text, links = _MARKDOWN_LINK.subn(r"\1 ", _TEMPLATE.sub(" ", without))
    text, found = _LINK.subn(" ", text)
    links += found
    text, _ = _ADDRESS.subn(" ", text)
    text, found = _BARE_LINK.subn(" ", text)
    links += found
    text, mentions = _MENTION.subn(" ", text)
    decoded = _BASE64.sub(lambda found: " " if _is_code(found[0]) else found[0], _ESCAPES.sub(" ", text))
    signs |= {Sign.ENCODED} if decoded != text else set()
    text = decoded
    text = _cut(_LINES.sub("\n", _SPACES.sub(" ", text)).strip())
    signs |= {Sign.MIXED_SCRIPT} if any(is_mixed(word) for word in _WORD.findall(text)) else set()
    return Visible(text, links, mentions, tuple(sorted(signs)))


def words(text: str) -> list[str]:
    """Words of letters (of any alphabet), in order, as they are written; hyphens and apostrophes inside belong to them."""
    return _WORD.findall(text)


def is_mixed(word: str) -> bool:
    """Whether a word has letters of two of the alphabets whose letters look alike: Latin, Greek, Cyrillic, Armenian, Cherokee."""
    found = set()
    for char in word:
        if ord(char) < 128:
            if char.isalpha():
                found.add("LATIN")
            continue
        found.add(unicodedata.name(char, "").partition(" ")[0])
    return len(found & {"LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "CHEROKEE"}) > 1


def _characters(text: str, signs: set[Sign]) -> str:
    """The text in NFKC without what has no shape, turns directions or is private; at most two marks on a letter."""
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFKC", _shaped(text, signs)):
        kind = unicodedata.category(char)
        if kind in ("Cf", "Cc", "Co", "Cn", "Cs") and char != "\n":
            if kind == "Cc":
                kept.append(" ")
            continue
        marks = marks + 1 if kind[0] == "M" else 0
        if marks <= 2:
            kept.append(char)
    return "".join(kept)


def _shaped(text: str, signs: set[Sign]) -> str:
    """Without the characters that leave a sign, and with the line breaks of all systems as `\\n`."""
    kept: list[str] = []
    for char in text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n"):
        if char.isascii():
            kept.append(char)
        elif char in _DIRECTION:
            signs.add(Sign.DIRECTION)
        elif char in _JOINERS:
            continue
        elif (kind := unicodedata.category(char)) in ("Cf", "Co", "Cn", "Cs") or _selects(char):
            signs.add(Sign.INVISIBLE)
        elif kind == "Cc":
            kept.append(" ")
        else:
            kept.append(char)
    return "".join(kept)


def _selects(char: str) -> bool:
    """Variation selectors, of which 256 can carry a byte each, and fillers that are letters without a shape."""
    code = ord(char)
    return (
        0xFE00 <= code <= 0xFE0D
        or 0xE0100 <= code <= 0xE01EF
        or code in (0x115F, 0x1160, 0x3164, 0xFFA0, 0x17B4, 0x17B5)
    )


def _is_code(token: str) -> bool:
    """Whether a run of base64's letters is no word: padded, very long, or long with small and capital letters and digits."""
    kinds = (any(c.islower() for c in token), any(c.isupper() for c in token), any(c in "0123456789+/" for c in token))
    return token.endswith("=") or len(token) >= 48 or (len(token) >= 20 and all(kinds))


def _cut(text: str) -> str:
    """At most `MAX_VISIBLE` characters, cut at a space where there is one near."""
    if len(text) <= MAX_VISIBLE:
        return text
    head = text[:MAX_VISIBLE]
    return head.rsplit(None, 1)[0] if any(char.isspace() for char in head[-200:]) else head
