"""What the tests of connected accounts share: an installation's stores, approved posts, and the services' settings."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from PIL import Image

from connectors.assets import AssetStore
from connectors.sandbox.mail_campaigns import LISTS
from connectors.sandbox.server import RunningSandbox
from models.domain.approval import Draft, DraftStatus, DraftVersion
from models.domain.assets import Asset
from models.domain.calendar import CalendarEntry
from models.domain.connection import Connection, SyncRun, Vendor
from models.domain.publishing import OutboxItem
from models.domain.social import Platform
from models.domain.workspace import SYSTEM
from models.services import approvals, assets, connections, onboarding, outbox, planning
from models.settings import Settings
from orchestration.resources import Stores
from tests.contract.platforms.kit import sign_in
from tests.integration.publishing.test_assets import movie
from tests.integration.store.conftest import document_of

WORKSPACE = "acme"
MAIL_SETTINGS = {
    "from_name": "Sample Brand", "from_email": "hello@sample-brand.example", "reply_to": "hello@sample-brand.example",
    "suppression_group_id": "14", "recipients": "ana@reader.example", "unsubscribe_url": "https://sample-brand.example/u?{id}",
}  # fmt: skip


@dataclass(frozen=True)
class LaterStores(Stores):
    """The same stores some time later: what a worker sees when a lease or a pause has run out."""

    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


def later(stores: Stores, ahead: timedelta) -> LaterStores:
    return LaterStores(stores.settings, stores.patience, stores.sandbox_url, ahead)


def new_place(settings: Settings, sandbox: RunningSandbox, vendors: Sequence[Vendor]) -> Stores:
    """Stores of a new installation whose workspace has the sandbox's accounts connected."""
    stores = Stores(settings, sandbox_url=sandbox.url)
    with stores.open_store() as store:
        with store.unit_of_work() as uow:
            onboarding.create_workspace(uow, SYSTEM, name=WORKSPACE, now=stores.now())
        for vendor in vendors:
            account = sign_in(sandbox, vendor)
            with store.unit_of_work() as uow:
                connections.connect_account(
                    uow, SYSTEM, WORKSPACE, vendor, account, cipher=stores.cipher(store), sandbox=True, now=stores.now()
                )
    return stores


def connected(stores: Stores) -> dict[Vendor, Connection]:
    with stores.open_store() as store, store.unit_of_work() as uow:
        return {c.vendor: c for c in connections.list_connections(uow, SYSTEM, WORKSPACE)}


def runs_of(stores: Stores, vendor: Vendor) -> list[SyncRun]:
    """Recorded runs of the vendor's account, newest first."""
    with stores.open_store() as store, store.unit_of_work() as uow:
        return connections.list_syncs(uow, SYSTEM, connected(stores)[vendor].id)


def gaps_of(stores: Stores, vendor: Vendor) -> list[SyncRun]:
    with stores.open_store() as store, store.unit_of_work() as uow:
        return connections.gaps(uow, SYSTEM, connected(stores)[vendor].id)


def outgoing(stores: Stores) -> dict[tuple[Vendor, str], OutboxItem]:
    """Outbox items by vendor and draft."""
    with stores.open_store() as store, store.unit_of_work() as uow:
        return {(i.vendor, i.draft_id): i for i in outbox.list_outbox(uow, SYSTEM, WORKSPACE)}


def set_mail_options(stores: Stores) -> None:
    """What a person sets on the Connections page before mail can go out."""
    for vendor, connection in connected(stores).items():
        if vendor.platform is Platform.EMAIL:
            chosen = dict(MAIL_SETTINGS)
            if vendor in LISTS:
                del chosen["recipients"]
                chosen["list_id"] = LISTS[vendor]
            with stores.open_store() as store, store.unit_of_work() as uow:
                connections.set_options(uow, SYSTEM, connection.id, chosen, now=stores.now())


def approve(stores: Stores, texts: Mapping[Platform, str], *, name: str, media: Sequence[Platform] = ()) -> None:
    """Plans, drafts and approves one entry whose slot has just come; platforms of `media` get a picture or a video."""
    now = stores.now()
    slot = now - timedelta(minutes=1)
    with stores.open_store() as store:
        with store.unit_of_work() as uow:
            strategy = planning.save_strategy(uow, SYSTEM, document_of(WORKSPACE), now=now)
            entry = CalendarEntry(
                f"entry-{name}", WORKSPACE, strategy.id, slot, "Repair", "Show a repair", tuple(texts), ("f1",)
            )
            planning.save_calendar(uow, SYSTEM, strategy.id, [entry], now=now)
            made = [
                Draft(
                    f"{name}-{platform.value}", WORKSPACE, entry.id, platform, DraftStatus.DRAFT, slot,
                    DraftVersion(f"{name}-{platform.value}", 1, text, (), "rules", now),
                )
                for platform, text in texts.items()
            ]  # fmt: skip
            planning.save_drafts(uow, SYSTEM, made, now=now)
        for draft in made:
            version = 1
            if draft.platform in media:
                asset = _asset(stores, draft.platform, name, now)
                with store.unit_of_work() as uow:
                    assets.save_asset(uow, SYSTEM, asset)
                    assets.attach_media(uow, SYSTEM, draft.id, asset.id, alt_text="A jacket on a bench", now=now)
                version = 2
            with store.unit_of_work() as uow:
                approvals.approve(uow, SYSTEM, draft.id, version=version, now=now)


def _asset(stores: Stores, platform: Platform, name: str, now: datetime) -> Asset:
    """A real picture, or a small real video where the platform takes nothing else, in the asset store."""
    files = AssetStore(stores.settings.home / "assets")
    if platform in (Platform.TIKTOK, Platform.YOUTUBE):
        return files.add(WORKSPACE, io.BytesIO(movie(seconds=12.5)), name=f"{name}.mp4", now=now)
    picture = io.BytesIO()
    Image.new("RGB", (1080, 1080), (40, len(name) * 7 % 256, 140)).save(picture, "JPEG", quality=70)
    picture.seek(0)
    return files.add(WORKSPACE, picture, name=f"{name}.jpg", now=now)
