"""The state of one publication as `status/fetch` tells it: TikTok's own proof of what became of a post."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from connectors.social.tiktok.api import Api
from connectors.social.tiktok.errors import FAILURES
from connectors.social.tiktok.limits import PUBLIC
from connectors.social.tiktok.videos import by_id
from models.domain.publishing import Published
from models.errors import Rejected, VendorError

COMPLETE = "PUBLISH_COMPLETE"
FAILED = "FAILED"
UPLOADING = "PROCESSING_UPLOAD"
POLLS = 36
POLL_SECONDS = 5.0
"""Three minutes, below the 30 status calls a minute; moderation usually takes less than one, but can take hours."""
LOOKS_BACK = 6
"""Looks when it is only asked what became of an earlier attempt."""


@dataclass(frozen=True)
class Status:
    """`post_id` is None until moderation is over, and for posts that are not public. `uploaded` is in bytes."""

    state: str
    post_id: str | None
    uploaded: int | None
    reason: str

    def settled(self, privacy: str) -> bool:
        """Whether nothing more is to be expected."""
        return self.state == FAILED or (self.state == COMPLETE and (self.post_id is not None or privacy != PUBLIC))


def read_status(data: dict[str, Any]) -> Status:
    """The status in an answer's `data`; the name of the list of ids is misspelt by TikTok, and read either way."""
    ids = data.get("publicaly_available_post_id") or data.get("publicly_available_post_id") or []
    uploaded = data.get("uploaded_bytes")
    return Status(
        state=str(data.get("status") or ""),
        post_id=str(ids[0]) if isinstance(ids, list) and ids else None,
        uploaded=uploaded if isinstance(uploaded, int) else None,
        reason=str(data.get("fail_reason") or ""),
    )


def fetch(api: Api, publish_id: str, *, post: str) -> Status:
    return read_status(api.post("/post/publish/status/fetch/", {"publish_id": publish_id}, post=post))


def awaited(
    api: Api,
    publish_id: str,
    size: int,
    privacy: str,
    sleep: Callable[[float], None],
    *,
    post: str,
    looks: int = POLLS,
) -> Status:
    """The status once it is settled, or shows that bytes are missing, or after all looks whatever it is then."""
    status = fetch(api, publish_id, post=post)
    for _ in range(looks - 1):
        if status.settled(privacy) or lacks_bytes(status, size):
            break
        sleep(POLL_SECONDS)
        status = fetch(api, publish_id, post=post)
    return status


def lacks_bytes(status: Status, size: int) -> bool:
    """Whether the upload is unfinished; nothing is published before its last byte. `size` is 0 for what TikTok pulls."""
    return status.state == UPLOADING and status.uploaded is not None and status.uploaded < size


def published(api: Api, status: Status, publish_id: str) -> Published:
    """What a completed publication became; a post that is not public keeps its publish id for a name.

    The address is asked for and left open when it cannot be had: the post is out either way.
    """
    if status.post_id is None:
        return Published(publish_id)
    try:
        found = by_id(api, [status.post_id])
    except VendorError:
        found = []
    return Published(status.post_id, found[0].url, found[0].published_at) if found else Published(status.post_id)


def failure(api: Api, status: Status, *, post: str) -> VendorError:
    """The error of a failed publication: proof that nothing was published."""
    kind, cause, next_step = FAILURES.get(status.reason, (Rejected, "it refused the post", "change the post"))
    return api.client.error(
        kind, f"{cause} ({status.reason or 'no reason given'})", next_step, post=post, code=status.reason
    )
