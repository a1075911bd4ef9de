"""Generation over the published marts: strategy, calendar and drafts of one workspace.

Each step reads what the one before has stored, so each can run alone, and storing the same thing twice adds nothing.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from connectors.warehouse.facts import ServedFacts
from models.domain.approval import Draft
from models.domain.calendar import CalendarEntry, CalendarPlan
from models.domain.strategy import Strategy
from models.domain.usage import ModelUsage, Outcome
from models.domain.workspace import SYSTEM, Workspace
from models.errors import EvidenceMismatch, NotFound
from models.generation.calendar import compose_calendar, still_open
from models.generation.evidence import verify
from models.generation.rules import WRITER
from models.generation.writers.author import Author
from models.generation.writers.record import Record
from models.services import answers, calendar, drafts, onboarding, operations, planning, planning_dates
from models.store.unit_of_work import UnitOfWork
from orchestration.authoring import Say, author_of
from orchestration.models import text_generator
from orchestration.resources import Stores

INPUTS = "inputs"
"""Parameter of a strategy's manifest: the digest of what it was written from."""


@dataclass(frozen=True)
class Span:
    """The days a calendar covers: `weeks` weeks from `start`, in the workspace's zone."""

    start: date
    weeks: int

    @classmethod
    def of(cls, workspace: Workspace, *, start: date | None, weeks: int, now: datetime) -> Span:
        """Without a start, from the next Monday, today included, in the workspace's zone."""
        if start is None:
            today = now.astimezone(workspace.tz).date()
            start = today + timedelta(days=-today.weekday() % 7)
        return cls(start, weeks)


