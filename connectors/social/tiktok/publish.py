"""A post's way to TikTok: announce, upload in chunks, wait for the publication.

An uploaded video is announced first (nobody sees that), and its last chunk makes it public; what TikTok downloads by itself
is public with the announcement. From the announcement on TikTok's `publish_id` proves what became of the post.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.http import Effect
from connectors.social.tiktok.api import Api
from connectors.social.tiktok.creator import Creator, creator_of
from connectors.social.tiktok.errors import UNKNOWN_PUBLICATION
from connectors.social.tiktok.limits import PULL, chunk_plan, is_photo_post
from connectors.social.tiktok.publication import (
    COMPLETE,
    FAILED,
    UPLOADING,
    Status,
    awaited,
    failure,
    fetch,
    lacks_bytes,
    published,
)
from models.domain.publishing import OutgoingPost, Published
from models.errors import OutcomeUnknown, PermissionMissing, Rejected, VendorError
from models.ports import Phases

PHASE = "announced"
_OUT_OF_RANGE = "416"


def caption(post: OutgoingPost) -> str:
    """The text with its link, which TikTok knows no other place for."""
    return f"{post.text}\n\n{post.link}".strip() if post.link and post.link not in post.text else post.text


def pulled(post: OutgoingPost) -> bool:
    """Whether TikTok downloads the files: always for photos, for a video when the option `source` says so."""
    return is_photo_post(post) or post.options.get("source") == PULL


class Publisher:
    """Publishes one post; see `models.ports.Connector.publish`."""

    def __init__(self, api: Api, post: OutgoingPost, phases: Phases, sleep: Callable[[float], None]) -> None:
        self._api = api
        self._post = post
        self._phases = phases
        self._sleep = sleep
        self._size = 0 if pulled(post) else post.media[0].size

    def publish(self) -> Published:
        """Goes on with an announced publication that TikTok still knows, else announces the post."""
        kept = self._phases.done(PHASE)
        if kept is not None:
            status = self._known(kept["publish_id"])
            if status is not None and status.state != FAILED:
                if not self._unfinished(status):
                    return self._outcome(kept)
                try:
                    return self._uploaded(kept, status.uploaded or 0)
                except (Rejected, PermissionMissing) as refused:
                    if not _address_gone(refused):
                        raise
        if pulled(self._post):
            return self._pulled()
        return self._uploaded(self._announced(Effect.STAGE), 0)

    def _announced(self, effect: Effect) -> dict[str, str]:
        creator = creator_of(self._api, self._post)
        if effect is Effect.COMMIT:
            self._phases.sending()
        data = self._api.post(self._path(), self._announcement(creator), effect=effect, post=self._post.key)
        publish_id = data.get("publish_id")
        if not isinstance(publish_id, str) or not publish_id:
            raise self._api.client.unreadable(effect, "its answer holds no publish_id", self._post.key)
        upload_url = data.get("upload_url")
        if self._size and not isinstance(upload_url, str):
            raise self._api.client.unreadable(effect, "its answer holds no upload_url", self._post.key)
        kept = {"publish_id": publish_id, "upload_url": str(upload_url or ""), "privacy": creator.privacy}
        self._phases.finish(PHASE, **kept)
        return kept

    def _pulled(self) -> Published:
        return self._outcome(self._announced(Effect.COMMIT))

    def _path(self) -> str:
        kind = "content" if is_photo_post(self._post) else "video"
        return f"/post/publish/{kind}/init/"

    def _announcement(self, creator: Creator) -> dict[str, Any]:
        """The body of `init`."""
        post = self._post
        info = {
            "privacy_level": creator.privacy,
            "disable_comment": creator.comments_off,
            "brand_content_toggle": post.options.get("brand_content") == "true",
            "brand_organic_toggle": post.options.get("brand_organic") == "true",
        }
        if is_photo_post(post):
            source: dict[str, Any] = {
                "source": "PULL_FROM_URL", "photo_cover_index": 0, "photo_images": [item.url for item in post.media],
            }  # fmt: skip
            info |= {"title": post.title, "description": caption(post)}
            return {"media_type": "PHOTO", "post_mode": "DIRECT_POST", "post_info": info, "source_info": source}
        if pulled(post):
            source = {"source": "PULL_FROM_URL", "video_url": post.media[0].url}
        else:
            chunk_size, count = chunk_plan(self._size)
            source = {
                "source": "FILE_UPLOAD", "video_size": self._size, "chunk_size": chunk_size, "total_chunk_count": count,
            }  # fmt: skip
        info |= {
            "title": caption(post), "disable_duet": creator.duets_off, "disable_stitch": creator.stitches_off,
            "is_aigc": post.options.get("is_aigc") == "true",
        }  # fmt: skip
        return {"post_info": info, "source_info": source}

    def _uploaded(self, kept: Mapping[str, str], uploaded: int) -> Published:
        """Puts the chunks from the first that is missing; the last one is the irreversible call."""
        chunk_size, count = chunk_plan(self._size)
        number = min(uploaded // chunk_size, count - 1)
        while number < count:
            last = number == count - 1
            first = number * chunk_size
            content = self._read(first, self._size - first if last else chunk_size)
            if last:
                self._phases.sending()
            try:
                self._put(kept["upload_url"], content, first, Effect.COMMIT if last else Effect.STAGE)
            except Rejected as refused:
                if refused.code != _OUT_OF_RANGE:
                    raise
                number = self._next_number(kept["publish_id"], number, chunk_size, refused)
                continue
            number += 1
        return self._outcome(kept)

    def _next_number(self, publish_id: str, number: int, chunk_size: int, refused: Rejected) -> int:
        """Which chunk TikTok waits for after it refused a range: it may hold one whose answer was lost."""
        status = fetch(self._api, publish_id, post=self._post.key)
        if not lacks_bytes(status, self._size):
            return self._size // chunk_size
        following = (status.uploaded or 0) // chunk_size
        if following <= number:
            raise refused
        return following

    def _put(self, url: str, content: bytes, first: int, effect: Effect) -> None:
        headers = {
            "Content-Type": self._post.media[0].content_type,
            "Content-Range": f"bytes {first}-{first + len(content) - 1}/{self._size}",
        }
        answer = self._api.put(url, content, headers, effect=effect, post=self._post.key)
        if effect is Effect.COMMIT and answer.status != 201:
            raise self._api.client.unreadable(
                effect, f"it answered the last chunk with HTTP {answer.status}", self._post.key
            )

    def _outcome(self, kept: Mapping[str, str]) -> Published:
        """What became of a post that is wholly with TikTok. From here on only reads: a failing read proves nothing."""
        publish_id, privacy = kept["publish_id"], kept["privacy"]
        try:
            status = awaited(self._api, publish_id, self._size, privacy, self._sleep, post=self._post.key)
        except VendorError as error:
            cause = f"it could not be asked what became of the post ({error.cause})"
            raise self._api.client.unreadable(Effect.COMMIT, cause, self._post.key) from error
        if status.state == FAILED:
            raise failure(self._api, status, post=self._post.key)
        if status.state == COMPLETE and status.settled(privacy):
            return published(self._api, status, publish_id)
        said = (
            "it has taken the post and is still moderating it"
            if status.state == COMPLETE
            else f"it says {status.state}"
        )
        raise self._error(OutcomeUnknown, said, "TikTok is asked again later; it is not sent again blindly")

    def _known(self, publish_id: str) -> Status | None:
        """The status of an earlier attempt; None when TikTok no longer knows it."""
        try:
            return fetch(self._api, publish_id, post=self._post.key)
        except Rejected as refused:
            if refused.code != UNKNOWN_PUBLICATION:
                raise
            return None

    def _unfinished(self, status: Status) -> bool:
        """Whether chunks may be missing. To put one that is there does no harm: it belongs to the same publication."""
        unsaid = status.state == UPLOADING and status.uploaded is None and self._size > 0
        return unsaid or lacks_bytes(status, self._size)

    def _read(self, first: int, length: int) -> bytes:
        try:
            with open(self._post.media[0].path, "rb") as handle:
                handle.seek(first)
                return handle.read(length)
        except OSError as error:
            cause = f"the file of the post cannot be read ({error.strerror})"
            raise self._error(Rejected, cause, "add the file again") from None

    def _error(self, kind: type[VendorError], cause: str, next_step: str) -> VendorError:
        return self._api.client.error(kind, cause, next_step, post=self._post.key)


def _address_gone(refused: Rejected | PermissionMissing) -> bool:
    """Whether a resumed upload met a bare HTTP status instead of a reason: its address has run out."""
    return refused.code is not None and refused.code.isdigit()
