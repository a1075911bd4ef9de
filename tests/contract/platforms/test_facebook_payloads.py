"""Recorded answers of Meta, read by what reads them in the connectors."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.answers import Answer, Limit
from connectors.credentials import CredentialHolder
from connectors.endpoints import endpoints
from connectors.http import Effect
from connectors.readings import Account
from connectors.social.facebook.publish import published_id, video_state
from connectors.social.facebook.rows import records_of
from connectors.social.instagram import rows as instagram
from connectors.social.instagram.containers import State, container_of
from connectors.social.instagram.discovery import rival_of
from connectors.social.instagram.publish import allowance_of
from connectors.social.meta.authorizer import read_account, read_token_info
from connectors.social.meta.errors import classify
from connectors.social.meta.graph import Graph, page_of
from connectors.social.meta.insights import asked_for, daily_values, lifetime_values, number
from connectors.social.meta.usage import read_limits
from connectors.social.oauth import credential_of
from models.domain.connection import Credential, Vendor
from models.domain.content import ContentRecord, Observation, ObservationState, Owner
from models.domain.social import Platform
from models.errors import AuthExpired, PermissionMissing, Rejected

PAYLOADS = Path(__file__).resolve().parents[3].parent / "shared" / "payloads"
NOW = datetime(2026, 11, 22, tzinfo=UTC)
USER = Credential("user-token", expires_at=NOW)
PAGE = Account(Platform.FACEBOOK, "4", "A page", NOW)
IG = Account(Platform.INSTAGRAM, "17841406338772941", "An account", NOW)


def answer_of(document: Any, status: int = 400, headers: dict[str, str] | None = None) -> Answer:
    return Answer(
        status, httpx.Headers(headers or {}), json.dumps(document).encode(), NOW, "https://graph.facebook.com/x"
    )


def refused(document: Any) -> tuple[type, str]:
    refusal = classify(answer_of(document))
    assert refusal is not None
    assert refusal.code is not None
    return refusal.kind, refusal.code


def accounts_of(document: Any) -> list[tuple[str, str, str]]:
    found = [read_account(Vendor.FACEBOOK, row, USER) for row in page_of(document).rows]
    return [(one.account_id, one.name, one.credential.access_token) for one in found if one]


def limits_of(document: Any) -> list[Limit]:
    headers = {name: json.dumps(value) for name, value in document.items()}
    return list(read_limits(answer_of({}, 200, headers)))


def posts_of(document: Any) -> Any:
    page = page_of(document)
    records = [
        record for row in page.rows for record in records_of(row, PAGE, asked_for(Platform.FACEBOOK, "post", NOW), {})
    ]
    contents = [row for row in records if isinstance(row, ContentRecord)]
    states = {row.state for row in records if isinstance(row, Observation)}
    return len(contents), contents[0].entity_id, contents[0].published_at, contents[0].body, states, page.following


def single_post(document: Any) -> Any:
    records = list(records_of(document, PAGE, asked_for(Platform.FACEBOOK, "post", NOW), {}))
    content = next(row for row in records if isinstance(row, ContentRecord))
    seen = {row.metric: row.value for row in records if isinstance(row, Observation)}
    return content.entity_id, content.content_type, content.url, seen["comments"], seen["shares"], seen["reactions"]


def token_of(document: Any) -> Any:
    credential = credential_of(document, NOW)
    assert credential.expires_at is not None
    return credential.access_token, (credential.expires_at - NOW).days


def made_id(document: Any) -> str:
    """What the client takes from the answer to a call that makes something."""
    transport = httpx.MockTransport(lambda _: httpx.Response(200, json=document))
    graph = Graph(endpoints(Vendor.INSTAGRAM), IG.id, CredentialHolder(Credential("t")), transport=transport)
    return graph.new_id(f"{IG.id}/media", Effect.STAGE, "key", data={})


def media_of(document: Any) -> Any:
    page = page_of(document)
    contents = [instagram.content_of(row, IG) for row in page.rows]
    kinds = [
        (row.content_type, instagram.media_count(row.payload), row.published_at and row.published_at.year)
        for row in contents
    ]
    return kinds, page.following is not None


FACEBOOK: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "error": (refused, (PermissionMissing, "100")),
    "error_190_invalid_token": (refused, (AuthExpired, "190/458")),
    "error_data": (refused, (PermissionMissing, "100")),
    "error_generic_shape": (refused, (AuthExpired, "190/460")),
    "headers_rate_limit": (
        limits_of,
        [Limit("percent of the app's calls", 84.0, 100.0), Limit("percent of the pages calls", 99.0, 100.0)],
    ),
    "insights_page_day": (
        lambda document: list(daily_values(document["data"])),
        [
            ("page_impressions_unique", datetime(2020, 3, 10, 7, tzinfo=UTC), 66226.0),
            ("page_impressions_unique", datetime(2020, 3, 11, 7, tzinfo=UTC), 78037.0),
        ],
    ),
    "long_term_token": (token_of, ("token", 60)),
    "me_accounts_p1": (
        lambda document: (len(accounts_of(document)), accounts_of(document)[0], page_of(document).following),
        (4, ("123", "AAAAAAAAA", "access_token"), {"after": "after", "summary": "1"}),
    ),
    "page_default_fields": (
        lambda document: number(document.get("followers_count")), None,
    ),
    "page_feed_p1": (
        posts_of,
        (
            5, "4_10113477241177441", datetime(2021, 7, 4, 19, 50, 58, tzinfo=UTC), "Happy July 4th! 🇺🇸",
            {ObservationState.UNAVAILABLE},
            {"until": "1624385168", "since": "", "__paging_token": "__paging_token", "__previous": ""},
        ),
    ),
    "single_post_data": (
        single_post,
        ("175154750010052_424924701699721", "text", "https://www.facebook.com/175154750010052/posts/424924701699721",
         0.0, None, None),
    ),
    "token_info": (
        lambda document: read_token_info(document, USER).scopes,
        ("email", "read_insights", "manage_pages", "pages_show_list", "public_profile"),
    ),
    "user_accounts_token": (accounts_of, [("2121008874780932", "MyLife", "access_token")]),
    "video_info_fields": (lambda document: (video_state(document), published_id(document)), ("", "")),
}  # fmt: skip

INSTAGRAM: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "discovery_user_fields": (
        lambda document: (rival_of(document["business_discovery"], NOW).id, rival_of(document["business_discovery"], NOW).owner,
                          number(document["business_discovery"]["followers_count"])),
        ("17841407673135339", Owner.COMPETITOR, 64976.0),
    ),
    "error_36000_image_too_large": (refused, (Rejected, "36000/2207004")),
    "medias_insights": (
        lambda document: lifetime_values(document["data"]), {"impressions": 8.0, "reach": 5.0, "saved": 0.0},
    ),
    "publish_container_info": (lambda document: container_of("c", document).state, State.FINISHED),
    "publish_containers_info": (
        lambda document: {name: container_of(name, row).state for name, row in document.items()},
        {"17883019676403955": State.FINISHED, "17966279578433554": State.FINISHED},
    ),
    "publish_create_photo": (made_id, "17889455560051444"),
    "publish_create_video": (made_id, "17889455560051447"),
    "publish_publish_container": (made_id, "17920238422030506"),
    "publish_publish_limit_resp": (allowance_of, Limit("posts of 24 hours", 25.0, 25.0)),
    "users_content_publish_limit": (allowance_of, Limit("posts of 24 hours", 25.0, 25.0)),
    "users_medias_p1": (media_of, ([("photo", 1, 2021), ("photo", 1, 2021)], True)),
    "users_medias_p2": (media_of, ([("carousel", 3, 2021), ("photo", 1, 2021)], False)),
    "users_user_fields": (
        lambda document: number(document["followers_count"]), 64363.0,
    ),
    "users_user_insights": (
        lambda document: [(name, end.day, value) for name, end, value in daily_values(document["data"])],
        [("impressions", 4, 4.0), ("impressions", 5, 66.0), ("reach", 4, 3.0), ("reach", 5, 36.0),
         ("profile_views", 4, 0.0), ("profile_views", 5, 2.0)],
    ),
}  # fmt: skip
CASES = [("facebook", name, *case) for name, case in FACEBOOK.items()] + [
    ("instagram", name, *case) for name, case in INSTAGRAM.items()
]


@pytest.mark.parametrize(("folder", "name", "read", "wanted"), CASES, ids=[f"{case[0]}-{case[1]}" for case in CASES])
def test_recorded_answers_are_read_right(folder: str, name: str, read: Callable[[Any], Any], wanted: Any) -> None:
    path = PAYLOADS / folder / f"{name}.json"
    if not path.exists():
        pytest.skip("../shared is absent: recorded answers stand beside the project, not in it")
    assert read(json.loads(path.read_text(encoding="utf-8"))) == wanted


def test_no_recorded_answer_is_left_out() -> None:
    if not PAYLOADS.is_dir():
        pytest.skip("../shared is absent: recorded answers stand beside the project, not in it")
    there = {
        (path.parent.name, path.stem) for folder in ("facebook", "instagram") for path in (PAYLOADS / folder).iterdir()
    }
    assert there == {(folder, name) for folder, name, _, _ in CASES}
