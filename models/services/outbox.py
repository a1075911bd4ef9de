"""The outbox: what is approved and due is claimed by one worker, and every step is committed before the next.

A worker holds an item by its claim's number (`fence`). Whoever lost the claim, because the lease ran out or the approval
ended, gets `Conflict` and has written nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from models.domain.approval import DraftStatus
from models.domain.publishing import Media, OutboxItem, OutboxStatus, OutgoingPost, Published, PublishStep
from models.domain.workspace import Principal
from models.errors import Conflict, InvalidInput, NotFound
from models.generation.limits import parts
from models.ports import MediaFiles
from models.services._outgoing import approved_hash, cancel, enqueue, step
from models.services._recording import record
from models.services._wording import clean, clean_line
from models.services.policy import CLAIM, INSTALLATION, OUTGOING, Action, policy
from models.store.unit_of_work import UnitOfWork

LEASE = timedelta(minutes=15)
"""How long a worker may be silent. Longer than the longest irreversible call with its waits and time-outs."""
MOST_ATTEMPTS = 8
MOST_LOOKS = 12
"""After so many looks that could not tell whether a post is there, a person decides."""


@policy(Action.PUBLISH)
def enqueue_missing(uow: UnitOfWork, principal: Principal, workspace_id: str, *, now: datetime) -> int:
    """Outbox rows for accounts that were connected after an approval; gives their number. Slots that have passed get none."""
    added = 0
    planned = uow.outbox.planned(workspace_id, now)
    missing = {
        draft.id
        for draft in uow.drafts.of_workspace(workspace_id, status=DraftStatus.APPROVED)
        if draft.slot_at > now
        for connection in uow.connections.publishing_to(workspace_id, draft.platform)
        if (draft.id, draft.version.number, connection.id) not in planned
    }
    for draft_id in sorted(missing):
        uow.drafts.lock(draft_id)
        draft = uow.drafts.get(draft_id)
        approved = approved_hash(uow, draft) if draft is not None else None
        if draft is not None and approved is not None:
            added += enqueue(uow, draft, approved, by=principal.user_id, revive_failed=False, now=now)
    return added


@policy(Action.PUBLISH, INSTALLATION)
def claim_next(
    uow: UnitOfWork, principal: Principal, *, worker: str, now: datetime, lease: timedelta = LEASE
) -> OutboxItem | None:
    """Takes the item that is due longest, on a connected account; None when nothing is due. No two callers get the same.

    An item whose approval ended is cancelled in passing, one that was tried too often fails.
    """
    while (item := uow.outbox.next_due(now)) is not None:
        if not _still_approved(uow, item):
            cancel(uow, item, because="What was approved has changed: approve it again.", by=worker, now=now)
            continue
        claimed = replace(
            item, status=OutboxStatus.CLAIMED, fence=item.fence + 1, attempts=item.attempts + 1,
            lease_until=now + lease, not_before=None,
        )  # fmt: skip
        step(uow, claimed, worker, now, f"Attempt {claimed.attempts} began.")
        return claimed
    return None


@policy(Action.PUBLISH, CLAIM)
def finish_phase(
    uow: UnitOfWork, principal: Principal, item: OutboxItem, phase: str, values: Mapping[str, str], *, worker: str,
    now: datetime, lease: timedelta = LEASE,
) -> OutboxItem:  # fmt: skip
    """Keeps what a phase of a claimed item finished with, and extends the lease."""
    held = _held(uow, item, OutboxStatus.CLAIMED, OutboxStatus.SENDING)
    sending = held.status is OutboxStatus.SENDING
    uow.outbox.put_phase(held.key, phase, values, after_sending=sending)
    extended = replace(held, lease_until=now + lease, phases={**held.phases, phase: dict(values)})
    step(uow, extended, worker, now, f"The step {phase!r} is done.")
    return extended


@policy(Action.PUBLISH, CLAIM)
def mark_sending(
    uow: UnitOfWork, principal: Principal, item: OutboxItem, *, worker: str, now: datetime, lease: timedelta = LEASE
) -> OutboxItem:
    """Commits that the next call is the irreversible one, after checking once more that the approval stands.

    Where an earlier one of the same attempt was refused, and so did nothing, another may follow.
    """
    uow.drafts.lock(item.draft_id)
    held = _held(uow, item, OutboxStatus.CLAIMED, OutboxStatus.SENDING)
    if not _still_approved(uow, held):
        cancel(uow, held, because="What was approved has changed: approve it again.", by=worker, now=now)
        uow.commit()
        raise Conflict("The approval of this post ended before it was sent: nothing was published.")
    sending = replace(
        held, status=OutboxStatus.SENDING, lease_until=now + lease, sending_since=held.sending_since or now
    )  # fmt: skip
    step(uow, sending, worker, now, "The irreversible call begins.")
    return sending


@policy(Action.PUBLISH, CLAIM)
def mark_sent(
    uow: UnitOfWork, principal: Principal, item: OutboxItem, published: Published, *, worker: str, now: datetime,
    message: str = "Published.",
) -> OutboxItem:  # fmt: skip
    """The platform confirmed the post, at once or when it was looked for."""
    held = _held(uow, item, OutboxStatus.CLAIMED, OutboxStatus.SENDING, OutboxStatus.UNKNOWN)
    sent = replace(
        held, status=OutboxStatus.SENT, post_id=published.post_id, url=published.url, message=message,
        finished_at=published.published_at or now, lease_until=None, not_before=None,
    )  # fmt: skip
    step(uow, sent, worker, now, message)
    record(uow, principal, held.workspace_id, "post.sent", held.key, now, draft=held.draft_id, attempts=held.attempts)
    return sent


@policy(Action.PUBLISH, CLAIM)
def mark_unknown(
    uow: UnitOfWork, principal: Principal, item: OutboxItem, message: str, *, worker: str, now: datetime
) -> OutboxItem:
    """Sent, and no trustworthy answer came."""
    held = _held(uow, item, OutboxStatus.CLAIMED, OutboxStatus.SENDING)
    unknown = replace(
        held, status=OutboxStatus.UNKNOWN, message=message, sending_since=held.sending_since or now, lease_until=now,
        not_before=None,
    )  # fmt: skip
    step(uow, unknown, worker, now, message)
    record(uow, principal, held.workspace_id, "post.unknown", held.key, now, draft=held.draft_id)
    return unknown


@policy(Action.PUBLISH, CLAIM)
def mark_failed(
    uow: UnitOfWork, principal: Principal, item: OutboxItem, message: str, *, worker: str, now: datetime
) -> OutboxItem:
    """It did not go out, for a reason that trying again does not change."""
    held = _held(uow, item, OutboxStatus.CLAIMED, OutboxStatus.SENDING, OutboxStatus.UNKNOWN)
    return _fail(uow, principal, held, message, worker, now)


@policy(Action.PUBLISH, CLAIM)
def put_back(
    uow: UnitOfWork, principal: Principal, item: OutboxItem, message: str, *, not_before: datetime, worker: str,
    now: datetime,
) -> OutboxItem:  # fmt: skip
    """It did not go out, which is proven; it is tried again from `not_before` on, or fails after `MOST_ATTEMPTS`."""
    held = _held(uow, item, OutboxStatus.CLAIMED, OutboxStatus.SENDING)
    if held.attempts >= MOST_ATTEMPTS:
        return _fail(uow, principal, held, f"Given up after {held.attempts} attempts. {message}", worker, now)
    return _requeue(uow, replace(held, sending_since=None), message, not_before, worker, now)


@policy(Action.PUBLISH, CLAIM)
def mark_absent(
    uow: UnitOfWork, principal: Principal, item: OutboxItem, message: str, *, not_before: datetime, worker: str,
    now: datetime,
) -> OutboxItem:  # fmt: skip
    """Looked for after the visibility lag and not there: queued again. Before it is sent it is looked for once more."""
    held = _held(uow, item, OutboxStatus.UNKNOWN)
    return _requeue(uow, held, message, not_before, worker, now)


@policy(Action.PUBLISH, CLAIM)
def mark_uncertain(
    uow: UnitOfWork, principal: Principal, item: OutboxItem, message: str, *, not_before: datetime, looked: bool,
    worker: str, now: datetime,
) -> OutboxItem:  # fmt: skip
    """Stays unknown until the next look; `looked` counts this one. After `MOST_LOOKS` a person decides."""
    held = _held(uow, item, OutboxStatus.CLAIMED, OutboxStatus.UNKNOWN)
    looks = held.looks + 1 if looked else held.looks
    words = message
    if looks >= MOST_LOOKS:
        words = f"{message} Nobody could tell after {looks} looks: open the account and say whether the post is there."
    unknown = replace(
        held, status=OutboxStatus.UNKNOWN, looks=looks, message=words, not_before=not_before,
        lease_until=held.lease_until if held.status is OutboxStatus.UNKNOWN else now,
    )  # fmt: skip
    step(uow, unknown, worker, now, words)
    return unknown


@policy(Action.PUBLISH, INSTALLATION)
def recover(uow: UnitOfWork, principal: Principal, *, now: datetime, worker: str = "recovery") -> list[OutboxItem]:
    """Takes items from workers whose lease ran out: claimed ones are queued again, sending ones become unknown."""
    recovered = []
    for item in uow.outbox.expired(now):
        if item.status is OutboxStatus.SENDING:
            words = "The worker stopped while sending: whether the post went out is being found out."
            found = replace(item, status=OutboxStatus.UNKNOWN, message=words, not_before=None)
            step(uow, found, worker, now, words)
            record(uow, principal, item.workspace_id, "post.unknown", item.key, now, draft=item.draft_id)
        elif item.attempts >= MOST_ATTEMPTS:
            words = f"Its worker stopped before sending, {item.attempts} times in all: look at the worker's log, then retry."
            found = _fail(uow, principal, item, words, worker, now)
        else:
            found = _requeue(uow, item, "The worker stopped before sending.", None, worker, now)
        recovered.append(found)
    return recovered


@policy(Action.PREPARE_POSTS, INSTALLATION)
def unresolved(uow: UnitOfWork, principal: Principal, *, now: datetime) -> list[OutboxItem]:
    """Items of unknown outcome that should be looked for now, on connected accounts."""
    return uow.outbox.unresolved(now, MOST_LOOKS)


@policy(Action.PREPARE_POSTS, OUTGOING)
def sent_as(uow: UnitOfWork, principal: Principal, key: str, post_id: str) -> str | None:
    """The key of another item that went out as this post of the same account."""
    other = uow.outbox.sent_as(_get(uow, key).connection_id, post_id)
    return other if other != key else None


@policy(Action.PREPARE_POSTS, OUTGOING)
def outgoing(uow: UnitOfWork, principal: Principal, key: str, *, files: MediaFiles) -> OutgoingPost:
    """The post as approved: named first lines become title and options, media get their file and address.

    Raises `Conflict` when the approved version is no longer the draft's newest.
    """
    item = _get(uow, key)
    draft = uow.drafts.get(item.draft_id)
    connection = uow.connections.get(item.connection_id)
    if draft is None or connection is None or approved_hash(uow, draft) != item.content_hash:
        raise Conflict("What was approved has changed: approve it again.")
    text = parts(draft.platform, draft.version.text)
    preheader = {"preheader": text.fields["Preheader"]} if text.fields.get("Preheader") else {}
    return OutgoingPost(
        key=item.key,
        vendor=item.vendor,
        account_id=connection.account_id,
        text=text.body,
        title=text.fields.get("Title") or text.fields.get("Subject") or "",
        media=tuple(
            Media(
                kind=shown.asset.kind,
                path=str(files.path(shown.asset)),
                content_type=shown.asset.content_type,
                size=shown.asset.size,
                sha256=shown.asset.id,
                width=shown.asset.width,
                height=shown.asset.height,
                duration_seconds=shown.asset.duration_seconds,
                alt_text=shown.alt_text,
                url=files.url(shown.asset),
            )
            for shown in uow.assets.of_draft(draft.id)
        ),
        options={**connection.options, **preheader},
    )


@policy(Action.VIEW_OUTBOX)
def list_outbox(
    uow: UnitOfWork, principal: Principal, workspace_id: str, *, statuses: Sequence[OutboxStatus] = (),
    limit: int | None = None,
) -> list[OutboxItem]:  # fmt: skip
    """The workspace's items, latest due first; of some statuses only where named."""
    return uow.outbox.of_workspace(workspace_id, statuses=statuses, limit=limit)


