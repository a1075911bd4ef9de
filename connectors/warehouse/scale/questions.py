"""Every query the app's pages and the writers ask of a serving file, asked many times and timed."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import polars as pl

from connectors.warehouse import pages, readings
from connectors.warehouse.facts import ServedFacts
from connectors.warehouse.pages import PostFilter
from connectors.warehouse.reader import OpenVersion, ServingReader
from models.metrics.registry import registry


@dataclass
class Asked:
    """Milliseconds of each query, by what asked it."""

    milliseconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def percentile(self, name: str | None, part: float) -> float:
        """The nearest-rank percentile of one query, or of all asked."""
        told = sorted(self.milliseconds[name] if name else [m for found in self.milliseconds.values() for m in found])
        return told[min(len(told) - 1, round(part * (len(told) - 1)))]


class _Timed:
    """An open version that notes how long each query takes."""

    def __init__(self, version: OpenVersion, asked: Asked, name: str) -> None:
        self._version, self._asked, self._name = version, asked, name
        self._number = 0
        self.version, self.as_of = version.version, version.as_of

    def query(self, sql: str, params: Sequence[object] = ()) -> pl.DataFrame:
        started = time.perf_counter()
        found = self._version.query(sql, params)
        self._number += 1
        self._asked.milliseconds[f"{self._name} {self._number}"].append((time.perf_counter() - started) * 1000)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._version, name)


class _TimedReader:
    """A reader whose versions are timed under one name."""

    def __init__(self, reader: ServingReader, asked: Asked, name: str) -> None:
        self._reader, self._asked, self._name = reader, asked, name

    @contextmanager
    def open(self, workspace_id: str) -> Iterator[Any]:
        with self._reader.open(workspace_id) as version:
            yield _Timed(version, self._asked, self._name)


def ask(reader: ServingReader, workspace_id: str, *, rounds: int) -> Asked:
    """Asks everything `rounds` times of the workspace's current serving version."""
    asked = Asked()
    for _ in range(rounds):
        with reader.open(workspace_id) as version:
            for name, question in _questions(version).items():
                question(_Timed(version, asked, name))
        ServedFacts(_TimedReader(reader, asked, "facts.snapshot")).snapshot(workspace_id)  # type: ignore[arg-type]
    return asked


def _questions(version: OpenVersion) -> dict[str, Callable[[Any], object]]:
    """By name, what the pages ask: of everything, of the last 28 days, and of one post."""
    newest: date = version.scalar("select max(published_date) from mart_posts")
    post = version.query(
        "select platform, account_id, post_id from mart_posts order by published_at desc, post_id limit 1"
    )
    key = post.row(0, named=True)
    account = {"platform": key["platform"], "account_id": key["account_id"]}
    spans = {
        "all": PostFilter(),
        "28 days": PostFilter(start=newest - timedelta(days=27), end=newest),
        "one platform": PostFilter(platforms=(key["platform"],)),
        "searched": PostFilter(text="coffee"),
    }
    found: dict[str, Callable[[Any], object]] = {
        "coverage": pages.coverage,
        "choices": pages.choices,
        "freshness": pages.freshness,
        "rejections": pages.rejections,
        "post_metrics": lambda s: readings.post_metrics(s, **key),
        "post_ages": lambda s: readings.post_ages(s, **key),
        "cohort_ages": lambda s: readings.cohort_ages(s, **account, metric="engagements_public"),
    }
    for label, where in spans.items():
        found |= _of_span(label, where, newest)
    return found


def _of_span(label: str, where: PostFilter, newest: date) -> dict[str, Callable[[Any], object]]:
    rate = next(iter(registry().rates))
    asks: dict[str, Callable[[Any], object]] = {
        "posts": lambda s: pages.posts(s, where),
        "count_posts": lambda s: pages.count_posts(s, where),
        "exposure": lambda s: pages.exposure(s, where),
        "rates": lambda s: pages.rates(s, where),
        "weekly": lambda s: pages.weekly(s, where, end=newest, weeks=12),
        "weekly_rate": lambda s: pages.weekly_rate(s, where, rate=rate, end=newest, weeks=12),
        "followers": lambda s: pages.followers(s, where, start=newest - timedelta(days=89), end=newest),
        "best_posts": lambda s: pages.ranked_posts(s, where, best=True, limit=10),
        "weakest_posts": lambda s: pages.ranked_posts(s, where, best=False, limit=10),
        "count_ranked": lambda s: pages.count_ranked(s, where),
        "metric_states": lambda s: readings.metric_states(s, where),
    }
    return {f"{name} ({label})": ask for name, ask in asks.items()}
