"""What is collected from YouTube equals what the sandbox's audience did; what is not told has a state and no value."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors.competitors.parsing import parse_feed
from connectors.sandbox import audience
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.sandbox.world import World
from connectors.sandbox.youtube_feed import COMPETITOR
from connectors.social.youtube.errors import PACIFIC
from models.domain.connection import ConnectedAccount, Vendor
from models.domain.content import ContentRecord, EntityType, Observation, ObservationState
from models.errors import AuthExpired, Transient
from models.ports import Connector, Stream
from tests.contract.platforms.kit import connect, sign_in

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
POSTS = 620
"""More than one report holds."""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    world = World(clock=Clock(NOW), posts={Vendor.YOUTUBE: POSTS})
    with running_sandbox(world, vendors=[Vendor.YOUTUBE]) as running:
        yield running


@pytest.fixture(scope="module")
def account(sandbox: RunningSandbox) -> ConnectedAccount:
    return sign_in(sandbox, Vendor.YOUTUBE)


@pytest.fixture
def channel(sandbox: RunningSandbox, account: ConnectedAccount) -> Iterator[Connector]:
    yield connect(sandbox, Vendor.YOUTUBE, account)
    sandbox.world.faults.clear()
    sandbox.world.objects(Vendor.YOUTUBE, "retired").clear()


def taken(
    connector: Connector, stream: Stream, days: float, until: datetime
) -> tuple[list[ContentRecord], list[Observation]]:
    records = list(connector.collect(stream, since=until - timedelta(days=days), until=until))
    return (
        [record for record in records if isinstance(record, ContentRecord)],
        [record for record in records if isinstance(record, Observation)],
    )


def by_key(observations: list[Observation]) -> dict[tuple[str, str], Observation]:
    found = {(o.entity_id, o.metric): o for o in observations}
    assert len(found) == len(observations), "one reading of each metric of each entity"
    return found


def calls_of(connector: Any) -> int:
    return int(connector._channel.client.calls)


def test_every_video_comes_with_the_numbers_that_the_audience_made(sandbox, channel) -> None:
    world, until = sandbox.world, sandbox.world.clock.now()
    contents, observations = taken(channel, Stream.POSTS, 200, until)
    posts = {post.id: post for post in world.between(Vendor.YOUTUBE, None)}
    assert [c.entity_id for c in contents] == list(posts), "all of them, newest first"
    found = by_key(observations)
    assert len(found) == POSTS * 11
    for content in contents:
        post = posts[content.entity_id]
        truth = world.readings(post)
        whole = post.published_at.replace(microsecond=0)
        assert (content.title, content.body, content.content_type) == (post.title, post.text, post.kind)
        assert (content.published_at, content.observed_at) == (whole, until)
        assert content.payload["statistics"]["viewCount"] == str(int(truth["views"])), "the vendor's own row, a string"
        for metric, name in (("views", "views"), ("reactions", "reactions"), ("comments", "comments")):
            assert found[post.id, metric].value == truth[name]
        if truth["views"] == 0:
            assert found[post.id, "shares"].state is ObservationState.DELAYED
            continue
        for metric in ("shares", "dislikes", "subscribers_gained", "subscribers_lost"):
            assert found[post.id, metric].value == int(truth[metric])
        assert found[post.id, "watch_time_hours"].value == pytest.approx(truth["watch_time_hours"])
        seconds = truth["watch_time_hours"] * 3600 / truth["views"]
        assert found[post.id, "average_view_duration_seconds"].value == int(seconds)
        assert found[post.id, "average_percentage_viewed"].value == pytest.approx(
            100 * seconds / post.duration_seconds, abs=0.01
        )
        assert (found[post.id, "views"].period_start, found[post.id, "views"].period_end) == (whole, until)
    pages = -(-POSTS // 50)
    assert calls_of(channel) == 1 + pages + pages + 2, "channel, uploads, videos by 50, reports by 500"


def test_a_second_run_asks_for_its_window_only(sandbox, channel) -> None:
    until = sandbox.world.clock.now()
    contents, _ = taken(channel, Stream.POSTS, 4, until)
    wanted = sandbox.world.between(Vendor.YOUTUBE, until - timedelta(days=4))
    assert [c.entity_id for c in contents] == [post.id for post in wanted]
    assert calls_of(channel) <= 6


def test_a_retired_metric_costs_only_itself(sandbox, channel) -> None:
    sandbox.world.objects(Vendor.YOUTUBE, "retired")["engagedViews"] = {}
    _, observations = taken(channel, Stream.POSTS, 30, sandbox.world.clock.now() - timedelta(days=6))
    gone = [o for o in observations if o.metric == "engaged_views"]
    assert gone
    assert all(o.state is ObservationState.RETIRED and o.value is None for o in gone)
    assert all(o.state is ObservationState.OBSERVED for o in observations if o.metric != "engaged_views")


class NoReports(httpx.HTTPTransport):
    """Answers every report with the recorded refusal of a missing permission."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/v2/reports"):
            error = {"code": 403, "message": "The caller does not have permission", "status": "PERMISSION_DENIED"}
            return httpx.Response(403, json={"error": error}, request=request)
        return super().handle_request(request)