@policy(Action.VIEW_OUTBOX, OUTGOING)
def get_item(uow: UnitOfWork, principal: Principal, key: str) -> OutboxItem:
    return _get(uow, key)


@policy(Action.VIEW_OUTBOX, OUTGOING)
def outbox_log(uow: UnitOfWork, principal: Principal, key: str) -> list[PublishStep]:
    """Every step of the item, oldest first."""
    return uow.outbox.steps(key)


@policy(Action.DECIDE_OUTCOME, OUTGOING)
def decide_unknown(
    uow: UnitOfWork, principal: Principal, key: str, *, sent: bool, url: str | None = None, note: str, now: datetime
) -> OutboxItem:
    """A person who looked at the account says whether the post is there. If it is not, it is queued again."""
    words = clean(note, "The note", limit=2_000)
    item = _get(uow, key, lock=True)
    if item.status is not OutboxStatus.UNKNOWN:
        raise Conflict(f"This post is {item.status.value}, not of unknown outcome: reload to see it.")
    address = clean_line(url, "The address", limit=2_000) if url else None
    if address is not None and not address.startswith(("https://", "http://")):
        raise InvalidInput("The address of the post must start with https://: copy it from the platform.")
    decided = replace(item, fence=item.fence + 1, lease_until=None, not_before=None, message=words, looks=0)
    if sent:
        decided = replace(decided, status=OutboxStatus.SENT, url=address, finished_at=now)
    else:
        uow.outbox.drop_phases(key, only_after_sending=True)
        decided = replace(decided, status=OutboxStatus.QUEUED, sending_since=None, attempts=0)
    step(uow, decided, principal.user_id, now, words)
    record(uow, principal, item.workspace_id, "post.decided", key, now, sent=sent)
    return _get(uow, key)


