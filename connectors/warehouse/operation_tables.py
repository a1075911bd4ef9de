"""Raw tables that are snapshots of the operational store: one for each kind of row of `models.domain.operations`."""

from __future__ import annotations

from connectors.warehouse.columns import BIGINT, BOOLEAN, DOUBLE, TIMESTAMPTZ, columns

_TYPES = {
    **dict.fromkeys(
        ("version", "position", "characters", "sequence", "attempts", "weekday", "hour", "tokens_in", "tokens_out",
         "tokens_cached", "cost_microusd"),
        BIGINT,
    ),
    **dict.fromkeys(("baseline", "target", "latency_ms", "edit_distance"), DOUBLE),
    **dict.fromkeys(("abstained", "cache_hit"), BOOLEAN),
    **dict.fromkeys(("window_start", "due_on"), "DATE"),
    **dict.fromkeys(
        ("created_at", "as_of", "made_at", "slot_at", "happened_at", "due_at", "sending_since", "finished_at", "called_at"),
        TIMESTAMPTZ,
    ),
}  # fmt: skip

OPERATION_TABLES: dict[str, dict[str, str]] = {
    table: columns(f"workspace_id {names}", _TYPES)
    for table, names in {
        "op_strategy": "strategy_id version created_at created_by writer snapshot_id as_of",
        "op_recommendation": (
            "recommendation_id strategy_id kind platform subject weekday hour metric unit direction baseline target "
            "confidence abstained made_at window_start due_on fact_ids statement"
        ),
        "op_planned_post": "entry_id strategy_id platform pillar slot_at created_at",
        "op_draft": "draft_id entry_id platform status version",
        "op_draft_version": "draft_id version author created_at text_hash characters edit_distance",
        "op_variant": "draft_id version position label dimension text_hash characters created_at",
        "op_draft_event": "draft_id sequence kind version actor happened_at",
        "op_outbox": (
            "outbox_key draft_id version platform vendor account_id status attempts due_at created_at sending_since "
            "finished_at post_id url"
        ),
        "op_publish_step": "outbox_key sequence status happened_at",
        "op_ai_usage": (
            "usage_id called_at task tier provider model outcome cache_hit latency_ms tokens_in tokens_out tokens_cached "
            "cost_microusd input_hash prompt_version artefact_kind artefact_id"
        ),
    }.items()
}
"""Whole snapshots of a workspace, replaced together by `connectors.warehouse.operations`."""

FILLED_FROM: dict[str, str] = {
    "op_strategy": "strategies",
    "op_recommendation": "recommendations",
    "op_planned_post": "planned",
    "op_draft": "drafts",
    "op_draft_version": "versions",
    "op_variant": "variants",
    "op_draft_event": "draft_events",
    "op_outbox": "outbox",
    "op_publish_step": "publish_steps",
    "op_ai_usage": "usage",
}
"""The field of `Operations` whose rows each table holds."""
