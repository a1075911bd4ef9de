"""Numbers of the sandbox's LinkedIn: shares, followers, segments. What is not counted yet is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from connectors.sandbox.audience import PROFILES, SEGMENTS
from connectors.sandbox.linkedin_desk import Desk, error, query_of, urns_of
from models.domain.connection import Vendor

YEAR = timedelta(days=365)
DAY = timedelta(days=1)
LAG = timedelta(hours=PROFILES[Vendor.LINKEDIN].lag_hours)
_INTERVALS = re.compile(r"\(timeRange:\(start:(\d+),end:(\d+)\),timeGranularityType:DAY\)")
_GEO = {"DE": "101282230", "AT": "103883259", "CH": "106693272", "US": "103644278", "GB": "101165590"}
_REGION = {"Berlin": "106967730", "Vienna": "107144641", "Munich": "100477049"}
_SENIORITY = {"3": 0.31, "4": 0.34, "5": 0.14, "6": 0.08, "10": 0.03}


class StatisticsDesk:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._world = desk.world

    def routes(self) -> list[Route]:
        guarded = self._desk.guarded
        return [
            Route("/rest/organizationalEntityShareStatistics", guarded(self._shares), methods=["GET"]),
            Route("/rest/organizationalEntityFollowerStatistics", guarded(self._followers), methods=["GET"]),
            Route("/rest/networkSizes/{urn}", guarded(self._network), methods=["GET"]),
        ]

    async def _network(self, request: Request) -> Response:
        if request.path_params["urn"] != self._desk.urn:
            return error(403, "ACCESS_DENIED", "Not enough permissions to access: GET /networkSizes", 100)
        if request.query_params.get("edgeType") != "COMPANY_FOLLOWED_BY_MEMBER":
            return error(400, "ILLEGAL_ARGUMENT", "edgeType must be COMPANY_FOLLOWED_BY_MEMBER")
        return JSONResponse({"firstDegreeSize": self._world.followers(Vendor.LINKEDIN)})

    async def _shares(self, request: Request) -> Response:
        query = query_of(request)
        if refusal := self._wrong(query):
            return refusal
        if "timeIntervals" in query:
            days = self._days(query["timeIntervals"])
            if isinstance(days, Response):
                return days
            return self._elements([self._day(day) for day in days])
        for parameter, kind in (("shares", "share"), ("ugcPosts", "ugcPost")):
            if parameter in query:
                urns = urns_of(query[parameter])
                if urns is None:
                    return error(400, "ILLEGAL_ARGUMENT", f"{parameter} must be List(…) of percent-encoded URNs")
                return self._elements([
                    {kind: urn, "totalShareStatistics": counts} for urn in urns if (counts := self._counts(urn))
                ])  # fmt: skip
        posts = self._world.between(Vendor.LINKEDIN, self._world.clock.now() - YEAR)
        told = [counts for post in posts if (counts := self._counts(post.id))]
        total = {name: sum(counts[name] for counts in told) for name in (told[0] if told else {})}
        return self._elements([{"totalShareStatistics": total}])

    def _counts(self, urn: str) -> dict[str, float] | None:
        """A post's lifetime counters; None before the first were counted, and after a year."""
        post = self._world.post(Vendor.LINKEDIN, urn)
        if post is None or not LAG < self._world.clock.now() - post.published_at <= YEAR:
            return None
        values = {name: int(value) for name, value in self._world.readings(post).items()}
        public = values["reactions"] + values["comments"] + values["shares"]
        return {
            "impressionCount": values["impressions"],
            "uniqueImpressionsCount": values["reach"],
            "clickCount": values["clicks"],
            "likeCount": values["reactions"],
            "commentCount": values["comments"],
            "shareCount": values["shares"],
            "engagement": (public + values["clicks"]) / values["impressions"] if values["impressions"] else 0.0,
            "shareMentionsCount": 0,
            "commentMentionsCount": 0,
        }

    def _day(self, day: datetime) -> dict[str, Any]:
        told = {name: int(value) for name, value in self._world.account_day(Vendor.LINKEDIN, day).items()}
        return {
            "timeRange": _range(day),
            "totalShareStatistics": {
                "impressionCount": told["impressions"],
                "uniqueImpressionsCount": told["reach"],
                "clickCount": told["link_clicks"],
                "likeCount": told["engagements"],
                "commentCount": 0,
                "shareCount": 0,
                "engagement": told["engagements"] / told["impressions"] if told["impressions"] else 0.0,
            },
        }

    async def _followers(self, request: Request) -> Response:
        query = query_of(request)
        if refusal := self._wrong(query):
            return refusal
        if "timeIntervals" not in query:
            return self._elements([self._facets()])
        days = self._days(query["timeIntervals"])
        if isinstance(days, Response):
            return days
        gains = ((day, int(self._world.account_day(Vendor.LINKEDIN, day)["followers_gained"])) for day in days)
        return self._elements([
            {"timeRange": _range(day), "followerGains": _split("FollowerGain", gained)}
            for day, gained in gains
        ])  # fmt: skip

    def _facets(self) -> dict[str, Any]:
        total = self._world.followers(Vendor.LINKEDIN)

        def rows(key: str, kind: str, shares: dict[str, float]) -> list[dict[str, Any]]:
            return [
                {
                    key: f"urn:li:{kind}:{number}",
                    "followerCounts": _split("FollowerCount", int(total * share)),
                }
                for number, share in shares.items()
            ]

        return {
            "followerCountsByGeoCountry": rows("geo", "geo", {_GEO[c]: s for c, s in SEGMENTS["country"].items()}),
            "followerCountsByGeo": rows("geo", "geo", {_REGION[c]: s for c, s in SEGMENTS["city"].items()}),
            "followerCountsBySeniority": rows("seniority", "seniority", _SENIORITY),
            "followerCountsByFunction": [],
            "followerCountsByIndustry": [],
            "followerCountsByStaffCountRange": [],
            "followerCountsByAssociationType": [],
        }

    def _days(self, intervals: str) -> list[datetime] | Response:
        """The days asked for that were counted: late by `LAG`, and not before a year ago."""
        found = _INTERVALS.fullmatch(unquote(intervals))
        if found is None:
            return error(
                400, "ILLEGAL_ARGUMENT", "timeIntervals must be (timeRange:(start:…,end:…),timeGranularityType:DAY)"
            )
        start, end = (datetime.fromtimestamp(int(value) / 1000, UTC) for value in found.groups())
        now = self._world.clock.now()
        if start < now - YEAR - DAY:
            return error(400, "INVALID_VALUE_FOR_FIELD", "timeRange.start is more than 12 months ago")
        return [day for day in _each_day(start, end) if day + DAY + LAG <= now]

    def _wrong(self, query: dict[str, str]) -> Response | None:
        if query.get("q") != "organizationalEntity":
            return error(400, "ILLEGAL_ARGUMENT", "Finder must be organizationalEntity")
        entity = query.get("organizationalEntity", "")
        if "urn:" in entity:
            return error(400, "ILLEGAL_ARGUMENT", "organizationalEntity must be percent-encoded")
        if unquote(entity) != self._desk.urn:
            return error(403, "ACCESS_DENIED", "Not enough permissions for this organization", 100)
        return None

    def _elements(self, elements: list[dict[str, Any]]) -> Response:
        named = [{**element, "organizationalEntity": self._desk.urn} for element in elements]
        return JSONResponse({"paging": {"start": 0, "count": len(named), "links": []}, "elements": named})


def _split(name: str, total: int) -> dict[str, int]:
    """A tenth came by advertising."""
    paid = total // 10
    return {f"organic{name}": total - paid, f"paid{name}": paid}


def _each_day(start: datetime, end: datetime) -> Iterator[datetime]:
    while start + DAY <= end:
        yield start
        start += DAY


def _range(day: datetime) -> dict[str, int]:
    return {"start": int(day.timestamp() * 1000), "end": int((day + DAY).timestamp() * 1000)}
