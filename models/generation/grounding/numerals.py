"""Numbers written in any way: digits of any script, words, fractions, Roman and circled numerals."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

_SMALL = {
    word: value
    for value, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
        ]
    )
}
_TENS = {
    word: value * 10
    for value, word in enumerate(
        ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], start=2
    )
}
_GREAT = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000}
_GREAT_PLURAL = {f"{word}s": value for word, value in _GREAT.items()}
_LONE = {
    "dozen": 12, "dozens": 12, "half": 0.5, "halves": 0.5, "quarter": 0.25, "quarters": 0.25, "third": 1 / 3,
    "thirds": 1 / 3, "twice": 2, "thrice": 3, "double": 2, "triple": 3, "quadruple": 4, "couple": 2, "fifths": 0.2,
    "tenths": 0.1, "sixths": 1 / 6, "eighths": 0.125,
}  # fmt: skip
ORDINALS = {
    word: value
    for value, word in enumerate(
        [
            "first",
            "second",
            "third",
            "fourth",
            "fifth",
            "sixth",
            "seventh",
            "eighth",
            "ninth",
            "tenth",
            "eleventh",
            "twelfth",
        ],
        start=1,
    )
}
_DIGITS = re.compile(
    r"(?<![\w.,])[-−–]?(?=[\d.])(?:\d{1,3}(?:[,'’\u202f\u00a0]\d{3})+(?![\d])(?:\.\d+)?|\d+(?:[.,:/]\d+)*|\.\d+)"
    r"|\d+(?:[.,:/]\d+)*"
)
_WORD = (
    rf"(?:{'|'.join([*_SMALL, *_TENS, *_GREAT_PLURAL, *_GREAT])}"
    rf"|(?:{'|'.join(_TENS)})[-‑ ](?:{'|'.join(list(_SMALL)[1:10])}))"
)
_WORDS = re.compile(
    rf"\b(?:(?:a|half a|several|a few|many)\s+)?{_WORD}(?:(?:[-\s]+|\s+and\s+){_WORD})*(?:\s+and\s+a\s+(?:half|quarter))?\b"
    rf"|\b(?:{'|'.join(_LONE)})\b",
    re.IGNORECASE,
)
_ORDINAL = re.compile(rf"\b(?:{'|'.join(ORDINALS)})\b", re.IGNORECASE)
_ORDINAL_DIGITS = re.compile(r"\d+(?:st|nd|rd|th)\b", re.IGNORECASE)
_ROMAN = re.compile(r"\b(?=[IVX]{2,}\b)X{0,3}(?:IX|IV|V?I{0,3})\b")
_CJK = re.compile(
    r"[〇零一二三四五六七八九十百千万億兩两]{2,}|[一二三四五六七八九十百千万億两](?=[人件回年月日週倍割%％個个名社本篇])"
)


@dataclass(frozen=True)
class Numeral:
    """A number at (start, end). `value` is None where it cannot be read for certain. `ordinal` counts a place."""

    start: int
    end: int
    text: str
    value: float | None
    ordinal: bool = False


def numerals(text: str) -> list[Numeral]:
    """Every number in a text, in order, none inside another."""
    found = [Numeral(*m.span(), m[0], None, ordinal=True) for m in _ORDINAL_DIGITS.finditer(text)]
    found = [Numeral(n.start, n.end, n.text, float(re.sub(r"\D", "", n.text)), ordinal=True) for n in found]
    found += [Numeral(*m.span(), m[0], read_digits(m[0])) for m in _DIGITS.finditer(text)]
    found += [Numeral(*m.span(), m[0], read_words(m[0])) for m in _WORDS.finditer(text)]
    found += [
        Numeral(*m.span(), m[0], float(ORDINALS[m[0].lower()]), ordinal=True)
        for m in _ORDINAL.finditer(text)
        if m[0].lower() != "third" or not re.search(r"\b(?:a|one|two)[\s-]$", text[: m.start()], re.IGNORECASE)
    ]
    found += [Numeral(*m.span(), m[0], None) for m in (*_ROMAN.finditer(text), *_CJK.finditer(text))]
    found += [
        Numeral(at, at + 1, char, unicodedata.numeric(char, None))
        for at, char in enumerate(text)
        if unicodedata.category(char) in ("No", "Nl")
    ]
    return _outermost(found)


def read_digits(text: str) -> float | None:
    """The value of a number in digits as English writes it; None for a date, a time or a group that is not one."""
    plain = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)
    plain = plain.replace("−", "-").replace("–", "-")
    grouped = re.fullmatch(r"-?\d{1,3}(?:[,'’\u202f\u00a0]\d{3})+(?:\.\d+)?", plain)
    if grouped:
        return float(re.sub(r"[,'’\u202f\u00a0]", "", plain))
    return float(plain) if re.fullmatch(r"-?\d*\.?\d+", plain) else None


def read_words(text: str) -> float | None:
    """The value of a number in words; None for an inexact one ("dozens", "thousands of")."""
    words = re.split(r"[\s\-‑]+", text.lower())
    if len(words) == 1 and words[0] in _LONE:
        return None if words[0] == "dozens" else _LONE[words[0]]
    if set(words) & set(_GREAT_PLURAL) or words[0] in ("several", "many", "few"):
        return None
    total, group, parts = 0.0, 0.0, [word for word in words if word not in ("a", "and")]
    for word in parts:
        if word in _SMALL:
            group += _SMALL[word]
        elif word in _TENS:
            group += _TENS[word]
        elif word in ("half", "quarter"):
            group += _LONE[word]
        elif word == "hundred":
            group = (group or 1) * 100
        elif word in _GREAT:
            total, group = total + (group or 1) * _GREAT[word], 0.0
    return total + group


def _outermost(found: list[Numeral]) -> list[Numeral]:
    kept: list[Numeral] = []
    for numeral in sorted(found, key=lambda n: (n.start, -n.end, not n.ordinal)):
        if not kept or numeral.start >= kept[-1].end:
            kept.append(numeral)
    return kept
