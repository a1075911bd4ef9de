"""The few recommendations of a strategy worth reading first, picked without Streamlit."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest

from app.charts.template import label
from app.components import numbers
from models.domain.strategy import Confidence, StrategyDocument

_ORDER: dict[Confidence, int] = {"high": 0, "medium": 1, "low": 2}


@dataclass(frozen=True)
class Recommendation:
    """`confidence` is None for a cadence, a rule's decision rather than an estimate: its whole reason is read at once."""

    title: str
    reason: str
    confidence: Confidence | None
    fact_ids: tuple[str, ...]


def top_recommendations(document: StrategyDocument, limit: int = 3) -> tuple[Recommendation, ...]:
    """Topics, times and cadence in turn, the most certain of each first; without evidence nothing is recommended."""
    pillars = [
        Recommendation(
            f"Give {numbers.share(p.share_proposed.value)} of the calendar to {p.name}",
            p.rationale.text,
            p.confidence,
            tuple(dict.fromkeys((*p.rationale.fact_ids, p.share_now_fact_id, *p.share_proposed.fact_ids))),
        )
        for p in sorted(document.pillars, key=lambda p: _ORDER[p.confidence])
        if p.performance == "measured"
    ]
    slots = [
        Recommendation(
            f"Post on {label(s.platform)} on {numbers.weekday(s.weekday)} at {s.hour:02d}:00",
            s.rationale.text,
            s.confidence,
            s.rationale.fact_ids,
        )
        for s in sorted(document.slots, key=lambda s: _ORDER[s.confidence])
        if s.verdict == "recommend"
    ]
    cadence = [
        Recommendation(
            f"Plan {numbers.fact_value(c.posts_per_week.value, 'per_week')} on {label(c.platform)}",
            c.rationale.text,
            None,
            tuple(dict.fromkeys((*c.rationale.fact_ids, *c.posts_per_week.fact_ids))),
        )
        for c in document.cadence
    ]
    in_turn = [r for group in zip_longest(pillars, slots, cadence) for r in group if r is not None]
    return tuple(in_turn[:limit])
