"""Publishing on Instagram, and finding what was published.

Everything before `media_publish` prepares containers that nobody sees; a container tells by its own status whether it was
published, which is the proof after an answer got lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from connectors.answers import Limit, within_a_day
from connectors.http import Effect
from connectors.social.instagram.containers import Container, Containers, State
from connectors.social.instagram.rows import media_count, moment_of
from connectors.social.matching import Shown, Wanted, began, matches
from connectors.social.meta.graph import Graph, epoch
from connectors.social.meta.insights import number
from models.domain.publishing import Finding, OutgoingPost, Presence, Published
from models.errors import OutcomeUnknown, QuotaExhausted, VendorError
from models.ports import Phases

_MATCH_FIELDS = "id,caption,media_type,permalink,timestamp,children{id}"


class Publisher:
    """Publishes for one account."""

    def __init__(self, graph: Graph, account_id: str) -> None:
        self._graph = graph
        self._account = account_id
        self._containers = Containers(graph, account_id)

    def publish(self, post: OutgoingPost, phases: Phases) -> Published:
        container = self._containers.ready(post, phases)
        if container.state is State.PUBLISHED:
            return self._already(post, container)
        self.check_allowance(post)
        phases.sending()
        made = self._graph.new_id(
            f"{self._account}/media_publish", Effect.COMMIT, post.key, data={"creation_id": container.id}
        )
        return self._told(made)

    def check_allowance(self, post: OutgoingPost) -> None:
        """Reads how many posts of the last 24 hours are allowed and used. Raises `QuotaExhausted` before sending."""
        answer = self._graph.get(f"{self._account}/content_publishing_limit", fields="quota_usage,config")
        limit = allowance_of(answer)
        if limit is None:
            return
        self._graph.client.limits[limit.name] = limit
        if limit.remaining <= 0:
            raise self._graph.client.error(
                QuotaExhausted,
                f"all {limit.total:.0f} posts that Instagram allows in 24 hours are used",
                "it is tried again when the oldest of them is a day old",
                post=post.key,
                code="9/2207042",
                until=within_a_day(),
            )

    def find(self, post: OutgoingPost, phases: Phases, since: datetime) -> Finding:
        """By the container's own status, and by caption and number of items among the account's media."""
        kept = phases.done("container")
        try:
            container = self._containers.read(kept["id"]) if kept else None
            found = matches(self._shown(since), _wanted(post), since=since)
        except VendorError as error:
            return Finding(Presence.UNCERTAIN, f"The account could not be read: {error}")
        said = f"Container {container.id} is {container.state}" if container else "No container was made"
        if len(found) > 1:
            return Finding(Presence.UNCERTAIN, f"{said}; {len(found)} media of the account have this content")
        if container is not None and container.state is State.UNKNOWN:
            return Finding(Presence.UNCERTAIN, f"The status of container {container.id} could not be understood")
        if container is None or container.state is not State.PUBLISHED:
            if found:
                evidence = f"{said}, yet media {found[0].post_id} of the account has the same caption"
                return Finding(Presence.UNCERTAIN, evidence)
            return Finding(Presence.ABSENT, f"{said}, so it was not published, and no media has this content")
        if found:
            return Finding(Presence.FOUND, f"{said}; the media has the same caption and items", found[0])
        return Finding(Presence.UNCERTAIN, f"{said}, but the account does not list the media yet")

    def _shown(self, since: datetime) -> Iterator[Shown]:
        for rows in self._graph.pages(f"{self._account}/media", fields=_MATCH_FIELDS, since=epoch(began(since))):
            yield from filter(None, map(_shown, rows))

    def _already(self, post: OutgoingPost, container: Container) -> Published:
        """What an earlier attempt published from this container: it lives for a day, so the newest page shows it."""
        newest = self._graph.page(f"{self._account}/media", {}, fields=_MATCH_FIELDS).rows
        found = matches(filter(None, map(_shown, newest)), _wanted(post))
        if len(found) == 1:
            return found[0]
        raise self._graph.client.error(
            OutcomeUnknown,
            f"container {container.id} says that it was published, and {len(found)} media of the account have this content",
            "the account is read again later to find out which",
            post=post.key,
        )

    def _told(self, media_id: str) -> Published:
        """The media's address. It is published, so an address that cannot be read now is only left out."""
        try:
            row = self._graph.get(media_id, fields="permalink,timestamp")
        except VendorError:
            return Published(media_id)
        return _published({**row, "id": media_id})


def allowance_of(answer: Mapping[str, Any]) -> Limit | None:
    """Posts left of the rolling 24 hours, None where the answer does not tell."""
    data = answer.get("data")
    row = data[0] if isinstance(data, list) and data and isinstance(data[0], dict) else {}
    config = row.get("config")
    total = number(config.get("quota_total")) if isinstance(config, dict) else None
    used = number(row.get("quota_usage"))
    if total is None or used is None:
        return None
    return Limit("posts of 24 hours", max(0.0, total - used), total)


def _shown(row: Mapping[str, Any]) -> Shown | None:
    """A media object as a reader sees it; None without an id."""
    return Shown(_published(row), str(row.get("caption") or ""), media_count(row)) if row.get("id") else None


def _wanted(post: OutgoingPost) -> Wanted:
    return Wanted(post.text, len(post.media))


def _published(row: Mapping[str, Any]) -> Published:
    url = row.get("permalink")
    return Published(str(row["id"]), url if isinstance(url, str) else None, moment_of(row))
