"""`fabric connect` → `fabric ingest` → `fabric build` against the sandbox in a process of its own, as a user runs them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from connectors.rhythms import streams_of
from connectors.sandbox.clock import Clock
from connectors.sandbox.world import World
from models.domain.connection import Vendor
from tests.integration.platforms.conftest import Circle
from tests.integration.platforms.place import WORKSPACE

SOCIAL = tuple(vendor for vendor in Vendor if vendor.platform.value == vendor.value)


@dataclass(frozen=True)
class Read:
    """What `fabric ingest` recorded, each run with its `vendor`, and how many requests each vendor had for it."""

    runs: list[dict[str, Any]]
    requests: dict[str, int]

    def of(self, vendor: Vendor, stream: str) -> dict[str, Any]:
        (found,) = [r for r in self.runs if (r["vendor"], r["stream"], r["status"]) == (vendor, stream, "done")]
        return found


def read(circle: Circle) -> Read:
    before = circle.control.requests()
    runs = circle.fabric.json("ingest", "-w", WORKSPACE)["runs"]
    after = circle.control.requests()
    vendors = {one["id"]: one["vendor"] for one in circle.fabric.json("connections", "-w", WORKSPACE)["connections"]}
    named = [{**run, "vendor": vendors[run["connection_id"]]} for run in runs]
    return Read(named, {vendor: after[vendor] - before[vendor] for vendor in after})


@pytest.fixture(scope="module")
def first_read(circle: Circle) -> Read:
    return read(circle)


@pytest.fixture(scope="module")
def built(circle: Circle, first_read: Read) -> dict[str, Any]:
    found: dict[str, Any] = circle.fabric.json("build")
    return found


def test_every_vendor_connects(circle: Circle) -> None:
    assert all("is connected to acme" in told for told in circle.connected.values())
    listed = circle.fabric.json("connections", "-w", WORKSPACE)["connections"]
    assert {one["vendor"] for one in listed} == set(Vendor)
    assert all(one["status"] == "connected" and one["sandbox"] for one in listed)
    assert "token" not in json.dumps(listed)


def test_every_stream_is_read_once_over_the_whole_backfill(first_read: Read) -> None:
    streams = [(vendor, stream.value) for vendor in Vendor for stream in streams_of(vendor)]
    assert sorted((run["vendor"], run["stream"]) for run in first_read.runs) == sorted(streams)
    assert {run["status"] for run in first_read.runs} == {"done"}
    for vendor in SOCIAL:
        assert days(first_read.of(vendor, "posts")) >= 180
        assert first_read.of(vendor, "posts")["contents"] >= 26


def test_the_numbers_in_the_marts_are_the_sandboxes_truth(circle: Circle, first_read: Read, built: Any) -> None:
    """Reactions and comments of the oldest and the newest posts of each social account, as its vendor reported them."""
    epoch = circle.world().epoch
    query = "select platform, post_id, reactions, comments from mart_posts"
    answer = circle.fabric.run("sql", query, "-w", WORKSPACE, "-f", "json").stdout
    served = {(platform, post_id): numbers for platform, post_id, *numbers in json.loads(answer)["rows"]}
    for vendor in SOCIAL:
        truth = World(clock=Clock(datetime.fromisoformat(first_read.of(vendor, "posts")["until"])), epoch=epoch)
        posts = truth.between(vendor, datetime.fromisoformat(first_read.of(vendor, "posts")["since"]))
        for post in (*posts[:4], *posts[-4:]):
            told = truth.readings(post)
            assert served[(vendor, post.id)] == [told["reactions"], told["comments"]], (vendor, post.id)
        assert sum(platform == vendor for platform, _ in served) == len(posts)


def test_a_second_reading_asks_for_the_trailing_window_only(circle: Circle, first_read: Read) -> None:
    again = read(circle)
    assert {run["status"] for run in again.runs} == {"done"}
    for vendor in SOCIAL:
        assert 30 <= days(again.of(vendor, "posts")) <= 31
        assert 0 < again.of(vendor, "posts")["contents"] < first_read.of(vendor, "posts")["contents"] / 3
        assert again.requests[vendor] <= first_read.requests[vendor]
    assert sum(again.requests.values()) < sum(first_read.requests.values()) * 0.6, (first_read.requests, again.requests)


def days(run: dict[str, Any]) -> float:
    return (datetime.fromisoformat(run["until"]) - datetime.fromisoformat(run["since"])) / timedelta(days=1)


def test_what_cannot_work_is_refused_in_one_sentence(circle: Circle, new_installation: Any) -> None:
    alone = new_installation("alone")
    alone.run("workspace", "create", WORKSPACE)
    refused = {
        ("connect", "myspace", "-w", WORKSPACE): "'myspace' cannot be connected; there are: facebook",
        ("connect", "x", "-w", WORKSPACE, "--sandbox"): "No sandbox answers at http://127.0.0.1:",
        ("connect", "smtp", "-w", WORKSPACE, "--sandbox"): "start one with fabric sandbox serve",
        ("connect", "linkedin", "-w", WORKSPACE): "set FABRIC_LINKEDIN_CLIENT_ID and FABRIC_LINKEDIN_CLIENT_SECRET",
        ("connect", "smtp", "-w", WORKSPACE, "--sandbox", "--option", "host"): "--option 'host' is not name=value",
        ("ingest", "-w", WORKSPACE, "--source", "myspace"): "'myspace' cannot be read; there are: competitors",
        ("ingest", "-w", WORKSPACE, "--since", "yesterday"): "--since 'yesterday' is not a day",
        ("sandbox", "clock", "--advance", "soon"): "'soon' is not a time span",
        ("sandbox", "fault", "earthquake"): "'earthquake' is no fault",
    }
    told = alone.run_many([list(arguments) for arguments in refused])
    for said, words in zip(told, refused.values(), strict=True):
        assert words in said.stderr
        assert (said.returncode, said.stdout, said.stderr.count("\n")) == (2, "", 1)
    nobody = alone.run("ingest", "-w", WORKSPACE, code=1).stderr
    assert "has no connected account: connect one with fabric connect" in nobody


def test_accounts_whose_sandbox_is_gone_are_refused_before_anything_is_recorded(
    circle: Circle, first_read: Read
) -> None:
    elsewhere = replace(circle.fabric, sandbox_port=1)
    said = elsewhere.run("ingest", "-w", WORKSPACE, "--source", "x", code=2).stderr.splitlines()
    assert said[-1].startswith("fabric: X @samplebrand: not read (No sandbox answers at http://127.0.0.1:1")
    found = elsewhere.run("doctor", "--json")
    sandbox = next(f for f in json.loads(found.stdout)["findings"] if f["what"] == "Sandbox")
    assert (sandbox["state"], sandbox["next_step"].split(",")[0]) == ("warn", "fabric sandbox serve")


def test_the_options_of_an_account_are_added_replaced_and_removed(circle: Circle) -> None:
    (mail,) = [c for c in circle.fabric.json("connections", "-w", WORKSPACE)["connections"] if c["vendor"] == "brevo"]
    before = mail["options"]
    circle.fabric.run("options", mail["id"], "footer_note=Repair first", "tag=repair")
    changed = circle.fabric.json("options", mail["id"], "footer_note=", "tag=mending")["connection"]["options"]
    assert changed == {**before, "tag": "mending"}
    assert circle.fabric.json("options", mail["id"], "tag=")["connection"]["options"] == before
    assert "name=value" in circle.fabric.run("options", mail["id"], "nonsense", code=2).stderr


def test_the_master_key_is_replaced_and_accounts_go_on_working(circle: Circle) -> None:
    path = circle.fabric.home / "master.key"
    former = path.read_text(encoding="utf-8")
    assert "1 workspaces" in circle.fabric.run("vault", "rotate").stdout
    assert path.read_text(encoding="utf-8") != former
    assert path.stat().st_mode & 0o077 == 0
    circle.fabric.run("ingest", "-w", WORKSPACE, "--source", "tiktok")


def test_an_address_that_is_never_read_is_refused_when_it_is_added(circle: Circle) -> None:
    for address in ("http://169.254.169.254/latest", "ftp://example.org/feed", "http://10.0.0.1/feed.xml"):
        refused = circle.fabric.run("competitor", "add", "Rival", "--url", address, "-w", WORKSPACE, code=2)
        assert "public" in refused.stderr
    assert circle.fabric.json("competitor", "list", "-w", WORKSPACE)["sources"] == []
