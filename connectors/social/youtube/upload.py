"""Google's resumable upload: one session, parts of it, and what the session says about itself.

Facts: developers.google.com/youtube/v3/guides/using_resumable_upload_protocol. A part's size is a multiple of 256 KiB, the
last one excepted; 308 with `Range: bytes=0-N` tells what arrived; `Content-Range: bytes */TOTAL` asks; a finished session
answers 200 or 201 with the resource; 404 and 410 mean that the session is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connectors.http import Answer, Effect
from connectors.social.youtube.channel import Channel
from connectors.social.youtube.errors import SESSION_GONE
from models.domain.publishing import Media
from models.errors import Rejected, Transient

UNIT = 256 * 1024
CHUNK = 32 * UNIT
"""8 MiB a part: few calls, and little to repeat after an interruption."""
ATTEMPTS = 4


@dataclass(frozen=True)
class Progress:
    """Where a session stands: `resource` once it is finished, else `received` bytes; `gone` when it is no more."""

    received: int = 0
    resource: Mapping[str, Any] | None = None
    gone: bool = False


def open_session(channel: Channel, path: str, media: Media, body: object | None, **params: str) -> str:
    """The address of a new session. Nothing is visible by it."""
    content: dict[str, Any] = {} if body is None else {"json": body}
    for attempt in range(1, ATTEMPTS + 1):
        answer = channel.client.call(
            "POST",
            f"{channel.where['upload']}/{path}",
            effect=Effect.STAGE,
            params={"uploadType": "resumable", **params},
            headers={"X-Upload-Content-Length": str(media.size), "X-Upload-Content-Type": media.content_type},
            **content,
        )
        if location := answer.headers.get("location"):
            return str(location)
        channel.sleep(0.5 * attempt)
    raise channel.client.error(Transient, "no upload session was opened", "it is tried again")


def ask(channel: Channel, session: str, total: int) -> Progress:
    """What the session has. Raises `VendorError` when it cannot be asked."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            answer = channel.client.call(
                "PUT", session, effect=Effect.READ, headers={"Content-Range": f"bytes */{total}"}
            )
        except Rejected as refused:
            if refused.code == SESSION_GONE:
                return Progress(gone=True)
            raise
        if (progress := read_progress(answer)) is not None:
            return progress
        channel.sleep(0.5 * attempt)
    raise channel.client.error(Transient, "the upload session answered in an unknown form", "it is tried again")


def send(
    channel: Channel, session: str, media: Media, start: int, size: int, *, effect: Effect, post: str | None = None
) -> Progress | None:
    """Sends `size` bytes from `start`, once; None when the answer cannot be understood. Raises `VendorError`."""
    with Path(media.path).open("rb") as handle:
        handle.seek(start)
        part = handle.read(size)
    try:
        answer = channel.uploader.call(
            "PUT",
            session,
            effect=effect,
            post=post,
            content=part,
            headers={
                "Content-Type": media.content_type,
                "Content-Range": f"bytes {start}-{start + len(part) - 1}/{media.size}",
            },
        )
    except Rejected as refused:
        if refused.code == SESSION_GONE:
            return Progress(gone=True)
        raise
    return read_progress(answer)


def read_progress(answer: Answer) -> Progress | None:
    """What an answer of a session says; None when it says nothing that can be understood."""
    if answer.status == 308:
        told = answer.headers.get("range", "")
        last = told.rpartition("-")[2]
        return Progress(received=int(last) + 1 if last.isdigit() else 0)
    document = answer.document()
    if answer.status in (200, 201) and document.get("kind"):
        return Progress(resource=document)
    return None
