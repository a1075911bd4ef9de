"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import DateTime, Dialect
from sqlalchemy.types import TypeDecorator

from models.errors import InvalidInput


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: timezone-aware in and out, always UTC when read.

    PostgreSQL keeps it as `timestamptz`; SQLite as UTC text, which sorts by time. Naive values are refused, because
    nobody can say later which zone they meant.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.utcoffset() is None:
            raise InvalidInput(f"The time {value.isoformat()} has no zone: give it one, such as UTC.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
