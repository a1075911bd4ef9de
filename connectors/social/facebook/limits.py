"""What a Facebook page accepts, as data with sources."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from models.domain.publishing import MediaKind, OutgoingPost, Problem
from models.domain.social import TEXT_LIMITS, Platform


@dataclass(frozen=True)
class Limit:
    value: int
    source: str


MESSAGE = Limit(TEXT_LIMITS[Platform.FACEBOOK].max_chars, TEXT_LIMITS[Platform.FACEBOOK].source)
PHOTOS = Limit(10, "third-party measurement of attached_media")
PHOTO_BYTES = Limit(4 * 1024 * 1024, "error 1366046 of the Graph API, as third parties report it")
VIDEO_BYTES = Limit(10 * 1024**3, "Graph API, Page videos")
PHOTO_TYPES = ("image/jpeg", "image/png")
VIDEO_TYPES = ("video/mp4", "video/quicktime")
OWN_LINKS = "error 1609008 of the Graph API, as third parties report it"


def validate(post: OutgoingPost) -> list[Problem]:
    """Every reason why a page would refuse the post."""
    found: list[Problem] = []
    photos = [media for media in post.media if media.kind is MediaKind.IMAGE]
    videos = [media for media in post.media if media.kind is MediaKind.VIDEO]
    if not (post.text.strip() or post.link or post.media):
        found.append(Problem("text", "The post is empty: give a text, a link or media."))
    if len(post.text) > MESSAGE.value:
        found.append(
            Problem("text", f"The text has {len(post.text):,} characters; at most {MESSAGE.value:,}.", MESSAGE.source)
        )
    if post.link and (urlsplit(post.link).hostname or "").removeprefix("www.") in ("facebook.com", "fb.com"):
        found.append(Problem("link", "Links to facebook.com are refused in page posts: leave it out.", OWN_LINKS))
    if post.link and post.media:
        found.append(Problem("link", "A post shows either a link or media: put the link into the text."))
    if len(photos) + len(videos) < len(post.media):
        found.append(Problem("media", "A page takes photos (JPG, PNG) and videos (MP4, MOV) only."))
    if videos and len(post.media) > 1:
        found.append(Problem("media", "A video stands alone in a post: leave the other media out."))
    if len(photos) > PHOTOS.value:
        found.append(Problem("media", f"{len(photos)} photos; at most {PHOTOS.value}.", PHOTOS.source))
    for number, photo in enumerate(photos, 1):
        if photo.content_type not in PHOTO_TYPES:
            found.append(
                Problem("media", f"Photo {number} is {photo.content_type}: use JPG or PNG.", PHOTO_BYTES.source)
            )
        if photo.size >= PHOTO_BYTES.value:
            found.append(Problem("media", f"Photo {number} must be smaller than 4 MB.", PHOTO_BYTES.source))
    for video in videos:
        if video.content_type not in VIDEO_TYPES:
            found.append(Problem("media", f"The video is {video.content_type}: use MP4 or MOV.", VIDEO_BYTES.source))
        if video.size > VIDEO_BYTES.value:
            found.append(Problem("media", "The video must not be larger than 10 GB.", VIDEO_BYTES.source))
    return found
