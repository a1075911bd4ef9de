"""Takes the rows of one workspace out of a store, and puts them into one that does not have it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Boolean, Column, Date, Float, Integer, LargeBinary, Table, insert, select
from sqlalchemy.types import JSON

from models.domain.archive import Row
from models.errors import InvalidInput
from models.store.session import Session
from models.store.tables import metadata
from models.store.types import UtcDateTime

ARCHIVED = (
    "brand_profiles", "brand_studies", "planning_dates", "competitors", "competitor_sources", "strategies", "calendar_entries", "drafts", "draft_versions",
    "approvals", "connections", "sync_runs", "assets", "draft_assets", "outbox", "publish_attempts", "ai_usage",
    "ai_budgets", "ai_answers", "content_extracts", "manifests", "strategy_decisions", "saved_queries", "domain_events",
)  # fmt: skip
"""Tables that an archive holds, what is referred to before what refers to it."""

LEFT_OUT = {
    "memberships": "people belong to an installation",
    "workspace_keys": "a key is never exported",
    "credentials": "a secret is never exported",
    "ai_providers": "a key is never exported",
    "ai_reservations": "a call under way belongs to one installation",
    "jobs": "what was asked of one installation is not to be run by another",
    "media_jobs": "what was asked of one installation is not to be made by another; files and their manifests are archived",
}
"""Tables of a workspace that an archive does not hold, and why."""

_NUMBERED = {"publish_attempts", "domain_events"}
"""Tables whose `id` the store gives: rows are put back in order and get new ones."""


class ArchiveRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def rows(self, workspace_id: str) -> dict[str, list[Row]]:
        """Every archived row, by table.

        Tables are read in the reverse order of their references, so that a change in between leaves no row without what it
        refers to.
        """
        found: dict[str, list[Row]] = {}
        for name in reversed(ARCHIVED):
            table = metadata.tables[name]
            columns = [table.c[column] for column in columns_of(name)]
            query = select(*columns).where(table.c.workspace_id == workspace_id).order_by(*table.primary_key.columns)
            found[name] = [dict(row._mapping) for row in self._session.rows(query)]
        return {name: found[name] for name in ARCHIVED}

    def add(self, tables: Mapping[str, Sequence[Row]]) -> None:
        """Puts rows back. Raises `Conflict` when one of them is there already, under whatever workspace."""
        for name in ARCHIVED:
            for row in tables.get(name, ()):
                self._session.write(
                    insert(metadata.tables[name]).values(dict(row)),
                    conflict=f"A row of {name} in the export is already in this installation, or refers to one that is not: "
                    "delete the workspace that it came from first, or import into another home.",
                )  # fmt: skip


def columns_of(name: str) -> dict[str, str]:
    """Columns of an archived table with the kind of their values: text, integer, number, truth, instant, day or json."""
    table = metadata.tables[name]
    return {
        column.name: _kind(table, column) for column in table.columns if not (name in _NUMBERED and column.name == "id")
    }


def _kind(table: Table, column: Column[Any]) -> str:
    kinds: tuple[tuple[type[Any], str], ...] = (
        (UtcDateTime, "instant"), (Date, "day"), (JSON, "json"), (Boolean, "truth"), (Integer, "integer"), (Float, "number"),
    )  # fmt: skip
    if isinstance(column.type, LargeBinary):
        raise InvalidInput(f"{table.name}.{column.name} holds bytes, which an export must not: leave its table out.")
    return next((kind for sql, kind in kinds if isinstance(column.type, sql)), "text")
