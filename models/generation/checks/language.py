"""Is the draft in the language that is wanted?"""

from __future__ import annotations

import re

from models.generation.checks.context import Checks
from models.generation.checks.outcome import not_judged
from models.generation.quarantine.language import language_of
from models.generation.quarantine.schema import Language

MIN_LETTERS = 40
"""Letters of running text below which a language is guessed too often to judge a draft by it."""
_NOT_PROSE = re.compile(r"(?:https?://|www\.)\S+|[#@]\w+|\[[^\[\]\n]*\]|^(?:Title|Subject|Preheader):", re.MULTILINE)


def language(text: str, context: Checks) -> str:
    """The language it is in, where that is another than the wanted one."""
    if not context.language:
        return not_judged("no language is set for this workspace")
    found = told(text)
    if found is Language.UNKNOWN:
        return not_judged("the text is too short to tell its language")
    if found.value == context.language.split("-")[0].lower():
        return ""
    return f"It reads as “{found.value}” and “{context.language}” is wanted: write it in that language."


def told(text: str) -> Language:
    """The language of the running text, without links, hashtags, names and open places; unknown when it is short."""
    prose = prose_of(text)
    return language_of(prose) if sum(char.isalpha() for char in prose) >= MIN_LETTERS else Language.UNKNOWN


def prose_of(text: str) -> str:
    return " ".join(_NOT_PROSE.sub(" ", text).split())
