"""The language of a text, as one of a fixed list."""

from __future__ import annotations

from models.generation.quarantine.schema import Language

MIN_LETTERS = 20
"""Letters below which a language is not told: `Hello` alone is taken for Breton."""
_READ = 1_000
_ALIKE = {"yue": "zh", "nb": "no", "wuu": "zh"}


def language_of(text: str) -> Language:
    """The most likely language (py3langid, first 1,000 characters); unknown for a short text or another language."""
    head = text[:_READ]
    letters = sum(char.isalpha() for char in head)
    wide = any("\u0e00" <= char <= "\u9fff" for char in head)
    if letters < (MIN_LETTERS // 4 if wide else MIN_LETTERS):
        return Language.UNKNOWN
    import py3langid  # type: ignore[import-untyped]

    code, _ = py3langid.classify(head)
    code = _ALIKE.get(code, code)
    return Language(code) if code in set(Language) else Language.UNKNOWN
