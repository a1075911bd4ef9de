"""Followers, audiences, e-mail and restated numbers of `florist`, worked out by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from models.metrics.openrates import open_rates


def at(day: int, hour: int, month: int = 3, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


def test_followers_are_a_history_of_what_was_read(built: Any) -> None:
    assert built.rows(
        "select account_id, owner, followers, valid_from, valid_to, followers_change, readings, is_current "
        "from marts.mart_followers where workspace_id = 'florist' and platform = 'instagram' order by account_id, valid_from"
    ) == [
        ("rose", "competitor", 5000.0, at(1, 12), at(4, 12), None, 1, False),
        ("rose", "competitor", 5100.0, at(4, 12), None, 100.0, 1, True),
        ("shop", "own", 1000.0, at(1, 12), at(2, 12), None, 1, False),
        ("shop", "own", 1001.0, at(2, 12), at(5, 12), 1.0, 1, False),
        ("shop", "own", 1010.0, at(5, 12), at(5, 23), 9.0, 1, False),
        ("shop", "own", 1005.0, at(5, 23), None, -5.0, 1, True),
    ]


def test_no_change_of_followers_is_computed_over_a_change_of_their_definition(built: Any) -> None:
    assert built.rows(
        "select followers, followers_change from marts.mart_followers "
        "where workspace_id = 'florist' and platform = 'facebook' order by valid_from"
    ) == [(500.0, None), (700.0, None), (710.0, 10.0)]
    assert built.rows(
        "select day, followers, followers_change, days_between, followers_last_known from marts.mart_followers_daily "
        "where workspace_id = 'florist' and platform = 'facebook' order by day"
    ) == [
        (date(2025, 11, 14), 500.0, None, None, 500.0),
        (date(2025, 11, 15), 700.0, None, None, 700.0),
        (date(2025, 11, 16), None, None, None, 700.0),
        (date(2025, 11, 17), 710.0, 10.0, 2, 710.0),
    ]


def test_a_day_without_a_reading_has_no_followers(built: Any) -> None:
    assert built.rows(
        "select day, is_observed, followers, followers_change, days_between, followers_gained, followers_gained_state, "
        "followers_lost, followers_last_known, last_known_day from marts.mart_followers_daily "
        "where workspace_id = 'florist' and account_id = 'shop' order by day"
    ) == [
        (date(2026, 3, 1), True, 1000.0, None, None, None, None, None, 1000.0, date(2026, 3, 1)),
        (date(2026, 3, 2), True, 1001.0, 1.0, 1, None, None, None, 1001.0, date(2026, 3, 2)),
        (date(2026, 3, 3), False, None, None, None, 8.0, "observed", 0.0, 1001.0, date(2026, 3, 2)),
        (date(2026, 3, 4), False, None, None, None, None, None, None, 1001.0, date(2026, 3, 2)),
        (date(2026, 3, 5), True, 1005.0, 4.0, 3, None, None, None, 1005.0, date(2026, 3, 5)),
    ]


def test_followers_at_publish_time_are_the_row_of_the_history_that_was_valid(built: Any) -> None:
    pairs = built.rows(
        """
        select posts.workspace_id, posts.post_id, measures.value, history.followers
        from intermediate.int_posts as posts
        left join intermediate.int_post_measures as measures
            on measures.workspace_id = posts.workspace_id and measures.platform = posts.platform
            and measures.account_id = posts.account_id and measures.post_id = posts.post_id
            and measures.measure = 'followers'
        left join marts.mart_followers as history
            on history.workspace_id = posts.workspace_id and history.platform = posts.platform
            and history.account_id = posts.account_id and history.valid_from <= posts.published_at
            and (history.valid_to is null or history.valid_to > posts.published_at)
        """
    )
    known = {(workspace, post): followers for workspace, post, followers, _ in pairs if followers is not None}
    assert {post: followers for (workspace, post), followers in known.items() if workspace == "florist"} == {
        "bouquet": 1001.0,
        "tulip": 1001.0,
    }
    assert len(known) > 3, "other workspaces have followers too"
    assert [pair for pair in pairs if pair[2] != pair[3]] == []


def test_segments_have_shares_of_their_dimension_and_say_what_they_cover(built: Any) -> None:
    assert built.rows(
        "select day, dimension, segment, followers, followers_state, segment_rank, share_of_dimension, dimension_followers, "
        "account_followers, share_of_account, dimension_coverage, is_newest from marts.mart_audience "
        "where workspace_id = 'florist' and platform = 'instagram' order by dimension, day, segment_rank"
    ) == [
        (date(2026, 3, 1), "age", "*", None, "privacy_limited", None, None, None, 1000.0, None, None, False),
        (date(2026, 3, 5), "age", "*", None, "privacy_limited", None, None, None, 1005.0, None, None, True),
        (date(2026, 3, 1), "country", "DE", 500.0, "observed", 1, 0.621118012, 805.0, 1000.0, 0.5, 0.805, False),
        (date(2026, 3, 1), "country", "US", 300.0, "observed", 2, 0.372670807, 805.0, 1000.0, 0.3, 0.805, False),
        (date(2026, 3, 1), "country", "FR", 5.0, "observed", 3, 0.00621118, 805.0, 1000.0, 0.005, 0.805, False),
        (date(2026, 3, 5), "country", "DE", 600.0, "observed", 1, 0.666666667, 900.0, 1005.0, 0.597014925, 0.895522388, True),
        (date(2026, 3, 5), "country", "US", 300.0, "observed", 2, 0.333333333, 900.0, 1005.0, 0.298507463, 0.895522388, True),
        (date(2026, 3, 6), "country", "*", None, "unavailable", None, None, None, None, None, None, False),
    ]  # fmt: skip
    assert built.rows(
        "select segment, followers, followers_state, share_percent, share_percent_state, segment_rank, share_of_dimension "
        "from marts.mart_audience where workspace_id = 'florist' and platform = 'youtube' order by segment"
    ) == [
        ("F", None, None, 60.0, "observed", 1, None),
        ("M", None, None, 40.0, "observed", 2, None),
    ]


def test_open_rates_know_machine_opens(built: Any) -> None:
    raw, confirmed, corrected = built.rows(
        "select raw_open_rate, confirmed_open_rate, corrected_open_rate from marts.mart_email_campaigns "
        "where workspace_id = 'florist' and post_id = 'letter'"
    )[0]
    assert (round(100 * raw, 1), round(100 * confirmed, 1), round(100 * corrected, 1)) == (37.3, 33.9, 35.1)
    expected = open_rates(sent=3000, bounces=50, opens=1100, machine_opens=100)
    assert (raw, confirmed, corrected) == pytest.approx(
        (expected.raw, expected.confirmed, expected.corrected), abs=1e-9
    )
    assert built.rows(
        "select post_id, delivered, raw_open_rate, confirmed_open_rate, corrected_open_rate, click_rate, complaint_rate "
        "from marts.mart_email_campaigns where workspace_id = 'florist' and post_id <> 'letter' order by post_id"
    ) == [
        ("absurd", -10.0, None, None, None, None, None),
        ("silent", 1000.0, 0.2, None, None, 0.05, None),
    ]


def test_campaigns_are_compared_at_equal_age(built: Any) -> None:
    assert built.rows(
        "select opens, opens_24h, opens_24h_basis, raw_open_rate_24h, confirmed_open_rate_24h, click_rate_24h, "
        "click_rate, clicks, spam_complaints, complaint_rate, opens_72h_basis from marts.mart_email_campaigns "
        "where workspace_id = 'florist' and post_id = 'letter'"
    ) == [
        (1100.0, 900.0, "exact", round(900 / 2960, 9), round(810 / 2960, 9), round(250 / 2960, 9),
         round(300 / 2950, 9), 410.0, 0.0, 0.0, "interpolated")
    ]  # fmt: skip


def test_the_funnel_is_sum_over_sum_with_its_coverage(built: Any) -> None:
    assert built.rows(
        "select period, period_start, campaigns, emails_sent, opens, raw_open_rate, coverage_raw_open_rate, "
        "confirmed_open_rate, coverage_confirmed_open_rate, unsubscribes from marts.mart_email_funnel "
        "where workspace_id = 'florist' order by period, period_start"
    ) == [
        ("month", date(2026, 3, 1), 3, 4010.0, 1330.0, round(1300 / 3950, 9), 0.666666667,
         round(1000 / 2950, 9), 0.333333333, 3.0),
        ("week", date(2026, 3, 2), 1, 3000.0, 1100.0, round(1100 / 2950, 9), 1.0, round(1000 / 2950, 9), 1.0, 3.0),
        ("week", date(2026, 3, 9), 2, 1010.0, 230.0, 0.2, 0.5, None, 0.0, None),
    ]  # fmt: skip


def test_restated_numbers_are_told_with_both_values(built: Any) -> None:
    rows = built.rows(
        "select kind, entity_type, entity_id, metric, value_before, seen_before, value_after, seen_after, difference, ratio, "
        "revision from marts.mart_restatements where workspace_id = 'florist' order by kind, metric, entity_id"
    )
    assert rows == [
        ("counter_fell", "post", "bouquet", "reactions", 20.0, at(5, 12), 15.0, at(6, 12), -5.0, 0.75, 1),
        ("period_restated", "account", "shop", "followers_gained", 7.0, at(5, 12), 8.0, at(6, 12), 1.0, 1.142857143, 1),
        ("point_restated", "account", "shop", "followers", 1000.0, at(2, 12), 1001.0, at(10, 0), 1.0, 1.001, 1),
    ]
