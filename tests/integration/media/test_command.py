"""`fabric media` as a person types it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import CliRunner

from models.errors import FabricError
from orchestration.cli import context
from orchestration.cli.main import app


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("FABRIC_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    context.settings.cache_clear()
    assert run("workspace", "create", "Nat Geo").exit_code == 0
    yield tmp_path
    context.settings.cache_clear()


def run(*words: str, **more: Any) -> Any:
    return CliRunner().invoke(app, list(words), **more)


def test_a_card_is_made_listed_and_copied_out(home: Path) -> None:
    made = run("media", "image", "-w", "nat-geo", "--title", "Repair beats replace", "--platform", "x", "--json")
    assert made.exit_code == 0, made.output
    request = json.loads(made.stdout)["request"]
    assert (request["state"], request["provider"]) == ("done", "card")
    assert request["request"]["style"] == {"brand": "Nat Geo"}
    saved = run("media", "save", "-w", "nat-geo", request["asset_id"][:10], str(home))
    assert saved.exit_code == 0
    assert Image.open(home / "repair-beats-replace.png").size == (1600, 900)
    again = run(
        "media", "image", "-w", "nat-geo", "--title", "Second", "--size", "600x700", "--background", "#0f5132", "--json"
    )
    third = run("media", "image", "-w", "nat-geo", "--title", "Third", "--size", "600x700", "--json")
    assert json.loads(third.stdout)["request"]["request"]["style"]["background"] == "#0f5132"
    assert json.loads(again.stdout)["request"]["request"]["height"] == 700
    listed = json.loads(run("media", "list", "-w", "nat-geo", "--json").stdout)["requests"]
    assert [job["request"]["title"] for job in listed] == ["Third", "Second", "Repair beats replace"]


def test_what_waits_is_done_by_work(home: Path) -> None:
    later = run("media", "image", "-w", "nat-geo", "--title", "Later", "--size", "600x600", "--later", "--json")
    assert json.loads(later.stdout)["request"]["state"] == "queued"
    worked = run("media", "work", "--json")
    assert [job["state"] for job in json.loads(worked.stdout)["requests"]] == ["done"]
    assert "nothing is due" in run("media", "work").stdout


def test_without_a_provider_it_fails_with_one_sentence(home: Path) -> None:
    for words in (("image", "--prompt", "a bench"), ("video", "--prompt", "a bench")):
        failed = run("media", words[0], "-w", "nat-geo", *words[1:])
        assert failed.exit_code == 1
        assert "is set up" in failed.stdout
    makers = json.loads(run("media", "makers", "-w", "nat-geo", "--json").stdout)["makers"]
    assert {maker["provider"] for maker in makers} <= {"card", "espeak"}


@pytest.mark.parametrize(
    "words",
    [
        ("image",), ("image", "--title", "a", "--size", "wide"), ("image", "--title", "a", "--platform", "myspace"),
        ("image", "--title", "a", "--draft", "none"), ("speech", ""), ("save", "ffff", "x.png"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_for_is_one_sentence(home: Path, words: tuple[str, ...]) -> None:
    refused = run("media", words[0], "-w", "nat-geo", *words[1:])
    assert isinstance(refused.exception, FabricError)
    assert str(refused.exception).endswith(".")
