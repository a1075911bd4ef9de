"""What is collected of an Instagram account: media with nested insights, its days, its followers by segment."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from connectors.readings import Account
from connectors.social.instagram.rows import content_of, kind_of, moment_of, segments
from connectors.social.meta.errors import BEFORE_CONVERSION
from connectors.social.meta.graph import Graph, Page, epoch
from connectors.social.meta.insights import (
    Asked,
    Verdicts,
    asked_for,
    daily_values,
    lifetime_values,
    missing,
    nested_values,
    number,
    whole_days,
)
from models.domain.content import ObservationState, Record, Rejection
from models.domain.social import Platform
from models.errors import PermissionMissing, Rejected

SERIES_DAYS = 29
"""Days of one time series request: 30 are allowed, and one of them may have 25 hours."""
PRODUCTS: dict[str, tuple[str, ...]] = {
    "follows": ("photo", "carousel"),
    "profile_visits": ("photo", "carousel"),
    "ig_reels_avg_watch_time": ("reel",),
}
"""Media metrics that only some kinds of media have (Instagram media insights reference, 18 June 2026)."""
SERIES = ("reach",)
"""Account metrics that are told day by day; the others are totals, asked once a day (user insights reference)."""
BREAKDOWNS = ("country", "city", "age", "gender")
_MEDIA = "id,caption,media_type,media_product_type,permalink,shortcode,timestamp,like_count,comments_count,children{id,media_type}"
_FOLLOWERS = "followers_count"


class Collector:
    """Reads one account as of an instant."""

    def __init__(self, graph: Graph, account: Account) -> None:
        self._graph = graph
        self._account = account
        self._verdicts = Verdicts()
        self._converted = False
        """True once media from before the account became professional was met: older media has no insights."""

    def posts(self, since: datetime, until: datetime) -> Iterator[Record]:
        """Media published in `[since, until)` with their counters, a hundred a call and two calls more for kinds."""
        asked = asked_for(Platform.INSTAGRAM, "post", self._account.at)
        common = [one for one in asked if one.name not in PRODUCTS]
        window = {"since": epoch(since), "until": epoch(until + timedelta(seconds=1))}
        for page in self._graph.walk(lambda following: self._listed(common, window, following)):
            rows = [row for row in page if _within(row, since, until)]
            values = {str(row.get("id")): nested_values(row) for row in rows}
            self._add_special(asked, rows, values)
            for row in rows:
                yield from self._records(row, asked, values)

    def account(self, since: datetime, until: datetime) -> Iterator[Record]:
        """Followers now, and the account's whole days that end in the window."""
        held = self._graph.get(self._account.id, fields="id,username,name,followers_count,media_count")
        yield self._account.now("followers", number(held.get(_FOLLOWERS)))
        asked = [one for one in asked_for(Platform.INSTAGRAM, "account", self._account.at) if one.name != _FOLLOWERS]
        days = whole_days(since, until)
        values: dict[tuple[str, datetime], float] = {}
        series = [one for one in asked if one.name in SERIES]
        for start in range(0, len(days), SERIES_DAYS):
            part = days[start : start + SERIES_DAYS]
            rows = self._day_insights(series, part[0][0], part[-1][1], "time_series")
            values |= {(name, end): value for name, end, value in daily_values(rows)}
        totals = [one for one in asked if one.name not in SERIES]
        for start_of_day, end in days:
            rows = self._day_insights(totals, start_of_day, end, "total_value")
            values |= {(name, end): value for name, value in lifetime_values(rows).items()}
            for one in asked:
                state = self._verdicts.refused.get(one.name, missing(end, self._account.at))
                yield self._account.of_period(one.metric, start_of_day, end, values.get((one.name, end)), state)

    def audience(self) -> Iterator[Record]:
        """Followers by country, city, age and gender; accounts with few followers are told none."""
        for breakdown in BREAKDOWNS:
            try:
                rows = self._graph.rows(
                    f"{self._account.id}/insights", metric="follower_demographics", period="lifetime",
                    metric_type="total_value", timeframe="this_month", breakdown=breakdown,
                )  # fmt: skip
            except (Rejected, PermissionMissing) as refused:
                lacking = isinstance(refused, PermissionMissing)
                state = ObservationState.UNAVAILABLE if lacking else ObservationState.UNSUPPORTED
                yield self._account.of_segment(f"{breakdown}=*", "audience_followers", None, state)
                continue
            found = list(segments(rows))
            for segment, value in found:
                yield self._account.of_segment(segment, "audience_followers", value)
            if not found:
                yield self._account.of_segment(
                    f"{breakdown}=*", "audience_followers", None, ObservationState.PRIVACY_LIMITED
                )

    def _listed(self, common: list[Asked], window: dict[str, str], following: Mapping[str, str]) -> Page:
        path = f"{self._account.id}/media"
        while True:
            live = [] if self._converted else self._verdicts.live(common)
            nested = f",{_nested(live)}" if live else ""
            try:
                return self._graph.page(path, following, fields=_MEDIA + nested, **window)
            except (Rejected, PermissionMissing) as refused:
                if refused.code == BEFORE_CONVERSION:
                    return self._at_conversion(path, live, window, following)
                self._verdicts.settle(
                    common,
                    lambda name: self._graph.get(path, fields=f"insights.metric({name})", limit="1", **window),
                    refused,
                )

    def _at_conversion(
        self, path: str, live: list[Asked], window: dict[str, str], following: Mapping[str, str]
    ) -> Page:
        """A page that reaches back before the conversion: its newer media are read one by one, the older not at all."""
        page = self._graph.page(path, following, fields=_MEDIA, **window)
        for row in page.rows:
            try:
                metric = ",".join(one.name for one in live)
                row["insights"] = self._graph.get(f"{row['id']}/insights", metric=metric)
            except Rejected as refused:
                if refused.code != BEFORE_CONVERSION:
                    raise
                self._converted = True
                break
        return page

    def _add_special(
        self, asked: tuple[Asked, ...], rows: list[dict[str, Any]], values: dict[str, dict[str, float]]
    ) -> None:
        """Adds the metrics that only some kinds of media have, fifty media a call."""
        if self._converted:
            return
        groups = {tuple(kinds) for kinds in PRODUCTS.values()}
        for kinds in sorted(groups):
            special = [one for one in asked if PRODUCTS.get(one.name) == kinds]
            ids = [str(row["id"]) for row in rows if row.get("id") and kind_of(row) in kinds]
            while ids and (live := self._verdicts.live(special)):
                try:
                    found = list(self._graph.many(ids, f"id,{_nested(live)}"))
                except (Rejected, PermissionMissing) as refused:
                    self._verdicts.settle(special, partial(self._probe, ids[0]), refused)
                    continue
                for node, row in found:
                    values[node] |= nested_values(row)
                break

    def _probe(self, media_id: str, name: str) -> object:
        return self._graph.get(f"{media_id}/insights", metric=name)

    def _records(
        self, row: dict[str, Any], asked: tuple[Asked, ...], values: Mapping[str, Mapping[str, float]]
    ) -> Iterator[Record]:
        if not row.get("id"):
            source = f"instagram:{self._account.id}"
            yield Rejection(source, None, "id", "a media object without an id cannot be kept", str(row)[:200])
            return
        content = content_of(row, self._account)
        yield content
        for one in asked:
            value = values[content.entity_id].get(one.name)
            state = self._verdicts.refused.get(one.name, ObservationState.UNAVAILABLE)
            if content.content_type not in PRODUCTS.get(one.name, (content.content_type,)):
                state = ObservationState.UNSUPPORTED
            scaled = None if value is None else value / one.divisor
            yield self._account.of_post(content.entity_id, one.metric, content.published_at, scaled, state)

    def _day_insights(self, asked: list[Asked], since: datetime, until: datetime, kind: str) -> list[dict[str, Any]]:
        path = f"{self._account.id}/insights"
        window = {"period": "day", "metric_type": kind, "since": epoch(since), "until": epoch(until)}
        while live := self._verdicts.live(asked):
            try:
                return self._graph.rows(path, metric=",".join(one.name for one in live), **window)
            except (Rejected, PermissionMissing) as refused:
                self._verdicts.settle(asked, lambda name: self._graph.get(path, metric=name, **window), refused)
        return []


def _nested(asked: list[Asked]) -> str:
    return f"insights.metric({','.join(one.name for one in asked)}){{name,values}}"


def _within(row: Mapping[str, Any], since: datetime, until: datetime) -> bool:
    published_at = moment_of(row)
    return published_at is None or since.replace(microsecond=0) <= published_at < until