def test_without_the_right_to_reports_the_counts_still_come(sandbox, account) -> None:
    channel = connect(sandbox, Vendor.YOUTUBE, account, transport=NoReports())
    _, observations = taken(channel, Stream.POSTS, 20, sandbox.world.clock.now())
    told = {o.metric: o.state for o in observations}
    assert told["views"] is ObservationState.OBSERVED
    assert told["shares"] is ObservationState.UNAVAILABLE
    assert len(observations) == 11 * len({o.entity_id for o in observations})


def test_reports_that_fail_fail_the_stream_after_what_was_read(sandbox, channel) -> None:
    sandbox.world.faults.add(Fault(FaultKind.ERROR_500_BEFORE, Vendor.YOUTUBE, "GET", "v2/reports", times=50))
    until = sandbox.world.clock.now()
    records: list[Any] = []
    with pytest.raises(Transient):
        records.extend(channel.collect(Stream.POSTS, since=until - timedelta(days=20), until=until))
    assert {o.metric for o in records if isinstance(o, Observation)} == {"views", "reactions", "comments"}


def test_a_hidden_like_count_is_unavailable_and_not_zero(sandbox, channel) -> None:
    until = sandbox.world.clock.now()
    post = sandbox.world.between(Vendor.YOUTUBE, until - timedelta(days=20), until - timedelta(days=5))[0]
    post.extra["likes_hidden"] = "true"
    try:
        _, observations = taken(channel, Stream.POSTS, 20, until)
    finally:
        del post.extra["likes_hidden"]
    likes = by_key(observations)[post.id, "reactions"]
    assert (likes.value, likes.state) == (None, ObservationState.UNAVAILABLE)


@pytest.mark.parametrize("kind", [FaultKind.MISSING_FIELDS, FaultKind.NULL_FIELDS, FaultKind.EXTRA_FIELDS])
def test_a_drifted_answer_loses_no_observation(sandbox, channel, kind) -> None:
    until = sandbox.world.clock.now()
    whole = by_key(taken(channel, Stream.POSTS, 20, until)[1])
    sandbox.world.faults.add(Fault(kind, Vendor.YOUTUBE, "GET", "v3/videos", times=1))
    drifted = by_key(taken(channel, Stream.POSTS, 20, until)[1])
    assert drifted.keys() == whole.keys()
    if kind is FaultKind.EXTRA_FIELDS:
        assert {key: o.value for key, o in drifted.items()} == {key: o.value for key, o in whole.items()}
    else:
        assert any(o.state is ObservationState.UNAVAILABLE for (_, metric), o in drifted.items() if metric == "views")


def test_a_deleted_video_is_not_listed_any_more(sandbox, channel) -> None:
    until = sandbox.world.clock.now()
    victim = sandbox.world.between(Vendor.YOUTUBE, until - timedelta(days=10))[0]
    sandbox.world.delete(Vendor.YOUTUBE, victim.id)
    contents, _ = taken(channel, Stream.POSTS, 10, until)
    victim.deleted = False
    assert contents
    assert victim.id not in {c.entity_id for c in contents}


