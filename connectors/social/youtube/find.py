"""Whether a video went out: its id, else what the upload session says, else the channel's list of uploads."""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime, timedelta

from connectors.social.youtube.channel import Channel
from connectors.social.youtube.limits import described
from connectors.social.youtube.upload import ask
from connectors.social.youtube.videos import instant
from models.domain.publishing import Finding, OutgoingPost, Presence, Published
from models.errors import VendorError
from models.ports import Phases

SLACK = timedelta(minutes=10)
"""How far the vendor's clock may be behind this machine's."""
_SPACE = re.compile(r"\s+")


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
    """The post among the uploads since then, by title and description. Raises `VendorError`."""
    wanted = (normal(post.title), normal(described(post)))
    begin = since - SLACK
    matches: dict[str, datetime | None] = {}
    read = 0
    for rows in channel.uploads():
        added = [(instant((row.get("snippet") or {}).get("publishedAt")), row) for row in rows]
        for moment, row in added:
            snippet, details = row.get("snippet") or {}, row.get("contentDetails") or {}
            if moment is not None and moment < begin:
                continue
            read += 1
            found = (normal(str(snippet.get("title") or "")), normal(str(snippet.get("description") or "")))
            if found == wanted and (video_id := details.get("videoId")):
                matches[str(video_id)] = moment
        if added and all(moment is not None and moment < begin for moment, _ in added):
            break
    if len(matches) > 1:
        return Finding(Presence.UNCERTAIN, f"{len(matches)} videos of the channel have this title and description")
    if not matches:
        return Finding(
            Presence.ABSENT, f"none of {read} uploads since {begin:%Y-%m-%d %H:%M} UTC has this title and text"
        )
    ((video_id, moment),) = matches.items()
    return _judged(channel, video_id, moment, "a video with this title and description is on the channel")


def settled(channel: Channel, video_id: str) -> tuple[str, str]:
    """(upload status, reason of a failure) of a video; `processed` also when the platform does not say."""
    rows = channel.videos([video_id], "status,processingDetails")
    status = (rows[0].get("status") or {}) if rows else {}
    details = (rows[0].get("processingDetails") or {}) if rows else {}
    state = str(status.get("uploadStatus") or "processed")
    reason = status.get("rejectionReason") or status.get("failureReason") or details.get("processingFailureReason")
    return state, str(reason or "no reason given")


def normal(text: str) -> str:
    """A text as it is compared: NFKC, white space collapsed."""
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", text)).strip()


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
