"""Studies of a brand and planning dates in the store: versions, roles, bounds, and moving to another store."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from models.domain.brand_study import BusinessProfile, Statement, StatementKind, StudyKind, VoiceProfile
from models.domain.planning import DateKind, PlanningRules
from models.domain.workspace import SYSTEM
from models.errors import Forbidden, InvalidInput, NotFound
from models.services import archive, planning_dates
from models.services import brand as studies
from models.store.database import Store, open_store
from models.store.engine import make_engine


def business(workspace_id: str, said: str = "We offer walks.") -> BusinessProfile:
    statement = Statement(
        kind=StatementKind.OFFER, text=said, quote=said, source="https://river.example/", where="text"
    )
    return BusinessProfile(
        workspace_id=workspace_id, writer="rule", statements=(statement,), keyphrases=("rivers",), links=(), languages=("en",),
        sources=("https://river.example/",), missing=(),
    )  # fmt: skip


def voice(workspace_id: str) -> VoiceProfile:
    return VoiceProfile(
        workspace_id=workspace_id, method="voice-1", posts=3, newest=None, oldest=None, language="en", traits=(), habits=(),
        typical_words=(), openings=(), endings=(), dos=(), donts=(), fit=None, no_score="3 own posts are known.",
    )  # fmt: skip


def test_versions_count_by_kind_and_equal_inputs_add_none(store: Store, brand, now: datetime) -> None:
    with store.unit_of_work() as uow:
        first = studies.save_study(uow, brand.editor, "natgeo", business("natgeo"), input_hash="a", now=now)
        assert (
            studies.save_study(uow, SYSTEM, "natgeo", business("natgeo", "We offer boats."), input_hash="a", now=now)
            == first
        )
        assert studies.save_study(uow, SYSTEM, "natgeo", business("natgeo"), input_hash="b", now=now) == first
        second = studies.save_study(
            uow, SYSTEM, "natgeo", business("natgeo", "We offer boats."), input_hash="b", now=now
        )
        heard = studies.save_study(uow, SYSTEM, "natgeo", voice("natgeo"), input_hash="a", now=now)
        assert [(s.kind, s.version) for s in (first, second, heard)] == [
            (StudyKind.BUSINESS, 1),
            (StudyKind.BUSINESS, 2),
            (StudyKind.VOICE, 1),
        ]
        assert studies.list_studies(uow, brand.viewer, "natgeo", StudyKind.BUSINESS) == [second, first]
        assert studies.business_profile(uow, brand.viewer, "natgeo") == second.document
        assert studies.voice_profile(uow, brand.viewer, "natgeo") == voice("natgeo")


def test_studies_are_append_only(store: Store, store_url: str, brand, now: datetime) -> None:
    with store.unit_of_work() as uow:
        studies.save_study(uow, SYSTEM, "natgeo", business("natgeo"), input_hash="a", now=now)
    engine = make_engine(store_url)
    for change in ("update brand_studies set version = 7", "delete from brand_studies"):
        with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.execute(text(change))
    engine.dispose()


def test_another_workspaces_people_see_nothing(store: Store, make_brand, now: datetime) -> None:
    one, other = make_brand("one"), make_brand("other")
    with store.unit_of_work() as uow:
        studies.save_study(uow, one.admin, "one", business("one"), input_hash="a", now=now)
        kept = planning_dates.add_date(
            uow, one.editor, "one", kind=DateKind.BLACKOUT, name="Closed", starts_on=date(2026, 12, 24), now=now
        )
        assert studies.business_profile(uow, other.admin, "other") is None
        for call in (
            lambda: studies.business_profile(uow, other.admin, "one"),
            lambda: planning_dates.list_dates(uow, other.admin, "one"),
            lambda: planning_dates.remove_date(uow, other.admin, kept.id, now=now),
        ):
            with pytest.raises(NotFound):
                call()


def test_roles_of_brand_and_dates(store: Store, brand, now: datetime) -> None:
    with store.unit_of_work() as uow:
        with pytest.raises(Forbidden):
            studies.save_study(uow, brand.viewer, "natgeo", business("natgeo"), input_hash="a", now=now)
        with pytest.raises(Forbidden):
            studies.set_brand_site(uow, brand.editor, "natgeo", "https://river.example/", now=now)
        with pytest.raises(Forbidden):
            planning_dates.add_date(
                uow, brand.viewer, "natgeo", kind=DateKind.BLACKOUT, name="No", starts_on=date(2026, 12, 24), now=now
            )
        kept = planning_dates.add_date(
            uow, brand.editor, "natgeo", kind=DateKind.BLACKOUT, name="Yes", starts_on=date(2026, 12, 24), now=now
        )
        with pytest.raises(Forbidden):
            planning_dates.remove_date(uow, brand.viewer, kept.id, now=now)


def test_dates_are_kept_by_their_first_day(store: Store, brand, now: datetime) -> None:
    with store.unit_of_work() as uow:
        later = planning_dates.add_date(
            uow, brand.editor, "natgeo", kind=DateKind.CAMPAIGN, name="  Winter   appeal ", starts_on=date(2026, 12, 20),
            ends_on=date(2027, 1, 5), pillar="giving", brief="Ask.\r\nThank.", now=now,
        )  # fmt: skip
        first = planning_dates.add_date(
            uow, brand.editor, "natgeo", kind=DateKind.BLACKOUT, name="Closed", starts_on=date(2026, 12, 1), now=now
        )
        assert planning_dates.list_dates(uow, brand.viewer, "natgeo") == [first, later]
        assert (later.name, later.brief, later.share, first.ends_on, first.share) == (
            "Winter appeal",
            "Ask.\nThank.",
            0.5,
            date(2026, 12, 1),
            0.0,
        )
        days = planning_dates.planning_days(uow, brand.viewer, "natgeo", start=date(2027, 1, 5), end=date(2027, 1, 31))
        assert days.dates == (later,)
        planning_dates.remove_date(uow, brand.editor, first.id, now=now)
        assert planning_dates.list_dates(uow, brand.viewer, "natgeo") == [later]
        with pytest.raises(NotFound):
            planning_dates.remove_date(uow, brand.editor, first.id, now=now)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"ends_on": date(2026, 11, 30)}, "before it starts"),
        ({"ends_on": date(2028, 1, 1)}, "longer than 366"),
        ({"name": "  "}, "is empty"),
        ({"share": 0.3}, "has no share and no topic"),
        ({"pillar": "giving"}, "has no share and no topic"),
        ({"kind": DateKind.CAMPAIGN, "share": 0.0}, "cannot take 0%"),
        ({"kind": DateKind.CAMPAIGN, "share": 1.5}, "cannot take 150%"),
    ],
)
def test_dates_that_cannot_be_are_refused(store: Store, brand, now: datetime, wrong: dict, says: str) -> None:
    asked = {"kind": DateKind.BLACKOUT, "name": "Closed", "starts_on": date(2026, 12, 1), **wrong}
    with store.unit_of_work() as uow, pytest.raises(InvalidInput, match=says):
        planning_dates.add_date(uow, brand.editor, "natgeo", now=now, **asked)


def test_settings_of_a_workspace_stay_beside_each_other(store: Store, brand, now: datetime) -> None:
    with store.unit_of_work() as uow:
        assert planning_dates.planning_rules(uow, brand.viewer, "natgeo") == PlanningRules()
        kept = planning_dates.set_planning_rules(
            uow, brand.editor, "natgeo", PlanningRules("us-ca", "avoid", 3), now=now
        )
        assert kept == PlanningRules("US-CA", "avoid", 3)
        studies.set_brand_site(uow, brand.admin, "natgeo", " https://river.example/ ", now=now)
        assert planning_dates.planning_rules(uow, brand.viewer, "natgeo") == kept
        planning_dates.set_planning_rules(uow, brand.editor, "natgeo", replace(kept, topic_days=4), now=now)
        assert studies.brand_site(uow, brand.viewer, "natgeo") == "https://river.example/"
        with pytest.raises(InvalidInput, match="no calendar of holidays"):
            planning_dates.set_planning_rules(uow, brand.editor, "natgeo", PlanningRules("ZZ"), now=now)
        with pytest.raises(InvalidInput, match="no web address"):
            studies.set_brand_site(uow, brand.admin, "natgeo", "ftp://river.example/", now=now)


def test_studies_and_dates_move_to_another_store(store: Store, brand, tmp_path: Path, now: datetime) -> None:
    with store.unit_of_work() as uow:
        study = studies.save_study(uow, brand.admin, "natgeo", business("natgeo"), input_hash="a", now=now)
        kept = planning_dates.add_date(
            uow, brand.editor, "natgeo", kind=DateKind.CAMPAIGN, name="Appeal", starts_on=date(2026, 12, 20),
            ends_on=date(2026, 12, 20) + timedelta(days=3), now=now,
        )  # fmt: skip
        taken = archive.workspace_rows(uow, SYSTEM, "natgeo")
    with open_store(f"sqlite:///{tmp_path / 'other' / 'fabric.db'}") as other, other.unit_of_work() as uow:
        archive.restore_workspace(uow, SYSTEM, taken, now=now)
        assert studies.latest_study(uow, SYSTEM, "natgeo", StudyKind.BUSINESS) == study
        assert planning_dates.list_dates(uow, SYSTEM, "natgeo") == [kept]
