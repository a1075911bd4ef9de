"""From a competitor's address to landed articles, against the made-up sites over real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from connectors.competitors.collector import Limits, SourceReport
from connectors.competitors.conditional import Outcome
from connectors.competitors.state import SourceState
from connectors.sandbox.clock import Clock
from connectors.sandbox.sites import COPY_EVERY, NEWEST, SITES, pieces
from connectors.sandbox.world import World
from tests.contract.competitors.sites_server import Collecting, Logged, made_up_sites

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
RSS, ATOM = SITES["northtrail"], SITES["summitandsole"]


@pytest.fixture
def world() -> World:
    return World(clock=Clock(START))


@pytest.fixture
def site(world: World) -> Iterator[tuple[str, Logged]]:
    with made_up_sites(world) as served:
        yield served


def rows(report: SourceReport) -> list[dict[str, object]]:
    assert report.batch is not None
    return pq.read_table(report.batch.path).to_pylist()


def test_a_feed_becomes_whole_articles(site: tuple[str, Logged], world: World, tmp_path: Path) -> None:
    url, log = site
    collecting = Collecting(world, tmp_path, f"{url}/sites/northtrail/feed.xml")
    report = collecting.run()
    assert (report.outcome, report.contents, report.requests, report.waiting) == (Outcome.FRESH, NEWEST, NEWEST, 0)
    truth = {f"northtrail-{p.number}": p for p in pieces(world, RSS)}
    for row in rows(report):
        piece = truth[str(row["entity_id"])]
        assert (row["owner"], row["account_name"], row["platform"]) == ("competitor", "Rival", "web")
        assert (row["title"], row["published_at"]) == (piece.title, piece.published_at.replace(microsecond=0))
        assert [line for line in str(row["body"]).splitlines() if line] == list(piece.text)
    assert log.paths()[:2] == ["/robots.txt", "/sites/northtrail/feed.xml"]
    assert len(collecting.slept) == NEWEST + 1, "a pause after each request but the last"


def test_nothing_is_fetched_twice_and_new_articles_arrive(
    site: tuple[str, Logged], world: World, tmp_path: Path
) -> None:
    url, log = site
    collecting = Collecting(world, tmp_path, f"{url}/sites/northtrail/feed.xml")
    collecting.run()
    log.asked.clear()
    again = collecting.run()
    assert (again.outcome, again.batch, again.requests) == (Outcome.UNCHANGED, None, 0)
    assert [path for path, _ in log.asked] == ["/sites/northtrail/feed.xml"]
    assert {"if-none-match", "if-modified-since"} <= set(log.asked[0][1])
    log.asked.clear()
    before = len(pieces(world, RSS))
    collecting.days(5)
    later = collecting.run()
    new = len(pieces(world, RSS)) - before
    assert (later.contents, later.requests) == (new, new)
    assert new > 0
    assert log.paths()[0] == "/robots.txt", "the copy of robots.txt is older than a day"


def test_a_lost_state_lands_nothing_twice(site: tuple[str, Logged], world: World, tmp_path: Path) -> None:
    url, _ = site
    collecting = Collecting(world, tmp_path, f"{url}/sites/northtrail/feed.xml")
    first = collecting.run()
    collecting.state = SourceState()
    second = collecting.run()
    assert first.batch is not None
    assert second.batch is not None
    assert (second.batch.batch_id, second.batch.written) == (first.batch.batch_id, False)


def test_copies_are_collapsed(site: tuple[str, Logged], world: World, tmp_path: Path) -> None:
    url, _ = site
    report = Collecting(world, tmp_path, f"{url}/sites/summitandsole/feed.xml").run()
    shown = [p.number for p in pieces(world, ATOM)][-NEWEST:]
    copied = [n for n in shown if n % COPY_EVERY == COPY_EVERY - 1 and n - COPY_EVERY + 2 in shown]
    assert report.copies == len(copied) > 0
    assert report.contents == NEWEST - len(copied)


def test_a_sitemap_index_with_packed_parts_is_read_within_limits(
    site: tuple[str, Logged], world: World, tmp_path: Path
) -> None:
    url, log = site
    collecting = Collecting(world, tmp_path, f"{url}/sites/northtrail/sitemap.xml", limits=Limits(articles=30))
    first = collecting.run()
    total = sum(p.published_at >= START - Limits().lookback for p in pieces(world, RSS))
    assert (first.outcome, first.contents, first.requests) == (Outcome.FRESH, 30, 30)
    assert first.waiting == total - 30
    second, third = collecting.run(), collecting.run()
    assert 30 + second.contents + third.contents == total
    assert third.waiting == 0
    assert all("/drafts/" not in path for path in log.paths())
    assert {str(row["url"]).rpartition("/")[2] for row in rows(first)} <= {p.slug for p in pieces(world, RSS)}
    log.asked.clear()
    collecting.run()
    collecting.days(3)
    newer = collecting.run()
    assert newer.contents == sum(p.published_at > START for p in pieces(world, RSS)) > 0


def test_moves_are_remembered_and_ends_are_final(site: tuple[str, Logged], world: World, tmp_path: Path) -> None:
    url, log = site
    moved = Collecting(world, tmp_path, f"{url}/sites/northtrail/rss")
    first = moved.run()
    assert first.contents == NEWEST
    assert f"has moved to {url}/sites/northtrail/feed.xml for good" in first.notes[0]
    log.asked.clear()
    assert moved.run().outcome is Outcome.UNCHANGED
    assert log.paths() == ["/sites/northtrail/feed.xml"]
    ended = Collecting(world, tmp_path, f"{url}/sites/northtrail/old.xml")
    assert ended.run().outcome is Outcome.GONE
    log.asked.clear()
    last = ended.run()
    assert last.outcome is Outcome.GONE
    assert "gone for good since 2026-11-20" in last.notes[0]
    assert log.paths() == []


def test_what_is_no_source_is_one_sentence(site: tuple[str, Logged], world: World, tmp_path: Path) -> None:
    url, _ = site
    article = pieces(world, RSS)[-1].slug
    for path, words in {
        f"/sites/northtrail/{article}": "is a web page, not a feed",
        "/sites/northtrail/missing": "answered 404 Not Found: check the address",
        "/sites/northtrail/drafts/x": "robots.txt does not allow it",
    }.items():
        report = Collecting(world, tmp_path, url + path).run()
        assert (report.outcome, report.batch) == (Outcome.FAILED, None)
        assert words in report.notes[0]
        assert len(report.notes) == 1


def test_the_given_state_is_left_alone(site: tuple[str, Logged], world: World, tmp_path: Path) -> None:
    url, _ = site
    collecting = Collecting(world, tmp_path, f"{url}/sites/northtrail/feed.xml")
    given = collecting.state
    collecting.run()
    assert given == SourceState()
    assert timedelta(0) == world.clock.now() - START
