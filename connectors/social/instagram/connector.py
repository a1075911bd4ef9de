"""One Instagram professional account as a connector (Graph API v25.0 with Facebook Login)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta

import httpx

from connectors.credentials import CredentialHolder
from connectors.endpoints import Endpoints
from connectors.http import TIMEOUT
from connectors.readings import Account
from connectors.social.instagram.collect import Collector
from connectors.social.instagram.limits import validate
from connectors.social.instagram.publish import Publisher
from connectors.social.meta.graph import Graph
from models.domain.connection import Vendor
from models.domain.content import Record
from models.domain.publishing import Finding, OutgoingPost, Problem, Published
from models.domain.social import Platform
from models.ports import Connector, Phases, Stream


class InstagramAccount:
    vendor = Vendor.INSTAGRAM
    streams: tuple[Stream, ...] = (Stream.ACCOUNT, Stream.POSTS, Stream.AUDIENCE)
    visibility_lag = timedelta(minutes=2)

    def __init__(self, graph: Graph, account_id: str, name: str) -> None:
        self._graph = graph
        self._id = account_id
        self._name = name
        self._publisher = Publisher(graph, account_id)

    def validate(self, post: OutgoingPost) -> list[Problem]:
        return validate(post)

    def publish(self, post: OutgoingPost, phases: Phases) -> Published:
        return self._publisher.publish(post, phases)

    def find_published(self, post: OutgoingPost, phases: Phases, *, since: datetime) -> Finding:
        return self._publisher.find(post, phases, since)

    def collect(self, stream: Stream, *, since: datetime, until: datetime) -> Iterator[Record]:
        collector = Collector(self._graph, Account(Platform.INSTAGRAM, self._id, self._name, until))
        match stream:
            case Stream.POSTS:
                yield from collector.posts(since, until)
            case Stream.ACCOUNT:
                yield from collector.account(since, until)
            case Stream.AUDIENCE:
                yield from collector.audience()

    def quota(self) -> Mapping[str, str]:
        return self._graph.client.quota()


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
    graph = Graph(where, account_id, holder, transport=transport, timeout=timeout, sleep=sleep)
    return InstagramAccount(graph, account_id, account_name)
