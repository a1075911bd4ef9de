"""Workspace `watched`: a connected account with a failed, a lost and a missed reading, and a batch with rows put aside."""

from __future__ import annotations

from datetime import timedelta

from tests.integration.transforms.raw_rows import Raw, at


def watched() -> Raw:
    """One X account read on 1, 2, 5 and 6 January 2026: the 3rd and 4th have no followers; its posts failed on the 6th."""
    raw = Raw("watched", "Europe/Berlin")
    key = {"platform": "x", "account_id": "brand", "account_name": "Brand"}
    run = {**key, "source": "api_x_account", "stream": "account", "contents": 0, "observations": 1, "rejections": 0,
           "message": "", "every_hours": 24.0}  # fmt: skip
    for day in (1, 2, 5, 6):
        seen = at(f"2026-01-0{day}T08:00:00")
        raw.batch(f"x{day}", seen, source="api_x_account")
        raw.reading(f"x{day}", seen, "brand", "followers", 100.0 + day, entity_type="account", **key)
        raw.tables["sync_run"].append(
            {**run, "sync_id": f"a{day}", "window_start": seen - timedelta(days=1), "window_end": seen, "started_at": seen,
             "finished_at": seen, "status": "done"}
        )  # fmt: skip
    lost = at("2026-01-05T08:00:00")
    raw.tables["sync_run"].append(
        {**run, "sync_id": "gone", "window_start": at("2026-01-02T08:00:00"), "window_end": at("2026-01-04T08:00:00"),
         "started_at": lost, "finished_at": lost, "status": "lost", "message": "Followers: the present only"}
    )  # fmt: skip
    for number, hour in enumerate((8, 9)):
        started = at(f"2026-01-06T0{hour}:00:00")
        raw.tables["sync_run"].append(
            {**run, "sync_id": f"p{number}", "source": "api_x_posts", "stream": "posts",
             "window_start": at("2026-01-05T00:00:00"), "window_end": started, "started_at": started,
             "finished_at": started, "status": "failed", "message": f"attempt {number}"}
        )  # fmt: skip
    seen = at("2026-01-02T08:00:00")
    for post, state in (("p1", "observed"), ("p2", "privacy_limited"), ("p3", "")):
        raw.post("x2", seen, post, at("2025-12-30T12:00:00"), **key)
        if state:
            value = 5.0 if state == "observed" else None
            raw.reading("x2", seen, post, "reactions", value, state=state, **key)
    raw.tables["quarantine"].append(
        {"batch_id": "x2", "source": "api_x_account", "source_file": "x2.csv", "source_line": 4, "kind": "observation",
         "rule": "counter_not_negative", "column_name": "counter_not_negative", "raw": '{"value":"-1.0"}',
         "observed_at": seen}
    )  # fmt: skip
    raw.tables["quality_result"].append(
        {"batch_id": "x2", "source": "api_x_account", "source_file": "x2.csv", "kind": "observation",
         "rule": "counter_not_negative", "column_name": "counter_not_negative", "severity": "quarantine",
         "rows_checked": 3, "rows_failed": 1, "examples": "", "observed_at": seen, "landed_at": seen}
    )  # fmt: skip
    raw.tables["refused_batch"].append(
        {"batch_id": "torn", "source": "page_export", "source_file": "torn.csv", "reason": "cannot be read",
         "stamp": "1-1", "observed_at": seen, "landed_at": seen}
    )  # fmt: skip
    return raw


WORKSPACES = (watched,)
