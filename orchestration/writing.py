"""Generation over the published marts: strategy, calendar and drafts of one workspace.

Each step reads what the one before has stored, so each can run alone, and storing the same thing twice adds nothing.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from connectors.warehouse.facts import ServedFacts
from models.domain.calendar import CalendarEntry, CalendarPlan
from models.domain.strategy import Strategy, StrategyDocument
from models.domain.usage import ModelUsage, Outcome
from models.domain.workspace import SYSTEM, Workspace
from models.errors import EvidenceMismatch, NotFound
from models.generation.calendar import compose_calendar, still_open
from models.generation.drafts import write_drafts
from models.generation.evidence import verify
from models.generation.rules import WRITER
from models.generation.strategy import write_strategy
from models.services import calendar, drafts, onboarding, operations, planning, planning_dates
from models.store.unit_of_work import UnitOfWork
from orchestration.resources import Stores


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
    """Writes for one workspace. `now` is the time that new rows are stamped with. Close it at the end."""

    def __init__(self, stores: Stores, workspace_id: str, *, now: datetime) -> None:
        self._store = stores.open_store()
        self._facts = ServedFacts(stores.reader)
        self._workspace_id = workspace_id
        self._now = now

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
        """Writes the strategy that the published marts and the brand profile give; an equal one adds no version."""
        newest = self._newest()
        started = time.perf_counter()
        document = self._compose()
        seconds = time.perf_counter() - started
        with self._store.unit_of_work() as uow:
            strategy = planning.save_strategy(uow, SYSTEM, document, now=self._now)
            if newest is None or strategy.id != newest.id:
                self._record(uow, "strategy", "strategy", [strategy.id], seconds)
        return strategy

    def save_calendar(self, span: Span) -> int:
        """Adds the newest strategy's calendar where weeks are open; how many entries were new. Existing ones stay."""
        strategy = self.strategy()
        started = time.perf_counter()
        entries = self._plan(span)
        seconds = time.perf_counter() - started
        with self._store.unit_of_work() as uow:
            added = planning.save_calendar(uow, SYSTEM, strategy.id, entries, now=self._now)
            if added:
                self._record(uow, "calendar", "calendar", [strategy.id], seconds)
        return added

    def composed(self, span: Span) -> CalendarPlan:
        """The newest strategy's calendar around the workspace's planning dates and holidays, with notes; stores nothing."""
        last = span.start + timedelta(days=7 * span.weeks - 1)
        with self._store.unit_of_work() as uow:
            days = planning_dates.planning_days(uow, SYSTEM, self._workspace_id, start=span.start, end=last)
        return compose_calendar(self.strategy(), self.workspace(), start=span.start, weeks=span.weeks, days=days)

    def save_drafts(self, span: Span) -> int:
        """Writes drafts with variants for the calendar's entries that have none; how many drafts were new."""
        strategy, workspace = self.strategy(), self.workspace()
        with self._store.unit_of_work() as uow:
            brand = onboarding.get_brand_profile(uow, SYSTEM, self._workspace_id)
            entries = self._without_draft(self._plan(span))
            started = time.perf_counter()
            written = [
                draft for entry in entries for draft in write_drafts(entry, strategy, brand, workspace, now=self._now)
            ]
            seconds = time.perf_counter() - started
            added = planning.save_drafts(uow, SYSTEM, written, now=self._now)
            if added:
                self._record(uow, "draft", "draft", [draft.id for draft in written], seconds)
            return added

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
        """Whether running the steps would add nothing; writes nothing itself."""
        document, newest = self._compose(), self._newest()
        if newest is None or newest.document != document:
            return False
        if "calendars" not in steps and "drafts" not in steps:
            return True
        planned = self._plan(span)
        if "calendars" in steps and self._not_stored(planned):
            return False
        return "drafts" not in steps or not self._without_draft(planned)

    def _record(self, uow: UnitOfWork, task: str, kind: str, made: Sequence[str], seconds: float) -> None:
        """One row of the usage ledger for each artefact that the rules made, with an equal share of the time it took.

        The rules count no tokens and cost nothing.
        """
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

    def _compose(self) -> StrategyDocument:
        with self._store.unit_of_work() as uow:
            brand = onboarding.get_brand_profile(uow, SYSTEM, self._workspace_id)
        return write_strategy(self._facts.snapshot(self._workspace_id), brand)

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
