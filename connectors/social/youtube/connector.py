"""One YouTube channel: publishes videos, finds them again, collects their numbers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

import httpx

from connectors.credentials import CredentialHolder
from connectors.endpoints import Endpoints
from connectors.http import TIMEOUT
from connectors.readings import Account
from connectors.social.youtube import collect, find, limits, publish
from connectors.social.youtube.channel import Channel
from connectors.social.youtube.upload import CHUNK
from models.domain.connection import Vendor
from models.domain.content import Record
from models.domain.publishing import Finding, OutgoingPost, Problem, Published
from models.domain.social import Platform
from models.ports import Connector, Phases, Stream


class YouTubeConnector:
    """`chunk` is the size of an upload's parts in bytes, a multiple of 256 KiB."""

    vendor = Vendor.YOUTUBE
    streams: tuple[Stream, ...] = (Stream.ACCOUNT, Stream.POSTS, Stream.AUDIENCE)
    visibility_lag = timedelta(minutes=10)
    """Not documented; the session, which is asked first, knows at once."""

    def __init__(self, channel: Channel, name: str, *, chunk: int = CHUNK) -> None:
        self.chunk = chunk
        self._channel = channel
        self._name = name

    def validate(self, post: OutgoingPost) -> list[Problem]:
        return limits.validate(post)

    def publish(self, post: OutgoingPost, phases: Phases) -> Published:
        return publish.publish(self._channel, post, phases, self.chunk)

    def find_published(self, post: OutgoingPost, phases: Phases, *, since: datetime) -> Finding:
        return find.find_published(self._channel, post, phases, since)

    def collect(self, stream: Stream, *, since: datetime, until: datetime) -> Iterator[Record]:
        account = Account(Platform.YOUTUBE, self._channel.id, self._name, until)
        match stream:
            case Stream.POSTS:
                return collect.posts(self._channel, account, since, until)
            case Stream.ACCOUNT:
                return collect.days(self._channel, account, since, until)
            case Stream.AUDIENCE:
                return collect.audience(self._channel, account, until)

    def quota(self) -> Mapping[str, str]:
        """YouTube tells an allowance only when it is used up."""
        return dict(self._channel.spent)


def connector(
    account_id: str,
    account_name: str,
    holder: CredentialHolder,
    where: Endpoints,
    *,
    transport: httpx.BaseTransport | None = None,
    timeout: httpx.Timeout = TIMEOUT,
    sleep: Callable[[float], None] = time.sleep,
) -> Connector:
    channel = Channel(account_id, holder, where, transport=transport, timeout=timeout, sleep=sleep)
    return YouTubeConnector(channel, account_name)
