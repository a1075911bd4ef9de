"""Contracted columns of the marts about drafts, approvals, publishing, tests of variants, recommendations and the use of models."""

from __future__ import annotations

from connectors.warehouse.contracts.types import BOOL, DATE, TS, TZ, B, Columns, D, I, V

# fmt: off
CONTRACTS: dict[str, Columns] = {
    "mart_publishing_funnel": {
        "workspace_id": V, "platform": V, "slot_week": DATE, "pillar": V,
        "planned": B, "drafted": B, "in_review": B, "changes_requested": B, "approved": B, "rejected": B, "revoked": B,
        "decided": B, "approved_first_pass": B, "first_pass_approval_rate": D,
        "approved_once": B, "median_hours_to_approval": D,
        "publications": B, "queued": B, "sending": B, "sent": B, "failed": B, "unknown_outcome": B,
        "median_hours_approval_to_sent": D, "median_hours_late": D,
    },
    "mart_drafts": {
        "workspace_id": V, "draft_id": V, "entry_id": V, "strategy_id": V, "strategy_version": B,
        "platform": V, "pillar": V, "slot_at": TZ, "slot_local": TS, "slot_date": DATE,
        "status": V, "versions": B, "decisions": B, "changes_requested": B, "revocations": B,
        "created_at": TZ, "first_decision": V, "first_decided_at": TZ, "approved_at": TZ, "approved_version": B,
        "approved_as_written": BOOL, "edit_distance": D, "rejected_at": TZ, "hours_to_first_decision": D, "hours_to_approval": D,
        "publications": B, "publications_sent": B, "sent_at": TZ, "hours_approval_to_sent": D,
        "account_id": V, "post_id": V, "url": V, "ai_calls": B, "ai_calls_priced": B, "ai_cost_usd": D,
    },
    "mart_publications": {
        "workspace_id": V, "outbox_key": V, "draft_id": V, "version": B, "platform": V, "vendor": V, "account_id": V,
        "pillar": V, "status": V, "attempts": B, "steps": B, "due_at": TZ, "queued_at": TZ, "first_sending_at": TZ,
        "sent_at": TZ, "failed_at": TZ, "unknown_at": TZ, "hours_late": D, "post_id": V, "url": V,
        "post_observed": BOOL, "post_observed_at": TZ, "engagements_public": D,
        "engagements_public_24h": D, "basis_24h": V, "engagements_public_72h": D, "basis_72h": V,
        "engagements_public_7d": D, "basis_7d": V, "engagements_public_28d": D, "basis_28d": V, "percentile_28d": D,
    },
    "mart_variant_tests": {
        "workspace_id": V, "draft_id": V, "platform": V, "pillar": V, "text_hash": V, "label": V, "dimension": V,
        "is_control": BOOL, "characters": B, "posts_published": B, "posts_measured": B,
        "outcome_metric": V, "outcome_age_hours": I, "outcome_per_post": D, "basis": V,
        "texts": B, "texts_published": B, "texts_measured": B, "verdict": V, "reason": V,
    },
    "mart_ai_cost": {
        "workspace_id": V, "day": DATE, "task": V, "provider": V, "model": V,
        "calls": B, "calls_without_result": B, "cache_hits": B,
        "calls_with_tokens": B, "tokens_in": B, "tokens_out": B, "tokens_cached": B,
        "calls_priced": B, "cost_usd": D, "median_latency_ms": D,
        "drafts_written": B, "drafts_approved": B, "drafts_approved_as_written": B, "mean_edit_distance": D, "drafts_sent": B,
        "cost_usd_per_approved_draft": D,
    },
    "mart_ai_months": {
        "workspace_id": V, "month": DATE, "calls": B, "calls_of_models": B, "calls_without_result": B, "cache_hits": B,
        "calls_priced": B, "cost_usd": D, "drafts_written": B, "drafts_approved": B, "mean_edit_distance": D,
        "cost_usd_per_approved_draft": D,
    },
    "mart_recommendations": {
        "workspace_id": V, "recommendation_id": V, "strategy_id": V, "strategy_version": B, "is_current": BOOL,
        "made_at": TZ, "kind": V, "platform": V, "subject": V, "local_weekday": I, "local_hour": I,
        "metric": V, "unit": V, "direction": V, "baseline": D, "target": D, "relative_change": D, "confidence": V,
        "window_start": DATE, "due_on": DATE, "fact_ids": V, "statement": V,
        "state": V, "observed_posts": B, "observed_value": D, "graded_value": D,
    },
}
