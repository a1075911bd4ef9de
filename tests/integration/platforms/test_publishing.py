"""Approve → queued → `fabric publish` → published → measured, on every vendor's account of the sandbox.

Killed workers and lost answers included: the sandbox's ledger says what truly went out.
"""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest

from connectors.sandbox.faults import FaultKind
from models.domain.connection import Vendor
from models.domain.publishing import OutboxItem, OutboxStatus
from models.domain.social import Platform
from orchestration.publishing import drain
from tests.integration.platforms.conftest import Circle
from tests.integration.platforms.place import WORKSPACE, approve, later, outgoing

TEXTS = {
    Platform.FACEBOOK: "A zip can be mended in ten minutes. Here is how.",
    Platform.INSTAGRAM: "Ten minutes, one needle: the jacket goes on. #repair",
    Platform.LINKEDIN: "What we learned from 400 repairs (and what it saved).",
    Platform.X: "Ten minutes, one needle, and the jacket goes on. #repair",
    Platform.TIKTOK: "Ten minutes, one needle #repair",
    Platform.YOUTUBE: "Title: Mend a zip in ten minutes\n\nEverything you need is a needle.",
    Platform.EMAIL: "Subject: Mend your zip\nPreheader: It takes ten minutes\n\nBring it on Saturday.",
}
PICTURED = (Platform.INSTAGRAM, Platform.TIKTOK, Platform.YOUTUBE)


def went_out(circle: Circle) -> Counter[str]:
    """What the sandbox's ledger says was published or sent, by vendor."""
    return Counter(e["vendor"] for e in circle.control.ledger()["entries"] if e["action"] in ("publish", "send"))


def item(circle: Circle, vendor: Vendor, name: str) -> OutboxItem:
    return outgoing(circle.stores)[(vendor, f"{name}-{vendor.platform.value}")]


@pytest.fixture(scope="module")
def published(circle: Circle) -> dict[str, Any]:
    """What `fabric publish --once --json` said of one approved post for each platform."""
    approve(circle.stores, TEXTS, name="first", media=PICTURED)
    queued = {key[0] for key, one in outgoing(circle.stores).items() if one.status is OutboxStatus.QUEUED}
    assert queued == set(Vendor)
    said: dict[str, Any] = circle.fabric.json("publish", "--once")
    return said


def test_every_approved_post_is_published_once(circle: Circle, published: dict[str, Any]) -> None:
    assert published["ended"] == {"sent": len(Vendor)}, published["sentences"]
    items = outgoing(circle.stores)
    assert {one.status for one in items.values()} == {OutboxStatus.SENT}
    assert went_out(circle) == {vendor.value: 1 for vendor in Vendor}
    assert circle.control.ledger()["duplicates"] == {}
    assert circle.fabric.json("publish", "--once")["ended"] == {}


def test_the_platform_downloaded_the_picture_from_the_asset_store(circle: Circle, published: dict[str, Any]) -> None:
    (entry,) = [
        e for e in circle.control.ledger()["entries"] if e["vendor"] == "instagram" and e["action"] == "publish"
    ]
    post = circle.world().post(Vendor.INSTAGRAM, entry["subject_id"])
    assert post is not None
    kept = circle.settings.home / "assets" / WORKSPACE
    assert [f"{digest}.jpg" for digest in post.media] == [path.name for path in kept.glob("*.jpg")]


def test_an_answer_that_was_lost_is_found_after_the_visibility_lag(circle: Circle, published: dict[str, Any]) -> None:
    before = went_out(circle)["x"]
    circle.control.add_fault(FaultKind.DROP_ANSWER, vendor=Vendor.X, path=r"^/2/tweets$")
    approve(circle.stores, {Platform.X: "The answer to this one gets lost."}, name="dropped")
    said = circle.fabric.json("publish", "--once")
    assert said["ended"] == {"unknown": 1}, said
    assert "not known whether it went out" in said["sentences"][0]
    doctor = json.loads(circle.fabric.run("doctor", "--json").stdout)["findings"]
    assert [f["next_step"] for f in doctor if "not known whether it went out" in f["detail"]] == ["fabric publish"]
    report = drain(later(circle.stores, timedelta(minutes=20)))
    assert report.counts == {"sent": 1}, report.sentences
    assert item(circle, Vendor.X, "dropped").post_id
    assert went_out(circle)["x"] == before + 1


