"""Meta's official Python client reads the sandbox and publishes to it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.sandbox.world import World
from models.domain.connection import Vendor
from tests.contract.platforms.kit import image, sign_in

pytestmark = pytest.mark.judge
sdk = pytest.importorskip("facebook_business", reason="the official client is not installed")

from facebook_business.adobjects.iguser import IGUser  # noqa: E402
from facebook_business.adobjects.page import Page  # noqa: E402
from facebook_business.adobjects.pagepost import PagePost  # noqa: E402
from facebook_business.adobjects.user import User  # noqa: E402
from facebook_business.api import FacebookAdsApi  # noqa: E402
from facebook_business.exceptions import FacebookRequestError  # noqa: E402
from facebook_business.session import FacebookSession  # noqa: E402

NOW = datetime(2026, 11, 22, 15, 30, tzinfo=UTC)
PAGE = "104500000000001"
ACCOUNT = "17841400000000001"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    world = World(clock=Clock(NOW), posts={Vendor.FACEBOOK: 60, Vendor.INSTAGRAM: 60})
    with running_sandbox(world, vendors=[Vendor.FACEBOOK, Vendor.INSTAGRAM]) as running:
        yield running


def client(sandbox: RunningSandbox, vendor: Vendor, monkeypatch: pytest.MonkeyPatch, *, user: bool = False) -> Any:
    """The official client with the sandbox in place of graph.facebook.com."""
    monkeypatch.setattr(FacebookSession, "GRAPH", f"{sandbox.url}/{vendor.value}")
    held = sign_in(sandbox, vendor).credential
    token = held.refresh_token if user else held.access_token
    session = FacebookSession(app_id="sandbox-client", app_secret="sandbox-secret", access_token=token)
    session.requests.trust_env = False
    return FacebookAdsApi(session)


def test_it_lists_the_pages_of_a_person(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    api = client(sandbox, Vendor.FACEBOOK, monkeypatch, user=True)
    (page,) = list(User("me", api=api).get_accounts(fields=["id", "name", "access_token"]))
    assert page["id"] == PAGE
    assert page["access_token"]


def test_it_pages_through_posts_with_nested_insights(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(PAGE, api=client(sandbox, Vendor.FACEBOOK, monkeypatch))
    fields = [
        "id",
        "message",
        "created_time",
        "permalink_url",
        "insights.metric(post_media_view,post_reactions_by_type_total)",
    ]
    found = list(page.get_published_posts(fields=fields, params={"limit": 25}))
    posts = sandbox.world.between(Vendor.FACEBOOK, None)
    assert [row["id"] for row in found] == [post.id for post in posts]
    for row, post in zip(found, posts, strict=True):
        views, reactions = row["insights"]["data"]
        truth = sandbox.world.readings(post)
        assert views["values"][0]["value"] == truth["views"]
        assert sum(reactions["values"][0]["value"].values()) == truth["reactions"]


def test_it_reads_insights_of_a_page_and_a_post(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    api = client(sandbox, Vendor.FACEBOOK, monkeypatch)
    params = {"metric": ["page_follows", "page_post_engagements"], "period": "day", "since": int((NOW - timedelta(days=8)).timestamp()),
              "until": int(NOW.timestamp())}  # fmt: skip
    rows = list(Page(PAGE, api=api).get_insights(params=params))
    assert [row["name"] for row in rows] == ["page_follows", "page_post_engagements"]
    assert len(rows[0]["values"]) == 8
    post = sandbox.world.history(Vendor.FACEBOOK)[0]
    (clicks,) = list(PagePost(post.id, api=api).get_insights(params={"metric": ["post_clicks"]}))
    assert clicks["values"][0]["value"] == sandbox.world.readings(post)["clicks"]
    with pytest.raises(FacebookRequestError) as refused:
        list(Page(PAGE, api=api).get_insights(params={"metric": ["page_impressions"], "period": "day"}))
    assert refused.value.api_error_code() == 100
    assert "valid insights metric" in (refused.value.api_error_message() or "")


def test_it_publishes_text_and_photos(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    page = Page(PAGE, api=client(sandbox, Vendor.FACEBOOK, monkeypatch))
    made = page.create_feed(params={"message": "From the official client"})
    post = sandbox.world.post(Vendor.FACEBOOK, made["id"])
    assert post is not None
    assert post.text == "From the official client"
    with pytest.raises(FacebookRequestError) as repeated:
        page.create_feed(params={"message": "From the official client"})
    assert repeated.value.api_error_code() == 506

    def upload(name: str, **params: Any) -> Any:
        photo = image(tmp_path / name)
        api = page.get_api_assured()
        with Path(photo.path).open("rb") as handle:
            return api.call("POST", (PAGE, "photos"), params=params, files={"source": handle}).json()

    direct = upload("direct.jpg", message="One photo at once")
    assert sandbox.world.post(Vendor.FACEBOOK, direct["post_id"]) is not None
    staged = [upload(f"{n}.jpg", published=False)["id"] for n in range(2)]
    several = page.create_feed(
        params={"message": "Two photos", "attached_media": [{"media_fbid": photo} for photo in staged]}
    )
    album = sandbox.world.post(Vendor.FACEBOOK, several["id"])
    assert album is not None
    assert len(album.media) == 2


def test_it_understands_limits_and_tokens(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    page = Page(PAGE, api=client(sandbox, Vendor.FACEBOOK, monkeypatch))
    sandbox.world.faults.add(Fault(FaultKind.THROTTLED, Vendor.FACEBOOK))
    with pytest.raises(FacebookRequestError) as limited:
        page.api_get(fields=["name"])
    assert (limited.value.http_status(), limited.value.api_error_code(), limited.value.api_transient_error()) == (
        400,
        32,
        True,
    )
    sandbox.world.faults.add(Fault(FaultKind.TOKEN_EXPIRED, Vendor.FACEBOOK))
    with pytest.raises(FacebookRequestError) as ended:
        page.api_get(fields=["name"])
    assert (ended.value.api_error_code(), ended.value.api_error_subcode()) == (190, 463)
    assert page.api_get(fields=["name", "followers_count"])["followers_count"] == sandbox.world.followers(
        Vendor.FACEBOOK
    )


def test_it_reads_instagram_media_insights_and_a_competitor(
    sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = IGUser(ACCOUNT, api=client(sandbox, Vendor.INSTAGRAM, monkeypatch))
    fields = ["id", "caption", "media_type", "timestamp", "like_count", "permalink"]
    found = list(account.get_media(fields=fields, params={"limit": 25}))
    assert [row["id"] for row in found] == [post.id for post in sandbox.world.between(Vendor.INSTAGRAM, None)]
    (views,) = list(found[0].get_insights(params={"metric": ["views"]}))
    assert (
        views["values"][0]["value"] == sandbox.world.readings(sandbox.world.between(Vendor.INSTAGRAM, None)[0])["views"]
    )
    (reach,) = list(account.get_insights(params={
        "metric": ["reach"], "period": ["day"], "metric_type": "time_series",
        "since": int((NOW - timedelta(days=5)).timestamp()), "until": int(NOW.timestamp()),
    }))  # fmt: skip
    assert len(reach["values"]) == 5
    (allowance,) = list(account.get_content_publishing_limit(fields=["quota_usage", "config"]))
    assert allowance["config"]["quota_total"] == 100
    wanted = "business_discovery.username(rivalbrand){followers_count,media_count,media.limit(3){caption,like_count}}"
    rival = account.api_get(fields=[wanted])["business_discovery"]
    assert rival["followers_count"] == 31_200
    assert len(rival["media"]["data"]) == 3


def test_it_publishes_on_instagram(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import threading
    from functools import partial
    from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

    account = IGUser(ACCOUNT, api=client(sandbox, Vendor.INSTAGRAM, monkeypatch))
    photo = image(tmp_path / "p.jpg")
    monkeypatch.setattr(SimpleHTTPRequestHandler, "log_message", lambda *_: None)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.server_address[1]}/p.jpg"
        container = account.create_media(params={"image_url": address, "caption": "By the official client"})
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
    made = account.create_media_publish(params={"creation_id": int(container["id"])})
    post = sandbox.world.post(Vendor.INSTAGRAM, made["id"])
    assert post is not None
    assert post.media == (photo.sha256,)
