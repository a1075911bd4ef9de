"""Files on their way to LinkedIn: images and documents whole, videos in parts with ETags.

Nothing here is public. Every asset is a phase, so a resumed publication uploads only what is missing; an asset or an upload
address that LinkedIn no longer knows is made anew.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from connectors.social.linkedin.api import Api, encoded, rows
from models.domain.publishing import Media, MediaKind, OutgoingPost
from models.errors import PermissionMissing, Rejected, Transient
from models.ports import Phases

POLLS = 60
POLL_SECONDS = 5.0
"""A video is waited for up to five minutes; LinkedIn states no bound."""
_RESOURCE = {
    MediaKind.IMAGE: ("images", "image"),
    MediaKind.GIF: ("images", "image"),
    MediaKind.DOCUMENT: ("documents", "document"),
    MediaKind.VIDEO: ("videos", "video"),
}
_LOST = {"PROCESSING_FAILED", "WAITING_UPLOAD"}


class Assets:
    """Uploads the files of one post for one owner (an organization's URN)."""

    def __init__(
        self, api: Api, owner: str, post: OutgoingPost, phases: Phases, sleep: Callable[[float], None]
    ) -> None:
        self._api = api
        self._owner = owner
        self._post = post
        self._phases = phases
        self._sleep = sleep

    def staged(self) -> list[str]:
        """The URNs of the post's files, in order, each ready to be posted."""
        return [self._asset(number, media) for number, media in enumerate(self._post.media)]

    def _asset(self, number: int, media: Media) -> str:
        phase = f"asset-{number}"
        kept = self._phases.done(phase)
        if kept is not None and self._usable(kept["id"], media):
            return kept["id"]
        urn = self._video(number, media) if media.kind is MediaKind.VIDEO else self._whole(media)
        self._phases.finish(phase, id=urn)
        return urn

    def _usable(self, urn: str, media: Media) -> bool:
        """Whether an asset of an earlier attempt is still there."""
        try:
            return self._status(urn, media) not in _LOST
        except (Rejected, PermissionMissing):
            return False

    def _status(self, urn: str, media: Media) -> str:
        resource, _ = _RESOURCE[media.kind]
        return str(self._api.get(f"/{resource}/{encoded(urn)}", post=self._post.key).get("status", ""))

    def _whole(self, media: Media) -> str:
        resource, name = _RESOURCE[media.kind]
        value = self._started(resource, {"owner": self._owner})
        self._api.put(self._said(value, "uploadUrl"), self._read(media), post=self._post.key, authorized=True)
        return self._said(value, name)

    def _video(self, number: int, media: Media) -> str:
        phase = f"upload-{number}"
        kept = self._phases.done(phase)
        if kept is not None:
            try:
                return self._uploaded(kept, number, media)
            except (Rejected, PermissionMissing):
                pass  # The upload address or the asset is gone: the upload begins anew below.
        value = self._started(
            "videos",
            {
                "owner": self._owner,
                "fileSizeBytes": media.size,
                "uploadCaptions": False,
                "uploadThumbnail": False,
            },
        )
        begun = {
            "id": self._said(value, "video"),
            "token": str(value.get("uploadToken") or ""),
            "parts": json.dumps(rows({"elements": value.get("uploadInstructions")})),
            "etags": "[]",
        }
        self._phases.finish(phase, **begun)
        return self._uploaded(begun, number, media)

    def _uploaded(self, begun: Mapping[str, str], number: int, media: Media) -> str:
        """Puts the parts that are missing, finalizes, and waits until the video can be posted."""
        urn = begun["id"]
        parts: list[dict[str, Any]] = json.loads(begun["parts"])
        etags: list[str] = json.loads(begun["etags"])
        for part in parts[len(etags) :]:
            content = self._read(media, int(part["firstByte"]), int(part["lastByte"]))
            answer = self._api.put(str(part["uploadUrl"]), content, post=self._post.key, authorized=False)
            etag = answer.headers.get("etag", "").strip('"')
            if not etag:
                raise self._failed(Transient, "it confirmed a part of the video without an ETag", "it is tried again")
            etags.append(etag)
            self._phases.finish(f"upload-{number}", **{**begun, "etags": json.dumps(etags)})
        if self._status(urn, media) == "WAITING_UPLOAD":
            body = {"finalizeUploadRequest": {"video": urn, "uploadToken": begun["token"], "uploadedPartIds": etags}}
            self._api.finish("/videos?action=finalizeUpload", body, post=self._post.key)
        return self._awaited(urn, media)

    def _awaited(self, urn: str, media: Media) -> str:
        for _ in range(POLLS):
            match self._status(urn, media):
                case "AVAILABLE":
                    return urn
                case "PROCESSING_FAILED":
                    raise self._failed(
                        Rejected, "it could not process the video", "export the video again as H.264 MP4"
                    )
            self._sleep(POLL_SECONDS)
        raise self._failed(
            Transient,
            "it is still processing the video",
            "nothing was published; it is continued with the next attempt",
        )

    def _started(self, resource: str, request: dict[str, Any]) -> dict[str, Any]:
        path = f"/{resource}?action=initializeUpload"
        value = self._api.stage(path, {"initializeUploadRequest": request}, post=self._post.key).get("value")
        return value if isinstance(value, dict) else {}

    def _said(self, value: Mapping[str, Any], name: str) -> str:
        said = value.get(name)
        if not isinstance(said, str) or not said:
            raise self._failed(Transient, f"its answer to the upload lacks {name}", "it is tried again")
        return said

    def _read(self, media: Media, first: int = 0, last: int | None = None) -> bytes:
        try:
            with open(media.path, "rb") as handle:
                handle.seek(first)
                return handle.read() if last is None else handle.read(last - first + 1)
        except OSError as error:
            raise self._failed(
                Rejected, f"the file of the post cannot be read ({error.strerror})", "add the file again"
            ) from None

    def _failed(self, kind: type[Rejected] | type[Transient], cause: str, next_step: str) -> Exception:
        return self._api.client.error(kind, cause, next_step, post=self._post.key)
