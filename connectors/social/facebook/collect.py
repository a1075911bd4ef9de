"""What is collected of a page: its posts with nested insights, its days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from connectors.readings import Account
from connectors.social.facebook.rows import moment_of, records_of
from connectors.social.meta.graph import Graph, Page, epoch
from connectors.social.meta.insights import Asked, Verdicts, asked_for, daily_values, missing, number, whole_days
from models.domain.content import Record
from models.domain.social import Platform
from models.errors import PermissionMissing, Rejected

DAYS_AT_ONCE = 89
"""Days of one insights request: 90 of 24 hours are allowed (Graph API, Page insights), and one may have 25 hours."""
_POST = "id,message,created_time,permalink_url,status_type,attachments{media_type,subattachments,unshimmed_url},shares"
_COMMENTS = "comments.summary.total_count"
_POINT = "page_follows"
"""Told by day, and true at the day's end. `fan_count`, the likes of the page, is something else than its followers."""


class Collector:
    """Reads one page as of an instant."""

    def __init__(self, graph: Graph, page: Account) -> None:
        self._graph = graph
        self._page = page
        self._verdicts = Verdicts()

    def posts(self, since: datetime, until: datetime) -> Iterator[Record]:
        """Posts published in `[since, until)` with their counters, a hundred a call."""
        asked = asked_for(Platform.FACEBOOK, "post", self._page.at)
        window = {"since": epoch(since), "until": epoch(until + timedelta(seconds=1))}
        for rows in self._graph.walk(lambda following: self._listed(asked, window, following)):
            for row in rows:
                published_at = moment_of(row)
                if published_at is None or since.replace(microsecond=0) <= published_at < until:
                    yield from records_of(row, self._page, asked, self._verdicts.refused)

    def account(self, since: datetime, until: datetime) -> Iterator[Record]:
        """Followers now, and the page's whole days that end in the window."""
        held = self._graph.get(self._page.id, fields="id,name,followers_count")
        yield self._page.now("followers", number(held.get("followers_count")))
        asked = asked_for(Platform.FACEBOOK, "account", self._page.at)
        days = whole_days(since, until)
        for start in range(0, len(days), DAYS_AT_ONCE):
            yield from self._days(asked, days[start : start + DAYS_AT_ONCE])

    def _listed(self, asked: tuple[Asked, ...], window: dict[str, str], following: Mapping[str, str]) -> Page:
        path = f"{self._page.id}/published_posts"
        while True:
            live = self._verdicts.live(asked)
            try:
                return self._graph.page(path, following, fields=_fields(live), **window)
            except (Rejected, PermissionMissing) as refused:
                self._verdicts.settle(
                    asked,
                    lambda name: self._graph.get(path, fields=_one_field(name), limit="1", **window),
                    refused,
                )

    def _days(self, asked: tuple[Asked, ...], days: list[tuple[datetime, datetime]]) -> Iterator[Record]:
        path = f"{self._page.id}/insights"
        window = {"period": "day", "since": epoch(days[0][0]), "until": epoch(days[-1][1])}
        values: dict[tuple[str, datetime], float] = {}
        while live := self._verdicts.live(asked):
            try:
                rows = self._graph.rows(path, metric=",".join(one.name for one in live), **window)
            except (Rejected, PermissionMissing) as refused:
                self._verdicts.settle(asked, lambda name: self._graph.get(path, metric=name, **window), refused)
                continue
            values = {(name, end): value for name, end, value in daily_values(rows)}
            break
        for start, end in days:
            for one in asked:
                state = self._verdicts.refused.get(one.name, missing(end, self._page.at))
                first = None if one.name == _POINT else start
                yield self._page.of_period(one.metric, first, end, values.get((one.name, end)), state)


def _fields(live: list[Asked]) -> str:
    """The listing's fields with the insights nested, so that no post needs a call of its own."""
    names = [one.name for one in live if one.name.startswith("post_")]
    parts = [_POST]
    if any(one.name == _COMMENTS for one in live):
        parts.append(_one_field(_COMMENTS))
    if names:
        parts.append(_one_field(",".join(names)))
    return ",".join(parts)


def _one_field(name: str) -> str:
    if name == _COMMENTS:
        return "comments.limit(0).summary(true)"
    return f"insights.metric({name}){{name,values}}" if name.startswith("post_") else "shares"
