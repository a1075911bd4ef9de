"""What counts as news for a build."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from models.domain.workspace import Plan, Workspace
from models.settings import Settings
from orchestration.ledger import BuiltState, fingerprint, forget_state, read_state, write_state
from orchestration.resources import Stores

WORKSPACE = Workspace("natgeo", "Nat Geo", "UTC", Plan.STUDIO, datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    return Stores(Settings(home=tmp_path, _env_file=None))  # type: ignore[call-arg]


def land(stores: Stores, name: str) -> None:
    path = stores.settings.landing_dir / "natgeo" / "export" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def test_a_batch_or_a_changed_workspace_is_news(stores: Stores) -> None:
    seen = {fingerprint(stores, [WORKSPACE])}
    land(stores, "one.parquet")
    seen.add(fingerprint(stores, [WORKSPACE]))
    seen.add(fingerprint(stores, [replace(WORKSPACE, zone="Europe/Berlin")]))
    seen.add(fingerprint(stores, []))
    assert len(seen) == 4


def test_a_half_written_landing_file_is_not(stores: Stores) -> None:
    before = fingerprint(stores, [WORKSPACE])
    land(stores, ".one.parquet.0a1b.tmp")
    assert fingerprint(stores, [WORKSPACE]) == before


def test_state_is_read_back_and_an_unreadable_one_counts_as_none(stores: Stores) -> None:
    assert read_state(stores.settings) is None
    state = BuiltState("inputs", {"natgeo": "000001-ab"})
    write_state(stores.settings, state)
    assert read_state(stores.settings) == state
    (stores.settings.warehouse_dir / "build.json").write_text("{", encoding="utf-8")
    assert read_state(stores.settings) is None
    forget_state(stores.settings)
    forget_state(stores.settings)