@policy(Action.DECIDE_OUTCOME, OUTGOING)
def retry_failed(uow: UnitOfWork, principal: Principal, key: str, *, now: datetime) -> OutboxItem:
    """Queues a failed item again, whose cause a person has removed. What changed since its approval is cancelled instead."""
    item = _get(uow, key, lock=True)
    if item.status is not OutboxStatus.FAILED:
        raise Conflict(f"This post is {item.status.value}, not failed: reload to see it.")
    queued = replace(
        item, status=OutboxStatus.QUEUED, fence=item.fence + 1, attempts=0, looks=0, finished_at=None, not_before=None,
        message="",
    )  # fmt: skip
    step(uow, queued, principal.user_id, now, "A person asked to try again.")
    return queued


def _held(uow: UnitOfWork, item: OutboxItem, *statuses: OutboxStatus) -> OutboxItem:
    """The item as stored, locked, if the caller's claim still holds."""
    held = _get(uow, item.key, lock=True)
    if held.fence != item.fence or held.status not in statuses:
        raise Conflict(
            f"This post is {held.status.value} under claim {held.fence} and no longer this worker's, whose claim was "
            f"{item.fence}: nothing was written."
        )
    return held


def _still_approved(uow: UnitOfWork, item: OutboxItem) -> bool:
    draft = uow.drafts.get(item.draft_id)
    return draft is not None and approved_hash(uow, draft) == item.content_hash


