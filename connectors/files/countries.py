"""Country names of exports as ISO 3166 codes: the names of the time zone database, and how platforms spell others."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

_ALSO = {
    "United Kingdom": "GB", "Great Britain": "GB", "United States of America": "US", "USA": "US", "South Korea": "KR",
    "North Korea": "KP", "Russian Federation": "RU", "Czechia": "CZ", "Türkiye": "TR", "Turkiye": "TR",
    "Ivory Coast": "CI", "Côte d'Ivoire": "CI", "Bosnia and Herzegovina": "BA", "Myanmar": "MM", "Democratic Republic of the Congo": "CD",
    "Republic of the Congo": "CG", "Macedonia": "MK", "Swaziland": "SZ", "Cape Verde": "CV", "Holland": "NL",
    "The Netherlands": "NL", "United Arab Emirates": "AE", "Hong Kong SAR China": "HK", "Viet Nam": "VN",
    "Palestinian Territories": "PS", "Syrian Arab Republic": "SY", "Trinidad and Tobago": "TT",
    "Bolivia, Plurinational State of": "BO", "Tanzania, United Republic of": "TZ", "Republic of Korea": "KR",
}  # fmt: skip


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    text = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text(encoding="utf-8")
    listed = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return {_key(name): code for code, name in listed} | {_key(name): code for name, code in _ALSO.items()}


def _key(name: str) -> str:
    """The letters of a name, without accents, signs and case."""
    return re.sub(r"[^a-z]", "", unicodedata.normalize("NFKD", name).casefold())


def country_code(name: str) -> str:
    """The two-letter code, or the name as given where it is not known (or is a code already)."""
    return _codes().get(_key(name), name.strip())
