"""Whether a video went out: its id, else what the upload session says, else the channel's list of uploads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from connectors.social.matching import Shown, Wanted, began, look
from connectors.social.youtube.channel import Channel
from connectors.social.youtube.limits import described
from connectors.social.youtube.upload import ask
from connectors.social.youtube.videos import instant
from models.domain.publishing import Finding, OutgoingPost, Presence, Published
from models.errors import VendorError
from models.ports import Phases


def find_published(channel: Channel, post: OutgoingPost, phases: Phases, since: datetime) -> Finding:
    """Never raises `VendorError`: what cannot be read is uncertain, with the cause."""
    try:
        if kept := phases.done("video"):
            return _judged(channel, kept["id"], instant(kept.get("at")), "YouTube answered the upload with its id")
        if kept := phases.done("session"):
            size = int(kept["size"])
            progress = ask(channel, kept["url"], size, post.key)
            if progress.resource is not None and (video_id := progress.resource.get("id")):
                at = instant((progress.resource.get("snippet") or {}).get("publishedAt"))
                return _judged(channel, str(video_id), at, "the upload session is finished and names the video")
            if progress.resource is None and not progress.gone:
                if progress.received >= size:
                    return Finding(Presence.UNCERTAIN, "the upload session has every byte and no video yet")
                return Finding(
                    Presence.ABSENT,
                    f"the upload session has {progress.received:,} of {size:,} bytes, so there is no video yet",
                )
        return listed(channel, post, since)
    except VendorError as error:
        return Finding(Presence.UNCERTAIN, f"the channel could not be read: {error}")


def listed(channel: Channel, post: OutgoingPost, since: datetime) -> Finding:
    """The post among the uploads since then, by title and description."""
    wanted = Wanted(f"{post.title}\n{described(post)}", 1)
    finding = look(_shown(channel, began(since)), wanted, since=since)
    if finding.published is None:
        return finding
    return _judged(channel, finding.published.post_id, finding.published.published_at, finding.evidence)


def _shown(channel: Channel, begin: datetime) -> Iterator[Shown]:
    """The uploads back to an instant, as a reader sees them."""
    for rows in channel.uploads():
        added = [instant((row.get("snippet") or {}).get("publishedAt")) for row in rows]
        for moment, row in zip(added, rows, strict=True):
            snippet = row.get("snippet") or {}
            if video_id := (row.get("contentDetails") or {}).get("videoId"):
                text = f"{snippet.get('title') or ''}\n{snippet.get('description') or ''}"
                yield Shown(Published(str(video_id), watch_url(str(video_id)), moment), text, 1)
        if added and all(moment is not None and moment < begin for moment in added):
            return


def settled(channel: Channel, video_id: str) -> tuple[str, str]:
    """(upload status, reason of a failure) of a video; `processed` also when the platform does not say."""
    rows = channel.videos([video_id], "status,processingDetails")
    status = (rows[0].get("status") or {}) if rows else {}
    details = (rows[0].get("processingDetails") or {}) if rows else {}
    state = str(status.get("uploadStatus") or "processed")
    reason = status.get("rejectionReason") or status.get("failureReason") or details.get("processingFailureReason")
    return state, str(reason or "no reason given")


def watch_url(video_id: str) -> str:
    return f"https://www.youtube.com/watch?v={video_id}"


def _judged(channel: Channel, video_id: str, at: datetime | None, evidence: str) -> Finding:
    """Found, unless YouTube refused the video in processing: then a person must look."""
    try:
        state, reason = settled(channel, video_id)
    except VendorError as unread:
        evidence, state, reason = f"{evidence} (its processing could not be read: {unread})", "", ""
    if state in ("failed", "rejected"):
        return Finding(Presence.UNCERTAIN, f"{evidence}, but YouTube {state} it in processing ({reason})")
    return Finding(Presence.FOUND, evidence, Published(video_id, watch_url(video_id), at))
