"""Freshness, coverage and gaps over rows written by hand (`rows_quality.watched`)."""

from __future__ import annotations

from datetime import date


def test_a_missed_day_is_a_recorded_gap_and_a_failed_window_one_line(built) -> None:
    rows = built.rows(
        "select stream, kind, metric, first_day, last_day, attempts, message from marts.mart_gaps "
        "where workspace_id = 'watched' order by stream, kind, first_day"
    )
    third, fourth = date(2026, 1, 3), date(2026, 1, 4)
    assert rows == [
        ("account", "lost", None, date(2026, 1, 2), fourth, 1, "Followers: the present only"),
        ("account", "missed_day", "followers", third, third, None, None),
        ("account", "missed_day", "followers", fourth, fourth, None, None),
        ("posts", "not_read", None, date(2026, 1, 5), date(2026, 1, 6), 2, "attempt 1"),
    ]


def test_coverage_tells_why_a_number_is_missing(built) -> None:
    rows = built.rows(
        "select week, expected, observed, privacy_limited, never_read, share_observed from marts.mart_coverage "
        "where workspace_id = 'watched' and metric = 'reactions'"
    )
    assert rows == [(date(2025, 12, 29), 3, 1, 1, 1, 0.333333333)]
    assert (
        built.value(
            "select count(*) from marts.mart_coverage where expected <> "
            "observed + unsupported + unavailable + delayed + retired + privacy_limited + never_read"
        )
        == 0
    )


def test_sources_that_only_failed_or_were_refused_are_there(built) -> None:
    rows = built.rows(
        "select source, owner, batches, promised_hours, quarantined, refused_batches, last_read_at is null "
        "from marts.mart_freshness where workspace_id = 'watched' order by source"
    )
    assert rows == [
        ("api_x_account", "own", 4, 24.0, 1, 0, False),
        ("api_x_posts", "own", 0, 24.0, 0, 0, True),
        ("page_export", "unknown", 0, None, 0, 1, True),
    ]


def test_rows_put_aside_and_the_checks_behind_them_are_served(built) -> None:
    assert built.rows(
        "select source_file, source_line, rule from marts.mart_quarantine where workspace_id = 'watched'"
    ) == [("x2.csv", 4, "counter_not_negative")]
    assert built.rows(
        "select rows_checked, rows_failed, severity from marts.mart_quality_results where workspace_id = 'watched'"
    ) == [(3, 1, "quarantine")]
