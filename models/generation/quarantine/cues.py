"""The words of `cues.toml`, as one regular expression each."""

from __future__ import annotations

import re
import tomllib
from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=1)
def _cues() -> dict[str, dict[str, re.Pattern[str]]]:
    data = tomllib.loads((files("models.generation.quarantine") / "cues.toml").read_text(encoding="utf-8"))
    return {table: {name: _one_of(cues) for name, cues in entries.items()} for table, entries in data.items()}


def _one_of(cues: list[str]) -> re.Pattern[str]:
    """Any of the cues at the beginning of a word; Chinese and Japanese have no visible beginnings."""
    return re.compile(rf"(?:(?<!\w)|(?<=[\u3040-\u9fff]))(?:{'|'.join(cues)})")


def instruction(text: str) -> bool:
    """Whether a text looks as if it told a model what to do. Many that do are not found: nothing may rest on this alone."""
    return _cues()["instruction"]["any"].search(text.casefold()) is not None


def best(table: str, text: str) -> str | None:
    """The entry of a table with the most matches in a text, those in its first 150 characters counting twice; None without any.

    Between equals the order of the file decides.
    """
    lower = text.casefold()
    head, scores = lower[:150], {}
    for name, pattern in _cues()[table].items():
        scores[name] = len(pattern.findall(lower)) + len(pattern.findall(head))
    name, score = max(scores.items(), key=lambda entry: entry[1])
    return name if score else None
