"""Sends one claimed item through its connector, and finds out what became of one whose outcome is unknown.

The order is the safety: what is committed before the irreversible call says that it may happen; after it, only what proves
that nothing happened leads to another attempt. What no program can rule out is a worker that is frozen between the commit of
`sending` and its call for longer than lease and visibility lag together, and then goes on.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from models.domain.publishing import (
    Finding,
    OutboxItem,
    OutboxStatus,
    OutgoingPost,
    Presence,
    Problem,
    Published,
)
from models.domain.social import Platform
from models.domain.workspace import SYSTEM
from models.errors import AuthExpired, Conflict, OutcomeUnknown, Rejected, VendorError
from models.ports import Connector
from models.services import connections, outbox
from models.services.outbox import LEASE
from models.services.policy import public
from models.store.unit_of_work import UnitOfWork

OpenUow = Callable[[], UnitOfWork]
PostOf = Callable[[UnitOfWork, OutboxItem], OutgoingPost]
"""Makes the post of an item, see `outbox.outgoing`."""
Clock = Callable[[], datetime]

_logger = logging.getLogger(__name__)
_MARGIN = timedelta(minutes=10)
"""How far the platform's clock may be behind when a post is looked for."""
_FIRST_WAIT = timedelta(minutes=1)
_LONGEST_WAIT = timedelta(hours=1)
_REQUIRED_TITLE = {
    Platform.YOUTUBE: "The video has no title: start the draft with a line 'Title: …'.",
    Platform.EMAIL: "The e-mail has no subject: start the draft with a line 'Subject: …'.",
}
_BRACKETS = re.compile(r"\[[^\[\]]*\]")


@public("runs in the worker, which is the system; every step is a service call of its own as the system")
def deliver(
    open_uow: OpenUow, item: OutboxItem, connector: Connector, *, post_of: PostOf, now: Clock, worker: str,
    lease: timedelta = LEASE,
) -> OutboxItem:  # fmt: skip
    """Publishes an item that `claim_next` gave, and gives its state afterwards.

    Each step is its own committed transaction. Where the claim was lost meanwhile the item is given as it is now.
    """
    attempt = _Attempt(open_uow, item, worker, now, lease)
    try:
        with open_uow() as uow:
            post = post_of(uow, item)
        problems = [*_unready(post), *connector.validate(post)]
        if problems:
            return attempt.fail(" ".join(dict.fromkeys(problem.message for problem in problems)))
        if item.sending_since is not None:
            earlier = _look(connector, post, attempt, item.sending_since)
            if earlier.presence is Presence.FOUND and earlier.published is not None:
                return attempt.sent(earlier.published, earlier.evidence)
            if earlier.presence is Presence.UNCERTAIN:
                return attempt.uncertain(earlier.evidence, looked=True)
        return _publish(connector, post, attempt)
    except Conflict as lost:
        _logger.info("outgoing post %s: %s", item.key, lost)
        with open_uow() as uow:
            return outbox.get_item(uow, SYSTEM, item.key)


@public("runs in the worker, which is the system; every step is a service call of its own as the system")
def resolve(
    open_uow: OpenUow, item: OutboxItem, connector: Connector, *, post_of: PostOf, now: Clock, worker: str
) -> OutboxItem:
    """Looks for a post of unknown outcome, and gives its state afterwards.

    Found: sent. Absent after the visibility lag: queued again, and looked for once more before it is sent, one lag later, so
    that a clock that jumped cannot make an early look count. Else it stays unknown, in the end for a person to decide.
    """
    attempt = _Attempt(open_uow, item, worker, now, LEASE)
    try:
        with open_uow() as uow:
            post = post_of(uow, item)
        since = item.sending_since or item.due_at
        finding = _look(connector, post, attempt, since)
        if finding.presence is Presence.FOUND and finding.published is not None:
            return attempt.sent(finding.published, finding.evidence)
        settled = max(since, item.lease_until or since) + connector.visibility_lag
        if finding.presence is not Presence.ABSENT:
            return attempt.uncertain(finding.evidence, looked=True)
        if now() < settled:
            return attempt.uncertain(finding.evidence, looked=False, not_before=settled)
        return attempt.absent(finding.evidence, not_before=now() + connector.visibility_lag)
    except Conflict as lost:
        _logger.info("outgoing post %s: %s", item.key, lost)
        with open_uow() as uow:
            return outbox.get_item(uow, SYSTEM, item.key)


