"""Meta's errors by the vendor's codes, whatever the HTTP status says; usage headers."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from connectors.answers import Answer
from connectors.credentials import CredentialHolder
from connectors.endpoints import endpoints
from connectors.sandbox.graph_errors import GraphError
from connectors.sandbox.graph_fields import parse_fields
from connectors.social.facebook.connector import connector
from connectors.social.meta.errors import classify
from connectors.social.meta.insights import Asked, Verdicts, number
from connectors.social.meta.usage import read_limits
from models.domain.connection import Credential, Vendor
from models.domain.content import ContentRecord, ObservationState
from models.domain.publishing import OutgoingPost, Presence
from models.errors import (
    AuthExpired,
    OutcomeUnknown,
    PermissionMissing,
    QuotaExhausted,
    RateLimited,
    Rejected,
    Transient,
    VendorError,
)
from models.ports import Connector, Stream
from tests.contract.platforms.kit import MemoryPhases

BUSINESS = {"x-business-use-case-usage": json.dumps({"1": [{
    "type": "pages", "call_count": 100, "total_cputime": 5, "total_time": 7, "estimated_time_to_regain_access": 19,
}]})}  # fmt: skip


def answer_of(document: Any, status: int = 400, headers: dict[str, str] | None = None) -> Answer:
    content = document.encode() if isinstance(document, str) else json.dumps(document).encode()
    return Answer(status, httpx.Headers(headers or {}), content, datetime.now(UTC), "https://graph.facebook.com/x")


@pytest.mark.parametrize(
    ("code", "subcode", "status", "kind"),
    [
        *[(code, None, 400, RateLimited) for code in (4, 17, 32, 613, 80000, 80001, 80002, 80006, 80008)],
        *[(190, subcode, 400, AuthExpired) for subcode in (None, 458, 459, 460, 463, 464, 467)],
        (102, None, 400, AuthExpired),
        *[(code, None, 400, PermissionMissing) for code in (3, 10, 200, 210, 299)],
        (1, None, 500, Transient), (2, None, 503, Transient), (1, None, 200, Transient), (7, None, 502, Transient),
        (100, None, 400, Rejected), (100, 33, 404, Rejected), (368, None, 400, Rejected), (506, 1455006, 400, Rejected),
        (341, None, 400, QuotaExhausted), (9, 2207042, 400, QuotaExhausted), (4, 2207051, 403, Rejected),
        (25, 2207050, 400, PermissionMissing), (36000, 2207004, 400, Rejected), (36004, 2207010, 400, Rejected),
        (9007, 2207027, 400, RateLimited), (-2, 2207003, 400, Transient), (-2, 2207020, 400, Rejected),
        (-1, 2207001, 500, Transient), (100, 2108006, 400, Rejected), (100, 1609008, 400, Rejected),
    ],
)  # fmt: skip
def test_the_code_decides(code: int, subcode: int | None, status: int, kind: type[VendorError]) -> None:
    error = {"message": "Said the vendor.", "type": "OAuthException", "code": code, "error_subcode": subcode}
    refusal = classify(answer_of({"error": error}, status))
    assert refusal is not None
    assert refusal.kind is kind
    assert refusal.code == (f"{code}/{subcode}" if subcode else str(code))
    assert "Said the vendor" in refusal.cause


def test_a_transient_error_of_an_unknown_code_is_transient() -> None:
    error = {"message": "x", "code": 987, "is_transient": True}
    refusal = classify(answer_of({"error": error}))
    assert refusal is not None
    assert refusal.kind is Transient


@pytest.mark.parametrize("document", [{"data": []}, [], "", "<html>", {"error": "text"}, {"error": None}])
def test_no_error_object_is_no_judgement(document: Any) -> None:
    assert classify(answer_of(document, 200)) is None


def test_limits_say_when_calls_are_taken_again() -> None:
    before = datetime.now(UTC)
    refusal = classify(answer_of({"error": {"message": "x", "code": 80001}}, 400, BUSINESS))
    assert refusal is not None
    assert refusal.until is not None
    assert timedelta(minutes=19) <= refusal.until - before < timedelta(minutes=20)
    (limit,) = read_limits(answer_of({}, 200, BUSINESS))
    assert (limit.remaining, limit.total) == (0.0, 100.0)
    assert limit.reset_at is not None
    for broken in ("", "{", "[]", '{"1": 5}', '{"1": [5]}', '{"1": [{"type": "pages"}]}'):
        assert read_limits(answer_of({}, 200, {"x-business-use-case-usage": broken, "x-app-usage": broken})) == []


def test_too_much_data_is_asked_in_smaller_pages() -> None:
    """The real service refuses large pages with code 1 and these words; half the rows pass."""
    limits: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        limits.append(int(request.url.params["limit"]))
        if limits[-1] > 30:
            said = "Please reduce the amount of data you're asking for, then retry your request"
            return httpx.Response(500, json={"error": {"message": said, "type": "OAuthException", "code": 1}})
        row = {"id": "1_2", "message": "x", "created_time": "2026-11-01T08:00:00+0000"}
        return httpx.Response(200, json={"data": [row]})

    page = connector(
        "1", "Page", CredentialHolder(Credential("t")), endpoints(Vendor.FACEBOOK),
        transport=httpx.MockTransport(answer), sleep=lambda _: None,
    )  # fmt: skip
    until = datetime(2026, 11, 22, tzinfo=UTC)
    records = list(page.collect(Stream.POSTS, since=until - timedelta(days=30), until=until))
    assert [row.entity_id for row in records if isinstance(row, ContentRecord)] == ["1_2"]
    assert limits == [100, 50, 25]


def test_the_token_stays_out_of_addresses_and_goes_to_no_other_host() -> None:
    asked: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        following = {} if "after" in request.url.params else {
            "paging": {"next": "https://evil.example/v25.0/1/published_posts?access_token=t&after=abc&limit=1"}
        }  # fmt: skip
        return httpx.Response(200, json={"data": [], **following})

    held = Credential("secret-token", extra={"appsecret_proof": "f" * 64})
    page = connector(
        "1", "Page", CredentialHolder(held), endpoints(Vendor.FACEBOOK), transport=httpx.MockTransport(answer)
    )
    until = datetime(2026, 11, 22, tzinfo=UTC)
    assert list(page.collect(Stream.POSTS, since=until, until=until)) == []
    assert [request.url.host for request in asked] == ["graph.facebook.com"] * 2
    assert asked[1].url.params["after"] == "abc"
    assert all("secret-token" not in str(request.url) for request in asked)
    assert {request.headers["authorization"] for request in asked} == {"Bearer secret-token"}
    assert {request.url.params["appsecret_proof"] for request in asked} == {"f" * 64}


def _page(answer: Callable[[httpx.Request], httpx.Response]) -> Connector:
    return connector(
        "1", "Page", CredentialHolder(Credential("t")), endpoints(Vendor.FACEBOOK),
        transport=httpx.MockTransport(answer), sleep=lambda _: None,
    )  # fmt: skip


@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": {}}, {"posts": []}])
def test_a_list_that_is_none_is_not_an_empty_one(body: Any) -> None:
    """Else a post would be proven absent, and sent again, by an answer that says nothing."""
    page, until = _page(lambda _: httpx.Response(200, json=body)), datetime(2026, 11, 22, tzinfo=UTC)
    post = OutgoingPost("key-1", Vendor.FACEBOOK, "1", "Text")
    assert page.find_published(post, MemoryPhases(), since=until).presence is Presence.UNCERTAIN
    for stream in (Stream.POSTS, Stream.ACCOUNT):
        with pytest.raises(Transient):
            list(page.collect(stream, since=until - timedelta(days=3), until=until))


def test_pages_that_lead_round_in_a_circle_end_with_an_error() -> None:
    following = {"next": "https://graph.facebook.com/v25.0/1/published_posts?after=same"}
    page = _page(lambda _: httpx.Response(200, json={"data": [], "paging": following}))
    until = datetime(2026, 11, 22, tzinfo=UTC)
    with pytest.raises(Transient, match="circle"):
        list(page.collect(Stream.POSTS, since=until - timedelta(days=3), until=until))


def test_what_is_kept_of_a_row_opens_nothing() -> None:
    """The Graph API writes the token into the addresses of the next page, also of insights inside a row."""
    next_page = "https://graph.facebook.com/v25.0/1_2/insights?access_token=s3cr3t&since=1"
    row = {
        "id": "1_2", "created_time": "2026-11-01T08:00:00+0000", "message": "See https://a.example/?token=of-a-reader",
        "insights": {"data": [{"name": "post_clicks", "values": [{"value": 3}]}], "paging": {"next": next_page}},
        "attachments": {"data": [{"media_type": "photo", "media": {"src": "https://cdn.example/a.jpg?oh=s3cr3t&oe=1"}}]},
    }  # fmt: skip
    page = _page(lambda _: httpx.Response(200, json={"data": [row]}))
    until = datetime(2026, 11, 22, tzinfo=UTC)
    (content,) = [
        record for record in page.collect(Stream.POSTS, since=until - timedelta(days=30), until=until)
        if isinstance(record, ContentRecord)
    ]  # fmt: skip
    assert "s3cr3t" not in str(content)
    assert content.payload["attachments"]["data"][0]["media"]["src"] == "https://cdn.example/a.jpg"
    assert content.payload["message"] == row["message"]


@pytest.mark.parametrize(
    ("value", "wanted"),
    [({"like": 2, "love": 1}, 3.0), ({"paid": 1, "organic": None}, None), ({"all": {"paid": 4}}, None),
     ({"like": 2, "new": {"nested": [1, None]}}, 2.0), ({}, 0.0), ({"like": 2, "new": {}}, 2.0), ([4], None), (True, None), ("12", 12.0), ("12k", None)],
)  # fmt: skip
def test_an_object_is_summed_only_when_every_part_is_a_number(value: object, wanted: float | None) -> None:
    assert number(value) == wanted


def test_a_window_over_the_end_of_summer_time_stays_below_ninety_days() -> None:
    spans: list[int] = []

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/insights"):
            spans.append(int(request.url.params["until"]) - int(request.url.params["since"]))
        return httpx.Response(200, json={"data": []})

    until = datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert list(_page(answer).collect(Stream.ACCOUNT, since=until - timedelta(days=120), until=until))
    assert spans
    assert max(spans) <= 90 * 86_400


@pytest.mark.parametrize("body", [{}, [], {"id": None}, {"post": "1"}])
def test_an_answer_without_an_id_after_sending_is_unknown(body: Any) -> None:
    page = connector(
        "1", "Page", CredentialHolder(Credential("t")), endpoints(Vendor.FACEBOOK),
        transport=httpx.MockTransport(lambda _: httpx.Response(200, json=body)), sleep=lambda _: None,
    )  # fmt: skip
    with pytest.raises(OutcomeUnknown, match="post key-1"):
        page.publish(OutgoingPost("key-1", Vendor.FACEBOOK, "1", "Text"), MemoryPhases())


def test_a_refused_name_is_retired_or_only_not_supported() -> None:
    def refused(cause: str, code: str = "100") -> Rejected:
        return Rejected("Instagram", account="1", cause=cause, next_step="x", code=code)

    said = {
        "gone": refused("(#100) The value must be a valid insights metric: gone"),
        "other": refused(
            "(#100) The Media Insights API does not support the other metric for this media product type."
        ),
        "shut": PermissionMissing("Instagram", account="1", cause="x", next_step="x", code="10"),
    }

    def probe(name: str) -> None:
        if name in said:
            raise said[name]

    asked = [Asked(name, name) for name in ("fine", *said)]
    verdicts = Verdicts()
    verdicts.settle(asked, probe, refused("one of them"))
    assert verdicts.refused == {
        "gone": ObservationState.RETIRED, "other": ObservationState.UNSUPPORTED, "shut": ObservationState.UNAVAILABLE,
    }  # fmt: skip
    assert [one.name for one in verdicts.live(asked)] == ["fine"]
    with pytest.raises(Rejected, match="no name"):
        verdicts.settle(asked, probe, refused("no name is to blame"))
    with pytest.raises(Rejected, match="blocked"):
        verdicts.settle(asked, probe, refused("blocked", "368"))


def test_field_expansion_is_read_and_broken_ones_are_refused() -> None:
    fields = parse_fields("id,insights.metric(a,b).period(lifetime){name, values},comments.limit(0).summary(true)")
    assert [field.name for field in fields] == ["id", "insights", "comments"]
    assert fields[1].modifiers == {"metric": "a,b", "period": "lifetime"}
    assert [field.name for field in fields[1].below] == ["name", "values"]
    for broken in ("id,{x}", "a{b", "a.b", "a}b", "a b(c)", ","):
        with pytest.raises(GraphError):
            parse_fields(broken)
