"""Rows of the quality marts for the app's test home: one source of each kind of trouble."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

Rows = list[dict[str, Any]]
RHYTHMLESS: dict[str, Any] = {
    "last_landed_at": None, "promised_hours": None, "usual_hours": None, "last_tried_at": None, "last_read_at": None,
    "quarantined": 0, "refused_batches": 0, "last_refused_at": None,
}  # fmt: skip
"""What `mart_freshness` says of a file's source that came once and broke no rule."""


def quality_marts(workspace: str, hostile: str, as_of: datetime) -> dict[str, Rows]:
    """A file source that is old, an account that fails, a batch that was refused, rows put aside, three kinds of gaps."""
    monday = (as_of - timedelta(days=as_of.weekday())).date()
    base = {"workspace_id": workspace}
    coverage = [
        {**base, "owner": "own", "platform": platform, "account_id": "a", "entity": entity, "metric": metric,
         "week": monday - timedelta(weeks=week), "expected": 7, "observed": 7 - missing, "unsupported": 0,
         "unavailable": missing if state == "unavailable" else 0, "delayed": 0, "retired": 0,
         "privacy_limited": missing if state == "privacy_limited" else 0,
         "never_read": missing if state == "never_read" else 0, "share_observed": (7 - missing) / 7}
        for week in range(10)
        for platform, entity, metric, missing, state in (
            ("instagram", "post", "reach", 0, ""), ("instagram", "post", "reactions", 0, ""),
            ("instagram", "post", "saves", 2, "unavailable"), ("instagram", "account", "account_reach", 1, "privacy_limited"),
            ("youtube", "post", "views", 0, ""), ("youtube", "post", "impressions", 7, "never_read"),
            ("linkedin", "post", "impressions", 1, "never_read"),
        )
    ]  # fmt: skip
    gap = {**base, "account_id": "a", "account_name": "Harbour Boatyard", "metric": None, "window_start": None,
           "window_end": None, "attempts": None, "found_at": None, "message": None}  # fmt: skip
    day = as_of.date()
    gaps = [
        {**gap, "platform": "x", "source": "api_x_posts", "stream": "posts", "kind": "not_read",
         "first_day": day - timedelta(days=2), "last_day": day, "attempts": 4,
         "message": "X answered 503 three times; the next attempt is in an hour"},
        {**gap, "platform": "instagram", "source": "api_instagram_audience", "stream": "audience", "kind": "lost",
         "first_day": day - timedelta(days=30), "last_day": day - timedelta(days=16), "attempts": 1,
         "message": "nobody read this in time, and Instagram no longer tells it: Demographics: the present only"},
        *({**gap, "platform": "tiktok", "source": "api_tiktok_account", "stream": "account", "kind": "missed_day",
           "metric": "followers", "first_day": day - timedelta(days=back), "last_day": day - timedelta(days=back)}
          for back in (12, 11, 10)),
    ]  # fmt: skip
    aside = {**base, "batch_id": "b7", "source": "page_export", "kind": "observation", "observed_at": as_of}
    quarantine = [
        *({**aside, "source_file": "July export.csv", "source_line": line, "rule": "counter_not_negative",
           "column_name": "counter_not_negative", "raw": '{"entity_id":"p-17","metric":"shares","value":"-3.0"}'}
          for line in (4, 9, 12, 13, 20, 31)),
        {**aside, "source_file": f"{hostile}.csv", "source_line": 2, "rule": "value_is_known", "column_name": "platform",
         "raw": hostile},
    ]  # fmt: skip
    result = {**base, "kind": "batch", "column_name": "", "examples": "", "observed_at": as_of, "landed_at": as_of}
    results = [
        {**result, "batch_id": "b7", "source": "page_export", "source_file": "July export.csv", "kind": "observation",
         "rule": "counter_not_negative", "severity": "quarantine", "rows_checked": 400, "rows_failed": 6},
        {**result, "batch_id": "b8", "source": "page_export", "source_file": "torn.csv", "rule": "file_is_sound",
         "severity": "refusal", "rows_checked": 0, "rows_failed": 1, "examples": "No magic bytes at the end of the file"},
        {**result, "batch_id": "b9", "source": "api_x_posts", "source_file": "X Harbour Boatyard, posts",
         "rule": "usual_volume", "severity": "warning", "rows_checked": 1, "rows_failed": 1,
         "examples": "31 rows; 212 are usual on this weekday"},
        {**result, "batch_id": "b9", "source": "api_x_posts", "source_file": "X Harbour Boatyard, posts",
         "rule": "in_rhythm", "severity": "warning", "rows_checked": 1, "rows_failed": 0},
    ]  # fmt: skip
    return {
        "mart_coverage": coverage, "mart_gaps": gaps, "mart_quarantine": quarantine, "mart_quality_results": results,
        "mart_restatements": [
            {**base, "owner": "own", "platform": "youtube", "account_id": "a", "entity_type": "post", "entity_id": "p1",
             "metric": "views", "kind": "counter_fell", "value_before": 900.0, "seen_before": as_of - timedelta(days=3),
             "value_after": 855.0, "seen_after": as_of, "difference": -45.0, "ratio": 0.95, "revision": 1}
        ],
    }  # fmt: skip


def troubled_sources(workspace: str, as_of: datetime) -> Rows:
    """Rows of `mart_freshness` beside the ordinary ones."""
    row = {"workspace_id": workspace, "owner": "own", "batches": 4, "contents": 40, "observations": 300, "rejections": 0,
           "first_observed_at": as_of - timedelta(days=90), "last_observed_at": as_of - timedelta(hours=30),
           **RHYTHMLESS, "last_landed_at": as_of - timedelta(hours=30)}  # fmt: skip
    return [
        {**row, "source": "api_x_posts", "promised_hours": 24.0, "last_tried_at": as_of,
         "last_read_at": as_of - timedelta(hours=50)},
        {**row, "source": "page_export", "quarantined": 7, "refused_batches": 1, "last_refused_at": as_of},
    ]  # fmt: skip
