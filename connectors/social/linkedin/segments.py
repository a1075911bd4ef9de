"""How LinkedIn names segments of followers: which facet is which dimension, and what its URNs stand for.

Sources: LinkedIn follower statistics and standardized data (seniorities, functions); country URNs from LinkedIn's geo
typeahead. What is not in a table keeps LinkedIn's own name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

COUNTRIES = {
    "103883259": "AT", "101452733": "AU", "100565514": "BE", "106057199": "BR", "101174742": "CA", "106693272": "CH",
    "102890883": "CN", "104508036": "CZ", "101282230": "DE", "104514075": "DK", "105646813": "ES", "100456013": "FI",
    "105015875": "FR", "101165590": "GB", "104738515": "IE", "102713980": "IN", "103350119": "IT", "101355337": "JP",
    "102890719": "NL", "103819153": "NO", "105072130": "PL", "100364837": "PT", "105117694": "SE", "103644278": "US",
    "104035573": "ZA",
}  # fmt: skip
SENIORITIES = {
    "1": "unpaid", "2": "training", "3": "entry", "4": "senior", "5": "manager", "6": "director", "7": "vice president",
    "8": "chief officer", "9": "partner", "10": "owner",
}  # fmt: skip
FUNCTIONS = {
    "1": "accounting", "2": "administrative", "3": "arts and design", "4": "business development",
    "5": "community and social services", "6": "consulting", "7": "education", "8": "engineering", "9": "entrepreneurship",
    "10": "finance", "11": "healthcare services", "12": "human resources", "13": "information technology", "14": "legal",
    "15": "marketing", "16": "media and communication", "17": "military and protective services", "18": "operations",
    "19": "product management", "20": "program and project management", "21": "purchasing", "22": "quality assurance",
    "23": "real estate", "24": "research", "25": "sales", "26": "support",
}  # fmt: skip


@dataclass(frozen=True)
class Facet:
    """One list of follower counts: `field` of the answer, `key` of its rows, names by the last part of the URN."""

    field: str
    key: str
    dimension: str
    names: Mapping[str, str]


FACETS = (
    Facet("followerCountsByGeoCountry", "geo", "country", COUNTRIES),
    Facet("followerCountsByGeo", "geo", "region", {}),
    Facet("followerCountsByFunction", "function", "function", FUNCTIONS),
    Facet("followerCountsBySeniority", "seniority", "seniority", SENIORITIES),
    Facet("followerCountsByIndustry", "industry", "industry", {}),
    Facet("followerCountsByStaffCountRange", "staffCountRange", "company size", {}),
    Facet("followerCountsByAssociationType", "associationType", "association", {}),
)


def segment_name(facet: Facet, value: str) -> str:
    """The name of a segment, such as `DE` for `urn:li:geo:101282230`."""
    return facet.names.get(value.rpartition(":")[2], value)
