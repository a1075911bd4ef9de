"""Sentences as data (`templates/*.yaml`) and words that are safe to put into them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

from models.domain.social import Platform
from models.generation.evidence import PLACEHOLDER

_WORD = re.compile(r"<([a-z_]+)>")


@lru_cache(maxsize=4)
def templates(name: str) -> Any:
    """The content of `templates/<name>.yaml`."""
    return yaml.safe_load((files("models.generation") / "templates" / f"{name}.yaml").read_text(encoding="utf-8"))


def phrase(key: str, references: Mapping[str, str] | None = None, **words: str) -> str:
    """The strategy sentence `section.name`, with local names replaced by references and `<word>`s by words.

    In the file, `{name|format}` stands for `references["name"]`, i.e. a fact id or a path; `{rule:…}` stays.
    Raises KeyError when the sentence needs a name that was not given.
    """
    section, name = key.split(".")
    given = references or {}

    def reference(match: re.Match[str]) -> str:
        target = match[1] if match[1].startswith(("rule:", "@")) else given[match[1]]
        return f"{{{target}|{match[2]}}}" if match[2] else f"{{{target}}}"

    sentence = PLACEHOLDER.sub(reference, " ".join(templates("strategy")[section][name].split()))
    sentence = _WORD.sub(lambda match: words[match[1]], sentence)
    return sentence[:1].upper() + sentence[1:] if sentence.endswith(".") else sentence


def place(platform: Platform) -> str:
    """Where a post appears, inside a sentence: `on Facebook`, `by e-mail`, `on the blog`."""
    return {Platform.EMAIL: "by e-mail", Platform.WEB: "on the blog"}.get(platform, f"on {platform.label}")


def places(platforms: Iterable[Platform]) -> str:
    """Several of them as one phrase."""
    return join_words([place(platform) for platform in platforms])


def labels(platforms: Iterable[Platform]) -> str:
    """The platforms' names as one phrase."""
    own = {Platform.EMAIL: "e-mail", Platform.WEB: "the blog"}
    return join_words([own.get(platform, platform.label) for platform in platforms])


def clean_words(text: str, limit: int = 40) -> str:
    """Only letters, digits, spaces and hyphens of a text from outside, at most `limit` characters, cut at a word.

    Accents and vowel signs stay with their letter (two at most); apostrophes close up, all else becomes a space.
    """
    kept: list[str] = []
    marks = 0
    for char in unicodedata.normalize("NFKC", text):
        kind = unicodedata.category(char)
        if kind[0] == "M":
            marks += 1
            if kept and kept[-1] != " " and marks <= 2:
                kept.append(char)
            continue
        marks = 0
        if kind[0] == "L" or kind == "Nd" or char == "-":
            kept.append(char)
        elif char not in "'’\u00ad\u200b":
            kept.append(" ")
    words = " ".join("".join(kept).split()).strip("- ")
    if len(words) <= limit:
        return words
    cut = words[:limit].rsplit(" ", 1)[0] if " " in words[:limit] else words[:limit]
    return cut.strip("- ")


def has_number(text: str) -> bool:
    """Whether a text holds any character that stands for a number."""
    return any(unicodedata.category(char)[0] == "N" for char in text)


def join_words(items: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}"
