"""What is collected of a Facebook page: values as the sandbox knows them, windows, refused names, many posts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice

import pytest

from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.graph_insights import day_end
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.sandbox.world import World
from models.domain.connection import Vendor
from models.domain.content import ContentRecord, EntityType, Observation, ObservationState, Record, Rejection
from models.errors import AuthExpired, Transient
from models.ports import Stream
from tests.contract.platforms.kit import connect

FACEBOOK = Vendor.FACEBOOK
NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
METRICS = {
    "reactions": "reactions", "comments": "comments", "views": "views", "reach": "reach", "clicks": "clicks",
    "shares": "shares",
}  # fmt: skip


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(World(clock=Clock(NOW), posts={FACEBOOK: 260}), vendors=[FACEBOOK]) as running:
        yield running


@pytest.fixture(autouse=True)
def _clean(sandbox: RunningSandbox) -> Iterator[None]:
    yield
    sandbox.world.faults.clear()
    for kind in ("retired", "no_user_content"):
        sandbox.world.objects(FACEBOOK, kind).clear()


def collected(
    sandbox: RunningSandbox,
    stream: Stream = Stream.POSTS,
    *,
    since: datetime = NOW - timedelta(days=190),
    until: datetime = NOW,
) -> list[Record]:
    return list(connect(sandbox, FACEBOOK).collect(stream, since=since, until=until))


def observations(records: list[Record]) -> dict[tuple[str, str], Observation]:
    return {(row.entity_id, row.metric): row for row in records if isinstance(row, Observation)}


def contents(records: list[Record]) -> list[ContentRecord]:
    return [row for row in records if isinstance(row, ContentRecord)]


def test_every_post_comes_once_with_the_numbers_of_the_audience(sandbox: RunningSandbox) -> None:
    records = collected(sandbox)
    posts = {post.id: post for post in sandbox.world.history(FACEBOOK)}
    assert [row.entity_id for row in contents(records)] == [
        post.id for post in reversed(sandbox.world.history(FACEBOOK))
    ]
    seen = observations(records)
    for content in contents(records):
        post = posts[content.entity_id]
        truth = sandbox.world.readings(post)
        assert (content.content_type, content.body) == (post.kind, post.text)
        assert content.published_at == post.published_at
        for metric, name in METRICS.items():
            reading = seen[(post.id, metric)]
            if metric == "shares" and truth[name] == 0:
                assert (reading.value, reading.state) == (None, ObservationState.UNAVAILABLE), "left out is not zero"
                continue
            assert (reading.value, reading.period_start, reading.period_end) == (truth[name], post.published_at, NOW)
        parts = sum(
            seen[(post.id, f"reactions_{kind}")].value or 0 for kind in ("like", "love", "wow", "haha", "sad", "angry")
        )
        assert parts == truth["reactions"]
    assert not [row for row in seen.values() if row.metric == "impressions"], "an ended name is not asked for"


def test_a_window_gives_its_posts_only_and_asks_one_page(sandbox: RunningSandbox) -> None:
    since, until = NOW - timedelta(days=40), NOW - timedelta(days=30)
    page = connect(sandbox, FACEBOOK)
    records = list(page.collect(Stream.POSTS, since=since, until=until))
    wanted = [post.id for post in sandbox.world.history(FACEBOOK) if since <= post.published_at < until]
    assert sorted(row.entity_id for row in contents(records)) == sorted(wanted)
    assert page._graph.client.calls == 1  # type: ignore[attr-defined]


def test_an_empty_page_is_not_the_last_one(sandbox: RunningSandbox) -> None:
    newest = list(islice(reversed(sandbox.world.history(FACEBOOK)), 120))
    for post in newest:
        post.deleted = True
    try:
        assert len(contents(collected(sandbox))) == 140
    finally:
        for post in newest:
            post.deleted = False


@pytest.mark.parametrize(
    ("name", "metric", "state"),
    [
        ("post_clicks", "clicks", ObservationState.RETIRED),
        ("post_media_view", "views", ObservationState.RETIRED),
    ],
)
def test_a_refused_name_costs_only_itself(
    sandbox: RunningSandbox, name: str, metric: str, state: ObservationState
) -> None:
    since = NOW - timedelta(days=20)
    whole = observations(collected(sandbox, since=since))
    sandbox.world.objects(FACEBOOK, "retired")[name] = {}
    less = observations(collected(sandbox, since=since))
    assert whole.keys() == less.keys()
    for key, reading in less.items():
        if key[1] == metric:
            assert (reading.value, reading.state) == (None, state)
        else:
            assert reading == whole[key]


def test_missing_permission_for_comments_costs_only_comments(sandbox: RunningSandbox) -> None:
    sandbox.world.objects(FACEBOOK, "no_user_content")["since"] = {}
    seen = observations(collected(sandbox, since=NOW - timedelta(days=20)))
    states = {reading.metric: reading.state for reading in seen.values() if reading.metric in ("comments", "views")}
    assert states == {"comments": ObservationState.UNAVAILABLE, "views": ObservationState.OBSERVED}


def test_days_are_the_vendors_and_objects_are_summed(sandbox: RunningSandbox) -> None:
    since = NOW - timedelta(days=120)
    page = connect(sandbox, FACEBOOK)
    records = [row for row in page.collect(Stream.ACCOUNT, since=since, until=NOW) if isinstance(row, Observation)]
    assert page._graph.client.calls == 3, "the page itself and two requests of at most 90 days"  # type: ignore[attr-defined]
    views = {row.period_end: row for row in records if row.metric == "account_views"}
    assert len(views) == 121 - 1
    for end, row in views.items():
        assert row.period_start is not None
        day = row.period_start.astimezone(day_end(NOW.date()).tzinfo).date()
        assert end == day_end(day)
        assert (
            row.value
            == sandbox.world.account_day(FACEBOOK, datetime(day.year, day.month, day.day, 12, tzinfo=UTC))["views"]
        )
    points = {row.period_end: row for row in records if row.metric == "followers"}
    assert points[NOW].value == sandbox.world.followers(FACEBOOK)
    assert all(row.period_start is None for row in points.values())
    assert len(points) == len(views) + 1
    assert {row.entity_type for row in records} == {EntityType.ACCOUNT}
    hours = {(row.period_end - row.period_start).total_seconds() / 3600 for row in views.values() if row.period_start}
    assert hours == {24, 25}, "a day of 25 hours at the end of summer time"


def test_a_refused_day_metric_costs_only_itself(sandbox: RunningSandbox) -> None:
    sandbox.world.objects(FACEBOOK, "retired")["page_views_total"] = {}
    records = observations(collected(sandbox, Stream.ACCOUNT, since=NOW - timedelta(days=3)))
    states = {metric: reading.state for (_, metric), reading in records.items()}
    assert states.pop("profile_views") is ObservationState.RETIRED
    assert set(states.values()) == {ObservationState.OBSERVED}


@pytest.mark.parametrize("kind", [FaultKind.MISSING_FIELDS, FaultKind.NULL_FIELDS, FaultKind.EXTRA_FIELDS])
@pytest.mark.parametrize("stream", [Stream.POSTS, Stream.ACCOUNT])
def test_schema_drift_never_becomes_zero(sandbox: RunningSandbox, kind: FaultKind, stream: Stream) -> None:
    since = NOW - timedelta(days=10)
    good = collected(sandbox, stream, since=since)
    sandbox.world.faults.add(Fault(kind, FACEBOOK, "GET", "published_posts|insights|" + "104500000000001$", times=9))
    drifted = collected(sandbox, stream, since=since)
    whole, less = observations(good), observations(drifted)
    assert whole.keys() == less.keys()
    assert not [row for row in drifted if isinstance(row, Rejection)]
    if kind is FaultKind.EXTRA_FIELDS:
        assert whole == less
    else:
        values = {reading.value for reading in less.values() if reading.metric != "reactions"}
        assert values == {None}, "reactions by type come in an object whose names did not drift"


def test_passing_faults_lose_nothing(sandbox: RunningSandbox) -> None:
    good = collected(sandbox, since=NOW - timedelta(days=60))
    for kind in (FaultKind.DROP_ANSWER, FaultKind.ERROR_502_HTML, FaultKind.THROTTLED):
        sandbox.world.faults.add(Fault(kind, FACEBOOK, "GET", "published_posts"))
    sandbox.world.faults.add(Fault(FaultKind.TOKEN_EXPIRED, FACEBOOK, "GET", "published_posts", skip=1))
    assert collected(sandbox, since=NOW - timedelta(days=60)) == good
    sandbox.world.faults.add(Fault(FaultKind.ERROR_503, FACEBOOK, "GET", "published_posts", times=9))
    with pytest.raises(Transient):
        collected(sandbox)
    sandbox.world.faults.clear()
    sandbox.world.faults.add(Fault(FaultKind.TOKEN_EXPIRED, FACEBOOK, "GET", "published_posts", times=9))
    with pytest.raises(AuthExpired):
        collected(sandbox)