def test_the_account_by_pacific_day(sandbox, channel) -> None:
    world, until = sandbox.world, sandbox.world.clock.now()
    _, observations = taken(channel, Stream.ACCOUNT, 10, until)
    followers = [o for o in observations if o.metric == "followers"]
    truth = world.followers(Vendor.YOUTUBE)
    assert [o.value for o in followers] == [truth // 10 * 10], "three significant figures, rounded down"
    assert (followers[0].period_start, followers[0].period_end) == (None, until)
    views = sorted((o for o in observations if o.metric == "account_views"), key=lambda o: o.period_end)
    assert len(views) in (10, 11)
    observed = [o for o in views if o.state is ObservationState.OBSERVED]
    late = [o for o in views if o.state is ObservationState.DELAYED]
    assert observed + late == views, "the newest days are late, not zero"
    assert 1 <= len(late) <= 3
    for reading in observed:
        day = reading.period_start.astimezone(PACIFIC)
        assert (day.hour, day.minute) == (0, 0)
        told = world.account_day(Vendor.YOUTUBE, datetime(day.year, day.month, day.day, tzinfo=UTC))
        assert reading.value == int(told["views"])
        gained = next(o for o in observations if o.metric == "followers_gained" and o.period_end == reading.period_end)
        assert gained.value == told["followers_gained"]


def test_the_audience_by_age_gender_and_country(sandbox, channel) -> None:
    _, observations = taken(channel, Stream.AUDIENCE, 1, sandbox.world.clock.now())
    assert {(o.entity_type, o.metric) for o in observations} == {(EntityType.AUDIENCE, "audience_share")}
    shares = {o.entity_id: o.value for o in observations}
    for dimension in ("age", "gender", "country"):
        for name, share in audience.SEGMENTS[dimension].items():
            assert shares[f"{dimension}={name}"] == pytest.approx(100 * share, abs=0.02)
    assert len(shares) == sum(len(audience.SEGMENTS[name]) for name in ("age", "gender", "country"))


def test_a_refused_audience_report_costs_only_itself(sandbox, channel) -> None:
    sandbox.world.objects(Vendor.YOUTUBE, "retired")["viewerPercentage"] = {}
    _, observations = taken(channel, Stream.AUDIENCE, 1, sandbox.world.clock.now())
    told = {o.entity_id: o.state for o in observations}
    assert told["age=all"] is ObservationState.RETIRED
    assert told["gender=all"] is ObservationState.RETIRED
    assert told["country=DE"] is ObservationState.OBSERVED


def test_an_expired_token_in_the_middle_is_renewed(sandbox, channel) -> None:
    until = sandbox.world.clock.now()
    whole = taken(channel, Stream.POSTS, 60, until)
    sandbox.world.faults.add(Fault(FaultKind.TOKEN_EXPIRED, Vendor.YOUTUBE, "GET", "v3/videos", skip=1))
    sandbox.world.faults.add(Fault(FaultKind.THROTTLED, Vendor.YOUTUBE, "GET", "playlistItems", skip=1))
    sandbox.world.faults.add(Fault(FaultKind.MALFORMED_JSON, Vendor.YOUTUBE, "GET", "v2/reports"))
    assert taken(channel, Stream.POSTS, 60, until) == whole


def test_a_revoked_sign_in_says_reconnect(sandbox, account, channel) -> None:
    sandbox.world.tokens.revoked |= {account.credential.access_token, account.credential.refresh_token or ""}
    try:
        with pytest.raises(AuthExpired, match="reconnect"):
            taken(channel, Stream.ACCOUNT, 1, sandbox.world.clock.now())
    finally:
        sandbox.world.tokens.revoked.clear()


@pytest.mark.parametrize("own", [True, False])
def test_the_channel_feed_is_atom_with_counts(sandbox, own) -> None:
    channel_id = sandbox.world.accounts[Vendor.YOUTUBE].id if own else COMPETITOR
    url = f"{sandbox.url}/youtube/feeds/videos.xml"
    answer = httpx.get(url, params={"channel_id": channel_id}, trust_env=False)
    feed = parse_feed(answer.content, "the feed")
    assert (feed.note, len(feed.entries)) == (None, 15)
    assert feed.channel == channel_id[2:]
    if own:
        for entry in feed.entries:
            post = sandbox.world.post(Vendor.YOUTUBE, entry.id or "")
            assert post is not None
            assert (entry.title, entry.body) == (post.title, post.text)
            truth = sandbox.world.readings(post)
            assert dict(entry.counts) == {"views": str(int(truth["views"])), "reactions": str(int(truth["reactions"]))}
    assert all(entry.video and entry.published for entry in feed.entries)
    shorts = httpx.get(url, params={"playlist_id": f"UUSH{channel_id[2:]}"}, trust_env=False)
    assert all("/shorts/" in (entry.link or "") for entry in parse_feed(shorts.content, "shorts").entries)
    assert httpx.get(url, params={"channel_id": "UCnobody"}, trust_env=False).status_code == 404
