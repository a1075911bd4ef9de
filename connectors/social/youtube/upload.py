"""Google's resumable upload: one session, parts of it, and what the session says about itself.

Facts: developers.google.com/youtube/v3/guides/using_resumable_upload_protocol. A part's size is a multiple of 256 KiB, the
last one excepted; 308 with `Range: bytes=0-N` tells what arrived; `Content-Range: bytes */TOTAL` asks; a finished session
answers 200 or 201 with the resource; 404 and 410 mean that the session is gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.answers import Answer
from connectors.http import Effect
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


@dataclass(frozen=True)
class Session:
    """The address of an upload, and when it was opened by the vendor's clock."""

    url: str
    opened_at: datetime


def open_session(
    channel: Channel, path: str, media: Media, body: object | None, post: str | None = None, **params: str
) -> Session:
    """A new session. Nothing is visible by it."""
    content: dict[str, Any] = {} if body is None else {"json": body}
    for attempt in range(1, ATTEMPTS + 1):
        answer = channel.client.call(
            "POST",
            f"{channel.where['upload']}/{path}",
            effect=Effect.STAGE,
            post=post,
            params={"uploadType": "resumable", **params},
            headers={"X-Upload-Content-Length": str(media.size), "X-Upload-Content-Type": media.content_type},
            **content,
        )
        if location := answer.headers.get("location"):
            return Session(str(location), answer.now)
        channel.sleep(0.5 * attempt)
    raise channel.client.error(Transient, "no upload session was opened", "it is tried again", post=post)


def ask(channel: Channel, session: str, total: int, post: str) -> Progress:
    """What the session has. Raises `VendorError` when it cannot be asked."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            answer = channel.client.call(
                "PUT", session, effect=Effect.READ, post=post, headers={"Content-Range": f"bytes */{total}"}
            )
        except Rejected as refused:
            if refused.code == SESSION_GONE:
                return Progress(gone=True)
            raise
        if (progress := read_progress(answer)) is not None:
            return progress
        channel.sleep(0.5 * attempt)
    raise channel.client.error(
        Transient, "the upload session answered in an unknown form", "it is tried again", post=post
    )


def read_part(channel: Channel, media: Media, start: int, size: int, post: str) -> bytes:
    """Up to `size` bytes of the file from `start`. Raises `Rejected` when the file is not there as it was approved."""
    try:
        with Path(media.path).open("rb") as handle:
            handle.seek(start)
            part = handle.read(size)
    except OSError:
        part = b""
    if len(part) != min(size, media.size - start):
        raise channel.client.error(
            Rejected,
            f"the file {Path(media.path).name} is missing or shorter than it was",
            "add the file again",
            post=post,
        )
    return part


def send(
    channel: Channel, session: str, media: Media, start: int, part: bytes, *, effect: Effect, post: str
) -> Progress | None:
    """Sends a part that begins at `start`, once; None when the answer cannot be understood. Raises `VendorError`."""
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
