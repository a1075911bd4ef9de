"""Instagram's containers: media that Instagram has downloaded and prepared, and that `media_publish` makes public."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from connectors.http import Effect
from connectors.social.meta.errors import GONE, SUBCODES
from connectors.social.meta.graph import Graph
from models.domain.publishing import Media, MediaKind, OutgoingPost
from models.errors import Rejected, Transient
from models.ports import Phases

READS = 60
SECONDS = 5.0
"""Status reads of a container, and the wait between them: Instagram advises once a minute for at most 5 minutes."""
TRIES = 2
"""How often an item is prepared when Instagram fails at it without a reason in the file."""
_SUBCODE = re.compile(r"\b2207\d{3}\b")


class State(StrEnum):
    IN_PROGRESS = "IN_PROGRESS"
    FINISHED = "FINISHED"
    PUBLISHED = "PUBLISHED"
    ERROR = "ERROR"
    EXPIRED = "EXPIRED"
    """Not published within 24 hours, or not known any more."""
    UNKNOWN = "UNKNOWN"
    """The answer names no state that this version knows."""


@dataclass(frozen=True)
class Container:
    """A container's state, and Instagram's words about it."""

    id: str
    state: State
    words: str = ""


class Containers:
    """Makes and reads the containers of one account."""

    def __init__(self, graph: Graph, account_id: str) -> None:
        self._graph = graph
        self._account = account_id

    def read(self, container_id: str) -> Container:
        try:
            row = self._graph.get(container_id, fields="id,status_code,status")
        except Rejected as refused:
            if refused.code == GONE:
                return Container(container_id, State.EXPIRED, "it does not exist any more")
            raise
        return container_of(container_id, row)

    def ready(self, post: OutgoingPost, phases: Phases) -> Container:
        """The post's container, FINISHED or PUBLISHED; whatever an earlier attempt left is used while it is good."""
        kept = phases.done("container")
        if kept is not None:
            found = self._settled(post, kept["id"])
            if found.state in (State.FINISHED, State.PUBLISHED):
                return found
        return self._prepared(post, phases, "container", self._content(post, phases))

    def _content(self, post: OutgoingPost, phases: Phases) -> dict[str, str]:
        if len(post.media) == 1:
            return {"caption": post.text, **_source(post.media[0], "REELS")}
        items = [self._item(post, phases, number) for number in range(len(post.media))]
        return {"caption": post.text, "media_type": "CAROUSEL", "children": ",".join(items)}

    def _item(self, post: OutgoingPost, phases: Phases, number: int) -> str:
        phase = f"item-{number}"
        kept = phases.done(phase)
        if kept is not None and self._settled(post, kept["id"]).state is State.FINISHED:
            return kept["id"]
        content = {"is_carousel_item": "true", **_source(post.media[number], "VIDEO")}
        return self._prepared(post, phases, phase, content).id

    def _prepared(self, post: OutgoingPost, phases: Phases, phase: str, content: dict[str, str]) -> Container:
        """Makes a container and waits for it; once more when Instagram fails for a passing reason."""
        attempt = 1
        while True:
            made = self._graph.new_id(f"{self._account}/media", Effect.STAGE, post.key, data=content)
            phases.finish(phase, id=made)
            found = self._settled(post, made)
            if found.state is State.FINISHED:
                return found
            problem = self._problem(post, found)
            if not isinstance(problem, Transient) or attempt >= TRIES:
                raise problem
            attempt += 1

    def _settled(self, post: OutgoingPost, container_id: str) -> Container:
        """The container once it is no longer in progress. Raises `Transient` when that takes too long."""
        for number in range(READS):
            found = self.read(container_id)
            if found.state not in (State.IN_PROGRESS, State.UNKNOWN):
                return found
            if number + 1 < READS:
                self._graph.sleep(SECONDS)
        raise self._graph.client.error(
            Transient, "Instagram is still preparing the media", "it is looked at again later", post=post.key
        )

    def _problem(self, post: OutgoingPost, found: Container) -> Exception:
        named = _SUBCODE.search(found.words)
        meaning = SUBCODES.get(int(named[0])) if named else None
        code = named[0] if named else found.state.value
        if meaning is None:
            return self._graph.client.error(
                Rejected, f"the media could not be prepared ({found.words or found.state})",
                "check the file and that its address opens for everyone", post=post.key, code=code,
            )  # fmt: skip
        return self._graph.client.error(meaning.kind, meaning.cause, meaning.next_step, post=post.key, code=code)


def container_of(container_id: str, row: dict[str, object]) -> Container:
    """A container as a status answer tells it."""
    code, words = row.get("status_code"), row.get("status")
    state = State(code) if isinstance(code, str) and code in State.__members__ else State.UNKNOWN
    return Container(container_id, state, words if isinstance(words, str) else "")


def _source(media: Media, video_type: str) -> dict[str, str]:
    address = media.url or ""
    if media.kind is MediaKind.VIDEO:
        return {"media_type": video_type, "video_url": address}
    return {"image_url": address, **({"alt_text": media.alt_text} if media.alt_text else {})}
