"""Every recorded answer of X gives the right record or the right error."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.answers import Answer
from connectors.credentials import CredentialHolder
from connectors.endpoints import Endpoints
from connectors.readings import Account
from connectors.social.x.collect import account_records, post_records
from connectors.social.x.connector import XConnector, connector
from connectors.social.x.errors import classify, read_limits
from connectors.social.x.limits import price
from connectors.social.x.posts import content, private_observations, public_observations
from models.domain.connection import Credential, Vendor
from models.domain.content import ContentRecord, Observation, ObservationState
from models.domain.publishing import Media, MediaKind, OutgoingPost, Presence
from models.domain.social import Platform
from models.errors import OutcomeUnknown, QuotaExhausted, RateLimited, Rejected, Transient
from tests.contract.platforms.kit import MemoryPhases, video

PAYLOADS = Path(__file__).resolve().parents[3].parent / "shared" / "payloads" / "x"
NOW = datetime(2026, 9, 1, tzinfo=UTC)
WHOSE = Account(Platform.X, "2244994945", "@xdevelopers", NOW)
OBSERVED, UNAVAILABLE = ObservationState.OBSERVED, ObservationState.UNAVAILABLE


def payload(name: str) -> Any:
    if not PAYLOADS.is_dir():
        pytest.skip("../shared is absent: the recorded answers stand beside the project, not in it")
    return json.loads((PAYLOADS / name).read_text(encoding="utf-8"))


def answer(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, httpx.Headers(headers or {}), json.dumps(body).encode(), NOW, "https://api.x.com/2/x")


def speaking(*answers: tuple[int, Any]) -> XConnector:
    """A connector to which X gives these answers one after the other."""
    left = iter(answers)

    def give(_: httpx.Request) -> httpx.Response:
        status, body = next(left)
        return httpx.Response(status, json=body)

    where = Endpoints(Vendor.X, {"api": "http://x.invalid"}, sandbox=True)
    holder = CredentialHolder(Credential("t"))
    return connector(
        "2244994945", "@xdevelopers", holder, where, transport=httpx.MockTransport(give), sleep=lambda _seconds: None
    )


def post(text: str, *media: Media) -> OutgoingPost:
    return OutgoingPost("k-1", Vendor.X, "2244994945", text, media=media)


def test_a_posts_link_does_not_tell_it_from_itself_and_no_text_tells_nothing() -> None:
    row = {"id": "1", "text": "", "created_at": NOW.isoformat(), "attachments": {"media_keys": ["3_1"]}}
    answer = {"data": [row], "meta": {"result_count": 1}}
    picture = Media(MediaKind.IMAGE, "a.jpg", "image/jpeg", 9, "h")
    finding = speaking((200, answer)).find_published(post("", picture), MemoryPhases(), since=NOW)
    assert finding.presence is Presence.UNCERTAIN


def test_a_post_that_is_listed_twice_counts_once_and_older_ones_do_not_count() -> None:
    row = {"id": "1", "text": "Every Monday", "created_at": NOW.isoformat()}
    older = {**row, "id": "0", "created_at": (NOW - timedelta(days=7)).isoformat()}
    page = {"data": [row, row, older], "meta": {"result_count": 3}}
    finding = speaking((200, page)).find_published(post("Every Monday"), MemoryPhases(), since=NOW)
    assert finding.published is not None
    assert finding.published.post_id == "1"


def values(observations: Any) -> dict[str, float | None]:
    return {o.metric: o.value for o in observations}


def test_public_numbers() -> None:
    row = payload("fields__0.json")["data"]
    assert values(public_observations(row, WHOSE)) == {
        "reactions": 100, "comments": 5, "shares": 12, "saves": 3, "impressions": 1500,
    }  # fmt: skip
    record = content(row, {}, WHOSE)
    assert (record.entity_id, record.body, record.content_type) == ("1234567890", "Hello world!", "text")
    assert record.published_at == datetime(2024, 1, 15, 12, tzinfo=UTC)
    assert record.payload == row


def test_public_numbers_without_a_date() -> None:
    row = payload("metrics__0.json")["data"]
    found = list(public_observations(row, WHOSE))
    assert values(found) == {"reactions": 234, "comments": 12, "shares": 55, "saves": 8, "impressions": 5432}
    assert {o.period_start for o in found} == {None}


def test_private_numbers() -> None:
    row = payload("metrics__1.json")["data"]
    assert values(private_observations(row, WHOSE)) == {"clicks": 89, "profile_visits": 156}
    assert {o.state for o in public_observations(row, WHOSE)} == {UNAVAILABLE}


def test_the_account_and_its_followers() -> None:
    found = list(account_records(speaking((200, payload("fields__1.json"))).client, WHOSE))
    assert [(o.metric, o.value) for o in found if isinstance(o, Observation)] == [("followers", 570_842.0)]


@pytest.mark.parametrize(
    ("name", "count"),
    [("pagination__0.json", 2), ("fields__2.json", 0), ("consistency__1.json", 0), ("tweets_analytics_200.json", 1)],
)
def test_pages(name: str, count: int) -> None:
    """A page of posts; one post with its author, and a bare object, are no pages; a page of other rows has no numbers."""
    body = payload(name)
    body.get("meta", {}).pop("next_token", None)
    x = speaking(*[(200, body)] * 4)
    reading = post_records(x.client, WHOSE, since=datetime(2020, 1, 1, tzinfo=UTC), until=NOW)
    if count == 0:
        with pytest.raises(Transient, match="no posts and did not say"):
            list(reading)
        return
    records = list(reading)
    assert sum(isinstance(r, ContentRecord) for r in records) == count
    assert {r.state for r in records if isinstance(r, Observation)} == {UNAVAILABLE}


def test_a_post_with_its_author() -> None:
    body = payload("fields__2.json")
    assert content(body["data"], {}, WHOSE).body == "Hello world!"
    assert body["includes"]["users"][0]["id"] == WHOSE.id


@pytest.mark.parametrize(
    ("name", "post_id"),
    [
        ("create_201_legacy_names.json", "0123456789012345678"),
        ("posts_manage-tweets_quickstart__1.json", "1445880548472328192"),
        ("consistency__1.json", None),
        ("posts_manage-tweets_quickstart__2.json", None),
    ],
)
def test_answers_to_a_new_post(name: str, post_id: str | None) -> None:
    """An answer without the post's id may have come after the post went out."""
    x = speaking((201, payload(name)))
    if post_id is None:
        with pytest.raises(OutcomeUnknown, match="without the post's id"):
            x.publish(post("Hello from the X API!"), MemoryPhases())
    else:
        assert x.publish(post("Hello from the X API!"), MemoryPhases()).post_id == post_id


