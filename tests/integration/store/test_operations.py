"""Rows of plans, drafts and posts for analysis, the usage ledger, and a workspace taken from one store to another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from connectors.warehouse.operation_tables import FILLED_FROM, OPERATION_TABLES
from models.domain.archive import WorkspaceRows
from models.domain.usage import ModelUsage, Outcome
from models.domain.workspace import SYSTEM
from models.errors import Conflict, Forbidden, InvalidInput
from models.services import approvals, archive, drafts, onboarding, operations, outbox
from models.store.archive import ARCHIVED, LEFT_OUT
from models.store.database import Store, open_store
from models.store.engine import make_engine
from models.store.tables import metadata
from tests.integration.publishing.platform import connect


def usage_of(workspace_id: str, now: datetime, usage_id: str = "u1", cost: int | None = 0) -> ModelUsage:
    return ModelUsage(
        usage_id, workspace_id, now, "draft", "draft", "rules", "rule-based-1", Outcome.WRITTEN, False, 1.5,
        cost_microusd=cost, artefact_kind="draft", artefact_id=f"{workspace_id}-draft",
    )  # fmt: skip


def test_every_kind_of_row_has_the_columns_of_its_table(store: Store, brand, now: datetime) -> None:
    connect(store, "natgeo", "page", now)
    with store.unit_of_work() as uow:
        operations.record_usage(uow, SYSTEM, "natgeo", [usage_of("natgeo", now)])
        approvals.approve(uow, brand.admin, brand.draft_id, version=1, now=now)
        found = operations.operations_of(uow, SYSTEM, "natgeo")
    for table, field in FILLED_FROM.items():
        rows = getattr(found, field)
        assert rows, field
        assert ["workspace_id", *vars(rows[0])] == list(OPERATION_TABLES[table]), table


def test_the_steps_of_a_review_come_in_order_with_user_ids(store: Store, brand, now: datetime) -> None:
    with store.unit_of_work() as uow:
        approvals.approve(uow, brand.admin, brand.draft_id, version=1, now=now)
        drafts.edit_draft(uow, brand.editor, brand.draft_id, text="Second words", based_on=1, now=now)
        found = operations.operations_of(uow, SYSTEM, "natgeo")
    assert [(row.sequence, row.kind, row.version) for row in found.draft_events] == [
        (1, "approved", 1), (2, "edited", 2), (3, "revoked", 1),
    ]  # fmt: skip
    assert {row.actor for row in found.draft_events} == {brand.admin.user_id, brand.editor.user_id}
    assert "@" not in repr(found)


def test_abstentions_stand_in_the_ledger(store: Store, brand, now: datetime) -> None:
    with store.unit_of_work() as uow:
        (said,) = operations.operations_of(uow, SYSTEM, "natgeo").recommendations
    assert (said.kind, said.abstained, said.statement, said.target) == ("abstention", True, "Nothing on reach.", None)


def test_the_state_changes_with_the_rows_and_with_nothing_else(store: Store, brand, now: datetime) -> None:
    with store.unit_of_work() as uow:
        states = [operations.operations_state(uow, SYSTEM)]
        onboarding.track_competitor(uow, brand.admin, "natgeo", name="Rival", now=now)
        assert operations.operations_state(uow, SYSTEM) == states[0]
        operations.record_usage(uow, SYSTEM, "natgeo", [usage_of("natgeo", now)])
        states.append(operations.operations_state(uow, SYSTEM))
        approvals.reject(uow, brand.admin, brand.draft_id, version=1, note="No", now=now)
        states.append(operations.operations_state(uow, SYSTEM))
    assert len({repr(state) for state in states}) == 3


def test_the_ledger_is_append_only_and_of_one_workspace(store: Store, store_url: str, make_brand, now) -> None:
    make_brand("one"), make_brand("other")
    with store.unit_of_work() as uow:
        with pytest.raises(InvalidInput, match="cannot stand in the ledger of other"):
            operations.record_usage(uow, SYSTEM, "other", [usage_of("one", now)])
        operations.record_usage(uow, SYSTEM, "one", [usage_of("one", now, cost=None)])
        assert uow.usage.of_workspace("one") == [usage_of("one", now, cost=None)]
        assert uow.usage.of_workspace("other") == []
    engine = make_engine(store_url)
    for change in ("update ai_usage set cost_microusd = 1", "delete from ai_usage"):
        with engine.connect() as connection, pytest.raises(DBAPIError, match="ai_usage is append-only"):
            connection.execute(text(change))
    engine.dispose()


def test_every_table_of_a_workspace_is_archived_or_left_out_for_a_reason() -> None:
    tenant = {name for name, table in metadata.tables.items() if "workspace_id" in table.c}
    assert tenant == {*ARCHIVED} | LEFT_OUT.keys()
    assert not {*ARCHIVED} & LEFT_OUT.keys()


@pytest.fixture
def taken(store: Store, brand, now: datetime) -> WorkspaceRows:
    connect(store, "natgeo", "page", now)
    with store.unit_of_work() as uow:
        approvals.approve(uow, brand.admin, brand.draft_id, version=1, now=now)
        return archive.workspace_rows(uow, SYSTEM, "natgeo")


def test_a_workspace_moves_to_another_store(store: Store, taken: WorkspaceRows, tmp_path: Path, now: datetime) -> None:
    with store.unit_of_work() as uow:
        before = operations.operations_of(uow, SYSTEM, "natgeo")
    with open_store(f"sqlite:///{tmp_path / 'other' / 'fabric.db'}") as other, other.unit_of_work() as uow:
        archive.restore_workspace(uow, SYSTEM, taken, now=now)
        assert operations.operations_of(uow, SYSTEM, "natgeo") == before
        assert outbox.claim_next(uow, SYSTEM, worker="w", now=now + timedelta(days=30)) is None
        with pytest.raises(Conflict, match="natgeo is here already"):
            archive.restore_workspace(uow, SYSTEM, taken, now=now)


def test_it_comes_back_to_the_store_that_deleted_it(store: Store, taken: WorkspaceRows, now: datetime) -> None:
    with store.unit_of_work() as uow:
        with pytest.raises(Conflict, match="delete it first"):
            archive.restore_workspace(uow, SYSTEM, taken, now=now)
        before = operations.operations_of(uow, SYSTEM, "natgeo")
        onboarding.delete_workspace(uow, SYSTEM, "natgeo", now=now)
        archive.restore_workspace(uow, SYSTEM, taken, now=now)
        assert operations.operations_of(uow, SYSTEM, "natgeo") == before


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda t: t.pop("drafts"), "exactly the tables"),
        (lambda t: t.update(drafts=[{**t["drafts"][0], "workspace_id": "other"}]), "belongs to another workspace"),
        (lambda t: t.update(drafts=[{**t["drafts"][0], "extra": 1}]), "other columns"),
        (lambda t: t.update(calendar_entries=[]), "refers to one that is not"),
    ],
)
def test_rows_that_no_export_has_are_refused_whole(
    taken: WorkspaceRows, tmp_path: Path, now: datetime, spoil: Callable[..., object], says: str
) -> None:
    tables = dict(taken.tables)
    spoil(tables)
    with open_store(f"sqlite:///{tmp_path / 'other' / 'fabric.db'}") as other, other.unit_of_work() as uow:
        with pytest.raises((InvalidInput, Conflict), match=says):
            archive.restore_workspace(uow, SYSTEM, WorkspaceRows(taken.workspace, tables), now=now)
        assert uow.workspaces.all() == []


def test_only_admins_export(store: Store, brand, now: datetime) -> None:
    with store.unit_of_work() as uow:
        assert archive.workspace_rows(uow, brand.admin, "natgeo").workspace.id == "natgeo"
        with pytest.raises(Forbidden, match="export the workspace"):
            archive.workspace_rows(uow, brand.editor, "natgeo")
