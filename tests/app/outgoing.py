"""Linked accounts in every state and posts in every state of the outbox, put into a synthetic installation."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from PIL import Image

from connectors.assets import AssetStore
from connectors.vault import Vault, master_keys
from models.domain.approval import Draft, DraftStatus, DraftVersion
from models.domain.calendar import CalendarEntry
from models.domain.connection import ConnectedAccount, Credential, SyncRun, SyncStatus, Vendor
from models.domain.publishing import OutboxStatus, Published
from models.domain.social import Platform
from models.domain.strategy import Strategy
from models.domain.workspace import SYSTEM
from models.services import approvals, assets, connections, drafts, outbox, planning
from models.store.database import Store
from models.store.unit_of_work import UnitOfWork

HOSTILE_NAME = "Harbour <img src=x onerror=alert(5)> :red[Page] [x](javascript:alert(6))"
HOSTILE_MESSAGE = "Sign-in <script>alert(7)</script> was **revoked** [here](javascript:alert(8)): connect again."
PICTURE_DRAFT = "draft-02-instagram"
OUT = {
    OutboxStatus.SENT: "out-0-linkedin",
    OutboxStatus.FAILED: "out-1-linkedin",
    OutboxStatus.UNKNOWN: "out-2-linkedin",
    OutboxStatus.SENDING: "out-3-linkedin",
    OutboxStatus.CLAIMED: "out-4-linkedin",
    OutboxStatus.QUEUED: "out-5-linkedin",
}
"""Which draft is in which state; the one in the queue was edited once, so an older row of it is cancelled."""
_TEXTS = (
    "The slipway is clear again after the spring tide.", "Two apprentices, one keel: the first week.",
    "What a good caulking iron costs, and why we sharpen ours.", "Rain all week, so we finished the sails indoors.",
    "How we choose oak for a frame.", "Open yard on Saturday: come and plane a plank.",
)  # fmt: skip


@dataclass(frozen=True)
class Account:
    """One linked account. Days count from now; None where the vendor states no end."""

    vendor: Vendor
    name: str
    ends_in: float | None
    sandbox: bool = False
    quota: str = ""


ACCOUNTS = {
    "healthy": Account(Vendor.LINKEDIN, "Harbour Boatyard", 300, quota="4,812 of 5,000 left until 14:00"),
    "expiring": Account(Vendor.INSTAGRAM, "harbour.boats", 4, quota="181 of 200 left this hour"),
    "expired": Account(Vendor.FACEBOOK, HOSTILE_NAME, 20),
    "disconnected": Account(Vendor.X, "harbourboats", None),
    "failing": Account(Vendor.YOUTUBE, "Harbour Films", None, sandbox=True),
}


def fill_outgoing(store: Store, home: Path, strategy: Strategy, *, moment: datetime) -> Mapping[str, str]:
    """Links the accounts and brings one draft into each state; gives the connections' ids by their name in `ACCOUNTS`."""
    with store.unit_of_work() as uow:
        ids = _link(uow, Vault(store, master_keys("", home)), strategy.document.workspace_id, moment)
        _read(uow, ids, strategy.document.workspace_id, moment)
        _publish(uow, strategy, moment)
        connections.mark_expired(uow, SYSTEM, ids["expired"], HOSTILE_MESSAGE, now=moment)
        connections.disconnect(uow, SYSTEM, ids["disconnected"], now=moment)
        _attach(uow, home, strategy.document.workspace_id, moment)
    return ids


