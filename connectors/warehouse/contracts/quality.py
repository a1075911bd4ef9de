"""Contracted columns of the marts about how fresh and complete the data is, and what its metrics mean."""

from __future__ import annotations

from connectors.warehouse.contracts.types import BOOL, TZ, B, Columns, V

# fmt: off
CONTRACTS: dict[str, Columns] = {
    "mart_freshness": {
        "workspace_id": V, "source": V, "owner": V, "batches": B, "contents": B, "observations": B,
        "rejections": B, "first_observed_at": TZ, "last_observed_at": TZ,
    },
    "mart_rejections": {
        "workspace_id": V, "batch_id": V, "source": V, "source_file": V, "source_line": B,
        "column_name": V, "reason": V, "raw": V,
    },
    "mart_metrics": {
        "workspace_id": V, "metric": V, "name": V, "unit": V, "kind": V, "time_basis": V,
        "additive_posts": BOOL, "additive_days": BOOL, "additive_accounts": BOOL, "documentation": V,
    },
}
