"""Prompts are files whose version is what they hold."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import pytest

from models.generation.prompt_files import prompt

NAMES = sorted(
    file.name.removesuffix(".md") for file in files("models.generation.prompts").iterdir() if file.name.endswith(".md")
)


@pytest.mark.parametrize("name", NAMES)
def test_the_version_names_the_file_and_its_text(name: str) -> None:
    found = prompt(name)
    assert found.text
    assert found.version == f"{name}-{hashlib.sha256(found.text.encode()).hexdigest()[:12]}"


def test_there_is_one_for_reading_foreign_text() -> None:
    assert "extract" in NAMES


def test_a_prompt_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        prompt("no-such-prompt")
