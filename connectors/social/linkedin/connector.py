"""LinkedIn for one organization's page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial

import httpx

from connectors.credentials import CredentialHolder
from connectors.endpoints import Endpoints
from connectors.http import TIMEOUT, VendorClient
from connectors.readings import Account
from connectors.social.linkedin import limits, publish
from connectors.social.linkedin.api import HEADERS, Api, organization
from connectors.social.linkedin.errors import classify
from connectors.social.linkedin.posts import ListedPost, listed
from connectors.social.linkedin.statistics import DAY_FIELDS, Reader
from models.domain.connection import Vendor
from models.domain.content import Observation, Record, Rejection
from models.domain.publishing import Finding, OutgoingPost, Problem, Published
from models.domain.social import Platform
from models.errors import PermissionMissing, Rejected
from models.ports import Phases, Stream


class LinkedInConnector:
    """See `models.ports.Connector`. `account_id` is the organization's number."""

    vendor = Vendor.LINKEDIN
    streams = (Stream.ACCOUNT, Stream.POSTS, Stream.AUDIENCE)
    visibility_lag = timedelta(minutes=10)
    """LinkedIn states none; a post may be accepted and only listed after it was processed."""

    def __init__(self, account_id: str, account_name: str, api: Api, sleep: Callable[[float], None]) -> None:
        self._account_id = account_id
        self._account_name = account_name
        self._api = api
        self._sleep = sleep

    def validate(self, post: OutgoingPost) -> list[Problem]:
        return limits.validate(post, publish.seen_text(post))

    def publish(self, post: OutgoingPost, phases: Phases) -> Published:
        return publish.publish(self._api, self._account_id, post, phases, self._sleep)

    def find_published(self, post: OutgoingPost, phases: Phases, *, since: datetime) -> Finding:
        return publish.find_published(self._api, self._account_id, post, since)

    def collect(self, stream: Stream, *, since: datetime, until: datetime) -> Iterator[Record]:
        reader = Reader(self._api, Account(Platform.LINKEDIN, self._account_id, self._account_name, until))
        match stream:
            case Stream.ACCOUNT:
                return self._account(reader, since)
            case Stream.POSTS:
                return self._posts(reader, since)
            case Stream.AUDIENCE:
                return reader.segments()

    def quota(self) -> Mapping[str, str]:
        return self._api.client.quota()

    def _account(self, reader: Reader, since: datetime) -> Iterator[Record]:
        """Each of the three answers stands for itself; only when all are refused does the stream fail."""
        parts: tuple[tuple[Callable[[], Iterator[Observation]], tuple[str, ...]], ...] = (
            (reader.followers, ("followers",)),
            (partial(reader.days_of_shares, since), tuple(DAY_FIELDS)),
            (partial(reader.days_of_followers, since), ("followers_gained",)),
        )
        refusals: list[PermissionMissing | Rejected] = []
        for read, metrics in parts:
            try:
                found = list(read())
            except (PermissionMissing, Rejected) as refused:
                refusals.append(refused)
                if len(refusals) == len(parts):
                    raise
                found = (
                    [reader.account.now("followers", None)]
                    if metrics == ("followers",)
                    else reader.refused(metrics, since, refused)
                )
            yield from found

    def _posts(self, reader: Reader, since: datetime) -> Iterator[Record]:
        for page in listed(self._api, organization(self._account_id), since):
            published: dict[str, datetime] = {}
            for post in page:
                if post.published_at is None or not post.urn:
                    yield _unreadable(post)
                elif since <= post.published_at < reader.until:
                    published[post.urn] = post.published_at
                    yield reader.account.content(
                        post.urn, post.kind, post.row, published_at=post.published_at, title=post.title, body=post.text,
                        url=post.url,
                    )  # fmt: skip
            yield from reader.posts(published)


def connector(
    account_id: str,
    account_name: str,
    holder: CredentialHolder,
    where: Endpoints,
    *,
    transport: httpx.BaseTransport | None = None,
    timeout: httpx.Timeout = TIMEOUT,
    sleep: Callable[[float], None] = time.sleep,
) -> LinkedInConnector:
    """LinkedIn publishes no rates, so the account keeps to none of its own; the day's limit is told by a 429."""

    client = VendorClient(
        Vendor.LINKEDIN, account_name, classify=classify, authorize=holder.bear, renew=holder.renew, headers=HEADERS,
        transport=transport, timeout=timeout, sleep=sleep,
    )  # fmt: skip
    return LinkedInConnector(account_id, account_name, Api(client, where["api"]), sleep)


def _unreadable(post: ListedPost) -> Rejection:
    column = "id" if not post.urn else "publishedAt"
    return Rejection("LinkedIn posts", None, column, f"the post has no {column}", str(post.row)[:500])