def picture(width: int, height: int, *, colour: str = "#4f6d8f", kind: str = "JPEG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()


def _link(uow: UnitOfWork, cipher: Vault, workspace_id: str, moment: datetime) -> dict[str, str]:
    ids = {}
    for key, account in ACCOUNTS.items():
        end = None if account.ends_in is None else moment + timedelta(days=account.ends_in)
        credential = Credential(
            f"token-{key}", "refresh", moment + timedelta(hours=1), end, scopes=("read_insights", "publish_content")
        )
        linked = ConnectedAccount(f"{account.vendor.value}-1001", account.name, credential)
        ids[key] = connections.connect_account(
            uow, SYSTEM, workspace_id, account.vendor, linked, cipher=cipher, sandbox=account.sandbox,
            now=moment - timedelta(days=60),
        ).id  # fmt: skip
    return ids


def _read(uow: UnitOfWork, ids: Mapping[str, str], workspace_id: str, moment: datetime) -> None:
    """Readings: of every account two days ago, and since then a failed one of the failing and the healthy account."""
    ended = {"expired": 9, "disconnected": 20}
    for key, id_ in ids.items():
        for stream in ("posts", "account", "audience"):
            at = moment - timedelta(days=ended.get(key, 0), hours=5)
            if key == "failing" and stream != "audience":
                _sync(uow, id_, workspace_id, key, stream, at - timedelta(days=2), SyncStatus.DONE)
                _sync(uow, id_, workspace_id, key, stream, at, SyncStatus.FAILED)
            else:
                _sync(uow, id_, workspace_id, key, stream, at, SyncStatus.DONE)


def _sync(
    uow: UnitOfWork, connection_id: str, workspace_id: str, key: str, stream: str, at: datetime, status: SyncStatus
) -> None:
    done = status is SyncStatus.DONE
    run = SyncRun(
        id=f"{connection_id}-{stream}-{at:%d%H}", connection_id=connection_id, workspace_id=workspace_id, stream=stream,
        since=at - timedelta(days=1), until=at, started_at=at, finished_at=at + timedelta(seconds=40), status=status,
        contents=12 if done else 0, observations=240 if done else 0, rejections=0,
        message="" if done else "YouTube account Harbour Films: the daily quota is used up (quotaExceeded): it is read again tomorrow.",
    )  # fmt: skip
    quota = {"calls": ACCOUNTS[key].quota} if ACCOUNTS[key].quota else {}
    connections.record_sync(uow, SYSTEM, run, quota=quota, synced_through=at if done else None)


def _publish(uow: UnitOfWork, strategy: Strategy, moment: datetime) -> None:
    """Six LinkedIn posts with slots over the last days (the queued one: tomorrow), each brought to its state."""
    slots = [moment.replace(minute=0, second=0, microsecond=0) - timedelta(days=back) for back in (5, 4, 3, 2, 1)]
    slots.append(moment.replace(minute=0, second=0, microsecond=0) + timedelta(days=1))
    workspace_id, approved_at = strategy.document.workspace_id, moment - timedelta(days=8)
    entries, written = [], []
    for n, (slot, text) in enumerate(zip(slots, _TEXTS, strict=True)):
        entries.append(
            CalendarEntry(f"out-{n}", workspace_id, strategy.id, slot, "Boat building", "One piece of news from the yard.", (Platform.LINKEDIN,), ())
        )  # fmt: skip
        id_ = f"out-{n}-linkedin"
        written.append(
            Draft(id_, workspace_id, f"out-{n}", Platform.LINKEDIN, DraftStatus.IN_REVIEW, slot, DraftVersion(id_, 1, text, (), "system", approved_at))
        )  # fmt: skip
    planning.save_calendar(uow, SYSTEM, strategy.id, entries, now=approved_at)
    planning.save_drafts(uow, SYSTEM, written, now=approved_at)
    for draft in written:
        approvals.approve(uow, SYSTEM, draft.id, version=1, now=approved_at)
    queued = OUT[OutboxStatus.QUEUED]
    drafts.edit_draft(uow, SYSTEM, queued, text=f"{_TEXTS[-1]} Bring gloves.", based_on=1, now=approved_at)
    approvals.approve(uow, SYSTEM, queued, version=2, now=approved_at)
    for status, slot in zip(OUT, slots[:-1], strict=False):
        _send(uow, status, slot)


def _send(uow: UnitOfWork, status: OutboxStatus, slot: datetime) -> None:
    at, worker = slot + timedelta(minutes=1), "worker-1"
    item = outbox.claim_next(uow, SYSTEM, worker=worker, now=at)
    assert item is not None
    assert item.draft_id == OUT[status]
    if status is OutboxStatus.CLAIMED:
        return
    if status is OutboxStatus.FAILED:
        words = f"LinkedIn account Harbour Boatyard refused the post {HOSTILE_MESSAGE}"
        outbox.mark_failed(uow, SYSTEM, item, words, worker=worker, now=at)
        return
    item = outbox.mark_sending(uow, SYSTEM, item, worker=worker, now=at)
    if status is OutboxStatus.SENT:
        published = Published(
            "urn:li:share:7", "https://www.linkedin.com/feed/update/urn:li:share:7", at.astimezone(UTC)
        )
        outbox.mark_sent(uow, SYSTEM, item, published, worker=worker, now=at)
    if status is OutboxStatus.UNKNOWN:
        outbox.mark_unknown(
            uow,
            SYSTEM,
            item,
            "LinkedIn gave no answer within 60 seconds after the post was sent.",
            worker=worker,
            now=at,
        )


def _attach(uow: UnitOfWork, home: Path, workspace_id: str, moment: datetime) -> None:
    """Two pictures, the second with a ratio that Instagram refuses."""
    files = AssetStore(home / "assets")
    for name, content, alt in (
        ("mackerel.jpg", picture(1080, 1350), "Two mackerel on a charcoal grill"),
        ("wide<b>.jpg", picture(2000, 600, colour="#8f4f4f"), HOSTILE_NAME),
    ):
        asset = files.add(workspace_id, io.BytesIO(content), name=name, now=moment)
        assets.save_asset(uow, SYSTEM, asset)
        assets.attach_media(uow, SYSTEM, PICTURE_DRAFT, asset.id, alt_text=alt, now=moment)
