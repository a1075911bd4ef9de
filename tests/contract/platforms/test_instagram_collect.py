"""What is collected of an Instagram account and of competitors: values as the sandbox knows them, refused names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from connectors.credentials import CredentialHolder
from connectors.endpoints import endpoints
from connectors.sandbox import audience
from connectors.sandbox.clock import Clock
from connectors.sandbox.graph_discovery import RIVALS
from connectors.sandbox.instagram_reading import watch_milliseconds
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.sandbox.world import World
from connectors.social.instagram.discovery import Discovery, discovery
from models.domain.connection import Vendor
from models.domain.content import ContentRecord, EntityType, Observation, ObservationState, Owner, Record
from models.errors import InvalidInput, Rejected
from models.ports import Stream
from tests.contract.platforms.kit import connect, sign_in

INSTAGRAM = Vendor.INSTAGRAM
NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
EVERYWHERE = {
    "reactions": "reactions", "comments": "comments", "views": "views", "reach": "reach", "shares": "shares", "saves": "saves",
}  # fmt: skip


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(World(clock=Clock(NOW), posts={INSTAGRAM: 260}), vendors=[INSTAGRAM]) as running:
        yield running


@pytest.fixture(autouse=True)
def _clean(sandbox: RunningSandbox) -> Iterator[None]:
    yield
    for kind in ("retired", "converted", "few_followers"):
        sandbox.world.objects(INSTAGRAM, kind).clear()


def collected(
    sandbox: RunningSandbox, stream: Stream = Stream.POSTS, *, since: datetime = NOW - timedelta(days=190)
) -> list[Record]:
    return list(connect(sandbox, INSTAGRAM).collect(stream, since=since, until=NOW))


def observations(records: list[Record]) -> dict[tuple[str, str], Observation]:
    return {(row.entity_id, row.metric): row for row in records if isinstance(row, Observation)}


def contents(records: list[Record]) -> list[ContentRecord]:
    return [row for row in records if isinstance(row, ContentRecord)]


def test_every_media_comes_once_with_the_numbers_of_the_audience(sandbox: RunningSandbox) -> None:
    account = connect(sandbox, INSTAGRAM)
    records = list(account.collect(Stream.POSTS, since=NOW - timedelta(days=190), until=NOW))
    assert account._graph.client.calls <= 3 + 3 * 4, "three pages, and fifty media a call for what only kinds have"  # type: ignore[attr-defined]
    posts = {post.id: post for post in sandbox.world.history(INSTAGRAM)}
    assert {row.entity_id for row in contents(records)} == posts.keys()
    assert len(contents(records)) == len(posts)
    seen = observations(records)
    for content in contents(records):
        post = posts[content.entity_id]
        truth = sandbox.world.readings(post)
        assert (content.content_type, content.body, content.published_at) == (post.kind, post.text, post.published_at)
        for metric, name in EVERYWHERE.items():
            reading = seen[(post.id, metric)]
            assert (reading.value, reading.period_start, reading.period_end) == (truth[name], post.published_at, NOW)
        watched = seen[(post.id, "average_view_duration_seconds")]
        for metric in ("follows", "profile_visits"):
            reading = seen[(post.id, metric)]
            if post.kind == "reel":
                assert (reading.value, reading.state) == (None, ObservationState.UNSUPPORTED)
            else:
                assert reading.value == truth[metric]
        if post.kind == "reel":
            assert watched.value == watch_milliseconds(truth) / 1000
        else:
            assert watched.state is ObservationState.UNSUPPORTED


def test_a_window_gives_its_media_only(sandbox: RunningSandbox) -> None:
    since, until = NOW - timedelta(days=40), NOW - timedelta(days=30)
    records = list(connect(sandbox, INSTAGRAM).collect(Stream.POSTS, since=since, until=until))
    wanted = [post.id for post in sandbox.world.history(INSTAGRAM) if since <= post.published_at < until]
    assert sorted(row.entity_id for row in contents(records)) == sorted(wanted)


@pytest.mark.parametrize(
    ("name", "metric"),
    [("saved", "saves"), ("follows", "follows"), ("ig_reels_avg_watch_time", "average_view_duration_seconds")],
)
def test_a_refused_name_costs_only_itself(sandbox: RunningSandbox, name: str, metric: str) -> None:
    since = NOW - timedelta(days=20)
    whole = observations(collected(sandbox, since=since))
    sandbox.world.objects(INSTAGRAM, "retired")[name] = {}
    less = observations(collected(sandbox, since=since))
    assert whole.keys() == less.keys()
    for key, reading in less.items():
        if key[1] == metric and whole[key].state is ObservationState.OBSERVED:
            assert (reading.value, reading.state) == (None, ObservationState.RETIRED)
        else:
            assert reading == whole[key]


def test_media_older_than_the_professional_account_has_no_insights(sandbox: RunningSandbox) -> None:
    moment = NOW - timedelta(days=30)
    sandbox.world.objects(INSTAGRAM, "converted")["at"] = {"moment": moment}
    records = collected(sandbox)
    dated = {row.entity_id: row.published_at for row in contents(records)}
    assert len(dated) == 260
    for reading in observations(records).values():
        published_at = dated[reading.entity_id]
        assert published_at is not None
        if reading.metric == "views":
            wanted = ObservationState.UNAVAILABLE if published_at < moment else ObservationState.OBSERVED
            assert reading.state is wanted


def test_days_are_the_vendors_and_totals_are_asked_by_day(sandbox: RunningSandbox) -> None:
    since = NOW - timedelta(days=70)
    records = [row for row in collected(sandbox, Stream.ACCOUNT, since=since) if isinstance(row, Observation)]
    names = {
        "account_views": "views", "account_reach": "reach", "account_engagements": "engagements",
        "profile_views": "profile_views", "account_clicks": "link_clicks",
    }  # fmt: skip
    checked = 0
    for row in records:
        if row.period_start is None:
            assert (row.metric, row.value, row.period_end) == ("followers", sandbox.world.followers(INSTAGRAM), NOW)
            continue
        noon = (row.period_start + timedelta(hours=10)).replace(hour=12, minute=0)
        assert row.value == sandbox.world.account_day(INSTAGRAM, noon)[names[row.metric]]
        checked += 1
    assert checked == 70 * 5


def test_a_refused_day_metric_costs_only_itself(sandbox: RunningSandbox) -> None:
    sandbox.world.objects(INSTAGRAM, "retired")["profile_views"] = {}
    records = observations(collected(sandbox, Stream.ACCOUNT, since=NOW - timedelta(days=3)))
    states = {metric: reading.state for (_, metric), reading in records.items()}
    assert states.pop("profile_views") is ObservationState.RETIRED
    assert set(states.values()) == {ObservationState.OBSERVED}


def test_the_audience_comes_by_segment_or_not_at_all(sandbox: RunningSandbox) -> None:
    followers = sandbox.world.followers(INSTAGRAM)
    rows = [row for row in collected(sandbox, Stream.AUDIENCE) if isinstance(row, Observation)]
    wanted = {
        f"{dimension}={name}": float(int(followers * share))
        for dimension, shares in audience.SEGMENTS.items()
        for name, share in shares.items()
    }
    assert {row.entity_id: row.value for row in rows} == wanted
    assert {(row.entity_type, row.metric) for row in rows} == {(EntityType.AUDIENCE, "audience_followers")}
    sandbox.world.objects(INSTAGRAM, "few_followers")["now"] = {}
    few = [row for row in collected(sandbox, Stream.AUDIENCE) if isinstance(row, Observation)]
    assert {row.state for row in few} == {ObservationState.PRIVACY_LIMITED}
    assert len(few) == 4


def found_by(sandbox: RunningSandbox) -> Discovery:
    account = sign_in(sandbox, INSTAGRAM)
    where = endpoints(INSTAGRAM, sandbox_url=sandbox.url)
    return discovery(account.account_id, CredentialHolder(account.credential), where, sleep=lambda _: None)


def test_competitors_are_discovered_page_by_page(sandbox: RunningSandbox) -> None:
    records = list(found_by(sandbox).records("rivalbrand", since=NOW - timedelta(days=400), until=NOW))
    rival = RIVALS["rivalbrand"]
    posts = contents(records)
    assert len({row.entity_id for row in posts}) == rival.posts == len(posts)
    assert {(row.owner, row.account_id, row.account_name) for row in posts} == {
        (Owner.COMPETITOR, rival.id, rival.name)
    }
    seen = observations(records)
    assert seen[(rival.id, "followers")].value == rival.followers
    assert {reading.owner for reading in seen.values()} == {Owner.COMPETITOR}
    assert all(seen[(row.entity_id, "reactions")].value == row.payload["like_count"] for row in posts)
    recent = contents(list(found_by(sandbox).records("@rivalbrand", since=NOW - timedelta(days=10), until=NOW)))
    assert 5 <= len(recent) <= 8


def test_unknown_and_impossible_names_are_refused(sandbox: RunningSandbox) -> None:
    with pytest.raises(Rejected, match="no professional account") as refused:
        list(found_by(sandbox).records("nobody", since=NOW, until=NOW))
    assert refused.value.code == "110/2207013"
    with pytest.raises(InvalidInput, match="user name"):
        list(found_by(sandbox).records("x){id},followers_count", since=NOW, until=NOW))
