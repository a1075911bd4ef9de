"""TikTok for one creator's account."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

import httpx

from connectors.credentials import CredentialHolder
from connectors.endpoints import Endpoints
from connectors.http import TIMEOUT, Effect, VendorClient
from connectors.readings import Account, number
from connectors.social.tiktok import find, limits
from connectors.social.tiktok.api import Api
from connectors.social.tiktok.errors import UNAUDITED, classify
from connectors.social.tiktok.publish import Publisher, caption
from connectors.social.tiktok.videos import Video, listed
from models.domain.connection import Vendor
from models.domain.content import Record, Rejection
from models.domain.publishing import Finding, OutgoingPost, Problem, Published
from models.domain.social import Platform
from models.errors import InvalidInput, Rejected
from models.ports import Phases, Stream

RATES = ((600, 60.0),)
"""Calls and seconds, for each of the video and user endpoints (TikTok API v2 rate limits)."""
VIDEO_FIELDS = {
    "views": "view_count",
    "reactions": "like_count",
    "comments": "comment_count",
    "shares": "share_count",
}
ACCOUNT_FIELDS = {"followers": "follower_count"}


class TikTokConnector:
    """See `models.ports.Connector`. `account_id` is the creator's open id for this app. TikTok tells no audience."""

    vendor = Vendor.TIKTOK
    streams = (Stream.ACCOUNT, Stream.POSTS)
    visibility_lag = timedelta(minutes=15)
    """Moderation usually takes less than a minute, but can take hours; until then the publish id is the only proof."""

    def __init__(self, account_id: str, account_name: str, api: Api, sleep: Callable[[float], None]) -> None:
        self._account_id = account_id
        self._account_name = account_name
        self._api = api
        self._sleep = sleep
        self._audited = True

    def validate(self, post: OutgoingPost) -> list[Problem]:
        return limits.validate(post, caption(post), audited=self._audited)

    def publish(self, post: OutgoingPost, phases: Phases) -> Published:
        if problems := self.validate(post):
            cause = problems[0].message.rstrip(".")
            raise self._api.client.error(Rejected, cause, "change the post and approve it again", post=post.key)
        try:
            return Publisher(self._api, post, phases, self._sleep).publish()
        except Rejected as refused:
            self._audited = self._audited and refused.code != UNAUDITED
            raise

    def find_published(self, post: OutgoingPost, phases: Phases, *, since: datetime) -> Finding:
        return find.find_published(self._api, post, phases, since, self._sleep)

    def collect(self, stream: Stream, *, since: datetime, until: datetime) -> Iterator[Record]:
        account = Account(Platform.TIKTOK, self._account_id, self._account_name, until)
        match stream:
            case Stream.ACCOUNT:
                return self._account(account)
            case Stream.POSTS:
                return self._posts(account, since)
            case _:
                raise InvalidInput(f"TikTok has no {stream} to read: read {' or '.join(self.streams)}.")

    def quota(self) -> Mapping[str, str]:
        return self._api.client.quota()

    def _account(self, account: Account) -> Iterator[Record]:
        user = self._api.get("/user/info/", tuple(ACCOUNT_FIELDS.values())).get("user")
        if not isinstance(user, dict):
            raise self._api.client.unreadable(Effect.READ, "the answer describes no user")
        for metric, field in ACCOUNT_FIELDS.items():
            yield account.now(metric, number(user.get(field)))

    def _posts(self, account: Account, since: datetime) -> Iterator[Record]:
        """Totals of every video of the window. Publish times are whole seconds, so the window begins on one."""
        begin = since.replace(microsecond=0)
        for page in listed(self._api, begin, account.at):
            for video in page:
                if video.published_at is None or not video.id:
                    yield _unreadable(video)
                elif begin <= video.published_at < account.at:
                    yield account.content(
                        video.id, video.kind, video.row, published_at=video.published_at, title=video.title,
                        body=video.text, url=video.url,
                    )  # fmt: skip
                    for metric, field in VIDEO_FIELDS.items():
                        yield account.of_post(video.id, metric, video.published_at, number(video.row.get(field)))


def connector(
    account_id: str,
    account_name: str,
    holder: CredentialHolder,
    where: Endpoints,
    *,
    transport: httpx.BaseTransport | None = None,
    timeout: httpx.Timeout = TIMEOUT,
    sleep: Callable[[float], None] = time.sleep,
) -> TikTokConnector:
    """The pace is kept with TikTok itself only: the sandbox's minutes are not this machine's."""

    client = VendorClient(
        Vendor.TIKTOK, account_name, classify=classify, authorize=holder.bear, renew=holder.renew,
        rates=() if where.sandbox else RATES, transport=transport, timeout=timeout, sleep=sleep,
    )  # fmt: skip
    return TikTokConnector(account_id, account_name, Api(client, where["api"]), sleep)


def _unreadable(video: Video) -> Rejection:
    column = "id" if not video.id else "create_time"
    return Rejection("TikTok videos", None, column, f"the video has no {column}", str(video.row)[:500])