class Writer:
    """Writes for one workspace: with a model where one is set up, else by the rules. Close it at the end.

    `now` is the time that new rows are stamped with; `say` hears what is being written.
    """

    def __init__(self, stores: Stores, workspace_id: str, *, now: datetime, say: Say | None = None) -> None:
        self._stores = stores
        self._store = stores.open_store()
        self._facts = ServedFacts(stores.reader)
        self._workspace_id = workspace_id
        self._now = now
        self._say = say

    def close(self) -> None:
        self._store.close()

    def workspace(self) -> Workspace:
        with self._store.unit_of_work() as uow:
            return onboarding.get_workspace(uow, SYSTEM, self._workspace_id)

    def strategy(self) -> Strategy:
        """The newest stored strategy; `NotFound` when there is none."""
        newest = self._newest()
        if newest is None:
            raise NotFound(
                f"Workspace {self._workspace_id} has no strategy yet: "
                f"run fabric generate strategy --workspace {self._workspace_id}."
            )
        return newest

    def save_strategy(self) -> Strategy:
        """Writes the strategy that the published marts and the brand give; equal inputs add no version and make no call."""
        newest, snapshot, author = self._newest(), self._facts.snapshot(self._workspace_id), self._author()
        inputs = author.strategy_inputs(snapshot)
        if newest is not None and self._written_from(newest) == inputs:
            return newest
        started = time.perf_counter()
        written = author.strategy(snapshot)
        seconds = time.perf_counter() - started
        with self._store.unit_of_work() as uow:
            strategy = planning.save_strategy(uow, SYSTEM, written.document, now=self._now)
            if newest is None or strategy.id != newest.id:
                self._record(uow, "strategy", "strategy", [strategy.id], seconds, written.record)
            told = written.record.manifest("strategy", strategy.id, snapshot_id=snapshot.id)
            # Where no model was reached, the same inputs are tried again next time.
            known = {} if written.record.unanswered else {INPUTS: inputs}
            answers.record_manifest(
                uow, SYSTEM, self._workspace_id, replace(told, parameters={**told.parameters, **known}), now=self._now
            )
        return strategy

    def save_calendar(self, span: Span) -> int:
        """Adds the newest strategy's calendar where weeks are open; how many entries were new. Existing ones stay."""
        strategy, author = self.strategy(), self._author()
        started = time.perf_counter()
        open_entries = self._not_stored(self._plan(span))
        briefed = author.briefs(open_entries, strategy)
        seconds = time.perf_counter() - started
        with self._store.unit_of_work() as uow:
            added = planning.save_calendar(uow, SYSTEM, strategy.id, briefed.entries, now=self._now)
            if added:
                self._record(uow, "calendar", "calendar", [strategy.id], seconds, briefed.record)
                told = briefed.record.manifest("calendar", strategy.id, snapshot_id=strategy.document.snapshot_id)
                answers.record_manifest(uow, SYSTEM, self._workspace_id, told, now=self._now)
        return added

    def composed(self, span: Span) -> CalendarPlan:
        """The newest strategy's calendar around the workspace's planning dates and holidays, with notes; stores nothing."""
        last = span.start + timedelta(days=7 * span.weeks - 1)
        with self._store.unit_of_work() as uow:
            days = planning_dates.planning_days(uow, SYSTEM, self._workspace_id, start=span.start, end=last)
        return compose_calendar(self.strategy(), self.workspace(), start=span.start, weeks=span.weeks, days=days)

    def save_drafts(self, span: Span) -> int:
        """Writes drafts with variants for the calendar's entries that have none; how many drafts were new.

        Each entry is stored when it is written, so what a killed run has finished is not written again.
        """
        strategy, author = self.strategy(), self._author()
        waiting = self._without_draft(self._plan(span))
        added = 0
        for number, entry in enumerate(waiting, start=1):
            if self._say is not None:
                self._say(f"Draft {number} of {len(waiting)}")
            started = time.perf_counter()
            written = author.drafts(entry, strategy, now=self._now)
            seconds = time.perf_counter() - started
            with self._store.unit_of_work() as uow:
                new = planning.save_drafts(uow, SYSTEM, [one.draft for one in written], now=self._now)
                if new:
                    for one in written:
                        self._record(uow, "draft", "draft", [one.draft.id], seconds / len(written), one.record)
                        self._manifest(uow, one.record, one.draft.id, strategy)
            added += new
        return added

    def rewrite_draft(self, draft_id: str, wish: str) -> Draft:
        """Appends a version written anew, after the wish where a model serves. Raises as `drafts.rewrite_draft`."""
        strategy, author = self.strategy(), self._author()
        with self._store.unit_of_work() as uow:
            draft = drafts.get_draft(uow, SYSTEM, draft_id)
            entry = calendar.get_entry(uow, SYSTEM, draft.entry_id)
        started = time.perf_counter()
        text, variants, record = author.another(draft, entry, strategy, wish)
        seconds = time.perf_counter() - started
        with self._store.unit_of_work() as uow:
            note = f"Written anew: {wish}" if wish else "Written anew."
            changed = drafts.rewrite_draft(
                uow, SYSTEM, draft_id, text=text, variants=variants, writer=record.writer,
                based_on=draft.version.number, note=" ".join([note, *record.fallbacks])[:2_000], now=self._now,
            )  # fmt: skip
            self._record(uow, "draft", "draft", [draft_id], seconds, record)
            self._manifest(uow, record, draft_id, strategy)
        return changed

    def verify_evidence(self) -> int:
        """Re-runs every number of the newest strategy; how many. Raises `EvidenceMismatch` naming the first that differs."""
        strategy = self.strategy()
        wrong = verify(strategy.document, self._facts)
        if wrong:
            raise EvidenceMismatch(
                f"{len(wrong)} of {len(strategy.document.evidence)} numbers of strategy version {strategy.version} of "
                f"{self._workspace_id} no longer equal their queries (first {wrong[0].fact_id}: {wrong[0].stored} stored, "
                f"{wrong[0].now} now): run fabric generate strategy --workspace {self._workspace_id}."
            )
        return len(strategy.document.evidence)

    def up_to_date(self, steps: Collection[str], span: Span) -> bool:
        """Whether running the steps would add nothing; writes nothing itself, and calls no model."""
        snapshot, newest = self._facts.snapshot(self._workspace_id), self._newest()
        if newest is None or self._written_from(newest) != self._author().strategy_inputs(snapshot):
            return False
        if "calendars" not in steps and "drafts" not in steps:
            return True
        planned = self._plan(span)
        if "calendars" in steps and self._not_stored(planned):
            return False
        return "drafts" not in steps or not self._without_draft(planned)

    def _author(self) -> Author:
        generator = text_generator(self._stores, self._store, self._workspace_id)
        return author_of(self._stores, self._store, self.workspace(), generator, say=self._say)

    def _written_from(self, strategy: Strategy) -> str | None:
        """What the strategy's version was last written from; None where nobody can say."""
        with self._store.unit_of_work() as uow:
            told = answers.manifests_of(uow, SYSTEM, self._workspace_id, "strategy", strategy.id)
        return told[0].parameters.get(INPUTS) if told else None

    def _manifest(self, uow: UnitOfWork, record: Record, draft_id: str, strategy: Strategy) -> None:
        told = record.manifest("draft", draft_id, snapshot_id=strategy.document.snapshot_id)
        answers.record_manifest(uow, SYSTEM, self._workspace_id, told, now=self._now)

    def _record(
        self, uow: UnitOfWork, task: str, kind: str, made: Sequence[str], seconds: float, record: Record
    ) -> None:
        """One row of the usage ledger for each artefact that the rules made, with an equal share of the time it took.

        The rules count no tokens and cost nothing. Calls of models are in the ledger by themselves.
        """
        if record.writer != WRITER:
            return
        share = round(seconds * 1000 / len(made), 3)
        calls = [
            ModelUsage(
                id=uuid.uuid4().hex, workspace_id=self._workspace_id, at=self._now, task=task, tier="draft",
                provider="rules", model=WRITER, outcome=Outcome.WRITTEN, cache_hit=False, latency_ms=share,
                cost_microusd=0, artefact_kind=kind, artefact_id=artefact,
            )
            for artefact in made
        ]  # fmt: skip
        operations.record_usage(uow, SYSTEM, self._workspace_id, calls)

    def _newest(self) -> Strategy | None:
        with self._store.unit_of_work() as uow:
            return planning.latest_strategy(uow, SYSTEM, self._workspace_id)

    def _plan(self, span: Span) -> list[CalendarEntry]:
        planned = self.composed(span).entries
        with self._store.unit_of_work() as uow:
            stored = calendar.list_entries(uow, SYSTEM, self._workspace_id)
        return still_open(planned, stored, self.workspace(), now=self._now)

    def _not_stored(self, planned: list[CalendarEntry]) -> list[CalendarEntry]:
        with self._store.unit_of_work() as uow:
            stored = {entry.id for entry in calendar.list_entries(uow, SYSTEM, self._workspace_id)}
        return [entry for entry in planned if entry.id not in stored]

    def _without_draft(self, planned: list[CalendarEntry]) -> list[CalendarEntry]:
        """The stored form (a person may have moved it) of planned entries that have no draft."""
        wanted = {entry.id for entry in planned}
        with self._store.unit_of_work() as uow:
            stored = calendar.list_entries(uow, SYSTEM, self._workspace_id)
            written = {draft.entry_id for draft in drafts.list_drafts(uow, SYSTEM, self._workspace_id)}
        return [entry for entry in stored if entry.id in wanted - written]
