"""What the Plan & usage page asks of one open serving snapshot."""

from __future__ import annotations

import polars as pl

from connectors.warehouse.pages import Snapshot


def months(snap: Snapshot, *, count: int) -> pl.DataFrame:
    """The newest months in which writers were called, newest first, all tasks together."""
    return snap.query(
        """
        select month, calls, calls_of_models, calls_without_result, cache_hits, calls_priced, cost_usd, drafts_written,
            drafts_approved, mean_edit_distance, cost_usd_per_approved_draft
        from mart_ai_months
        order by month desc
        limit $1
        """,
        [count],
    )