def _requeue(
    uow: UnitOfWork, item: OutboxItem, message: str, not_before: datetime | None, worker: str, now: datetime
) -> OutboxItem:
    """Back to the queue. Phases finished before sending are kept: what they made is still there, and unpublished."""
    uow.outbox.drop_phases(item.key, only_after_sending=True)
    queued = replace(item, status=OutboxStatus.QUEUED, lease_until=None, not_before=not_before, message=message)
    step(uow, queued, worker, now, message)
    return _get(uow, item.key)


def _fail(
    uow: UnitOfWork, principal: Principal, item: OutboxItem, message: str, worker: str, now: datetime
) -> OutboxItem:
    failed = replace(
        item, status=OutboxStatus.FAILED, message=message, finished_at=now, lease_until=None, not_before=None,
        sending_since=None,
    )  # fmt: skip
    step(uow, failed, worker, now, message)
    record(uow, principal, item.workspace_id, "post.failed", item.key, now, draft=item.draft_id, attempts=item.attempts)
    return failed


def _get(uow: UnitOfWork, key: str, *, lock: bool = False) -> OutboxItem:
    item = uow.outbox.get(key, lock=lock)
    if item is None:
        raise NotFound("This outgoing post does not exist: its draft or workspace may have been deleted.")
    return item
