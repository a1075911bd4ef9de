"""A post's way to LinkedIn: files first, then one irreversible call; and how to find out whether that call arrived."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from connectors.social.linkedin.api import Api, organization
from connectors.social.linkedin.assets import Assets
from connectors.social.linkedin.errors import PROCESSING
from connectors.social.linkedin.limits import validate
from connectors.social.linkedin.littletext import escape
from connectors.social.linkedin.posts import address, listed, normal
from models.domain.publishing import Finding, MediaKind, OutgoingPost, Presence, Published
from models.errors import OutcomeUnknown, Rejected, Transient, VendorError
from models.ports import Phases

CLOCK_TOLERANCE = timedelta(minutes=2)
"""How far this machine's clock and LinkedIn's may differ when posts are looked for."""
_URN = re.compile(r"urn:li:(share|ugcPost):\w+")


def seen_text(post: OutgoingPost) -> str:
    """What a reader sees of the commentary: a link beside files stands at its end, alone it becomes the article."""
    if post.link and post.media and post.link not in post.text:
        return f"{post.text}\n\n{post.link}".strip()
    return post.text


def publish(api: Api, account_id: str, post: OutgoingPost, phases: Phases, sleep: Callable[[float], None]) -> Published:
    """See `models.ports.Connector.publish`. A duplicate that LinkedIn names is the post itself."""
    if problems := validate(post, seen_text(post)):
        raise api.client.error(
            Rejected, problems[0].message.rstrip("."), "change the post and approve it again", post=post.key
        )
    owner = organization(account_id)
    body = request_body(owner, post, Assets(api, owner, post, phases, sleep).staged())
    phases.sending()
    try:
        answer = api.commit("/posts", body, post=post.key)
    except Rejected as refused:
        if refused.code == PROCESSING:
            raise api.client.error(
                Transient, refused.cause, "it is tried again when the file is ready", post=post.key, code=refused.code
            ) from None
        if refused.existing_id is None:
            raise
        return Published(refused.existing_id, address(refused.existing_id))
    urn = answer.headers.get("x-restli-id", "")
    if not _URN.fullmatch(urn):
        raise api.client.error(
            OutcomeUnknown,
            f"it answered HTTP {answer.status} without the id of the post",
            "the account is read to find out; it is not sent again blindly",
            post=post.key,
        )
    return Published(urn, address(urn), answer.now)


def request_body(owner: str, post: OutgoingPost, assets: list[str]) -> dict[str, Any]:
    """The body of `POST /rest/posts`."""
    body: dict[str, Any] = {
        "author": owner,
        "commentary": escape(seen_text(post)),
        "visibility": "PUBLIC",
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": False,
    }
    content = _content(post, assets)
    return {**body, "content": content} if content else body


def find_published(api: Api, account_id: str, post: OutgoingPost, since: datetime) -> Finding:
    """Reads the organization's posts since then and compares what a reader sees of them."""
    begin = since - CLOCK_TOLERANCE
    wanted = normal(seen_text(post))
    link = post.link if not post.media else None
    read = 0
    matches = []
    try:
        for page in listed(api, organization(account_id), begin):
            for found in page:
                if found.published_at is not None and found.published_at < begin:
                    continue
                read += 1
                if normal(found.text) == wanted and found.media == len(post.media) and found.link == link:
                    matches.append(found)
    except VendorError as error:
        return Finding(Presence.UNCERTAIN, f"LinkedIn's posts could not be read: {error}")
    span = f"{read} posts since {begin:%Y-%m-%d %H:%M} UTC"
    if len(matches) > 1:
        return Finding(Presence.UNCERTAIN, f"{len(matches)} of {span} have this text")
    if not matches:
        return Finding(Presence.ABSENT, f"none of {span} has this text")
    found = matches[0]
    return Finding(
        Presence.FOUND,
        f"one of {span} has this text: {found.urn}",
        Published(found.urn, found.url, found.published_at),
    )


def _content(post: OutgoingPost, assets: list[str]) -> dict[str, Any] | None:
    if len(assets) > 1:
        return {
            "multiImage": {
                "images": [
                    {"id": urn, "altText": media.alt_text} for urn, media in zip(assets, post.media, strict=True)
                ]
            }
        }
    if assets:
        media = post.media[0]
        if media.kind in (MediaKind.IMAGE, MediaKind.GIF):
            return {"media": {"id": assets[0], "altText": media.alt_text}}
        return {"media": {"id": assets[0], "title": post.title or media.path.rpartition("/")[2]}}
    if post.link:
        return {"article": {"source": post.link, "title": post.title or urlsplit(post.link).netloc}}
    return None
