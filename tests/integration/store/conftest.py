"""A store on SQLite and on a private PostgreSQL, and a workspace with people, a plan and a draft in it."""

from __future__ import annotations

import getpass
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest

from models.domain.approval import Draft, DraftStatus, DraftVersion, Variant
from models.domain.calendar import CalendarEntry
from models.domain.evidence import Fact
from models.domain.social import Platform
from models.domain.strategy import Claim, Strategy, StrategyDocument
from models.domain.workspace import SYSTEM, Principal, Role
from models.services import drafts, onboarding, planning
from models.store.database import Store, open_store

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@dataclass
class PostgresCluster:
    """A PostgreSQL that only this test session sees: its own directory, a Unix socket, no TCP port."""

    directory: Path
    _names: Iterator[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        return f"postgresql://fabric@/{database}?host={self.directory}"

    @contextmanager
    def database(self) -> Iterator[str]:
        """An empty database, dropped afterwards; gives its name."""
        name = f"fabric_{next(self._names)}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"create database {name}")
            yield name
            connection.execute(f"drop database {name} with (force)")


def _binaries() -> Path | None:
    """Where PostgreSQL's server binaries are; Debian keeps them off the path."""
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if shutil.which("pg_config"):
        found = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
        places.insert(0, Path(found.stdout.strip()))
    return next((place for place in places if (place / "initdb").exists()), None)


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[PostgresCluster]:
    binaries = _binaries()
    if binaries is None:
        pytest.skip("PostgreSQL's server binaries are missing: install Debian's package postgresql")
    directory = Path(tempfile.mkdtemp(prefix="fabric-pg-"))
    account: dict[str, Any] = {"cwd": directory}
    if os.geteuid() == 0:  # initdb refuses root
        shutil.chown(directory, "nobody", "nogroup")
        account |= {"user": "nobody", "group": "nogroup", "extra_groups": []}
    data, log = directory / "data", directory / "log"
    subprocess.run(
        [binaries / "initdb", "-D", data, "-U", "fabric", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        check=True, capture_output=True, **account,
    )  # fmt: skip
    with log.open("wb") as out:
        server = subprocess.Popen(
            [binaries / "postgres", "-D", data, "-k", directory, "-c", "listen_addresses=", "-c", "fsync=off"],
            stdout=out, stderr=out, **account,
        )  # fmt: skip
    cluster = PostgresCluster(directory)
    try:
        _wait_until_ready(cluster, server, log)
        yield cluster
    finally:
        server.send_signal(signal.SIGQUIT)  # at once: the directory goes anyway
        server.wait(timeout=30)
        shutil.rmtree(directory)


def _wait_until_ready(cluster: PostgresCluster, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            psycopg.connect(cluster.url("postgres")).close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"PostgreSQL did not start as {getpass.getuser()}:\n{log.read_text()}")
            time.sleep(0.1)


@pytest.fixture(scope="session")
def migrated_postgres(postgres_cluster: PostgresCluster) -> Iterator[str]:
    """The URL of a database with the schema in it, for all tests in turn."""
    with postgres_cluster.database() as name:
        url = postgres_cluster.url(name)
        open_store(url).close()
        yield url


BOTH = [pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without any table, once on each engine."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'fabric.db'}"
        return
    cluster: PostgresCluster = request.getfixturevalue("postgres_cluster")
    with cluster.database() as name:
        yield cluster.url(name)


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the schema in it, to copy from."""
    path = tmp_path_factory.mktemp("template") / "fabric.db"
    open_store(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def postgres_url(migrated_postgres: str) -> Iterator[str]:
    """An empty store on PostgreSQL; emptied again afterwards, which deleted workspaces allow."""
    yield migrated_postgres
    with psycopg.connect(migrated_postgres) as connection:
        for table in ("workspaces", "domain_events", "users"):
            connection.execute(f"delete from {table}")


@pytest.fixture(params=BOTH)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with the schema, once on each engine."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("postgres_url")
        return url
    shutil.copy(request.getfixturevalue("migrated_sqlite"), tmp_path / "fabric.db")
    return f"sqlite:///{tmp_path / 'fabric.db'}"


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with open_store(store_url) as opened:
        yield opened


@dataclass(frozen=True)
class Brand:
    """A workspace with an admin, an editor, a viewer, one strategy, one calendar entry and one draft in review."""

    workspace_id: str
    admin: Principal
    editor: Principal
    viewer: Principal
    strategy: Strategy
    entry: CalendarEntry
    draft_id: str


def document_of(workspace_id: str, snapshot_id: str = "v1", value: float | None = 12.5) -> StrategyDocument:
    fact = Fact("f1", "Posts a week", value, "per_week", "mart_posts", "select 12.5", NOW, 40)
    return StrategyDocument(
        workspace_id=workspace_id, snapshot_id=snapshot_id, as_of=NOW, writer="rules",
        summary=(Claim(template="{f1} posts a week", text="12.5 posts a week", fact_ids=("f1",)),),
        pillars=(), platform_roles=(), cadence=(), slots=(), goals=(), abstentions=("Nothing on reach.",), evidence=(fact,),
    )  # fmt: skip


def draft_of(
    entry: CalendarEntry, draft_id: str, platform: Platform = Platform.FACEBOOK, text: str = "First words"
) -> Draft:
    variants = (Variant("A", "opening", text), Variant("B", "opening", f"Or: {text}"))
    version = DraftVersion(draft_id, 1, text, variants, "rules", NOW)
    return Draft(draft_id, entry.workspace_id, entry.id, platform, DraftStatus.DRAFT, entry.slot_at, version)


@pytest.fixture
def make_document() -> Callable[..., StrategyDocument]:
    return document_of


@pytest.fixture
def make_draft() -> Callable[..., Draft]:
    return draft_of


@pytest.fixture
def make_brand(store: Store) -> Callable[[str], Brand]:
    """Makes a workspace of a given id, with everything in it."""

    def make(workspace_id: str) -> Brand:
        with store.unit_of_work() as uow:
            onboarding.create_workspace(uow, SYSTEM, name=workspace_id, now=NOW)
            people = {}
            for role in Role:
                email = f"{role.value}@{workspace_id}.example"
                onboarding.add_member(
                    uow, SYSTEM, workspace_id, email=email, name=role.value.title(), role=role, now=NOW
                )
                people[role] = onboarding.sign_in(uow, email)
            strategy = planning.save_strategy(uow, SYSTEM, document_of(workspace_id), now=NOW)
            entry = CalendarEntry(
                f"{workspace_id}-entry", workspace_id, strategy.id, NOW + timedelta(days=3), "Wildlife", "Show one animal",
                (Platform.FACEBOOK, Platform.X), ("f1",),
            )  # fmt: skip
            assert planning.save_calendar(uow, SYSTEM, strategy.id, [entry], now=NOW) == 1
            draft = draft_of(entry, f"{workspace_id}-draft")
            assert planning.save_drafts(uow, SYSTEM, [draft], now=NOW) == 1
            assert drafts.get_draft(uow, SYSTEM, draft.id).status is DraftStatus.IN_REVIEW
        return Brand(
            workspace_id, people[Role.ADMIN], people[Role.EDITOR], people[Role.VIEWER], strategy, entry, draft.id
        )

    return make


@pytest.fixture
def brand(make_brand: Callable[[str], Brand]) -> Brand:
    return make_brand("natgeo")


@pytest.fixture
def now() -> datetime:
    return NOW
