"""Words of a text: what is left of it when markup, addresses and numbers are gone, and which of them can mean something.

Languages: English, German, French, Spanish (data in `words.toml`). Other languages written with spaces work without stop
words; scripts without spaces are not split into words.
"""

from __future__ import annotations

import html
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

_MARKUP = {
    "`": re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL),
    "{": re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL),
    "<": re.compile(r"<!--.*?-->|</?[a-zA-Z][^<>]*>", re.DOTALL),
    "[": re.compile(r"!\[[^\]]*\]\([^)]*\)|^\s*\[[^\]]+\]:\s.*$", re.MULTILINE),
}
"""Code, template tags, HTML, and images and link targets of Markdown, by the character without which none is there."""
_LINK = re.compile(r"\[([^\]]*)\](?:\([^)]*\)|\[[^\]]*\])")
_ADDRESS = re.compile(
    r"https?://\S+|www\.\S+|\S+@\S+\.\S+|@\w+|\b[\w-]+(?:\.[\w-]+)+/\S*|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|gov|edu|io|ly|co|me|tv|de|fr|es|uk|eu)\b(?:/\S*)?",
    re.IGNORECASE,
)
_HASHTAG = re.compile(r"(?<!\w)#(\w+)")
_CAMEL = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][^\W\d_A-Z])|_")
_PIECE = re.compile(r"[^\W\d_]+|[^\w\s'’\-]|[\d_]")

BREAK = ""
"""Stands between words that do not follow each other: punctuation, a digit, removed markup."""


@dataclass(frozen=True)
class Lexicon:
    """Words of one language that cannot be a topic. `determiners` follow verbs, `verbal` words precede them."""

    language: str
    function: frozenset[str]
    generic: frozenset[str]
    determiners: frozenset[str]
    verbal: frozenset[str]


@lru_cache(maxsize=1)
def lexicons() -> tuple[Lexicon, ...]:
    """The languages FABRIC knows, English first."""
    data = tomllib.loads((files("models.insight") / "words.toml").read_text("utf-8"))
    return tuple(
        Lexicon(
            language,
            *(frozenset(table[key].split()) for key in ("function", "generic", "determiners", "verbal")),
        )
        for language, table in data.items()
    )


def lexicon_of(words: set[str]) -> Lexicon:
    """The lexicon that shares most function words with a text; the first (English) when none does."""
    return max(lexicons(), key=lambda lexicon: len(words & lexicon.function))


def hashtags(text: str) -> list[str]:
    """Hashtags of a text as phrases: `#ClimateChange` gives `Climate Change`, `#MLBmemorybank` stays one word."""
    return [_apart(tag) for tag in _HASHTAG.findall(text)]


def plain(text: str) -> str:
    """The text without markup, code, addresses, mentions and hashtags. Each leaves a break behind."""
    text = unicodedata.normalize("NFKC", html.unescape(text))
    text = text.replace("\n", " . ", 1)  # title and body do not run into each other
    for mark, pattern in _MARKUP.items():
        if mark in text:
            text = pattern.sub(" . ", text)
    text = _LINK.sub(r"\1", text) if "[" in text else text
    text = _ADDRESS.sub(" . ", text)
    return _HASHTAG.sub(" . ", text) if "#" in text else text


def pieces(text: str) -> list[str]:
    """Words (letters of any alphabet, case kept) and `BREAK`s of a plain text, in order."""
    return [piece if piece[0].isalpha() else BREAK for piece in _PIECE.findall(text)]


def _apart(name: str) -> str:
    """A name in camel case as words, where each is a word: an abbreviation in front makes the cut a guess."""
    words = _CAMEL.sub(" ", name).split()
    return " ".join(words) if all(len(word) > 2 for word in words) else "".join(words)


def spoken(name: str) -> str:
    """A name as the words a text would use for it: `NatGeo` gives `nat geo`; nothing for a number or a short name."""
    words = [piece.lower() for piece in pieces(_apart(name).replace("-", " ")) if piece != BREAK]
    return " ".join(words) if len("".join(words)) >= 3 else ""


def singulars(word: str) -> tuple[str, ...]:
    """What the word may be the plural of, by its ending (English, French, Spanish); nothing for others."""
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return ()
    if word.endswith("ies"):
        return (word[:-3] + "y", word[:-1])
    return (word[:-1], word[:-2]) if word.endswith("es") else (word[:-1],)


def stems(word: str) -> tuple[str, ...]:
    """What an English adverb in -ly or form in -ed may be made from; nothing for other words."""
    if word.endswith("ly") and len(word) > 4:
        return (word[:-2], word[:-1] + "e", word[:-3] + "y", word[:-4])
    if word.endswith("ed") and len(word) > 4:
        return (word[:-2], word[:-1], word[:-3])
    return ()
