"""X's official Python client reads and writes the sandbox; its models refuse what does not look like X."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.sandbox.server import RunningSandbox, running_sandbox
from models.domain.connection import Vendor
from tests.contract.platforms.kit import image, sign_in, video

pytestmark = pytest.mark.judge
xdk = pytest.importorskip("xdk", reason="xdk is absent: install the dependency group judges")
pytest.importorskip("xdk.media.models")

ME = "1500000000000000001"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(vendors=[Vendor.X]) as running:
        yield running


@pytest.fixture
def client(sandbox: RunningSandbox) -> Any:
    token = sign_in(sandbox, Vendor.X).credential.access_token
    return xdk.Client(base_url=f"{sandbox.url}/x", access_token=token)


def test_the_official_client_pages_through_the_account(client: Any, sandbox: RunningSandbox) -> None:
    pages = list(
        client.users.get_posts(
            ME, max_results=50, post_fields=["created_at", "public_metrics", "attachments", "entities"],
            expansions=["attachments.media_keys"], media_fields=["media_key", "type"],
        )
    )  # fmt: skip
    rows = [row for page in pages for row in page.data]
    truth = sandbox.world.between(Vendor.X, None)
    assert len(pages) == 3
    assert [row.id for row in rows] == [post.id for post in truth]
    for row, post in zip(rows, truth, strict=True):
        earned = sandbox.world.readings(post)
        assert row.public_metrics.repost_count == earned["reposts"]
        assert row.public_metrics.quote_count == earned["quotes"]
        assert row.public_metrics.like_count == earned["reactions"]
        assert row.public_metrics.impression_count == earned["impressions"]
        assert abs(datetime.fromisoformat(row.created_at) - post.published_at) < timedelta(milliseconds=1)


def test_the_official_client_reads_private_numbers_and_what_is_missing(client: Any, sandbox: RunningSandbox) -> None:
    newest, *_, oldest = sandbox.world.between(Vendor.X, None)
    answer = client.posts.get_by_ids([newest.id, oldest.id, "42"], post_fields=["non_public_metrics"])
    assert [row.id for row in answer.data] == [newest.id, oldest.id]
    assert answer.data[0].non_public_metrics["url_link_clicks"] == sandbox.world.readings(newest)["clicks"]
    assert answer.data[1].non_public_metrics is None
    assert len(answer.errors) == 2


def test_the_official_client_knows_the_account(client: Any, sandbox: RunningSandbox) -> None:
    me = client.users.get_me(user_fields=["public_metrics"])
    assert me.data.id == ME
    assert me.data.public_metrics.followers_count == sandbox.world.followers(Vendor.X)


def test_the_official_client_publishes_with_media(client: Any, sandbox: RunningSandbox, tmp_path: Path) -> None:
    wanted = xdk.media.models
    picture, film = image(tmp_path / "a.jpg"), video(tmp_path / "b.mp4")
    shot = client.media.upload(
        wanted.UploadRequest(
            media=base64.b64encode(Path(picture.path).read_bytes()).decode(), media_category="tweet_image"
        )
    )
    made = client.posts.create(
        xdk.posts.models.CreateRequest(text="By the official client", media={"media_ids": [shot.data.id]})
    )
    stored = sandbox.world.post(Vendor.X, made.data.id)
    assert stored is not None
    assert stored.media == (picture.sha256,)
    opened = client.media.initialize_upload(
        wanted.InitializeUploadRequest(media_category="tweet_video", media_type="video/mp4", total_bytes=film.size)
    )
    part = base64.b64encode(Path(film.path).read_bytes()).decode()
    client.media.append_upload(opened.data.id, wanted.AppendUploadRequest(media=part, segment_index=0))
    assert client.media.finalize_upload(opened.data.id).data.processing_info.state == "pending"
    states = [client.media.get_upload_status(opened.data.id).data.processing_info.state for _ in range(2)]
    assert states == ["in_progress", "succeeded"]
    posted = client.posts.create(xdk.posts.models.CreateRequest(text="A film", media={"media_ids": [opened.data.id]}))
    stored = sandbox.world.post(Vendor.X, posted.data.id)
    assert stored is not None
    assert stored.media == (film.sha256,)
