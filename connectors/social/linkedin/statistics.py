"""LinkedIn's numbers of posts, days, followers and audience segments, as observations.

Field names and their meaning are rows of `platform_fields`; this table says which field is asked where. Statistics are
organic only and reach back 12 months; what LinkedIn leaves out is an observation without value, never zero.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.readings import Account, number
from connectors.social.linkedin.api import Api, encoded, milliseconds, moment, organization, rows
from connectors.social.linkedin.segments import FACETS, segment_name
from models.domain.content import Observation, ObservationState
from models.errors import PermissionMissing, Rejected

POST_FIELDS = {
    "impressions": "impressionCount",
    "reach": "uniqueImpressionsCount",
    "clicks": "clickCount",
    "reactions": "likeCount",
    "comments": "commentCount",
    "shares": "shareCount",
}
DAY_FIELDS = {
    "account_impressions": "impressionCount",
    "account_reach": "uniqueImpressionsCount",
    "account_clicks": "clickCount",
}
LATE = timedelta(days=3)
"""How late LinkedIn may be before a number counts as not available (own bound; LinkedIn states none)."""
KEPT = timedelta(days=364)
"""Daily numbers are told for 12 months; one day less keeps the first one inside."""
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Reader:
    """Reads for one organization; everything is observed at `account.at`."""

    api: Api
    account: Account

    @property
    def until(self) -> datetime:
        return self.account.at

    def posts(self, published: Mapping[str, datetime]) -> Iterator[Observation]:
        """Lifetime counters of posts, given by URN with their publish time, with one call per kind of URN.

        When LinkedIn refuses the statistics, every one of them is an observation without value.
        """
        for parameter, kind in (("shares", "share"), ("ugcPosts", "ugcPost")):
            urns = [urn for urn in published if urn.split(":")[2:3] == [kind]]
            if not urns:
                continue
            refused = None
            try:
                told = self._share_statistics(f"&{parameter}=List({','.join(map(encoded, urns))})")
            except (PermissionMissing, Rejected) as error:
                told, refused = [], _state(error)
            by_urn = {str(row.get(kind)): numbers(row.get("totalShareStatistics")) for row in told}
            for urn in urns:
                at = published[urn]
                missing = refused or self._missing(at)
                for metric, field in POST_FIELDS.items():
                    value = by_urn.get(urn, {}).get(field)
                    yield self.account.of_post(urn, metric, at, value, missing)

    def followers(self) -> Iterator[Observation]:
        """How many follow the organization now."""
        urn = encoded(organization(self.account.id))
        told = self.api.get(f"/networkSizes/{urn}", "edgeType=COMPANY_FOLLOWED_BY_MEMBER")
        yield self.account.now("followers", numbers(told).get("firstDegreeSize"))

    def days_of_shares(self, since: datetime) -> Iterator[Observation]:
        """Impressions, reach and clicks of all posts by UTC day."""
        told = {begin: row for row in self._daily("Share", since) if (begin := _begin(row)) is not None}
        for begin, end in self._days(since):
            values = numbers(told.get(begin, {}).get("totalShareStatistics"))
            for metric, field in DAY_FIELDS.items():
                yield self.account.of_period(metric, begin, end, values.get(field), self._missing(end))

    def days_of_followers(self, since: datetime) -> Iterator[Observation]:
        """Followers gained by UTC day, organic and paid together; missing when LinkedIn tells only one of the two."""
        told = {begin: row for row in self._daily("Follower", since) if (begin := _begin(row)) is not None}
        for begin, end in self._days(since):
            gains = numbers(told.get(begin, {}).get("followerGains"))
            organic, paid = gains.get("organicFollowerGain"), gains.get("paidFollowerGain")
            value = None if organic is None or paid is None else organic + paid
            yield self.account.of_period("followers_gained", begin, end, value, self._missing(end))

    def segments(self) -> Iterator[Observation]:
        """Followers by segment of every facet that LinkedIn tells."""
        told = self.api.rows(self._organization("organizationalEntityFollowerStatistics"))
        for row in told:
            for facet in FACETS:
                for segment in rows({"elements": row.get(facet.field)}):
                    counts = numbers(segment.get("followerCounts"))
                    organic, paid = counts.get("organicFollowerCount"), counts.get("paidFollowerCount")
                    yield self.account.of_segment(
                        f"{facet.dimension}={segment_name(facet, str(segment.get(facet.key, '')))}",
                        "audience_followers",
                        None if organic is None or paid is None else organic + paid,
                    )

    def refused(
        self, metrics: Sequence[str], since: datetime, error: PermissionMissing | Rejected
    ) -> list[Observation]:
        """What stands in place of daily metrics that LinkedIn refuses to tell."""
        return [
            self.account.of_period(metric, begin, end, None, _state(error))
            for begin, end in self._days(since)
            for metric in metrics
        ]

    def _share_statistics(self, query: str) -> list[dict[str, Any]]:
        return self.api.rows(self._organization("organizationalEntityShareStatistics", query))

    def _organization(self, resource: str, query: str = "") -> dict[str, Any]:
        urn = encoded(organization(self.account.id))
        return self.api.get(f"/{resource}", f"q=organizationalEntity&organizationalEntity={urn}{query}")

    def _daily(self, what: str, since: datetime) -> list[dict[str, Any]]:
        days = list(self._days(since))
        if not days:
            return []
        span = f"start:{milliseconds(days[0][0])},end:{milliseconds(days[-1][1])}"
        query = f"&timeIntervals=(timeRange:({span}),timeGranularityType:DAY)"
        return self.api.rows(self._organization(f"organizationalEntity{what}Statistics", query))

    def _days(self, since: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The whole UTC days of the window, the last 12 months at most."""
        begin = _midnight(max(since, self.until - KEPT))
        while begin + DAY <= self.until:
            yield begin, begin + DAY
            begin += DAY

    def _missing(self, end: datetime) -> ObservationState:
        """Why LinkedIn says nothing of something that ended then."""
        return ObservationState.DELAYED if self.until - end < LATE else ObservationState.UNAVAILABLE


def numbers(value: object) -> dict[str, float]:
    """The fields of an object that are numbers."""
    told = value.items() if isinstance(value, dict) else ()
    return {name: found for name, raw in told if (found := number(raw)) is not None}


def _state(error: PermissionMissing | Rejected) -> ObservationState:
    """A right that is missing may come back; a call that LinkedIn does not take is not supported."""
    return ObservationState.UNAVAILABLE if isinstance(error, PermissionMissing) else ObservationState.UNSUPPORTED


def _begin(row: dict[str, Any]) -> datetime | None:
    span = row.get("timeRange")
    return moment(span.get("start")) if isinstance(span, dict) else None


def _midnight(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
