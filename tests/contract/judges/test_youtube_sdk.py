"""Google's own Python client, with its discovery documents read from disk, works with the sandbox as with YouTube."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from google.oauth2.credentials import Credentials
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError
from googleapiclient.http import MediaFileUpload

from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox, running_sandbox
from models.domain.connection import Vendor
from tests.contract.platforms.kit import CLIENT_ID, CLIENT_SECRET, image, sign_in, video

pytestmark = [pytest.mark.judge, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

SPECS = Path(__file__).resolve().parents[4] / "shared" / "specs" / "youtube"
UNIT = 256 * 1024


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(vendors=[Vendor.YOUTUBE]) as running:
        yield running


@pytest.fixture(scope="module")
def credentials(sandbox: RunningSandbox) -> Credentials:
    found = sign_in(sandbox, Vendor.YOUTUBE).credential
    return Credentials(
        found.access_token, refresh_token=found.refresh_token, token_uri=f"{sandbox.url}/youtube/token",
        client_id=CLIENT_ID, client_secret=CLIENT_SECRET,
    )  # fmt: skip


def service(sandbox: RunningSandbox, credentials: Credentials, name: str) -> Any:
    """The client of one document. Uploads follow `rootUrl`, all else the endpoint of the options."""
    if not SPECS.is_dir():
        pytest.skip("../shared is absent")
    root = f"{sandbox.url}/youtube/"
    document = {**json.loads((SPECS / name).read_text(encoding="utf-8")), "rootUrl": root}
    return build_from_document(document, credentials=credentials, client_options={"api_endpoint": root})


@pytest.fixture(scope="module")
def youtube(sandbox: RunningSandbox, credentials: Credentials) -> Any:
    return service(sandbox, credentials, "youtube.v3.json")


@pytest.fixture(scope="module")
def analytics(sandbox: RunningSandbox, credentials: Credentials) -> Any:
    return service(sandbox, credentials, "youtubeAnalytics.v2.json")


def test_channels_uploads_and_videos_over_all_pages(sandbox, youtube) -> None:
    (channel,) = youtube.channels().list(part="snippet,contentDetails,statistics", mine=True).execute()["items"]
    assert channel["id"] == sandbox.world.accounts[Vendor.YOUTUBE].id
    playlist = channel["contentDetails"]["relatedPlaylists"]["uploads"]
    request = youtube.playlistItems().list(part="contentDetails", playlistId=playlist, maxResults=10)
    ids: list[str] = []
    while request is not None:
        answer = request.execute()
        ids += [item["contentDetails"]["videoId"] for item in answer["items"]]
        request = youtube.playlistItems().list_next(request, answer)
    posts = sandbox.world.between(Vendor.YOUTUBE, None)
    assert ids == [post.id for post in posts]
    rows = youtube.videos().list(part="snippet,statistics", id=",".join(ids[:50])).execute()["items"]
    assert [row["statistics"]["viewCount"] for row in rows] == [
        str(int(sandbox.world.readings(post)["views"])) for post in posts
    ]


def test_reports(sandbox, youtube, analytics) -> None:
    post = sandbox.world.between(Vendor.YOUTUBE, None)[5]
    table = analytics.reports().query(
        ids="channel==MINE", startDate="2020-01-01", endDate="2099-01-01", metrics="views,shares", dimensions="video",
        filters=f"video=={post.id}",
    ).execute()  # fmt: skip
    assert [header["name"] for header in table["columnHeaders"]] == ["video", "views", "shares"]
    truth = sandbox.world.readings(post)
    assert table["rows"] == [[post.id, truth["views"], truth["shares"]]]
    with pytest.raises(HttpError, match="Unknown identifier"):
        analytics.reports().query(
            ids="channel==MINE", startDate="2020-01-01", endDate="2099-01-01", metrics="annotationClicks"
        ).execute()


def test_search_finds_a_title(sandbox, youtube) -> None:
    post = sandbox.world.between(Vendor.YOUTUBE, None)[0]
    found = youtube.search().list(part="snippet", forMine=True, type="video", q=post.title, maxResults=5).execute()
    assert post.id in {item["id"]["videoId"] for item in found["items"]}


def test_a_resumable_upload_in_parts_with_an_interruption(sandbox, youtube, tmp_path) -> None:
    clip = video(tmp_path / "a clip of four parts for the official client.mp4", size=3 * UNIT + 17)
    body = {
        "snippet": {"title": "By Google's client", "description": "In parts."},
        "status": {"privacyStatus": "public"},
    }
    media = MediaFileUpload(clip.path, mimetype="video/mp4", chunksize=UNIT, resumable=True)
    request = youtube.videos().insert(part="snippet,status", body=body, media_body=media)
    sandbox.world.faults.add(Fault(FaultKind.ERROR_503, Vendor.YOUTUBE, "PUT", "upload", skip=1))
    parts, response = 0, None
    interrupted = 0
    while response is None:
        try:
            _, response = request.next_chunk()
            parts += 1
        except HttpError:
            interrupted += 1
    assert (parts, interrupted) == (4, 1)
    post = sandbox.world.post(Vendor.YOUTUBE, response["id"])
    assert post is not None
    assert post.media == (hashlib.sha256(Path(clip.path).read_bytes()).hexdigest(),)
    thumbnail = image(tmp_path / "sdk.jpg", 1280, 720)
    youtube.thumbnails().set(
        videoId=post.id, media_body=MediaFileUpload(thumbnail.path, mimetype="image/jpeg")
    ).execute()
    assert post.extra["thumbnail"] == thumbnail.sha256
    youtube.videos().delete(id=post.id).execute()
    assert sandbox.world.post(Vendor.YOUTUBE, post.id) is None


def test_refusals_and_a_renewed_token(sandbox, youtube, credentials) -> None:
    with pytest.raises(HttpError) as refused:
        youtube.videos().list(part="id").execute()
    assert refused.value.status_code == 400
    assert refused.value.error_details[0]["reason"] == "missingRequiredParameter"
    before = credentials.token
    sandbox.world.faults.add(Fault(FaultKind.TOKEN_EXPIRED, Vendor.YOUTUBE, "GET", "channels"))
    assert youtube.channels().list(part="id", mine=True).execute()["items"]
    assert credentials.token != before, "the client renewed it at the sandbox's token endpoint"
