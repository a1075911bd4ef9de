"""The stores that assets work on, as one Dagster resource built from settings by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from models.domain.connection import Connection, ConnectionStatus, Credential, Vendor
from models.domain.social import Platform
from models.settings import Settings

if TYPE_CHECKING:
    from connectors.credentials import CredentialHolder
    from connectors.social.instagram.discovery import Discovery
    from connectors.warehouse.database import Warehouse
    from connectors.warehouse.landing import LandingStore
    from connectors.warehouse.reader import ServingReader
    from models.domain.operations import Operations
    from models.domain.workspace import Workspace
    from models.ports import Authorizer, Cipher, Connector, MediaFiles
    from models.store.database import Store

WAREHOUSE_POOL = "warehouse"
"""Dagster's concurrency pool of everything that opens the warehouse's file; its limit is 1."""
VECTORS_POOL = "vectors"
"""Pool of what embeds texts: the model takes both memory and every processor that it gets."""


@dataclass(frozen=True)
class Stores:
    """Opens each store when asked, so that loading definitions imports none of their engines."""

    settings: Settings
    patience: float = 30.0
    """Seconds to wait for another process that has the warehouse open."""
    sandbox_url: str = ""
    """Where the sandbox answers, when not at the address of the settings."""

    @property
    def landing(self) -> LandingStore:
        from connectors.warehouse.landing import LandingStore

        return LandingStore(self.settings.landing_dir)

    @property
    def warehouse(self) -> Warehouse:
        from connectors.warehouse.engines import open_warehouse

        return open_warehouse(self.settings.warehouse_url, self.settings.warehouse_dir, patience=self.patience)

    @property
    def reader(self) -> ServingReader:
        from connectors.warehouse.reader import ServingReader

        return ServingReader(self.settings.serving_dir)

    def landing_keys(self) -> list[str]:
        """`workspace/source/batch_id` of every landed batch, sorted; from file names alone."""
        paths = self.settings.landing_dir.glob("*/*/*.parquet")
        return sorted("/".join((*path.parts[-3:-1], path.stem)) for path in paths)

    def open_store(self) -> Store:
        """The operational store, migrated."""
        from models.store.database import open_store

        return open_store(self.settings.store_url)

    def cipher(self, store: Store) -> Cipher:
        """What opens and seals the credentials of a store."""
        from connectors.vault import Vault, master_keys

        return Vault(store, master_keys(self.settings.master_key, self.settings.home))

    def authorizer(self, vendor: Vendor, *, sandbox: bool) -> Authorizer:
        """How a vendor grants access, with the installation's app, or the sandbox's."""
        from connectors.factory import make_authorizer

        if sandbox:
            return make_authorizer(
                vendor, client_id="sandbox-client", client_secret="sandbox-secret", sandbox_url=self.sandbox_address
            )
        client_id, client_secret = self.settings.oauth_app(vendor)
        return make_authorizer(vendor, client_id=client_id, client_secret=client_secret)

    def connector(self, connection: Connection) -> Connector:
        """The connector of a connected account."""
        from connectors.factory import make_connector

        address = self.sandbox_address if connection.sandbox else None
        return make_connector(connection, self._holder(connection), sandbox_url=address)

    def discovery(self, connection: Connection) -> Discovery:
        """What reads competitors' Instagram profiles with an own Instagram account."""
        from connectors.endpoints import endpoints
        from connectors.social.instagram.discovery import discovery

        where = endpoints(connection.vendor, sandbox_url=self.sandbox_address if connection.sandbox else None)
        return discovery(connection.account_id, self._holder(connection), where)

    def _holder(self, connection: Connection) -> CredentialHolder:
        """The account's credential, which renews and stores itself."""
        from connectors.credentials import CredentialHolder
        from models.domain.workspace import SYSTEM
        from models.services import connections

        with self.open_store() as store, store.unit_of_work() as uow:
            credential = connections.credential_of(uow, SYSTEM, connection.id, cipher=self.cipher(store))

        def renew(used: Credential) -> Credential:
            refresh = self.authorizer(connection.vendor, sandbox=connection.sandbox).refresh
            with self.open_store() as store, store.unit_of_work() as uow:
                return connections.renew_credential(
                    uow, SYSTEM, connection.id, used, refresh, cipher=self.cipher(store), now=self.now()
                )

        renewable = connection.vendor.platform is not Platform.EMAIL
        return CredentialHolder(credential, renew if renewable else None)

    def vendor_now(self, connection: Connection) -> datetime:
        """The time where the account lives: the sandbox's clock for its accounts."""
        if not connection.sandbox:
            return self.now()
        from connectors.sandbox.control import SandboxControl

        return SandboxControl(self.sandbox_address).now()

    @contextmanager
    def media_files(self) -> Iterator[Callable[[Connection], MediaFiles]]:
        """The files of posts for an account, with an address that its platform can download from while the context lasts.

        They are served on loopback, which the sandbox alone reaches. Real platforms fetch them below `asset_base_url`, from
        `fabric serve media` behind a proxy; without that setting files have no address for them.
        """
        from connectors.assets import AssetStore, ServedAssets, serve_assets

        files, public = AssetStore(self.settings.home / "assets"), self.settings.asset_base_url
        with serve_assets(files) as served:
            real: MediaFiles = ServedAssets(files, public) if public else files
            yield lambda connection: served if connection.sandbox else real

    @property
    def sandbox_address(self) -> str:
        return self.sandbox_url or self.settings.sandbox_url

    def workspaces(self) -> Sequence[Workspace]:
        """All workspaces, by id."""
        from models.domain.workspace import SYSTEM
        from models.services import onboarding

        with self.open_store().unit_of_work() as uow:
            return sorted(onboarding.list_workspaces(uow, SYSTEM), key=lambda workspace: workspace.id)

    def operations(self, workspace_id: str) -> Operations:
        """What happened to the workspace's plans, drafts and posts."""
        from models.domain.workspace import SYSTEM
        from models.services import operations

        with self.open_store() as store, store.unit_of_work() as uow:
            return operations.operations_of(uow, SYSTEM, workspace_id)

    def operations_state(self) -> dict[str, tuple[int, int, int]]:
        """By workspace, what changes whenever its operations do; cheap."""
        from models.domain.workspace import SYSTEM
        from models.services import operations

        with self.open_store() as store, store.unit_of_work() as uow:
            return operations.operations_state(uow, SYSTEM)

    def connected(self, workspace_id: str) -> list[Connection]:
        """The workspace's accounts that can be read and published to."""
        from models.domain.workspace import SYSTEM
        from models.services import connections

        with self.open_store() as store, store.unit_of_work() as uow:
            known = connections.list_connections(uow, SYSTEM, workspace_id)
        return [connection for connection in known if connection.status is ConnectionStatus.CONNECTED]

    def now(self) -> datetime:
        return datetime.now(UTC)
