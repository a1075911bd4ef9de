"""Contracted columns of the marts about how fresh and complete the data is, and what its metrics mean."""

from __future__ import annotations

from connectors.warehouse.contracts.types import BOOL, DATE, TZ, B, Columns, D, I, V

# fmt: off
CONTRACTS: dict[str, Columns] = {
    "mart_freshness": {
        "workspace_id": V, "source": V, "owner": V, "batches": B, "contents": B, "observations": B,
        "rejections": B, "first_observed_at": TZ, "last_observed_at": TZ, "last_landed_at": TZ,
        "last_batch_id": V, "last_source_file": V, "promised_hours": D, "usual_hours": D, "last_tried_at": TZ,
        "last_read_at": TZ, "quarantined": B, "refused_batches": B, "last_refused_at": TZ,
    },
    "mart_coverage": {
        "workspace_id": V, "owner": V, "platform": V, "account_id": V, "entity": V, "metric": V, "week": DATE,
        "expected": B, "observed": B, "unsupported": B, "unavailable": B, "delayed": B, "retired": B,
        "privacy_limited": B, "never_read": B, "share_observed": D,
    },
    "mart_gaps": {
        "workspace_id": V, "platform": V, "account_id": V, "account_name": V, "source": V, "stream": V, "kind": V,
        "metric": V, "first_day": DATE, "last_day": DATE, "window_start": TZ, "window_end": TZ, "attempts": B,
        "found_at": TZ, "message": V,
    },
    "mart_quarantine": {
        "workspace_id": V, "batch_id": V, "source": V, "source_file": V, "source_line": B, "kind": V, "rule": V,
        "column_name": V, "raw": V, "observed_at": TZ,
    },
    "mart_quality_results": {
        "workspace_id": V, "batch_id": V, "source": V, "source_file": V, "kind": V, "rule": V, "column_name": V,
        "severity": V, "rows_checked": B, "rows_failed": B, "examples": V, "observed_at": TZ, "landed_at": TZ,
    },
    "mart_rejections": {
        "workspace_id": V, "batch_id": V, "source": V, "source_file": V, "source_line": B,
        "column_name": V, "reason": V, "raw": V,
    },
    "mart_metrics": {
        "workspace_id": V, "metric": V, "version": I, "name": V, "unit": V, "kind": V, "time_basis": V, "entity": V,
        "additive_posts": BOOL, "additive_days": BOOL, "additive_accounts": BOOL, "formula": V, "denominators": V,
        "fields": V, "fields_ended": V, "read_on": V, "breaks": V, "documentation": V,
    },
}
