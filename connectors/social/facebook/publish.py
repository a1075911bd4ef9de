"""Publishing on a page, in phases that can be resumed, and finding what was published.

Photos are staged unpublished, one phase each, and one small call to `/feed` makes the post public; a video is uploaded in
parts and one `finish` call makes it public. So the irreversible call is small and comes last.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.http import Effect
from connectors.social.facebook.rows import link_of, media_count, moment_of
from connectors.social.matching import Shown, Wanted, began, look, matches
from connectors.social.meta.errors import DUPLICATE, GONE
from connectors.social.meta.graph import Graph, epoch
from models.domain.publishing import Finding, Media, MediaKind, OutgoingPost, Presence, Published
from models.errors import Rejected, VendorError
from models.ports import Phases

PART_BYTES = 32 * 1024 * 1024
"""The most of a video that is held in memory; Facebook goes on from what it has received."""
STATUS_READS = 40
STATUS_SECONDS = 5.0
"""A video is processed in seconds to minutes; it is public once accepted, so waiting only serves the answer."""
_MATCH_FIELDS = "id,message,created_time,permalink_url,attachments{media_type,subattachments,unshimmed_url}"


class Publisher:
    """Publishes for one page."""

    def __init__(self, graph: Graph, page_id: str) -> None:
        self._graph = graph
        self._page = page_id

    def publish(self, post: OutgoingPost, phases: Phases) -> Published:
        if any(media.kind is MediaKind.VIDEO for media in post.media):
            return self._video(post, phases)
        photos = self._staged(post, phases)
        fields = {"message": post.text, "link": post.link or ""}
        data = {name: value for name, value in fields.items() if value}
        if photos:
            data["attached_media"] = json.dumps([{"media_fbid": photo} for photo in photos])
        phases.sending()
        try:
            return self._told(self._graph.new_id(f"{self._page}/feed", Effect.COMMIT, post.key, data=data))
        except Rejected as refused:
            if (refused.code or "").partition("/")[0] != DUPLICATE:
                raise
            return self._original(post, refused)

    def find(self, post: OutgoingPost, phases: Phases, since: datetime) -> Finding:
        """By the video's own status where there is one, else by text and media among the page's posts."""
        video = phases.done("video")
        try:
            if video is not None:
                return self._find_video(video["id"])
        except VendorError as error:
            return Finding(Presence.UNCERTAIN, f"The video could not be read: {error}")
        return look(self._shown(epoch(began(since))), _wanted(post), since=since)

    def _original(self, post: OutgoingPost, refused: Rejected) -> Published:
        """What Facebook calls the original of a duplicate: the newest post with this content. Raises the refusal without one."""
        newest = self._graph.page(f"{self._page}/published_posts", {}, fields=_MATCH_FIELDS).rows
        found = matches(filter(None, map(_shown, newest)), _wanted(post))
        if not found:
            raise refused
        return found[0]

    def _shown(self, since: str) -> Iterator[Shown]:
        for rows in self._graph.pages(f"{self._page}/published_posts", fields=_MATCH_FIELDS, since=since):
            yield from filter(None, map(_shown, rows))

    def _staged(self, post: OutgoingPost, phases: Phases) -> list[str]:
        """The ids of the post's photos; those staged in an earlier attempt are used while they still exist."""
        ids: list[str] = []
        for number, photo in enumerate(post.media):
            kept = phases.done(f"photo-{number}")
            if kept is not None and self._exists(kept["id"]):
                ids.append(kept["id"])
                continue
            ids.append(self._stage(post, photo))
            phases.finish(f"photo-{number}", id=ids[-1])
        return ids

    def _offsets(self, answer: Mapping[str, Any], post: OutgoingPost) -> tuple[int, int]:
        try:
            return int(answer["start_offset"]), int(answer["end_offset"])
        except (KeyError, TypeError, ValueError):
            raise self._graph.client.unreadable(
                Effect.STAGE, "the answer did not say where the upload stands", post.key
            ) from None

    def _exists(self, node: str) -> bool:
        try:
            self._graph.get(node, fields="id")
        except Rejected as refused:
            if refused.code == GONE:
                return False
            raise
        return True

    def _stage(self, post: OutgoingPost, photo: Media) -> str:
        data = {"published": "false", **({"alt_text_custom": photo.alt_text} if photo.alt_text else {})}
        content = Path(photo.path).read_bytes()
        files = {"source": (Path(photo.path).name, content, photo.content_type)}
        return self._graph.new_id(f"{self._page}/photos", Effect.STAGE, post.key, data=data, files=files)

    def _video(self, post: OutgoingPost, phases: Phases) -> Published:
        kept = phases.done("video")
        status = self._resumable(kept)
        if kept is not None and status is not None and published_id(status):
            return self._video_told(kept["id"], status)
        if kept is None or status is None:
            kept = self._upload(post)
            phases.finish("video", **kept)
        phases.sending()
        data = {"upload_phase": "finish", "upload_session_id": kept["session"], "description": post.text}
        answer = self._graph.post(f"{self._page}/videos", Effect.COMMIT, post.key, data=data)
        if answer.get("success") is not True:
            raise self._graph.client.unreadable(
                Effect.COMMIT, "the answer did not say whether the video was accepted", post.key
            )
        return self._processed(post, kept["id"])

    def _resumable(self, kept: Mapping[str, str] | None) -> Mapping[str, Any] | None:
        """The status of an upload of an earlier attempt, None when there is none to go on with."""
        if kept is None:
            return None
        try:
            status = self._graph.get(kept["id"], fields="status,post_id,permalink_url")
        except Rejected as refused:
            if refused.code == GONE:
                return None
            raise
        return None if video_state(status) == "error" else status

    def _upload(self, post: OutgoingPost) -> dict[str, str]:
        media, path = post.media[0], f"{self._page}/videos"
        begun = self._graph.post(
            path, Effect.STAGE, post.key, data={"upload_phase": "start", "file_size": str(media.size)}
        )
        session, video_id = begun.get("upload_session_id"), begun.get("video_id")
        start, end = self._offsets(begun, post)
        if not (session and video_id):
            raise self._graph.client.unreadable(Effect.STAGE, "the answer named no upload", post.key)
        with Path(media.path).open("rb") as handle:
            while start < end:
                handle.seek(start)
                part = handle.read(min(end - start, PART_BYTES))
                data = {"upload_phase": "transfer", "upload_session_id": str(session), "start_offset": str(start)}
                files = {"video_file_chunk": ("chunk", part, "application/octet-stream")}
                start, end = self._transferred(path, post, start, data=data, files=files)
        return {"id": str(video_id), "session": str(session)}

    def _transferred(self, path: str, post: OutgoingPost, start: int, **request: Any) -> tuple[int, int]:
        """Sends one part and gives the next one's bounds, also when an earlier answer about it had got lost."""
        try:
            following = self._offsets(self._graph.post(path, Effect.STAGE, post.key, **request), post)
        except Rejected as refused:
            if refused.existing_id is None:
                raise
            received, _, end = refused.existing_id.partition(":")
            following = int(received), int(end)
        if following[0] <= start:
            raise self._graph.client.unreadable(Effect.STAGE, "the video upload did not advance", post.key)
        return following

    def _processed(self, post: OutgoingPost, video_id: str) -> Published:
        """Reads until the video is ready. It is already accepted, so what cannot be read is left for later."""
        status: Mapping[str, Any] = {}
        for number in range(STATUS_READS):
            try:
                status = self._graph.get(video_id, fields="status,post_id,permalink_url")
            except VendorError:
                break
            if video_state(status) == "error":
                raise self._graph.client.error(
                    Rejected, "the video could not be processed", "check the file, then publish again", post=post.key
                )
            if video_state(status) == "ready":
                break
            if number + 1 < STATUS_READS:
                self._graph.sleep(STATUS_SECONDS)
        return self._video_told(video_id, status)

    def _video_told(self, video_id: str, status: Mapping[str, Any]) -> Published:
        address = status.get("permalink_url")
        url = f"https://www.facebook.com{address}" if isinstance(address, str) and address.startswith("/") else address
        return Published(f"{self._page}_{published_id(status) or video_id}", url)

    def _find_video(self, video_id: str) -> Finding:
        try:
            status = self._graph.get(video_id, fields="status,post_id,permalink_url")
        except Rejected as refused:
            if refused.code != GONE:
                raise
            return Finding(Presence.ABSENT, f"The upload {video_id} does not exist any more, so it was never finished")
        state = video_state(status)
        if published_id(status) and state != "error":
            return Finding(Presence.FOUND, f"Video {video_id} is {state}", self._video_told(video_id, status))
        if state in ("uploading", "error"):
            return Finding(Presence.ABSENT, f"Video {video_id} is {state}, so nothing was published")
        return Finding(Presence.UNCERTAIN, f"Video {video_id} is {state or 'of unknown status'}")

    def _told(self, post_id: str) -> Published:
        """The post's address. It is published, so an address that cannot be read now is only left out."""
        try:
            row = self._graph.get(post_id, fields="permalink_url,created_time")
        except VendorError:
            return Published(post_id)
        url = row.get("permalink_url")
        return Published(post_id, url if isinstance(url, str) else None, moment_of(row))


def video_state(status: Mapping[str, Any]) -> str:
    """uploading, processing, ready, error …; empty when the answer does not tell."""
    told = status.get("status")
    state = told.get("video_status") if isinstance(told, dict) else None
    return state if isinstance(state, str) else ""


def published_id(status: Mapping[str, Any]) -> str:
    """The number of the video's post, empty before there is one."""
    post_id = status.get("post_id")
    return str(post_id).rpartition("_")[2] if post_id else ""


def _shown(row: Mapping[str, Any]) -> Shown | None:
    """A row of the page as a reader sees it; None without an id."""
    if not row.get("id"):
        return None
    url = row.get("permalink_url")
    published = Published(str(row["id"]), url if isinstance(url, str) else None, moment_of(row))
    return Shown(published, str(row.get("message") or ""), media_count(row), link_of(row))


def _wanted(post: OutgoingPost) -> Wanted:
    return Wanted(post.text, len(post.media), post.link)
