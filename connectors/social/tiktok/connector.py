"""TikTok for one creator's account."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

import httpx

from connectors.credentials import CredentialHolder
from connectors.endpoints import Endpoints
from connectors.http import TIMEOUT, VendorClient
from connectors.social.tiktok import find, limits
from connectors.social.tiktok.api import Api
from connectors.social.tiktok.errors import UNAUDITED, classify
from connectors.social.tiktok.publish import Publisher, caption
from connectors.social.tiktok.videos import Video, listed
from models.domain.connection import Vendor
from models.domain.content import (
    ContentRecord,
    EntityType,
    Observation,
    ObservationState,
    Owner,
    Record,
    Rejection,
)
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
        match stream:
            case Stream.ACCOUNT:
                return self._account(until)
            case Stream.POSTS:
                return self._posts(since, until)
            case _:
                raise InvalidInput(f"TikTok has no {stream} to read: read {' or '.join(self.streams)}.")

    def quota(self) -> Mapping[str, str]:
        return self._api.client.quota()

    def _account(self, until: datetime) -> Iterator[Record]:
        user = self._api.get("/user/info/", tuple(ACCOUNT_FIELDS.values())).get("user")
        told = user if isinstance(user, dict) else {}
        for metric, field in ACCOUNT_FIELDS.items():
            yield self._observed(EntityType.ACCOUNT, self._account_id, metric, None, told.get(field), until)

    def _posts(self, since: datetime, until: datetime) -> Iterator[Record]:
        """Totals of every video of the window. Publish times are whole seconds, so the window begins on one."""
        begin = since.replace(microsecond=0)
        for page in listed(self._api, begin, until):
            for video in page:
                if video.published_at is None or not video.id:
                    yield _unreadable(video)
                elif begin <= video.published_at < until:
                    yield self._record(video, until)
                    for metric, field in VIDEO_FIELDS.items():
                        at = video.published_at
                        yield self._observed(EntityType.POST, video.id, metric, at, video.row.get(field), until)

    def _record(self, video: Video, until: datetime) -> ContentRecord:
        return ContentRecord(
            Platform.TIKTOK, self._account_id, self._account_name, Owner.OWN, EntityType.POST, video.id, video.kind,
            video.title, video.text, video.url, video.published_at, until, payload=video.row,
        )  # fmt: skip

    def _observed(
        self,
        entity_type: EntityType,
        entity_id: str,
        metric: str,
        begin: datetime | None,
        value: object,
        until: datetime,
    ) -> Observation:
        """A total as of `until`; what TikTok leaves out is unavailable, never zero."""
        told = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
        state = ObservationState.UNAVAILABLE if told is None else ObservationState.OBSERVED
        return Observation(
            Platform.TIKTOK, self._account_id, self._account_name, Owner.OWN, entity_type, entity_id, metric, begin,
            until, told, state, until,
        )  # fmt: skip


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

    def bear(request: httpx.Request) -> None:
        request.headers["Authorization"] = f"Bearer {holder.token()}"

    client = VendorClient(
        Vendor.TIKTOK, account_name, classify=classify, authorize=bear, renew=holder.renew,
        rates=() if where.sandbox else RATES, transport=transport, timeout=timeout, sleep=sleep,
    )  # fmt: skip
    return TikTokConnector(account_id, account_name, Api(client, where["api"]), sleep)


def _unreadable(video: Video) -> Rejection:
    column = "id" if not video.id else "create_time"
    return Rejection("TikTok videos", None, column, f"the video has no {column}", str(video.row)[:500])
