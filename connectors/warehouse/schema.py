"""Columns of landing files and of the raw tables they load into, with DuckDB types.

The raw tables are what dbt's source `raw` declares; loading copies columns by name, so a landing file and a raw table
agree through these lists alone.
"""

from __future__ import annotations

from enum import StrEnum

from connectors.warehouse.columns import columns
from connectors.warehouse.operation_tables import OPERATION_TABLES
from connectors.warehouse.quality_tables import QUALITY_TABLES


class Kind(StrEnum):
    """What one row of a landing file holds."""

    CONTENT = "content"
    OBSERVATION = "observation"
    REJECTION = "rejection"


_ENTITY = "platform account_id account_name owner entity_type entity_id"

LANDING = columns(
    f"kind workspace_id batch_id source source_file source_line observed_at {_ENTITY} "
    "content_type title body url published_at tags payload metric period_start period_end value state "
    "column_name reason raw"
)
"""One flat row for every kind; columns a kind does not use are NULL. `tags` is a JSON array, `payload` a JSON object."""

RAW: dict[str, dict[str, str]] = {
    "batch": columns(
        "batch_id workspace_id source source_file observed_at landed_at contents observations rejections path"
    ),
    "content": columns(
        f"workspace_id batch_id source {_ENTITY} content_type title body url published_at tags payload "
        "observed_at source_file source_line"
    ),
    "metric_observation": columns(
        f"workspace_id batch_id {_ENTITY} metric period_start period_end value state observed_at source_line"
    ),
    "rejection": columns("workspace_id batch_id source source_file source_line column_name reason raw observed_at"),
    "workspace": columns("workspace_id name zone plan synthetic"),
    "topic": columns("workspace_id topic keywords method"),
    "content_topic": columns("workspace_id owner platform account_id entity_id topic weight is_primary method"),
    **QUALITY_TABLES,
    **OPERATION_TABLES,
}

LOADED: dict[Kind, str] = {
    Kind.CONTENT: "content",
    Kind.OBSERVATION: "metric_observation",
    Kind.REJECTION: "rejection",
}
"""The raw table each kind of landing row goes to."""
