"""Raw tables that the quality gate and the record of readings write."""

from __future__ import annotations

from connectors.warehouse.columns import BIGINT, DOUBLE, TIMESTAMPTZ, columns

_TYPES = {
    **dict.fromkeys(("rows_checked", "rows_failed"), BIGINT),
    **dict.fromkeys(("window_start", "window_end", "started_at", "finished_at"), TIMESTAMPTZ),
    "every_hours": DOUBLE,
}

QUALITY_TABLES: dict[str, dict[str, str]] = {
    "quarantine": columns(
        "workspace_id batch_id source source_file source_line kind rule column_name raw observed_at", _TYPES
    ),
    "quality_result": columns(
        "workspace_id batch_id source source_file kind rule column_name severity rows_checked rows_failed examples "
        "observed_at landed_at",
        _TYPES,
    ),
    "refused_batch": columns("workspace_id batch_id source source_file reason stamp observed_at landed_at", _TYPES),
    "sync_run": columns(
        "workspace_id sync_id source platform account_id account_name stream window_start window_end started_at "
        "finished_at status contents observations rejections message every_hours",
        _TYPES,
    ),
}
"""`quarantine`: one row per row left out. `quality_result`: one per batch, kind and rule. `refused_batch`: one per batch
that did not load at all; `stamp` tells a mended file from the refused one. `sync_run`: one per attempt to read a stream of
a connected account, as the operational store has it."""
