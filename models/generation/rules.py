"""The rule-based writer's constants: every threshold and step that its decisions use, each named once.

Templates cite them as `{rule:<name>}`, so what a strategy says about a rule is what the rule does.
"""

from __future__ import annotations

from dataclasses import dataclass

WRITER = "rule-based-1"
"""The writer's name, shown on everything it wrote. Change it when a rule changes."""


@dataclass(frozen=True)
class Rules:
    """Shares and errors are fractions of one; `*_posts` are post counts; cadences are posts a week."""

    equal_age_days: int = 28
    """The age at which posts are compared (metric contract, rule 6)."""
    pillars_min: int = 3
    pillars_max: int = 5
    pillar_min_posts: int = 8
    """Measured posts below which a topic counts as "no evidence"."""
    share_step: float = 0.05
    share_shift: float = 1.0
    """A topic at percentile 1 gets this much of its share on top, one at 0 loses as much."""
    share_cap: float = 0.40
    """The largest share of one pillar, where there are at least `pillars_min`."""
    cadence_min_posts: int = 8
    """Posts below which a posting rhythm is not read from the history."""
    cadence_change: float = 0.25
    cadence_min: int = 1
    cadence_max: int = 14
    cadence_fallback: int = 2
    slot_min_posts: int = 10
    """Measured posts below which an hour is not judged."""
    slot_error: float = 0.05
    """Chance of recommending any hour of a platform when none is better, spread over the hours looked at."""
    format_min_posts: int = 8
    fallback_hour: int = 10
    second_fallback_hour: int = 15
    goal_lift: float = 0.10
    goal_weeks: int = 12


RULES = Rules()
