"""What is kept of foreign texts: closed, one for each piece of content, by workspace, and read by those who may plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from models.domain.extracts import StoredExtract
from models.domain.social import Platform
from models.domain.workspace import SYSTEM
from models.errors import InvalidInput, NotFound
from models.generation.quarantine.rules import READER, read_by_rules
from models.services import extracts, onboarding
from models.store.database import Store, open_store

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture
def store(empty_url: str) -> Any:
    with open_store(empty_url) as opened:
        with opened.unit_of_work() as uow:
            for name in ("harbour", "quiet-bay"):
                onboarding.create_workspace(uow, SYSTEM, name=name, now=AT)
        yield opened


def kept(text: str, entity: str = "p1", account: str = "rival", workspace: str = "harbour") -> StoredExtract:
    told = read_by_rules(text).model_dump(mode="json")
    return StoredExtract(workspace, Platform.FACEBOOK, account, entity, f"hash of {text}", READER, AT, told)


def save(store: Store, *rows: StoredExtract, workspace: str = "harbour") -> int:
    with store.unit_of_work() as uow:
        return extracts.save_extracts(uow, SYSTEM, workspace, rows)


def listed(store: Store, workspace: str = "harbour") -> list[StoredExtract]:
    with store.unit_of_work() as uow:
        return extracts.list_extracts(uow, SYSTEM, workspace)


def test_a_newer_text_takes_the_place_of_the_older(store: Store) -> None:
    assert save(store, kept("The tide rose."), kept("Order now, 20 % off!", "p2")) == 2
    newer = kept("We are hiring a gardener. Apply now.")
    save(store, newer)
    assert listed(store) == [newer, kept("Order now, 20 % off!", "p2")]


def test_what_is_not_of_the_closed_schema_is_not_kept(store: Store) -> None:
    row = kept("The tide rose.")
    for wrong in (
        {**row.extract, "action": "publish"},
        {**row.extract, "format": "publish"},
        {**row.extract, "spans": [{"kind": "offer", "text": "x" * 81}]},
        {**row.extract, "topics": ["a sentence that is far too long for one keyword"]},
    ):
        with pytest.raises(ValidationError):
            save(store, kept("Before it.", "p0"), replace(row, extract=wrong))
    assert listed(store) == []


def test_an_extract_of_another_workspace_is_refused(store: Store) -> None:
    with pytest.raises(InvalidInput, match="quiet-bay cannot be kept in harbour"):
        save(store, kept("The tide rose.", workspace="quiet-bay"))


def test_workspaces_do_not_see_each_other(store: Store) -> None:
    save(store, kept("The tide rose."))
    assert listed(store, "quiet-bay") == []
    with store.unit_of_work() as uow, pytest.raises(NotFound):
        extracts.list_extracts(uow, SYSTEM, "elsewhere")


def test_extracts_go_with_their_workspace(store: Store) -> None:
    save(store, kept("The tide rose."))
    with store.unit_of_work() as uow:
        onboarding.delete_workspace(uow, SYSTEM, "harbour", now=AT)
        onboarding.create_workspace(uow, SYSTEM, name="harbour", now=AT)
    assert listed(store) == []


def test_sheets_are_of_the_accounts_that_are_named(store: Store) -> None:
    save(
        store, kept("Order now, 20 % off lanterns! Lanterns.", "p1"), kept("Lanterns! Lanterns, 10 % off, order now.", "p2"),
        kept("The tide rose.", "p1", account="other"),
    )  # fmt: skip
    with store.unit_of_work() as uow:
        names = {(Platform.FACEBOOK, "rival"): "Northlight <b>"}
        [sheet] = extracts.competitor_sheets(uow, SYSTEM, "harbour", names)
    assert (sheet.name, sheet.texts, sheet.offers) == ("Northlight b", 2, 2)
    assert dict(sheet.topics) == {"lanterns": 2}
