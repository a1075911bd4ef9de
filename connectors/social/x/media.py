"""Uploading a post's media. Nobody sees an upload, so every step may be repeated; X forgets it after a day."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.http import Effect
from connectors.social.x.client import Allowance, XClient
from models.domain.publishing import Media, MediaKind, OutgoingPost
from models.errors import Rejected, Transient
from models.ports import Phases

SEGMENT = 4 * 1024 * 1024
"""Bytes of one part, below X's 5 MB for a part; parts are numbered 0 to 999 (X OpenAPI)."""
CATEGORIES = {MediaKind.IMAGE: "tweet_image", MediaKind.GIF: "tweet_gif", MediaKind.VIDEO: "tweet_video"}
POLLS = 60
LONGEST_WAIT = 30.0
_MARGIN = timedelta(minutes=5)


def upload_all(client: XClient, post: OutgoingPost, phases: Phases, *, anew: bool = False) -> list[str]:
    """The media ids of the post in order. What an earlier attempt uploaded is used while X keeps it, unless `anew`."""
    return [_upload(client, post, number, item, phases, anew) for number, item in enumerate(post.media)]


def _upload(client: XClient, post: OutgoingPost, number: int, item: Media, phases: Phases, anew: bool) -> str:
    phase = f"media-{number}"
    if not anew and (kept := phases.done(phase)) and _alive(kept["expires_at"]):
        return kept["id"]
    if item.kind is MediaKind.IMAGE:
        document = _one_shot(client, post, item)
    else:
        document = _in_parts(client, post, number, item, phases, anew)
    data = _data(client, post, document)
    if item.alt_text:
        described = {"id": str(data["id"]), "metadata": {"alt_text": {"text": item.alt_text}}}
        client.json(
            Allowance.UPLOADS, "POST", "/2/media/metadata", effect=Effect.STAGE, post=post.key, json=described
        )  # fmt: skip
    phases.finish(phase, id=str(data["id"]), expires_at=_end(data).isoformat())
    return str(data["id"])


def _one_shot(client: XClient, post: OutgoingPost, item: Media) -> dict[str, Any]:
    body = {"media": base64.b64encode(Path(item.path).read_bytes()).decode(), "media_category": CATEGORIES[item.kind]}
    return client.json(Allowance.UPLOADS, "POST", "/2/media/upload", effect=Effect.STAGE, post=post.key, json=body)


def _in_parts(
    client: XClient, post: OutgoingPost, number: int, item: Media, phases: Phases, anew: bool
) -> dict[str, Any]:
    """Initialize, append every part, finalize, wait until X has processed it."""
    phase = f"upload-{number}"
    kept = None if anew else phases.done(phase)
    if kept is None or not _alive(kept["expires_at"]):
        asked = {"media_category": CATEGORIES[item.kind], "media_type": item.content_type, "total_bytes": item.size}
        opened = _data(client, post, _post(client, post, "/2/media/upload/initialize", asked))
        media_id, end = str(opened["id"]), _end(opened)
        phases.finish(phase, id=media_id, expires_at=end.isoformat())
    else:
        media_id = kept["id"]
    with Path(item.path).open("rb") as file:
        index = 0
        while part := file.read(SEGMENT):
            body = {"media": base64.b64encode(part).decode(), "segment_index": index}
            _post(client, post, f"/2/media/upload/{media_id}/append", body)
            index += 1
    return _processed(client, post, _post(client, post, f"/2/media/upload/{media_id}/finalize"))


def _processed(client: XClient, post: OutgoingPost, document: dict[str, Any]) -> dict[str, Any]:
    """The description of the media once X has processed it. Raises `Rejected` when X could not."""
    for _ in range(POLLS):
        data = _data(client, post, document)
        info = data.get("processing_info")
        state = info.get("state") if isinstance(info, dict) else None
        if state in (None, "succeeded"):
            return document
        if state == "failed":
            raise client.error(
                Rejected, "X could not process the media", "replace the file with one that X can read", post=post.key
            )
        wait = info.get("check_after_secs") if isinstance(info, dict) else None
        client.sleep(min(LONGEST_WAIT, float(wait)) if isinstance(wait, int | float) else 1.0)
        document = client.json(
            Allowance.UPLOADS, "GET", "/2/media/upload", effect=Effect.READ, post=post.key,
            params={"media_id": str(data["id"]), "command": "STATUS"},
        )  # fmt: skip
    raise client.error(Transient, "X is still processing the media", "it is tried again", post=post.key)


def _post(client: XClient, post: OutgoingPost, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    return client.json(Allowance.UPLOADS, "POST", path, effect=Effect.STAGE, post=post.key, json=body)


def _data(client: XClient, post: OutgoingPost, document: dict[str, Any]) -> dict[str, Any]:
    data = document.get("data")
    if not isinstance(data, dict) or not data.get("id"):
        raise client.error(Transient, "the answer to an upload held no media id", "it is tried again", post=post.key)
    return data


def _end(data: dict[str, Any]) -> datetime:
    """When X forgets the upload; an hour from now where it does not say."""
    seconds = data.get("expires_after_secs")
    return datetime.now(UTC) + timedelta(seconds=float(seconds) if isinstance(seconds, int | float) else 3600.0)


def _alive(expires_at: str) -> bool:
    return datetime.fromisoformat(expires_at) - datetime.now(UTC) > _MARGIN
