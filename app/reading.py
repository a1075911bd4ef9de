"""What pages read from the served marts, cached by installation, workspace and version.

A version never changes once published, so its results are kept; a page reads everything it shows from one open version.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from connectors.warehouse import pages, quality_pages, readings, sql_pages, usage_pages
from connectors.warehouse.openings import read_openings
from connectors.warehouse.pages import Choices, Coverage, PostFilter, Snapshot
from connectors.warehouse.reader import ServingReader
from connectors.warehouse.rivals import rival_candidates
from connectors.warehouse.voices import other_posts
from models.domain.opportunity import Openings
from models.domain.rival import RivalCandidate
from models.generation.checks.fingerprint import Fingerprint, fingerprint

PERIOD_DAYS = 28
SPARK_WEEKS = 12
_RANK_WINDOWS = (90, 365)
_RANK_MINIMUM = 6
_RIVAL_TEXTS = 1_000


@dataclass(frozen=True)
class Served:
    """What is true of a version as a whole."""

    version: str
    as_of: datetime
    coverage: Coverage
    choices: Choices

    def last_day(self, zone: ZoneInfo) -> date:
        """The local day on which periods end: that of the newest observation.

        When the newest post is older than a whole period before it (an archive, a paused account), periods end with
        that post; pages say so.
        """
        observed = self.as_of.astimezone(zone).date()
        newest = self.coverage.newest_post
        if newest is not None and newest < observed - timedelta(days=PERIOD_DAYS):
            return newest
        return observed

    def period_note(self, zone: ZoneInfo, today: date) -> str | None:
        """What to say when the periods end more than a week before today, or None."""
        last = self.last_day(zone)
        if last >= today - timedelta(days=7):
            return None
        what = "observation" if last == self.as_of.astimezone(zone).date() else "post"
        return f"The newest {what} is of {last.day} {last:%b %Y}, so the periods on this page end there."


@dataclass(frozen=True)
class Ranking:
    """Best and weakest posts at equal age, and the days they were published in (`since` None: all)."""

    best: pl.DataFrame
    weakest: pl.DataFrame
    measured: int
    since: date | None


@dataclass(frozen=True)
class OverviewData:
    """Frames of `connectors.warehouse.pages`; `_now` is the 28 days to the last day, `_before` the 28 days before."""

    posts_now: int
    posts_before: int
    exposure_now: pl.DataFrame
    exposure_before: pl.DataFrame
    rates_now: pl.DataFrame
    rates_before: pl.DataFrame
    rate_weeks: pl.DataFrame
    followers: pl.DataFrame
    weeks: pl.DataFrame
    ranking: Ranking
    freshness: pl.DataFrame
    rejections: pl.DataFrame


@dataclass(frozen=True)
class ContentData:
    posts: pl.DataFrame
    total: int
    states: pl.DataFrame


@dataclass(frozen=True)
class PostData:
    metrics: pl.DataFrame
    ages: pl.DataFrame
    cohort: pl.DataFrame
    cohort_metric: str | None


@dataclass(frozen=True)
class Quality:
    """Frames of `connectors.warehouse.quality_pages`, and the rows refused at import."""

    sources: pl.DataFrame
    coverage: pl.DataFrame
    gaps: pl.DataFrame
    quarantine: pl.DataFrame
    findings: pl.DataFrame
    checks: pl.DataFrame
    restatements: pl.DataFrame
    rejections: pl.DataFrame


@dataclass(frozen=True)
class Shelf:
    """Where one workspace's version is read from; the key of every cache here."""

    serving_dir: str
    workspace_id: str
    version: str


def current_shelf(serving_dir: Path, workspace_id: str) -> Shelf:
    """The version to read in this run. Raises `NothingServed` before the first build."""
    return Shelf(str(serving_dir), workspace_id, ServingReader(serving_dir).current(workspace_id).version)


@st.cache_data(show_spinner=False, max_entries=32)
def served(shelf: Shelf) -> Served:
    with ServingReader(Path(shelf.serving_dir)).open(shelf.workspace_id) as snap:
        return Served(snap.version, snap.as_of, pages.coverage(snap), pages.choices(snap))


@st.cache_data(show_spinner="Reading the posts", max_entries=64)
def overview(shelf: Shelf, where: PostFilter, last_day: date, chart_weeks: int) -> OverviewData:
    """Everything the overview shows of the marts."""
    now = where.between(last_day - timedelta(days=PERIOD_DAYS - 1), last_day)
    before = where.between(last_day - timedelta(days=2 * PERIOD_DAYS - 1), last_day - timedelta(days=PERIOD_DAYS))
    with ServingReader(Path(shelf.serving_dir)).open(shelf.workspace_id) as snap:
        rates_now = pages.rates(snap, now)
        rate_weeks = pages.weekly_rate(
            snap, where, rate=rates_now["rate"][0] if rates_now.height else "", end=last_day, weeks=SPARK_WEEKS
        )
        return OverviewData(
            posts_now=pages.count_posts(snap, now),
            posts_before=pages.count_posts(snap, before),
            exposure_now=pages.exposure(snap, now),
            exposure_before=pages.exposure(snap, before),
            rates_now=rates_now,
            rates_before=pages.rates(snap, before),
            rate_weeks=rate_weeks,
            followers=pages.followers(snap, where, start=last_day - timedelta(weeks=SPARK_WEEKS + 1), end=last_day),
            weeks=pages.weekly(snap, where, end=last_day, weeks=max(chart_weeks, SPARK_WEEKS)),
            ranking=_ranking(snap, where, last_day),
            freshness=pages.freshness(snap),
            rejections=pages.rejections(snap),
        )