class _Attempt:
    """One worker's claim on an item. As `ports.Phases` it commits each step; the other methods end the attempt."""

    def __init__(self, open_uow: OpenUow, item: OutboxItem, worker: str, now: Clock, lease: timedelta) -> None:
        self._open_uow = open_uow
        self._worker = worker
        self._now = now
        self._lease = lease
        self.item = item

    @property
    def may_be_out(self) -> bool:
        return self.item.status is OutboxStatus.SENDING

    def done(self, phase: str) -> Mapping[str, str] | None:
        return self.item.phases.get(phase)

    def finish(self, phase: str, **values: str) -> None:
        with self._open_uow() as uow:
            self.item = outbox.finish_phase(
                uow, SYSTEM, self.item, phase, values, worker=self._worker, now=self._now(), lease=self._lease
            )

    def sending(self) -> None:
        with self._open_uow() as uow:
            self.item = outbox.mark_sending(
                uow, SYSTEM, self.item, worker=self._worker, now=self._now(), lease=self._lease
            )
        if self.item.lease_until is not None and self._now() >= self.item.lease_until:
            raise Conflict("The commit took longer than the lease: nothing was sent under it.")

    def sent(self, published: Published, message: str) -> OutboxItem:
        with self._open_uow() as uow:
            return outbox.mark_sent(
                uow, SYSTEM, self.item, published, worker=self._worker, now=self._now(), message=message
            )

    def unknown(self, message: str) -> OutboxItem:
        with self._open_uow() as uow:
            return outbox.mark_unknown(uow, SYSTEM, self.item, message, worker=self._worker, now=self._now())

    def fail(self, message: str) -> OutboxItem:
        with self._open_uow() as uow:
            return outbox.mark_failed(uow, SYSTEM, self.item, message, worker=self._worker, now=self._now())

    def put_back(self, message: str, until: datetime | None = None) -> OutboxItem:
        now = self._now()
        not_before = max(until, now) if until is not None else now + _wait(self.item.attempts)
        with self._open_uow() as uow:
            return outbox.put_back(
                uow, SYSTEM, self.item, message, not_before=not_before, worker=self._worker, now=now
            )  # fmt: skip

    def absent(self, message: str, *, not_before: datetime) -> OutboxItem:
        with self._open_uow() as uow:
            return outbox.mark_absent(
                uow, SYSTEM, self.item, message, not_before=not_before, worker=self._worker, now=self._now()
            )

    def uncertain(self, message: str, *, looked: bool, not_before: datetime | None = None) -> OutboxItem:
        now = self._now()
        with self._open_uow() as uow:
            return outbox.mark_uncertain(
                uow, SYSTEM, self.item, message, not_before=not_before or now + _wait(self.item.looks + 1),
                looked=looked, worker=self._worker, now=now,
            )  # fmt: skip

    def expire_connection(self, message: str) -> None:
        with self._open_uow() as uow:
            connections.mark_expired(uow, SYSTEM, self.item.connection_id, message, now=self._now())

    def other_item_of(self, post_id: str) -> str | None:
        """The key of another item that went out as this post."""
        with self._open_uow() as uow:
            key = outbox.sent_as(uow, SYSTEM, self.item.key, post_id)
        return key


def _publish(connector: Connector, post: OutgoingPost, attempt: _Attempt) -> OutboxItem:
    try:
        published = connector.publish(post, attempt)
    except Conflict:
        raise
    except OutcomeUnknown as error:
        return attempt.unknown(str(error))
    except Rejected as error:
        return attempt.fail(str(error))
    except AuthExpired as error:
        attempt.expire_connection(str(error))
        return attempt.put_back(str(error), error.until)
    except VendorError as error:
        return attempt.put_back(str(error), error.until)
    except Exception as error:
        _logger.exception("outgoing post %s: the connector failed", post.key)
        what = f"The {post.vendor.label} connector failed with {type(error).__name__}"
        if attempt.may_be_out:
            return attempt.unknown(f"{what} after the call: whether the post is there is being found out.")
        return attempt.put_back(f"{what} before anything was sent: see the worker's log.")
    if attempt.other_item_of(published.post_id) is not None:
        return attempt.fail(
            f"{post.vendor.label} answered with post {published.post_id}, which is another post of yours with the same content: "
            "change the text and approve it again."
        )
    return attempt.sent(published, "Published.")


def _look(connector: Connector, post: OutgoingPost, attempt: _Attempt, since: datetime) -> Finding:
    try:
        finding = connector.find_published(post, attempt, since=since - _MARGIN)
    except Conflict:
        raise
    except AuthExpired as error:
        attempt.expire_connection(str(error))
        return Finding(Presence.UNCERTAIN, str(error))
    except VendorError as error:
        return Finding(Presence.UNCERTAIN, str(error))
    except Exception as error:
        _logger.exception("outgoing post %s: it could not be looked for", post.key)
        return Finding(Presence.UNCERTAIN, f"The account could not be read ({type(error).__name__}).")
    if finding.published is not None and attempt.other_item_of(finding.published.post_id) is not None:
        return Finding(
            Presence.UNCERTAIN,
            f"Post {finding.published.post_id} has this content and is another post of yours; whether there are two is not known.",
        )
    return finding


def _unready(post: OutgoingPost) -> list[Problem]:
    """What a person has left undone in the draft, and files that have gone."""
    problems = []
    platform = post.vendor.platform
    if platform in _REQUIRED_TITLE and not post.title:
        problems.append(Problem("title", _REQUIRED_TITLE[platform]))
    for field, value in (("title", post.title), ("text", post.text), ("text", post.options.get("preheader", ""))):
        for found in _BRACKETS.findall(value):
            words = f"The part {found} is still in brackets: write what belongs there and approve the draft again."
            problems.append(Problem(field, words))
    for media in post.media:
        if not Path(media.path).is_file():
            problems.append(Problem("media", f"The file {media.sha256[:12]} of this draft is gone: add it again."))
    return problems


def _wait(times: int) -> timedelta:
    """1, 2, 4 … minutes, at most an hour."""
    return min(_FIRST_WAIT * (1 << max(times - 1, 0)), _LONGEST_WAIT)
