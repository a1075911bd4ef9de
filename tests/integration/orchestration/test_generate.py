"""`generate`: what it stores, what it leaves alone, and how its numbers are held to their queries."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models.domain.workspace import SYSTEM
from models.errors import EvidenceMismatch, InvalidInput, NothingServed
from models.services import calendar, drafts
from models.store.database import open_store
from orchestration.runs import GenerateReport, build, generate
from orchestration.writing import Writer

from .conftest import LANDED, World

START = datetime.now(UTC).date() + timedelta(days=14)
"""Ahead of today: nothing is planned into the past."""


@pytest.fixture(scope="module")
def made(world: World) -> GenerateReport:
    with pytest.raises(NothingServed, match="fabric build"):
        generate(world.settings, "magazine", start=START)
    build(world.settings)
    return generate(world.settings, "magazine", weeks=2, start=START)


def stored(world: World) -> tuple[int, int]:
    with open_store(world.settings.store_url) as store, store.unit_of_work() as uow:
        entries = calendar.list_entries(uow, SYSTEM, "magazine")
        return len(entries), len(drafts.list_drafts(uow, SYSTEM, "magazine"))


def test_strategy_calendar_and_drafts_are_stored(world: World, made: GenerateReport) -> None:
    assert made.strategy_version == 1
    assert made.entries_added > 0
    assert stored(world) == (made.entries_added, made.drafts_added)
    assert made.evidence_checked > 0


def test_the_same_again_adds_nothing(world: World, made: GenerateReport) -> None:
    again = generate(world.settings, "magazine", weeks=2, start=START)
    assert (again.changed, again.strategy_version, again.entries_added, again.drafts_added) == (False, 1, 0, 0)
    assert stored(world) == (made.entries_added, made.drafts_added)


def test_an_entry_that_a_person_moved_stays_where_it_is(world: World, made: GenerateReport) -> None:
    with open_store(world.settings.store_url) as store, store.unit_of_work() as uow:
        entry = calendar.list_entries(uow, SYSTEM, "magazine")[0]
        calendar.move_slot(uow, SYSTEM, entry.id, entry.slot_at + timedelta(days=40), now=LANDED)
    again = generate(world.settings, "magazine", weeks=2, start=START)
    assert not again.changed
    assert stored(world) == (made.entries_added, made.drafts_added)


def test_more_weeks_add_only_what_is_missing(world: World, made: GenerateReport) -> None:
    more = generate(world.settings, "magazine", weeks=3, start=START)
    assert more.changed
    assert more.strategy_version == 1
    assert more.entries_added > 0
    assert stored(world) == (made.entries_added + more.entries_added, made.drafts_added + more.drafts_added)


def test_new_numbers_break_old_evidence_until_the_strategy_is_written_again(world: World, made: GenerateReport) -> None:
    later = LANDED + timedelta(days=1)
    world.land("magazine", "restated", likes=lambda index: 400.0 + index, landed_at=later, observed_at=later)
    build(world.settings)
    writer = Writer(world.stores, "magazine", now=later)
    with pytest.raises(EvidenceMismatch, match="no longer equal their queries"):
        writer.verify_evidence()
    writer.close()
    assert generate(world.settings, "magazine", "strategy").strategy_version == 2


def test_an_unknown_kind_is_refused(world: World) -> None:
    with pytest.raises(InvalidInput, match="choose one of strategy, calendar, drafts, variants, all"):
        generate(world.settings, "magazine", "poem")
