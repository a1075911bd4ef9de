"""One X account."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

import httpx

from connectors.credentials import CredentialHolder
from connectors.endpoints import Endpoints
from connectors.http import TIMEOUT
from connectors.readings import Account
from connectors.social.x.client import XClient
from connectors.social.x.collect import account_records, post_records
from connectors.social.x.limits import validate
from connectors.social.x.publish import find_published, publish
from models.domain.connection import Vendor
from models.domain.content import Record
from models.domain.publishing import Finding, OutgoingPost, Problem, Published
from models.domain.social import Platform
from models.errors import InvalidInput
from models.ports import Phases, Stream


class XConnector:
    """Implements `models.ports.Connector`. X tells nothing about the people of an account's audience."""

    vendor = Vendor.X
    streams = (Stream.ACCOUNT, Stream.POSTS)
    visibility_lag = timedelta(minutes=1)
    """X lists a post within seconds; the rest is margin (own bound)."""

    def __init__(self, account_id: str, account_name: str, client: XClient) -> None:
        self._account_id = account_id
        self._account_name = account_name
        self.client = client

    def validate(self, post: OutgoingPost) -> list[Problem]:
        return validate(post)

    def publish(self, post: OutgoingPost, phases: Phases) -> Published:
        return publish(self.client, self._account_id, post, phases)

    def find_published(self, post: OutgoingPost, phases: Phases, *, since: datetime) -> Finding:
        return find_published(self.client, self._account_id, post, phases, since=since)

    def collect(self, stream: Stream, *, since: datetime, until: datetime) -> Iterator[Record]:
        account = Account(Platform.X, self._account_id, self._account_name, until)
        match stream:
            case Stream.POSTS:
                return post_records(self.client, account, since=since, until=until)
            case Stream.ACCOUNT:
                return account_records(self.client, account)
            case _:
                raise InvalidInput(f"X has no {stream.value} to collect: its streams are account and posts.")

    def quota(self) -> Mapping[str, str]:
        return self.client.quota()


def connector(
    account_id: str,
    account_name: str,
    holder: CredentialHolder,
    where: Endpoints,
    *,
    transport: httpx.BaseTransport | None = None,
    timeout: httpx.Timeout = TIMEOUT,
    sleep: Callable[[float], None] = time.sleep,
) -> XConnector:
    """The connector of one account."""
    client = XClient(account_id, holder, where, transport=transport, timeout=timeout, sleep=sleep)
    return XConnector(account_id, account_name, client)
