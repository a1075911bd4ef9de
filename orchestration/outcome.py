"""What went wrong in a run, in one sentence, from its events."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg
from dagster import DagsterEventType


def problem_of(instance: dg.DagsterInstance, run_id: str) -> str:
    """What failed first in a run that has ended, from the events that are stored."""
    kinds = {DagsterEventType.STEP_FAILURE, DagsterEventType.ASSET_CHECK_EVALUATION}
    records = instance.get_records_for_run(run_id, of_type=kinds).records
    return problem_in([e for record in records if (e := record.event_log_entry.dagster_event) is not None])


def problem_in(events: Sequence[dg.DagsterEvent]) -> str:
    """What failed first: a failed check by name, else a step with the reason it gave."""
    checks = [
        evaluation
        for event in events
        if event.event_type is DagsterEventType.ASSET_CHECK_EVALUATION
        and not (evaluation := event.asset_check_evaluation_data).passed
        and evaluation.severity is dg.AssetCheckSeverity.ERROR
    ]
    failure = next((event for event in events if event.event_type is DagsterEventType.STEP_FAILURE), None)
    reason = _reason(failure) if failure is not None else ""
    if checks:
        named = checks[0]
        more = f" and {len(checks) - 1} more checks" if len(checks) > 1 else ""
        rows = named.metadata.get("dagster_dbt/failed_row_count")
        count = f" ({rows.value} rows)" if rows is not None else ""
        what = f"check {named.check_name} on {named.asset_key.to_user_string()} failed{count}{more}"
        return f"{what}: {reason}" if reason else what
    if failure is not None:
        return f"step {failure.step_key} failed: {reason}"
    return "the run ended without success and without naming a failed step"


def _reason(failure: dg.DagsterEvent) -> str:
    """The innermost error of a failed step in one line; an intended failure's own description where there is one."""
    data = failure.step_failure_data
    if data.user_failure_data is not None and data.user_failure_data.description:
        return data.user_failure_data.description
    error = data.error
    while error is not None and error.cause is not None:
        error = error.cause
    if error is None:
        return "no reason was recorded"
    first = error.message.strip().splitlines()[0]
    kind, _, sentence = first.partition(": ")
    ours = kind.startswith(("models.", "connectors.", "orchestration.")) and sentence
    return sentence if ours else first  # our own errors speak for themselves; others need their kind named
