"""Marts about plans, drafts, publishing, variants, cost and recommendations, on rows worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest

from tests.integration.transforms.conftest import Built


def test_the_funnel_counts_what_stands_where(built: Built) -> None:
    """Sunday evening in New York belongs to the week of 3 March. First decisions: two approvals of four."""
    query = """
        select slot_week, planned, drafted, in_review, changes_requested, approved, rejected, revoked, decided,
            approved_first_pass, first_pass_approval_rate, approved_once, median_hours_to_approval,
            publications, queued, sending, sent, failed, unknown_outcome
        from marts.mart_publishing_funnel where workspace_id = 'atelier'
    """
    assert built.rows(query) == [
        (date(2025, 3, 3), 6, 5, 2, 0, 2, 1, 1, 4, 2, 0.5, 3, 6.0, 2, 0, 0, 1, 0, 1),
    ]  # fmt: skip


def test_the_statuses_of_drafts_are_those_of_the_store(built: Built) -> None:
    query = """
        select count(*) from marts.mart_drafts join raw.op_draft using (workspace_id, draft_id)
        where mart_drafts.status <> op_draft.status
    """
    assert built.value(query) == 0


def test_a_draft_knows_its_rounds_and_its_post(built: Built) -> None:
    query = """
        select draft_id, versions, decisions, approved_as_written, edit_distance, publications, publications_sent, post_id, ai_calls,
            ai_calls_priced, ai_cost_usd
        from marts.mart_drafts where workspace_id = 'atelier' order by draft_id
    """
    assert built.rows(query) == [
        ("fresh", 1, 0, None, None, 0, 0, None, 1, 1, 0.0),
        ("refused", 1, 1, None, None, 0, 0, None, 1, 1, 0.0),
        ("second-try", 2, 2, False, 0.8, 1, 0, None, 1, 1, 0.0),
        ("straight", 1, 1, True, 0.0, 1, 1, "p1", 3, 2, 0.001),
        ("taken-back", 2, 1, True, 0.0, 0, 0, None, 1, 1, 0.0),
    ]


def test_a_publication_has_the_values_of_its_post_at_equal_ages(built: Built) -> None:
    query = """
        select outbox_key, status, hours_late, post_observed, engagements_public_24h, basis_24h, basis_72h,
            engagements_public_7d, basis_28d
        from marts.mart_publications where workspace_id = 'atelier' order by outbox_key
    """
    assert built.rows(query) == [
        ("k-back", "cancelled", None, None, None, None, None, None, None),
        ("k-second", "unknown", None, None, None, None, None, None, None),
        ("k-straight", "sent", 0.25, True, 27.0, "exact", "interpolated", 171.0, None),
    ]


def test_one_published_text_is_no_test(built: Built) -> None:
    query = """
        select text_hash, label, is_control, posts_published, outcome_per_post, verdict, reason
        from marts.mart_variant_tests where workspace_id = 'atelier' and draft_id = 'straight' order by text_hash
    """
    assert built.rows(query) == [
        ("one", "as written", True, 1, 171.0, "not_tested", "one_text_published"),
        ("short", "Short", False, 0, None, "not_tested", "one_text_published"),
    ]


def test_a_variant_that_became_the_text_keeps_its_label(built: Built) -> None:
    query = "select text_hash, label from marts.mart_variant_tests where draft_id = 'second-try' order by text_hash"
    assert built.rows(query) == [("one", "as written"), ("short", "Short")]


def test_an_unknown_price_is_no_zero(built: Built) -> None:
    query = """
        select provider, calls, calls_priced, cost_usd, tokens_in, drafts_written, drafts_approved, cost_usd_per_approved_draft,
            mean_edit_distance
        from marts.mart_ai_cost where workspace_id = 'atelier' order by provider
    """
    assert built.rows(query) == [
        ("rules", 5, 5, 0.0, None, 5, 2, 0.0, 0.4),
        ("someone", 2, 1, 0.001, 200, 1, 1, None, 0.0),
    ]


def test_a_month_of_all_tasks(built: Built) -> None:
    query = """
        select month, calls, calls_of_models, calls_priced, cost_usd, drafts_written, drafts_approved, mean_edit_distance,
            cost_usd_per_approved_draft
        from marts.mart_ai_months where workspace_id = 'atelier'
    """
    assert built.rows(query) == [(date(2025, 3, 1), 7, 2, 6, 0.001, 5, 2, 0.4, None)]


@pytest.mark.parametrize(
    ("recommendation", "state", "posts", "observed"),
    [("due", "due", 1, 0.583333333), ("last-day", "open", None, None), ("none", "abstained", None, None)],
)
def test_advice_is_held_against_what_was_posted_once_it_is_due(
    built: Built, recommendation: str, state: str, posts: int | None, observed: float | None
) -> None:
    """One post in 12 days is 7 ÷ 12 a week. The newest reading is of Sunday 16 March in New York."""
    query = """
        select state, observed_posts, observed_value, graded_value from marts.mart_recommendations
        where workspace_id = 'atelier' and recommendation_id = ?
    """
    assert built.rows(query, recommendation) == [(state, posts, observed, None)]
