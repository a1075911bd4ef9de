"""Columns of landing files and of the raw tables they load into, with DuckDB types.

The raw tables are what dbt's source `raw` declares; loading copies columns by name, so a landing file and a raw table
agree through these lists alone.
"""

from __future__ import annotations

from enum import StrEnum

VARCHAR, BIGINT, DOUBLE, BOOLEAN, TIMESTAMPTZ = "VARCHAR", "BIGINT", "DOUBLE", "BOOLEAN", "TIMESTAMP WITH TIME ZONE"


class Kind(StrEnum):
    """What one row of a landing file holds."""

    CONTENT = "content"
    OBSERVATION = "observation"
    REJECTION = "rejection"


_TYPES = {
    **dict.fromkeys(("source_line", "contents", "observations", "rejections"), BIGINT),
    **dict.fromkeys(("value", "weight"), DOUBLE),
    **dict.fromkeys(("synthetic", "is_primary"), BOOLEAN),
    **dict.fromkeys(("observed_at", "landed_at", "published_at", "period_start", "period_end"), TIMESTAMPTZ),
}


def _columns(names: str) -> dict[str, str]:
    return {name: _TYPES.get(name, VARCHAR) for name in names.split()}


_ENTITY = "platform account_id account_name owner entity_type entity_id"

LANDING = _columns(
    f"kind workspace_id batch_id source source_file source_line observed_at {_ENTITY} "
    "content_type title body url published_at tags payload metric period_start period_end value state "
    "column_name reason raw"
)
"""One flat row for every kind; columns a kind does not use are NULL. `tags` is a JSON array, `payload` a JSON object."""

RAW: dict[str, dict[str, str]] = {
    "batch": _columns(
        "batch_id workspace_id source source_file observed_at landed_at contents observations rejections path"
    ),
    "content": _columns(
        f"workspace_id batch_id source {_ENTITY} content_type title body url published_at tags payload "
        "observed_at source_file source_line"
    ),
    "metric_observation": _columns(
        f"workspace_id batch_id {_ENTITY} metric period_start period_end value state observed_at source_line"
    ),
    "rejection": _columns("workspace_id batch_id source source_file source_line column_name reason raw observed_at"),
    "workspace": _columns("workspace_id name zone plan synthetic"),
    "topic": _columns("workspace_id topic keywords method"),
    "content_topic": _columns("workspace_id owner platform account_id entity_id topic weight is_primary method"),
}

LOADED: dict[Kind, str] = {
    Kind.CONTENT: "content",
    Kind.OBSERVATION: "metric_observation",
    Kind.REJECTION: "rejection",
}
"""The raw table each kind of landing row goes to."""
