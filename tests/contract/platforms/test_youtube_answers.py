"""Every recorded answer of YouTube, read by the code that reads it in life; limits and forms at their edges."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.answers import Answer, Refusal
from connectors.readings import Account
from connectors.social.oauth import credential_of
from connectors.social.youtube.channel import items, page
from connectors.social.youtube.collect import segment_name
from connectors.social.youtube.errors import classify, next_midnight
from connectors.social.youtube.limits import tag_length, validate
from connectors.social.youtube.reports import rows_of
from connectors.social.youtube.upload import read_progress
from connectors.social.youtube.videos import content as content_of
from connectors.social.youtube.videos import content_type, count, counts, duration
from models.domain.connection import Vendor
from models.domain.content import ObservationState
from models.domain.publishing import Media, MediaKind, OutgoingPost
from models.domain.social import Platform
from models.errors import (
    AuthExpired,
    PermissionMissing,
    QuotaExhausted,
    RateLimited,
    Rejected,
    VendorError,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ACCOUNT = Account(Platform.YOUTUBE, "UC_x5XG1OV2P6uZZ5FSM9Ttw", "Google Developers", NOW)


@pytest.fixture(scope="module")
def recorded() -> Callable[[str], Any]:
    folder = Path(__file__).resolve().parents[4] / "shared" / "payloads" / "youtube"
    if not folder.is_dir():
        pytest.skip("../shared is absent")

    def read(name: str) -> Any:
        return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))

    read.names = sorted(path.stem for path in folder.glob("*.json"))  # type: ignore[attr-defined]
    return read


def answer(
    status: int, document: object, *, url: str = "https://youtube.googleapis.com/youtube/v3/videos", **headers: str
) -> Answer:
    return Answer(status, httpx.Headers(headers), json.dumps(document).encode(), NOW, url)


def refused(status: int, document: object) -> Refusal:
    found = classify(answer(status, document))
    assert found is not None
    return found


READERS: dict[str, str] = {
    "access_token": "credential",
    "analytics_reports_query_by_day": "table",
    "analytics_reports_query_by_video": "table",
    "channel_info_single": "channel",
    "channels_info": "channel",
    "comment_threads_comment_thread_single": "another form",
    "error_400_uploadLimitExceeded": "refusal",
    "error_permission_resp": "refusal",
    "error_response": "refusal",
    "error_response_simple": "refusal",
    "playlist_items_playlist_items_paged_1": "uploads",
    "playlist_items_playlist_items_paged_2": "uploads",
    "search_search_videos_by_channel": "another form",
    "videos_insert_response": "insert",
    "videos_videos_info_single": "video",
}


def test_no_recorded_answer_is_left_out(recorded) -> None:
    assert recorded.names == sorted(READERS)


def test_the_token_answer(recorded) -> None:
    credential = credential_of(recorded("access_token"), datetime.now(UTC))
    assert (credential.access_token, credential.refresh_token) == ("access_token", "refresh_token")
    assert credential.scopes == (
        "https://www.googleapis.com/auth/youtube",
        "https://www.googleapis.com/auth/userinfo.profile",
    )
    assert credential.expires_at is not None
    assert abs(credential.expires_at - datetime.now(UTC) - timedelta(seconds=3599)) < timedelta(minutes=1)


def test_report_tables_are_read_by_header_name(recorded) -> None:
    assert rows_of(recorded("analytics_reports_query_by_day")) == [
        {"day": "2025-03-12", "views": 4},
        {"day": "2025-03-15", "views": 2},
    ]
    table = recorded("analytics_reports_query_by_video")
    assert rows_of(table) == [{"video": "VIDEO_ID", "views": 0, "estimatedMinutesWatched": 0.0}]
    turned = {**table, "columnHeaders": table["columnHeaders"][::-1], "rows": [row[::-1] for row in table["rows"]]}
    assert rows_of(turned) == rows_of(table), "the order of columns does not matter"
    assert rows_of({name: value for name, value in table.items() if name != "rows"}) == []


@pytest.mark.parametrize(("name", "subscribers"), [("channel_info_single", 1_927_873.0), ("channels_info", None)])
def test_channels(recorded, name, subscribers) -> None:
    (row,) = items(page(recorded(name), "youtube#channelListResponse"))
    assert (row["id"], row["snippet"]["title"]) == (ACCOUNT.id, "Google Developers")
    assert count((row.get("statistics") or {}).get("subscriberCount")) == subscribers


@pytest.mark.parametrize(
    ("name", "number", "token"),
    [("playlist_items_playlist_items_paged_1", 10, "CAoQAA"), ("playlist_items_playlist_items_paged_2", 3, None)],
)
def test_pages_of_uploads(recorded, name, number, token) -> None:
    listed = page(recorded(name), "youtube#playlistItemListResponse")
    assert (len(items(listed)), listed.get("nextPageToken")) == (number, token)
    assert all(row["snippet"]["resourceId"]["videoId"] for row in items(listed))


def test_a_video_is_content_with_what_it_tells(recorded) -> None:
    (row,) = items(page(recorded("videos_videos_info_single"), "youtube#videoListResponse"))
    content = content_of(ACCOUNT, row)
    assert (content.entity_id, content.title) == ("D-lhorsDlUQ", "What are Actions on Google (Assistant on Air)")
    assert content.published_at == datetime(2019, 3, 21, 20, 37, 49, tzinfo=UTC)
    assert content.url == "https://www.youtube.com/watch?v=D-lhorsDlUQ"
    assert (content.content_type, len(content.tags), content.payload) == ("video", 20, row)
    assert content.body is not None
    assert content.body.startswith("In the first episode of Assistant on Air")
    readings = list(counts(ACCOUNT, row))
    assert {o.metric: (o.value, o.state) for o in readings} == dict.fromkeys(
        ("views", "reactions", "comments"), (None, ObservationState.UNAVAILABLE)
    ), "it was asked for without statistics: not told is not zero"


def test_the_answer_to_the_last_part_names_the_video(recorded) -> None:
    progress = read_progress(answer(200, recorded("videos_insert_response")))
    assert progress is not None
    assert progress.resource is not None
    assert progress.resource["id"] == "D-lhorsDlUQ"


@pytest.mark.parametrize("name", ["comment_threads_comment_thread_single", "search_search_videos_by_channel"])
def test_an_answer_of_another_kind_is_not_taken_for_videos(recorded, name) -> None:
    """Search cuts descriptions and escapes titles, and comments are no posts: neither is read as one."""
    document = recorded(name)
    for kind in ("youtube#videoListResponse", "youtube#playlistItemListResponse"):
        with pytest.raises(ValueError, match=document["kind"]):
            page(document, kind)


@pytest.mark.parametrize(
    ("name", "status", "kind", "code"),
    [
        ("error_400_uploadLimitExceeded", 400, QuotaExhausted, "uploadLimitExceeded"),
        ("error_permission_resp", 403, PermissionMissing, "SERVICE_UNAVAILABLE"),
        ("error_response", 400, PermissionMissing, "keyInvalid"),
        ("error_response_simple", 400, Rejected, "error message"),
    ],
)
def test_recorded_refusals(recorded, name, status, kind, code) -> None:
    found = refused(status, recorded(name))
    assert (found.kind, found.code) == (kind, code)
    if kind is QuotaExhausted:
        assert found.until is not None
        assert timedelta(hours=23) < found.until - datetime.now(UTC) < timedelta(hours=25)


@pytest.mark.parametrize(
    ("status", "reason", "message", "kind"),
    [
        (403, "quotaExceeded", 'over <a href="/q">quota</a>', QuotaExhausted),
        (403, "rateLimitExceeded", "Rate Limit Exceeded", RateLimited),
        (429, "rateLimitExceeded", "Quota exceeded … limit 'Video Uploads per day'", QuotaExhausted),
        (401, "authError", "Invalid Credentials", AuthExpired),
        (401, "somethingNew", "Who are you", AuthExpired),
        (403, "insufficientPermissions", "Insufficient Permission", PermissionMissing),
        (400, "invalidTitle", "bad title", Rejected),
        (400, "badRequest", "Unknown identifier (x) given in field parameters.metrics.", Rejected),
        (404, "videoNotFound", "gone", Rejected),
    ],
)
def test_reasons(status: int, reason: str, message: str, kind: type[VendorError]) -> None:
    found = refused(
        status,
        {
            "error": {
                "code": status,
                "message": message,
                "errors": [{"domain": "global", "reason": reason, "message": message}],
            }
        },
    )
    assert (found.kind, found.code) == (kind, reason)
    assert "<a" not in found.cause


@pytest.mark.parametrize(("error", "kind"), [("invalid_grant", AuthExpired), ("invalid_client", Rejected)])
def test_refusals_of_the_token_endpoint(error: str, kind: type[VendorError]) -> None:
    assert refused(400, {"error": error, "error_description": "Bad Request"}).kind is kind


def test_what_the_status_alone_says_is_left_to_the_client() -> None:
    assert classify(answer(200, {"items": []})) is None
    assert classify(answer(308, {})) is None
    assert classify(answer(503, {"error": {"code": 503, "message": "x", "status": "UNAVAILABLE"}})) is None


@pytest.mark.parametrize(
    "moment",
    [datetime(2026, 11, 20, 12, tzinfo=UTC), datetime(2026, 3, 8, 9, tzinfo=UTC), datetime(2026, 11, 1, 8, tzinfo=UTC)],
)
def test_the_quotas_day_ends_at_midnight_pacific_over_clock_changes_too(moment: datetime) -> None:
    end = next_midnight(moment)
    assert (end.hour, end.minute) == (0, 0)
    assert timedelta(0) < end.astimezone(UTC) - moment <= timedelta(hours=25)


@pytest.mark.parametrize(
    ("status", "headers", "received"),
    [(308, {"range": "bytes=0-524287"}, 524_288), (308, {}, 0), (308, {"range": "bytes=0-junk"}, 0)],
)
def test_what_an_unfinished_session_says(status: int, headers: dict[str, str], received: int) -> None:
    progress = read_progress(answer(status, {}, **headers))
    assert progress is not None
    assert (progress.received, progress.resource) == (received, None)


def test_a_strange_answer_of_a_session_says_nothing() -> None:
    assert read_progress(Answer(200, httpx.Headers(), b"<html>sign in</html>", NOW, "https://x")) is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("PT58S", 58), ("PT1M30S", 90), ("PT1H", 3600), ("P1DT2H", 93_600), ("P0D", 0), ("soon", None), (None, None)],
)
def test_durations(text: str | None, seconds: int | None) -> None:
    assert duration(text) == (None if seconds is None else timedelta(seconds=seconds))


@pytest.mark.parametrize(
    ("length", "wide", "high", "expected"),
    [
        ("PT58S", 1080, 1920, "short"),
        ("PT3M", 1080, 1080, "short"),
        ("PT3M1S", 1080, 1920, "video"),
        ("PT58S", 1920, 1080, "video"),
        ("PT58S", None, None, "video"),
    ],
)
def test_a_short_is_upright_and_at_most_three_minutes(
    length: str, wide: int | None, high: int | None, expected: str
) -> None:
    streams = [{"widthPixels": wide, "heightPixels": high}] if wide else []
    assert content_type({"contentDetails": {"duration": length}, "fileDetails": {"videoStreams": streams}}) == expected


@pytest.mark.parametrize(
    ("dimension", "value", "name"),
    [
        ("ageGroup", "age18-24", "18-24"),
        ("ageGroup", "age65-", "65+"),
        ("gender", "female", "F"),
        ("gender", "user_specified", "U"),
    ],
)
def test_segments_have_the_names_of_the_other_platforms(dimension: str, value: str, name: str) -> None:
    assert segment_name(dimension, value) == name


CLIP = Media(MediaKind.VIDEO, "clip.mp4", "video/mp4", 1_000, "0" * 64, 1920, 1080, 60.0)
THUMB = Media(MediaKind.IMAGE, "thumb.jpg", "image/jpeg", 1_000, "1" * 64, 1280, 720)
FINE = OutgoingPost("k", Vendor.YOUTUBE, "UC1", "A text", "A title", media=(CLIP,))


def changed(**changes: Any) -> OutgoingPost:
    return OutgoingPost(**{**{name: getattr(FINE, name) for name in FINE.__dataclass_fields__}, **changes})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({}, None),
        ({"title": "t" * 100, "text": "é" * 2_500, "media": (CLIP, THUMB)}, None),
        ({"options": {"tags": "a b," + "t" * 494}}, None),
        ({"options": {"publish_at": "2099-01-01T00:00:00+00:00"}}, None),
        ({"title": " "}, "title"),
        ({"title": "t" * 101}, "title"),
        ({"title": "a > b"}, "title"),
        ({"text": "é" * 2_501}, "text"),
        ({"text": "x" * 4_990, "link": "https://sample-brand.example"}, "text"),
        ({"text": "<b>"}, "text"),
        ({"options": {"tags": "a b," + "t" * 495}}, "tags"),
        ({"options": {"tags": "<a"}}, "tags"),
        ({"options": {"privacy": "friends"}}, "privacy"),
        ({"options": {"publish_at": "2099-01-01T00:00:00+00:00", "privacy": "public"}}, "publish_at"),
        ({"options": {"publish_at": "2020-01-01T00:00:00+00:00"}}, "publish_at"),
        ({"options": {"publish_at": "2099-01-01T00:00:00"}}, "publish_at"),
        ({"options": {"publish_at": "soon"}}, "publish_at"),
        ({"media": ()}, "media"),
        ({"media": (CLIP, CLIP)}, "media"),
        ({"media": (CLIP, THUMB, THUMB)}, "media"),
        ({"media": (Media(MediaKind.VIDEO, "c", "text/plain", 5, "0" * 64),)}, "media"),
        ({"media": (Media(MediaKind.VIDEO, "c", "video/mp4", 0, "0" * 64),)}, "media"),
        ({"media": (Media(MediaKind.VIDEO, "c", "video/mp4", 274_877_906_945, "0" * 64),)}, "media"),
        ({"media": (Media(MediaKind.VIDEO, "c", "video/mp4", 5, "0" * 64, duration_seconds=43_201),)}, "media"),
        ({"media": (CLIP, Media(MediaKind.IMAGE, "t", "image/webp", 5, "1" * 64))}, "media"),
        ({"media": (CLIP, Media(MediaKind.IMAGE, "t", "image/png", 52_428_801, "1" * 64))}, "media"),
    ],
)  # fmt: skip
def test_each_limit(changes: dict[str, Any], field: str | None) -> None:
    problems = validate(changed(**changes))
    assert [problem.field for problem in problems] == ([] if field is None else [field])
    assert all(problem.source for problem in problems)


def test_tags_count_as_the_vendor_counts_them() -> None:
    assert tag_length(["Foo Baz"]) == 9, "a tag with a space counts its quotation marks"
    assert tag_length(["Foo", "Baz"]) == 7, "the comma between counts"