def test_what_is_sent_looks_as_x_shows_it() -> None:
    sent: list[Any] = []

    def give(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return httpx.Response(201, json={"data": {"id": "1", "text": "x"}})

    where = Endpoints(Vendor.X, {"api": "http://x.invalid"}, sandbox=True)
    x = connector("1", "@a", CredentialHolder(Credential("t")), where, transport=httpx.MockTransport(give))
    x.publish(post("Hello from the X API!"), MemoryPhases())
    assert sent == [payload("posts_manage-tweets_quickstart__0.json")]


def test_an_upload_in_parts(tmp_path: Path) -> None:
    opened = payload("media_quickstart_media-upload-chunked__0.json")
    closed = payload("media_quickstart_media-upload-chunked__1.json")
    done = {"data": {**closed["data"], "processing_info": {"state": "succeeded"}}}
    x = speaking((200, opened), (200, {}), (200, closed), (200, done), (201, {"data": {"id": "5", "text": "x"}}))
    phases = MemoryPhases()
    assert x.publish(post("A film", video(tmp_path / "a.mp4")), phases).post_id == "5"
    assert phases.kept["upload-0"]["id"] == phases.kept["media-0"]["id"] == "1880028106020515840"
    ends = [datetime.fromisoformat(phases.kept[phase]["expires_at"]) for phase in ("upload-0", "media-0")]
    assert round((ends[0] - ends[1]).total_seconds(), -2) == 1_295_999 - 86_400 + 1


@pytest.mark.parametrize(
    ("name", "status", "kind", "code", "words"),
    [
        ("error_403_duplicate.json", 403, Rejected, "duplicate", "duplicate content"),
        ("consistency__2.json", 400, Rejected, "invalid-request", "query parameter is missing"),
        ("response-codes-and-errors__0.json", 400, Rejected, "invalid-request", "'query' parameter is required"),
        ("rate-limits__0.json", 429, RateLimited, "88", "Rate limit exceeded"),
    ],
)
def test_errors(name: str, status: int, kind: type[Exception], code: str, words: str) -> None:
    refusal = classify(answer(payload(name), status))
    assert refusal is not None
    assert (refusal.kind, refusal.code) == (kind, code)
    assert words in refusal.cause


def test_every_file_is_used_here() -> None:
    payload("fields__0.json")
    here = Path(__file__).read_text(encoding="utf-8")
    assert [file.name for file in PAYLOADS.iterdir() if file.name not in here] == []


@pytest.mark.parametrize("host", ["https://api.twitter.com", "https://api.x.com"])
def test_kinds_are_told_by_the_last_segment(host: str) -> None:
    body = {"title": "UsageCapExceeded", "type": f"{host}/2/problems/usage-capped", "period": "Monthly"}
    refusal = classify(answer(body, 429))
    assert refusal is not None
    assert (refusal.kind, refusal.until) == (QuotaExhausted, None)


def test_errors_beside_records_are_no_refusal() -> None:
    body = {"data": [{"id": "1", "text": "x"}], "errors": [{"type": "https://api.x.com/2/problems/resource-not-found"}]}
    assert classify(answer(body)) is None


def test_limit_headers_are_read_by_xs_clock() -> None:
    """X's Date header says 2026-09-01 00:00; its window ends 300 s later, so 300 s from now by this machine's clock."""
    reset = str(int(NOW.timestamp()) + 300)
    headers = {"x-rate-limit-limit": "900", "x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}
    (limit,) = read_limits(answer({}, headers=headers), "timeline")
    assert (limit.name, limit.remaining, limit.total) == ("timeline", 0, 900)
    assert limit.reset_at is not None
    assert 290 < (limit.reset_at - datetime.now(UTC)).total_seconds() <= 300
    assert read_limits(answer({})) == ()


def fields(outgoing: OutgoingPost) -> list[str]:
    return [problem.field for problem in speaking().validate(outgoing)]


def media(kind: MediaKind = MediaKind.IMAGE, **more: Any) -> Media:
    types = {MediaKind.IMAGE: "image/jpeg", MediaKind.GIF: "image/gif", MediaKind.VIDEO: "video/mp4"}
    chosen: dict[str, Any] = {"content_type": types.get(kind, "application/pdf"), "size": 1000, **more}
    return Media(kind, "/m/file", sha256="0" * 64, **chosen)


@pytest.mark.parametrize(
    ("outgoing", "expected"),
    [
        (post("x" * 280), []),
        (post("x" * 281), ["text"]),
        (post("界" * 141), ["text"]),
        (post("x" * 256 + " https://sample-brand.com/" + "y" * 200), []),
        (post("  "), ["text"]),
        (post("", media()), []),
        (post("$ACME and $OTHR"), ["text"]),
        (post("$ACME, $ACME and $5"), []),
        (post("a", *[media()] * 4), []),
        (post("a", *[media()] * 5), ["media"]),
        (post("a", media(), media(MediaKind.VIDEO)), ["media"]),
        (post("a", *[media(MediaKind.GIF)] * 2), ["media"]),
        (post("a", media(MediaKind.DOCUMENT)), ["media"]),
        (post("a", media(size=5 * 1024**2 + 1)), ["media"]),
        (post("a", media(content_type="image/tiff")), ["media"]),
        (post("a", media(alt_text="x" * 1001)), ["media"]),
        (post("a", media(MediaKind.VIDEO, duration_seconds=140.0, width=1080, height=1920)), []),
        (post("a", media(MediaKind.VIDEO, duration_seconds=140.5)), ["media"]),
        (post("a", media(MediaKind.VIDEO, duration_seconds=0.4)), ["media"]),
        (post("a", media(MediaKind.VIDEO, width=1281, height=1400)), ["media"]),
        (post("a", media(MediaKind.VIDEO, width=31, height=31)), ["media"]),
        (post("a", media(MediaKind.VIDEO, width=310, height=100)), ["media"]),
        (post("a", media(MediaKind.VIDEO, size=512 * 1024**2 + 1)), ["media"]),
    ],
)
def test_limits_before_sending(outgoing: OutgoingPost, expected: list[str]) -> None:
    assert fields(outgoing) == expected


def test_a_link_makes_a_post_dearer() -> None:
    assert price(post("No link")).dollars == 0.015
    assert price(post("See sample-brand.com")).dollars == 0.20
    assert "2026-11-22" in price(post("No link")).source
