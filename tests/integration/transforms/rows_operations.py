"""A workspace about plans, drafts and publishing: `atelier`, each draft there for one rule, in New York's time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from models.domain.edits import edit_distance
from tests.integration.transforms.raw_rows import Raw, at

MADE = at("2025-03-03T12:00:00")
SLOT = at("2025-03-10T03:30:00")
"""Monday in UTC, still Sunday evening of the week before in New York."""


def _draft(raw: Raw, draft: str, texts: list[str], steps: list[tuple[str, int, datetime]], status: str) -> None:
    """A planned post with its draft, one version a text, each with one variant `short`."""
    entry = {"entry_id": f"e-{draft}", "platform": "facebook"}
    raw.tables["op_planned_post"].append(
        {**entry, "strategy_id": "s1", "pillar": "clay", "slot_at": SLOT, "created_at": MADE}
    )
    raw.tables["op_draft"].append({**entry, "draft_id": draft, "status": status, "version": len(texts)})
    for number, text in enumerate(texts, 1):
        when = MADE + timedelta(hours=number - 1)
        version = {"draft_id": draft, "version": number, "created_at": when}
        raw.tables["op_draft_version"].append(
            {**version, "author": "rules", "text_hash": text, "characters": len(text),
             "edit_distance": edit_distance(texts[0], text)}
        )  # fmt: skip
        for position, (label, dimension, words) in enumerate(
            (("as written", "none", text), ("Short", "length", "short"))
        ):
            raw.tables["op_variant"].append(
                {**version, "position": position, "label": label, "dimension": dimension, "text_hash": words,
                 "characters": len(words)}
            )  # fmt: skip
    for sequence, (kind, version_number, when) in enumerate(steps, 1):
        raw.tables["op_draft_event"].append(
            {"draft_id": draft, "sequence": sequence, "kind": kind, "version": version_number, "actor": "u1",
             "happened_at": when}
        )  # fmt: skip


def _sent(raw: Raw, key: str, draft: str, version: int, lines: list[tuple[str, datetime]], post: str | None) -> None:
    raw.tables["op_outbox"].append(
        {"outbox_key": key, "draft_id": draft, "version": version, "platform": "facebook", "vendor": "facebook",
         "account_id": "a1", "status": lines[-1][0], "attempts": 1, "due_at": SLOT, "created_at": lines[0][1],
         "finished_at": lines[-1][1] if post else None, "post_id": post, "url": None}
    )  # fmt: skip
    for sequence, (status, when) in enumerate(lines, 1):
        raw.tables["op_publish_step"].append(
            {"outbox_key": key, "sequence": sequence, "status": status, "happened_at": when}
        )


def atelier() -> Raw:
    raw = Raw("atelier", "America/New_York")
    hours = lambda count: MADE + timedelta(hours=count)  # noqa: E731
    raw.tables["op_strategy"].append(
        {"strategy_id": "s1", "version": 1, "created_at": MADE, "created_by": "system", "writer": "rule-based-1",
         "snapshot_id": "f", "as_of": MADE}
    )  # fmt: skip
    _draft(raw, "straight", ["one"], [("approved", 1, hours(6))], "approved")
    _draft(
        raw, "second-try", ["one", "short"],
        [("changes_requested", 1, hours(2)), ("edited", 2, hours(3)), ("submitted", 2, hours(3)), ("approved", 2, hours(24))],
        "approved",
    )  # fmt: skip
    _draft(
        raw, "taken-back", ["one", "two"],
        [("approved", 1, hours(6)), ("edited", 2, hours(8)), ("revoked", 1, hours(8))], "in_review",
    )  # fmt: skip
    _draft(raw, "refused", ["one"], [("rejected", 1, hours(4))], "rejected")
    _draft(raw, "fresh", ["one"], [], "in_review")
    planned = {"entry_id": "e-bare", "platform": "facebook", "strategy_id": "s1", "pillar": "clay"}
    raw.tables["op_planned_post"].append({**planned, "slot_at": SLOT, "created_at": MADE})
    out = SLOT + timedelta(minutes=15)
    _sent(raw, "k-straight", "straight", 1, [("queued", hours(6)), ("sending", SLOT), ("sent", out)], "p1")
    _sent(raw, "k-second", "second-try", 2, [("queued", hours(24)), ("sending", SLOT), ("unknown", out)], None)
    _sent(raw, "k-back", "taken-back", 1, [("queued", hours(6)), ("cancelled", hours(8))], None)
    for age in (24.0, 168.0):
        seen = out + timedelta(hours=age)
        batch = f"b{age:g}"
        raw.batch(batch, seen)
        raw.post(batch, seen, "p1", out)
        for metric, value in (("reactions", age), ("comments", 2.0), ("shares", 1.0)):
            raw.reading(batch, seen, "p1", metric, value)
    _calls(raw)
    _advice(raw)
    return raw


def _calls(raw: Raw) -> None:
    call: dict[str, Any] = {
        "called_at": MADE, "task": "draft", "tier": "draft", "provider": "rules", "model": "rule-based-1",
        "outcome": "written", "cache_hit": False, "latency_ms": 2.0, "cost_microusd": 0, "artefact_kind": "draft",
    }  # fmt: skip
    for draft in ("straight", "second-try", "taken-back", "refused", "fresh"):
        raw.tables["op_ai_usage"].append({**call, "usage_id": f"u-{draft}", "artefact_id": draft})
    priced = {**call, "provider": "someone", "model": "m", "tokens_in": 100, "tokens_out": 10}
    for number, cost in enumerate((1_000, None)):
        raw.tables["op_ai_usage"].append(
            {**priced, "usage_id": f"x{number}", "artefact_id": "straight", "cost_microusd": cost}
        )


def _advice(raw: Raw) -> None:
    advice = {"strategy_id": "s1", "made_at": MADE, "window_start": date(2025, 3, 3), "fact_ids": "", "statement": "so"}
    pace = {**advice, "kind": "cadence", "platform": "facebook", "metric": "posts_per_week", "unit": "per_week",
            "direction": "up", "baseline": 1.0, "target": 1.5, "abstained": False}  # fmt: skip
    raw.tables["op_recommendation"] += [
        {**pace, "recommendation_id": "due", "due_on": date(2025, 3, 15)},
        {**pace, "recommendation_id": "last-day", "due_on": date(2025, 3, 16)},
        {**advice, "recommendation_id": "none", "kind": "abstention", "abstained": True, "due_on": date(2025, 3, 15)},
    ]


WORKSPACES = (atelier,)
