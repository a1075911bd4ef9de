"""Prompts as versioned files: `prompts/<name>.md`, each named by what it holds."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True)
class Prompt:
    """`text` is what a model is told to do, without data; `version` is `<name>-<first 12 digits of the text's SHA-256>`."""

    text: str
    version: str


@lru_cache(maxsize=32)
def prompt(name: str) -> Prompt:
    """The prompt file `name`; a changed file is another version. Raises FileNotFoundError where there is no such file."""
    text = (files("models.generation.prompts") / f"{name}.md").read_text(encoding="utf-8").strip()
    return Prompt(text, f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}")