@pytest.mark.parametrize(
    ("vendor", "path", "fault", "reached"),
    [
        (Vendor.INSTAGRAM, r"/media$", FaultKind.DELAY_AFTER, OutboxStatus.CLAIMED),
        (Vendor.LINKEDIN, r"^/rest/posts$", FaultKind.DELAY_BEFORE, OutboxStatus.SENDING),
        (Vendor.FACEBOOK, r"/feed$", FaultKind.DELAY_AFTER, OutboxStatus.SENDING),
    ],
    ids=["while staging", "before the platform acted", "after the platform acted"],
)
def test_a_killed_worker_neither_loses_nor_repeats_a_post(
    circle: Circle, published: dict[str, Any], vendor: Vendor, path: str, fault: FaultKind, reached: OutboxStatus
) -> None:
    """The worker hangs in a call and is killed there; the next ones take over when its lease has run out."""
    name = f"killed-{vendor.value}"
    before = went_out(circle)[vendor]
    circle.control.add_fault(fault, vendor=vendor, path=path, seconds=3.0)
    text = f"The worker dies in the middle of this one, on {vendor.label}."
    approve(circle.stores, {vendor.platform: text}, name=name, media=PICTURED)
    worker = circle.fabric.start("publish", "--once")
    deadline = time.monotonic() + 60
    while item(circle, vendor, name).status is not reached:
        assert worker.poll() is None, worker.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.3)
    worker.send_signal(signal.SIGKILL)
    worker.communicate()
    circle.control.clear_faults()
    assert circle.fabric.json("publish", "--once")["ended"] == {}, "the lease of the dead worker still runs"
    for minutes in (16, 40, 80, 160, 320):
        drain(later(circle.stores, timedelta(minutes=minutes)))
        if item(circle, vendor, name).status is OutboxStatus.SENT:
            break
    assert item(circle, vendor, name).status is OutboxStatus.SENT, item(circle, vendor, name)
    assert went_out(circle)[vendor] == before + 1


def test_a_week_later_the_posts_have_metrics(circle: Circle, published: dict[str, Any]) -> None:
    """The sandbox's clock is a week ahead: what it tells lands today, passes the quality check and reaches the marts."""
    circle.fabric.run("sandbox", "clock", "--advance", "7d")
    runs = circle.fabric.json("ingest", "-w", WORKSPACE)["runs"]
    assert {run["status"] for run in runs} <= {"done", "lost"}
    circle.fabric.run("build")
    query = "select platform, post_id, metric, value from mart_post_metrics where value is not null"
    rows = json.loads(circle.fabric.run("sql", query, "-w", WORKSPACE, "-f", "json").stdout)["rows"]
    measured: dict[tuple[str, str], dict[str, float]] = {}
    for platform, post_id, metric, value in rows:
        measured.setdefault((platform, post_id), {})[metric] = value
    world = circle.world()
    for vendor in Vendor:
        if vendor is Vendor.SMTP:
            continue
        post_id = item(circle, vendor, "first").post_id
        assert post_id is not None
        found = measured[(vendor.platform.value, post_id)]
        if vendor.platform is Platform.EMAIL:
            assert found["emails_sent"] > 0 or found["emails_delivered"] > 0, (vendor, found)
            continue
        post = world.post(vendor, post_id)
        assert post is not None
        assert 0 < found["reactions"] <= world.readings(post)["reactions"], (vendor, found)
