"""DuckDB types of the columns of landing files and raw tables, by name: a name has one type wherever it occurs."""

from __future__ import annotations

VARCHAR, BIGINT, DOUBLE, BOOLEAN, TIMESTAMPTZ = "VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMP WITH TIME ZONE"

_TYPES = {
    **dict.fromkeys(("source_line", "contents", "observations", "rejections"), BIGINT),
    **dict.fromkeys(("value", "weight"), DOUBLE),
    **dict.fromkeys(("synthetic", "is_primary"), BOOLEAN),
    **dict.fromkeys(("observed_at", "landed_at", "published_at", "period_start", "period_end"), TIMESTAMPTZ),
}


def columns(names: str, types: dict[str, str] | None = None) -> dict[str, str]:
    """Columns of the given names, in order; `types` names those that are not text and not known here."""
    known = {**_TYPES, **(types or {})}
    return {name: known.get(name, VARCHAR) for name in names.split()}