@st.cache_data(show_spinner="Reading the posts", max_entries=64)
def content(shelf: Shelf, where: PostFilter) -> ContentData:
    with ServingReader(Path(shelf.serving_dir)).open(shelf.workspace_id) as snap:
        return ContentData(
            pages.posts(snap, where), pages.count_posts(snap, where), readings.metric_states(snap, where)
        )


@st.cache_data(show_spinner="Reading the post", max_entries=128)
def post(shelf: Shelf, platform: str, account_id: str, post_id: str) -> PostData:
    """One post's metrics and ages, with its account's ages for the metric it is compared by."""
    with ServingReader(Path(shelf.serving_dir)).open(shelf.workspace_id) as snap:
        ages = readings.post_ages(snap, platform=platform, account_id=account_id, post_id=post_id)
        names = ages.drop_nulls("value")["metric"].unique().to_list()
        metric = next((m for m in ("engagements_public", "views", "reactions") if m in names), None)
        return PostData(
            metrics=readings.post_metrics(snap, platform=platform, account_id=account_id, post_id=post_id),
            ages=ages,
            cohort=readings.cohort_ages(snap, platform=platform, account_id=account_id, metric=metric or ""),
            cohort_metric=metric,
        )


@st.cache_data(show_spinner="Reading the checks", max_entries=16)
def quality(shelf: Shelf, coverage_weeks: int) -> Quality:
    with ServingReader(Path(shelf.serving_dir)).open(shelf.workspace_id) as snap:
        return Quality(
            sources=quality_pages.sources(snap),
            coverage=quality_pages.coverage(snap, weeks=coverage_weeks),
            gaps=quality_pages.gaps(snap),
            quarantine=quality_pages.quarantine(snap),
            findings=quality_pages.findings(snap),
            checks=quality_pages.checks(snap),
            restatements=quality_pages.restatements(snap),
            rejections=pages.rejections(snap),
        )


@st.cache_data(show_spinner=False, max_entries=16)
def usage_months(shelf: Shelf, count: int) -> pl.DataFrame:
    """The newest months of models' calls, newest first."""
    with ServingReader(Path(shelf.serving_dir)).open(shelf.workspace_id) as snap:
        return usage_pages.months(snap, count=count)


def _ranking(snap: Snapshot, where: PostFilter, last_day: date) -> Ranking:
    """The shortest window with enough measured posts: 90 days, a year, everything."""
    since: date | None = None
    window = where.between(None, last_day)
    for days in _RANK_WINDOWS:
        candidate = where.between(last_day - timedelta(days=days - 1), last_day)
        if pages.count_ranked(snap, candidate) >= _RANK_MINIMUM:
            window, since = candidate, candidate.start
            break
    measured = pages.count_ranked(snap, window)
    shown = min(3, measured // 2)
    return Ranking(
        best=pages.ranked_posts(snap, window, best=True, limit=shown),
        weakest=pages.ranked_posts(snap, window, best=False, limit=shown),
        measured=measured,
        since=since,
    )


@st.cache_data(max_entries=32, show_spinner=False)
def described_tables(shelf: Shelf) -> pl.DataFrame:
    """The marts with their documentation."""
    with ServingReader(Path(shelf.serving_dir)).open(shelf.workspace_id) as snap:
        return sql_pages.tables(snap)


@st.cache_data(max_entries=256, show_spinner=False)
def described_columns(shelf: Shelf, table: str) -> pl.DataFrame:
    """A mart's columns with their documentation."""
    with ServingReader(Path(shelf.serving_dir)).open(shelf.workspace_id) as snap:
        return sql_pages.columns(snap, table)


@st.cache_data(show_spinner="Comparing topics, formats and breakouts", max_entries=16)
def openings(shelf: Shelf) -> Openings:
    """Where content could be missing or could do more, with the numbers behind it."""
    with ServingReader(Path(shelf.serving_dir)).open(shelf.workspace_id) as snap:
        return read_openings(snap, shelf.workspace_id)


@st.cache_data(show_spinner="Reading who is tagged, linked and named", max_entries=16)
def rivals(shelf: Shelf, brand: tuple[str, ...], known: tuple[str, ...]) -> list[RivalCandidate]:
    """Who could be a competitor; `brand` and `known` name who is none."""
    with ServingReader(Path(shelf.serving_dir)).open(shelf.workspace_id) as snap:
        return rival_candidates(snap, shelf.workspace_id, brand=brand, known=known)


@st.cache_data(show_spinner=False, max_entries=16)
def rival_prints(shelf: Shelf) -> tuple[tuple[str, Fingerprint], ...]:
    """Fingerprints of competitors' newest texts, by account: enough to tell a copy, and no word of theirs."""
    with ServingReader(Path(shelf.serving_dir)).open(shelf.workspace_id) as snap:
        posts = other_posts(snap, _RIVAL_TEXTS)
    return tuple((f"a post of {post.account_id}", fingerprint(post.text)) for post in posts)
