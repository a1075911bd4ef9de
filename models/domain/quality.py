"""The rules that a landed batch is held to: what each asks, what a breach costs, and what a person does about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a broken rule costs."""

    QUARANTINE = "quarantine"
    """The rows that break it are left out; the rest of the batch loads."""
    WARNING = "warning"
    """Nothing is left out; a person should look."""
    REFUSAL = "refusal"
    """The batch does not load at all."""


@dataclass(frozen=True)
class Rule:
    """`asks` completes "a row breaks the rule that …"; `advice` is one sentence."""

    id: str
    severity: Severity
    asks: str
    advice: str


_EXPORT = "Correct the row in the source and import it again, or ask for the source's own export."
_REPORT = "Report it with the file: a connector wrote what the metric registry does not know."
_LIST = (
    Rule("belongs_to_batch", Severity.QUARANTINE, "the row names the batch and workspace it lies in",
         "Move the landing file back to where it came from, or import its source again."),
    Rule("key_is_there", Severity.QUARANTINE, "account, post, instant and period are there", _EXPORT),
    Rule("value_is_known", Severity.QUARANTINE, "platform, owner, kind of thing, metric and state are known ones", _REPORT),
    Rule("metric_of_entity", Severity.QUARANTINE, "a metric of posts stands with a post and one of accounts with an account",
         "Map the column to the metric of the other kind and import again; see fabric import --mapping."),
    Rule("in_time", Severity.QUARANTINE, "nothing was seen later than a day after it landed",
         "Look at the clock and the time zone of the source, then import again with --zone."),
    Rule("period_in_order", Severity.QUARANTINE, "a period does not end before it begins", _EXPORT),
    Rule("value_stands", Severity.QUARANTINE, "a number is there exactly when the state is observed", _EXPORT),
    Rule("counter_not_negative", Severity.QUARANTINE, "a counter is not below 0", _EXPORT),
    Rule("metric_of_platform", Severity.WARNING, "the platform is known to have the metric",
         "Nothing is lost; tell us the platform's field so that the metric registry can name it."),
    Rule("no_fall", Severity.WARNING, "lifetime counters do not fall from one reading of the batch to the next",
         "Platforms take back spam and restate; look at the restatements of these posts before trusting a change."),
    Rule("no_repeat", Severity.WARNING, "no reading stands in the batch twice",
         "Nothing is counted twice; check why the source repeats rows."),
    Rule("usual_volume", Severity.WARNING, "the batch is about as large as on the same weekdays before",
         "Compare with the platform's own export: fabric reconcile FILE."),
    Rule("in_rhythm", Severity.WARNING, "the source was read in its rhythm",
         "Look at Connections and at the worker (fabric doctor): a reading was missed before this one."),
    Rule("file_is_sound", Severity.REFUSAL, "the landing file can be read and holds what its footer says",
         "Restore the landing file from a backup, or move it away and import its source again; then run fabric build."),
    Rule("some_row_is_sound", Severity.REFUSAL, "at least one row of the batch keeps the rules",
         "Look at the rules its rows break, correct the source and import it again."),
)  # fmt: skip
RULES = {rule.id: rule for rule in _LIST}
"""By id, worst last; the first rule that a row breaks is the one it is put aside for."""
