"""`fabric brand`, `fabric dates` and `fabric competitor suggest` on a served workspace, and the study as an asset runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.warehouse.openings import read_openings
from connectors.warehouse.reader import ServingReader
from models.domain.brand_study import VoiceProfile
from models.domain.opportunity import OpportunityKind
from models.domain.workspace import SYSTEM
from models.generation.opportunities import facts_of, find_opportunities
from models.services import brand
from models.settings import Settings
from orchestration.resources import Stores
from orchestration.studying import study_brand
from tests.app.home import WORKSPACE, make_home

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("brand") / "home"
    make_home(path, moment=datetime.now(UTC))
    return path


def fabric(home: Path, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from orchestration.cli.main import run; run()", *arguments]
    done = subprocess.run(
        command, env={**os.environ, "FABRIC_HOME": str(home)}, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == code, done.stderr
    return done


def told(home: Path, *arguments: str) -> Any:
    return json.loads(fabric(home, *arguments, "--json").stdout)


def test_a_brand_is_studied_once_and_shown(home: Path) -> None:
    assert "was not studied yet" in fabric(home, "brand", "show", "-w", WORKSPACE, code=1).stderr
    first = told(home, "brand", "study", "-w", WORKSPACE)
    assert first["changed"] == ["business", "voice"]
    assert first["voice"]["fit"]["single"] > 0.9
    assert "model" not in first["voice"]["fit"]
    again = told(home, "brand", "study", "-w", WORKSPACE)
    assert (again["changed"], again["voice"]["version"]) == ([], 1)
    shown = fabric(home, "brand", "show", "-w", WORKSPACE).stdout
    assert "Do: Write sentences of about" in shown
    assert "Voice score: tells unseen posts from 2 competitors'" in shown


def test_the_study_is_deterministic_over_processes(home: Path) -> None:
    report = study_brand(Stores(Settings(home=home, _env_file=None)), WORKSPACE)  # type: ignore[call-arg]
    assert isinstance(report.voice.document, VoiceProfile)
    assert report.voice.version == 1


def test_a_site_that_may_not_be_read_is_refused_and_not_kept(home: Path) -> None:
    refused = fabric(home, "brand", "study", "-w", WORKSPACE, "--site", "http://169.254.169.254/latest", code=2)
    assert "is no public web address" in refused.stderr
    assert told(home, "brand", "study", "-w", WORKSPACE)["notes"] == []


def test_what_the_brand_stands_for_is_said_in_parts(home: Path) -> None:
    fabric(home, "brand", "set", "-w", WORKSPACE, "--tone", "warm, plain", "--ban", "synergy", "--ban", "game changer")
    fabric(home, "brand", "set", "-w", WORKSPACE, "--audience", "people who build boats")
    stated = told(home, "brand", "show", "-w", WORKSPACE)["stated"]
    assert (stated["tone"], stated["audience"]) == ("warm, plain", "people who build boats")
    assert stated["banned_phrases"] == ["synergy", "game changer"]
    fabric(home, "brand", "set", "-w", WORKSPACE, "--ban", "")
    assert told(home, "brand", "show", "-w", WORKSPACE)["stated"]["banned_phrases"] == []
    assert "Nothing was said" in fabric(home, "brand", "set", "-w", WORKSPACE, code=2).stderr


def test_possible_competitors_are_counted_and_not_tracked(home: Path) -> None:
    found = told(home, "competitor", "suggest", "-w", WORKSPACE)["candidates"]
    assert {(c["name"], c["source"]) for c in found} >= {
        ("seamanship.guild", "handle"),
        ("Anchor Point Marina", "name"),
    }
    with ServingReader(home / "serving").open(WORKSPACE) as version:
        for candidate in found:
            for fact in (candidate["own"], candidate["others"]):
                assert version.scalar(fact["query"]) == fact["value"]
    assert told(home, "competitor", "list", "-w", WORKSPACE)["competitors"] == []


def test_dates_from_end_to_end(home: Path) -> None:
    fabric(home, "dates", "rules", "-w", WORKSPACE, "--country", "de", "--holidays", "avoid", "--topic-days", "3")
    fabric(
        home, "dates", "add", "blackout", "Yard closed", "-w", WORKSPACE, "--from", "2026-12-24", "--to", "2026-12-27"
    )
    fabric(
        home,
        "dates",
        "add",
        "campaign",
        "Open day",
        "-w",
        WORKSPACE,
        "--from",
        "2026-12-05",
        "--topic",
        "Harbour tours",
        "--share",
        "1",
    )
    listed = told(home, "dates", "list", "-w", WORKSPACE, "--year", "2026")
    assert listed["rules"] == {"country": "DE", "holidays": "avoid", "topic_days": 3}
    assert listed["holidays"]["2026-12-25"] == "Christmas Day"
    assert [(d["kind"], d["name"], d["share"]) for d in listed["dates"]] == [
        ("campaign", "Open day", 1.0),
        ("blackout", "Yard closed", 0.0),
    ]
    fabric(home, "dates", "remove", listed["dates"][1]["id"])
    assert len(told(home, "dates", "list", "-w", WORKSPACE)["dates"]) == 1
    for wrong, says in (("24.12.2026", "is not a day"), ("2026-12-01", "before it starts")):
        refused = fabric(
            home, "dates", "add", "blackout", "No", "-w", WORKSPACE, "--from", "2026-12-24", "--to", wrong, code=2
        )
        assert says in refused.stderr


def test_a_kept_site_that_cannot_be_read_leaves_what_it_said(home: Path) -> None:
    stores = Stores(Settings(home=home, _env_file=None), sandbox_url="http://127.0.0.1:9")  # type: ignore[call-arg]
    before = study_brand(stores, WORKSPACE).business
    with stores.open_store() as store, store.unit_of_work() as uow:
        brand.set_brand_site(uow, SYSTEM, WORKSPACE, "http://127.0.0.1:9/brand", now=stores.now())
    report = study_brand(stores, WORKSPACE)
    assert report.business == before
    assert "stays" in report.notes[0]


def test_every_number_of_the_openings_runs_again(home: Path) -> None:
    with ServingReader(home / "serving").open(WORKSPACE) as version:
        feed = find_opportunities(read_openings(version, WORKSPACE), None)
        facts = list(facts_of(feed))
        assert len(facts) > 8
        for fact in facts:
            again = version.scalar(fact.query)
            assert (None if again is None else float(again)) == fact.value, fact.id
    assert {item.kind for item in feed.items} >= {OpportunityKind.GAP, OpportunityKind.BREAKOUT}
