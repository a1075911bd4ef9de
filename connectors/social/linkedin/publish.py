"""A post's way to LinkedIn: files first, then one irreversible call; and how to find out whether that call arrived."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from connectors.http import Effect
from connectors.social.linkedin.api import Api, organization
from connectors.social.linkedin.assets import Assets
from connectors.social.linkedin.errors import PROCESSING
from connectors.social.linkedin.limits import validate
from connectors.social.linkedin.littletext import escape
from connectors.social.linkedin.posts import address, listed
from connectors.social.matching import Shown, Wanted, began, look
from models.domain.publishing import Finding, MediaKind, OutgoingPost, Published
from models.errors import Rejected, Transient
from models.ports import Phases

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
        raise api.client.unreadable(
            Effect.COMMIT, f"it answered HTTP {answer.status} without the id of the post", post.key
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
    shown = (
        Shown(Published(found.urn, found.url, found.published_at), found.text, found.media, found.link)
        for page in listed(api, organization(account_id), began(since))
        for found in page
        if found.urn
    )
    return look(shown, Wanted(seen_text(post), len(post.media), None if post.media else post.link), since=since)


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
