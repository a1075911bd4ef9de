"""Stored calendar entries."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from models.domain.calendar import CalendarEntry
from models.domain.social import Platform
from models.store.session import Session
from models.store.tables import calendar_entries


class CalendarRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add_new(self, entry: CalendarEntry, created_at: datetime) -> bool:
        """Stores the entry unless its id is known; True if it was stored."""
        return self._session.insert_new(
            calendar_entries,
            {
                "id": entry.id,
                "workspace_id": entry.workspace_id,
                "strategy_id": entry.strategy_id,
                "slot_at": entry.slot_at,
                "pillar": entry.pillar,
                "brief": entry.brief,
                "platforms": [platform.value for platform in entry.platforms],
                "fact_ids": list(entry.fact_ids),
                "created_at": created_at,
            },
        )

    def get(self, entry_id: str, *, lock: bool = False) -> CalendarEntry | None:
        """`lock` keeps others from moving the entry until commit."""
        query = select(calendar_entries).where(calendar_entries.c.id == entry_id)
        if lock:
            query = query.with_for_update(key_share=True)
        row = self._session.row(query)
        return None if row is None else _entry(row)

    def between(self, workspace_id: str, start: datetime | None, end: datetime | None) -> list[CalendarEntry]:
        """Entries with `start` ≤ slot < `end` by slot; None leaves that side open."""
        query = select(calendar_entries).where(calendar_entries.c.workspace_id == workspace_id)
        if start is not None:
            query = query.where(calendar_entries.c.slot_at >= start)
        if end is not None:
            query = query.where(calendar_entries.c.slot_at < end)
        ordered = query.order_by(calendar_entries.c.slot_at, calendar_entries.c.id)
        return [_entry(row) for row in self._session.rows(ordered)]

    def set_slot(self, entry_id: str, slot_at: datetime) -> None:
        self._session.write(
            update(calendar_entries).where(calendar_entries.c.id == entry_id).values(slot_at=slot_at)
        )  # fmt: skip

    def workspace_of(self, entry_id: str) -> str | None:
        row = self._session.row(select(calendar_entries.c.workspace_id).where(calendar_entries.c.id == entry_id))
        return None if row is None else str(row.workspace_id)


def _entry(row: Row[Any]) -> CalendarEntry:
    return CalendarEntry(
        id=row.id,
        workspace_id=row.workspace_id,
        strategy_id=row.strategy_id,
        slot_at=row.slot_at,
        pillar=row.pillar,
        brief=row.brief,
        platforms=tuple(Platform(name) for name in row.platforms),
        fact_ids=tuple(row.fact_ids),
    )
