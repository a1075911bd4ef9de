"""What is collected from X is what the sandbox's audience did; what X does not tell has a state and no value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.sandbox.world import Post, World
from connectors.social.x.connector import XConnector
from models.domain.connection import Vendor
from models.domain.content import ContentRecord, EntityType, Observation, ObservationState, Record
from models.errors import InvalidInput
from models.ports import Stream
from tests.contract.platforms.kit import connect

NOW = datetime(2026, 9, 1, 10, 0, 5, tzinfo=UTC)
BEFORE_ALL = NOW - timedelta(days=200)
PRIVATE = {"clicks", "profile_visits"}
PUBLIC = {"reactions", "comments", "shares", "saves", "impressions"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(World(clock=Clock(NOW), posts={Vendor.X: 250}), vendors=[Vendor.X]) as running:
        yield running


@pytest.fixture
def x(sandbox: RunningSandbox) -> Iterator[XConnector]:
    yield cast(XConnector, connect(sandbox, Vendor.X))
    sandbox.world.objects(Vendor.X, "settings").clear()
    sandbox.world.faults.clear()


def expected(sandbox: RunningSandbox, post: Post) -> dict[str, float | None]:
    earned = sandbox.world.readings(post)
    young = NOW - post.published_at <= timedelta(days=30)
    return {
        "reactions": earned["reactions"], "comments": earned["comments"], "saves": earned["saves"],
        "shares": earned["reposts"] + earned["quotes"], "impressions": earned["impressions"],
        "clicks": earned["clicks"] if young else None, "profile_visits": earned["profile_visits"] if young else None,
    }  # fmt: skip


def told(records: Iterable[Record]) -> dict[str, dict[str, float | None]]:
    values: dict[str, dict[str, float | None]] = {}
    for record in records:
        if isinstance(record, Observation):
            values.setdefault(record.entity_id, {})[record.metric] = record.value
    return values


def states(records: Iterable[Record]) -> Counter[tuple[str, ObservationState]]:
    return Counter((r.metric, r.state) for r in records if isinstance(r, Observation))


@pytest.mark.parametrize("version", ["2.166", "2.167"])
def test_every_number_is_the_audiences_in_both_spellings(x: XConnector, sandbox: RunningSandbox, version: str) -> None:
    sandbox.world.objects(Vendor.X, "settings")["spec"] = {"version": version}
    records = list(x.collect(Stream.POSTS, since=BEFORE_ALL, until=NOW))
    posts = sandbox.world.between(Vendor.X, BEFORE_ALL)
    assert told(records) == {post.id: expected(sandbox, post) for post in posts}
    contents = {r.entity_id: r for r in records if isinstance(r, ContentRecord)}
    assert set(contents) == {post.id for post in posts}
    for post in posts:
        record = contents[post.id]
        assert record.body == (f"{post.text} {post.link}" if post.link else post.text)
        assert record.content_type == post.kind
        assert record.url == f"https://x.com/i/web/status/{post.id}"
        assert record.published_at is not None
        assert abs(record.published_at - post.published_at) < timedelta(milliseconds=1)
        assert record.tags == (post.text.rpartition("#")[2],)
        assert record.payload["id"] == post.id
    for read in records:
        if isinstance(read, Observation):
            assert read.period_end == read.observed_at == NOW
            assert read.period_start == contents[read.entity_id].published_at


def test_three_pages_and_one_lookup_read_250_posts(x: XConnector, sandbox: RunningSandbox) -> None:
    before = x.client.calls
    list(x.collect(Stream.POSTS, since=BEFORE_ALL, until=NOW))
    young = len(sandbox.world.between(Vendor.X, NOW - timedelta(days=30)))
    assert 0 < young < 100
    assert x.client.calls - before == 4


def test_a_window_is_read_without_its_end(x: XConnector, sandbox: RunningSandbox) -> None:
    posts = sandbox.world.between(Vendor.X, BEFORE_ALL)
    until, since = posts[10].published_at, posts[20].published_at
    read = told(x.collect(Stream.POSTS, since=since, until=until))
    assert set(read) == {post.id for post in posts[11:21]}


def test_followers_are_a_point_in_time(x: XConnector, sandbox: RunningSandbox) -> None:
    (record,) = x.collect(Stream.ACCOUNT, since=NOW - timedelta(days=1), until=NOW)
    assert isinstance(record, Observation)
    assert (record.metric, record.entity_type, record.value) == (
        "followers", EntityType.ACCOUNT, float(sandbox.world.followers(Vendor.X)),
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="audience"):
        x.collect(Stream.AUDIENCE, since=NOW, until=NOW)


@pytest.mark.parametrize(
    ("setting", "state"), [("refused", ObservationState.UNSUPPORTED), ("retired", ObservationState.RETIRED)]
)
def test_a_refused_field_costs_only_itself(
    x: XConnector, sandbox: RunningSandbox, setting: str, state: ObservationState
) -> None:
    sandbox.world.objects(Vendor.X, "settings")["fields"] = {setting: ["non_public_metrics"]}
    counted = states(x.collect(Stream.POSTS, since=NOW - timedelta(days=20), until=NOW))
    number = len(sandbox.world.between(Vendor.X, NOW - timedelta(days=20)))
    assert number > 0
    assert counted == {
        **{(metric, ObservationState.OBSERVED): number for metric in PUBLIC},
        **{(metric, state): number for metric in PRIVATE},
    }


def test_a_post_deleted_in_between_is_read_as_far_as_it_was(sandbox: RunningSandbox) -> None:
    with running_sandbox(World(clock=Clock(NOW), posts={Vendor.X: 40}), vendors=[Vendor.X]) as other:
        x = connect(other, Vendor.X)
        posts = other.world.between(Vendor.X, NOW - timedelta(days=30))
        reading = x.collect(Stream.POSTS, since=NOW - timedelta(days=30), until=NOW)
        records = [next(reading)]  # the first page is read, the private numbers are not
        other.world.delete(Vendor.X, posts[0].id)
        records += reading
    gone = [r for r in records if isinstance(r, Observation) and r.entity_id == posts[0].id]
    assert {r.metric: r.state for r in gone} == {
        **dict.fromkeys(PUBLIC, ObservationState.OBSERVED), **dict.fromkeys(PRIVATE, ObservationState.UNAVAILABLE),
    }  # fmt: skip
    assert states(records)[("clicks", ObservationState.OBSERVED)] == len(posts) - 1


@pytest.mark.parametrize("kind", [FaultKind.MISSING_FIELDS, FaultKind.NULL_FIELDS])
def test_left_out_numbers_are_no_zeros(x: XConnector, sandbox: RunningSandbox, kind: FaultKind) -> None:
    sandbox.world.faults.add(Fault(kind, vendor=Vendor.X, path="/2/(tweets|users)", times=9))
    records = list(x.collect(Stream.POSTS, since=NOW - timedelta(days=20), until=NOW))
    number = len(sandbox.world.between(Vendor.X, NOW - timedelta(days=20)))
    assert states(records) == {(metric, ObservationState.UNAVAILABLE): number for metric in PUBLIC | PRIVATE}
    (followers,) = x.collect(Stream.ACCOUNT, since=NOW, until=NOW)
    assert isinstance(followers, Observation)
    assert (followers.value, followers.state) == (None, ObservationState.UNAVAILABLE)


def test_twenty_thousand_posts_need_a_call_for_each_hundred() -> None:
    with running_sandbox(World(clock=Clock(NOW), posts={Vendor.X: 20_000}), vendors=[Vendor.X]) as large:
        x = cast(XConnector, connect(large, Vendor.X))
        before = x.client.calls
        read = sum(isinstance(r, ContentRecord) for r in x.collect(Stream.POSTS, since=BEFORE_ALL, until=NOW))
        assert read == 20_000
        assert x.client.calls - before < 200 + 40
