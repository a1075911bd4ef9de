"""What sites do when they do not want to be read, cannot, or attack: one sentence each, and the rest still comes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.competitors.collector import SourceReport
from connectors.competitors.conditional import Outcome
from connectors.sandbox.clock import Clock
from connectors.sandbox.world import World
from tests.contract.competitors.sites_server import Collecting, serving

START = datetime(2026, 11, 20, 12, tzinfo=UTC)
PARAGRAPH = "The hut warden wrote down number {n} every fault of the new boots before the first snow fell on the pass. "


def answer(content: bytes | str = b"", status: int = 200, **headers: str) -> Callable[[Request], Response]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: Response(content, status, named)


def feed(*links: str, body: str = "teaser") -> str:
    items = "".join(
        f"<item><guid>g{n}</guid><title>Title {n}</title><link>{link}</link><description>{body} {n}</description>"
        "<pubDate>Thu, 19 Nov 2026 10:00:00 GMT</pubDate></item>"
        for n, link in enumerate(links)
    )
    return f"<?xml version='1.0'?><rss version='2.0'><channel><title>T</title>{items}</channel></rss>"


def page(number: int) -> str:
    text = "".join(f"<p>{PARAGRAPH.format(n=number * 100 + part) * 3}</p>" for part in range(5))
    return f"<html><head><title>Page {number}</title></head><body><article>{text}</article></body></html>"


@pytest.fixture
def world() -> World:
    return World(clock=Clock(START))


@pytest.mark.parametrize(
    ("header", "minutes"),
    [("120", 2), ("Fri, 20 Nov 2026 13:00:00 GMT", 60), ("soon", 60), ("", 60), ("99999999", 7 * 24 * 60)],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_site_that_asks_for_patience_gets_it(
    status: int, header: str, minutes: int, world: World, tmp_path: Path
) -> None:
    busy = answer("", status, retry_after=header, date="Fri, 20 Nov 2026 12:00:00 GMT")
    with serving(Route("/feed", busy)) as (url, log):
        collecting = Collecting(world, tmp_path, f"{url}/feed")
        first = collecting.run()
        assert first.outcome is Outcome.WAIT
        until = first.state.pages[f"{url}/feed"].wait_until
        assert until == START + timedelta(minutes=minutes)
        log.asked.clear()
        assert collecting.run().outcome is Outcome.WAIT
        assert log.paths() == []
        world.advance(timedelta(minutes=minutes))
        collecting.run()
        assert "/feed" in log.paths()


@pytest.mark.parametrize(
    ("robots", "status", "read"),
    [("User-agent: *\nDisallow: /", 200, False), ("User-agent: fabric\nDisallow: /\n\nUser-agent: *\nAllow: /", 200, False),
     ("User-agent: *\nDisallow: /private/", 200, True), ("", 404, True), ("", 403, True), ("", 429, True),
     ("", 500, False), ("", 503, False), ("<html>not rules</html>", 200, True)],
)  # fmt: skip
def test_robots_is_obeyed(robots: str, status: int, read: bool, world: World, tmp_path: Path) -> None:
    routes = [Route("/robots.txt", answer(robots, status)), Route("/feed", answer(feed()))]
    with serving(*routes) as (url, log):
        report = Collecting(world, tmp_path, f"{url}/feed").run()
        assert ("/feed" in log.paths()) is read
    assert (report.outcome is Outcome.FAILED) is not read
    if not read:
        words = "could not be read" if status >= 500 else "does not allow it"
        assert words in report.notes[0]


def test_robots_is_cached_for_a_day_and_longer_when_the_site_is_down(world: World, tmp_path: Path) -> None:
    rules = {"text": "User-agent: *\nCrawl-delay: 7\nDisallow: /hidden\n", "status": 200}

    def robots(_: Request) -> Response:
        return Response(str(rules["text"]), int(rules["status"]))

    with serving(Route("/robots.txt", robots), Route("/feed", answer(feed("/hidden", "/seen")))) as (url, log):
        collecting = Collecting(world, tmp_path, f"{url}/feed")
        collecting.run()
        assert max(collecting.slept) > 6
        collecting.days(0.9)
        collecting.run()
        assert log.paths().count("/robots.txt") == 1
        rules["status"] = 503
        collecting.days(0.2)
        assert collecting.run().outcome is Outcome.UNCHANGED or "/feed" in log.paths(), "the old copy still serves"
        assert "/hidden" not in log.paths()


def test_one_bad_article_costs_itself(world: World, tmp_path: Path) -> None:
    tries = {"n": 0}

    def flaky(_: Request) -> Response:
        tries["n"] += 1
        return Response(page(3)) if tries["n"] > 1 else Response("", 503)

    routes = [
        Route("/robots.txt", answer("User-agent: *\nDisallow: /secret")), Route("/1", answer(page(1))),
        Route("/2", answer("", 404)), Route("/3", flaky), Route("/packed", answer(b"\x1f\x8b" + b"\0" * 99)),
        Route("/empty", answer("<html></html>")), Route("/away", answer("", 302, location="http://169.254.169.254/")),
    ]  # fmt: skip
    links = ("/1", "/2", "/3", "/secret", "/packed", "/empty", "/away", "http://10.0.0.1/x", "http://u:p@a.example/")
    with serving(Route("/feed", answer(feed(*links), etag='"a"')), *routes) as (url, log):
        collecting = Collecting(world, tmp_path, f"{url}/feed")
        report = collecting.run()
        assert (report.outcome, report.contents, report.rejected) == (Outcome.FRESH, 9, 0)
        assert "/secret" not in log.paths()
        bodies = {row["entity_id"]: row["body"] for row in _rows(report)}
        assert bodies["g1"] == "teaser 1"
        assert bodies["g0"].startswith("The hut warden wrote down number 100")
        again = collecting.run()
        assert [row["entity_id"] for row in _rows(again) if row["body"].startswith("The hut")] == ["g2"]
        assert set(log.paths()) == {"/feed", "/3", "/away"}, "what cannot be repaired is not asked again"
        for _ in range(3):
            collecting.run()
        log.asked.clear()
        assert collecting.run().requests == 0


def test_the_same_text_under_many_addresses_is_kept_once(world: World, tmp_path: Path) -> None:
    original = page(1)
    changed = (
        original.replace("Page 1", "Another headline")
        .replace("fault", "flaw", 1)
        .replace("</article>", "<p>Via X</p></article>")
    )
    routes = [
        Route("/1", answer(original)),
        Route("/2", answer(changed)),
        Route("/3", answer(page(7).replace("boots", "tents and poles"))),
    ]
    with serving(Route("/feed", answer(feed("/1", "/2", "/3"))), *routes) as (url, _):
        report = Collecting(world, tmp_path, f"{url}/feed").run()
    assert report.copies == 1
    assert [row["entity_id"] for row in _rows(report)] == ["g0", "g2"]
    assert report.state.items["g1"].copy_of == "g0"


BOMB = "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a0 'ha'>" + "".join(
    f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 12)
)
EXTERNAL = "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a11 SYSTEM 'file:///etc/hostname'><!ENTITY % p SYSTEM 'http://127.0.0.1:{port}/stolen'> %p;"


@pytest.mark.parametrize("head", [BOMB, EXTERNAL])
@pytest.mark.parametrize(
    "body",
    ["]><rss version='2.0'><channel><title>&a11;</title><item><guid>1</guid><title>x&a11;</title>"
     "<pubDate>Thu, 19 Nov 2026 10:00:00 GMT</pubDate></item></channel></rss>",
     "]><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>http://a.example/&a11;</loc></url></urlset>"],
)  # fmt: skip
def test_entities_are_neither_expanded_nor_fetched(head: str, body: str, world: World, tmp_path: Path) -> None:
    with serving(Route("/feed", lambda r: Response(head.replace("{port}", str(r.url.port)) + body))) as (url, log):
        report = Collecting(world, tmp_path, f"{url}/feed").run()
        assert "/stolen" not in log.paths()
    hostname = Path("/etc/hostname").read_text(encoding="utf-8").strip() if Path("/etc/hostname").exists() else "—"
    for row in _rows(report):
        assert "haha" not in str(row["title"])
        assert hostname not in str(row["title"])
    assert report.outcome in (Outcome.FRESH, Outcome.FAILED, Outcome.UNCHANGED)


def _rows(report: SourceReport) -> list[dict[str, str]]:
    if report.batch is None:
        return []
    return [row for row in pq.read_table(report.batch.path).to_pylist() if row["kind"] == "content"]


def test_a_youtube_channel_feed_brings_counts_each_time(world: World, tmp_path: Path) -> None:
    views = {"n": 10}

    def channel(_: Request) -> Response:
        return Response(
            "<feed xmlns:yt='http://www.youtube.com/xml/schemas/2015' xmlns:media='http://search.yahoo.com/mrss/' "
            "xmlns='http://www.w3.org/2005/Atom'><yt:channelId>UCabc</yt:channelId><title>Channel</title><entry>"
            "<id>yt:video:V1</id><yt:videoId>V1</yt:videoId><title>One</title><link href='https://www.youtube.com/watch?v=V1'/>"
            "<published>2026-11-01T00:00:00+00:00</published><media:group><media:community><media:starRating count='3'/>"
            f"<media:statistics views='{views['n']}'/></media:community></media:group></entry></feed>"
        )

    with serving(Route("/videos.xml", channel)) as (url, _):
        collecting = Collecting(world, tmp_path, f"{url}/videos.xml")
        first = collecting.run()
        views["n"] = 25
        collecting.days(1)
        second = collecting.run()
    assert (first.contents, first.observations, first.requests) == (1, 2, 0)
    assert (second.observations, second.batch is not None and second.batch.written) == (2, True)
