"""Words for how fresh a source is, why numbers are missing and what a finding costs; without Streamlit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.components.status import StatusLook
from models.domain.quality import Severity

_LATE = 1.5
"""A source is late once its pause is longer than this many times the promised (or, for files, the usual) one."""
_STALE_HOURS = 7 * 24.0
"""Without any rhythm a source is old after a week."""

FINDINGS_LOOKS = {
    Severity.REFUSAL: StatusLook("The batch is refused", "red", ":material/block:"),
    Severity.QUARANTINE: StatusLook("Rows go to quarantine", "orange", ":material/report:"),
    Severity.WARNING: StatusLook("A finding, nothing is left out", "gray", ":material/info:"),
}
GAP_WORDS = {
    "not_read": "The {stream} could not be read; it is tried again, and the gap closes when it succeeds.",
    "lost": "The {stream} was not read in time and the platform no longer tells it: lost.",
    "missed_day": "No follower count was read; platforms tell the present only, so these days stay unknown.",
}
RESTATED_WORDS = {
    "period_restated": "Another value for the same period",
    "point_restated": "Another value for the same moment",
    "counter_fell": "A lifetime counter fell",
}
_REASONS = {
    "never_read": "never read",
    "unsupported": "not offered for this kind",
    "unavailable": "not given this time",
    "delayed": "not computed yet",
    "retired": "retired by the platform",
    "privacy_limited": "withheld for privacy",
}


@dataclass(frozen=True)
class Freshness:
    """`rank` 0 needs a person, 1 is late by a file's own rhythm, 2 is fine."""

    word: str
    icon: str
    sentence: str
    rank: int


def freshness_look(row: Mapping[str, Any], moment: datetime) -> Freshness:
    """A source's state from a row of `quality_pages.sources`. What was refused outranks what is late."""
    observed: datetime | None = row["last_observed_at"]
    tried, read = row["last_tried_at"], row["last_read_at"]
    hours = None if observed is None else max(0.0, (moment - observed).total_seconds() / 3600)
    ago = "nothing was loaded yet" if hours is None else f"newest numbers {_span(hours)} old"
    newest_refused = row["refused_batches"] and (
        row["last_landed_at"] is None or row["last_refused_at"] > row["last_landed_at"]
    )
    if newest_refused:
        what = "its newest batch was" if row["refused_batches"] == 1 else f"{row['refused_batches']:,} batches were"
        return Freshness("Refused", ":material/block:", f"{what} refused, so {ago}; the reason is below", 0)
    if tried is not None and (read is None or tried > read):
        return Freshness("Failing", ":material/error:", f"the last attempt to read it failed; {ago}", 0)
    promised, usual = row["promised_hours"], row["usual_hours"]
    if hours is None:
        return Freshness("Empty", ":material/hourglass_empty:", ago, 0)
    if promised is not None:
        late = hours > _LATE * promised
        words = f"{ago}; read every {_span(promised)}"
        return Freshness("Late" if late else "Fresh", ":material/schedule:", words, 0 if late else 2)
    if usual is not None and usual > 0:
        late = hours > _LATE * usual and hours > 48
        words = f"{ago}; usually every {_span(usual)}"
        return Freshness("Late" if late else "Fresh", ":material/schedule:", words, 1 if late else 2)
    old = hours > _STALE_HOURS
    return Freshness(
        "Old" if old else "Fresh", ":material/schedule:", f"{ago}; comes when somebody brings it", 1 if old else 2
    )


def missing_because(row: Mapping[str, Any]) -> str | None:
    """The reasons for missing numbers with their counts, most frequent first; None when nothing is missing."""
    found = sorted(((row[state], words) for state, words in _REASONS.items() if row[state]), reverse=True)
    return ", ".join(f"{count:,} {words}" for count, words in found) or None


def source_name(source: str, labels: Mapping[str, str]) -> str:
    """A source's id in words, with platforms and services spelled as they spell themselves."""
    words = [labels.get(word, word) for word in source.removeprefix("api_").replace("-", "_").split("_")]
    name = " ".join(words)
    return name[:1].upper() + name[1:]


def _span(hours: float) -> str:
    if hours < 1.5:
        return "hour" if hours >= 0.5 else f"{hours * 60:.0f} minutes"
    if hours < 48:
        return f"{hours:.0f} hours"
    return f"{hours / 24:.0f} days"
