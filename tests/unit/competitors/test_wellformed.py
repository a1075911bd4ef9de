"""Every small feed of the shared set: what its first comment expects holds for our reading of it."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

from connectors.competitors.feeds import prepare_feed_file
from connectors.competitors.parsing import parse_feed, read_document
from connectors.competitors.sitemaps import looks_like_sitemap, parse_sitemap
from connectors.files.intake import Arguments
from models.errors import ImportRefused
from tests.unit.competitors.test_feeds import NOW

SERVED_AT = "http://127.0.0.1:8097"
"""Where the expectations suppose that the files are served."""
_EXPECT = re.compile(r"Expect:\s*(.+)")
_HEADER = re.compile(r"Header:\s*([^:\s]+):\s*(.+)")


def reading(path: Path) -> tuple[str, Any]:
    """A file's expectation, and what we read of it: as if fetched where it speaks of an address, else as a file."""
    content = path.read_bytes()
    head = content[:4000].decode("utf-8", "replace")
    expected = _EXPECT.search(head)
    assert expected is not None, path.name
    headers = {name.lower(): value.strip() for name, value in _HEADER.findall(head)}
    served = headers or path.name.startswith("http_")
    url = f"{SERVED_AT}/{path.name}" if served else None
    return expected[1].strip(), read_document(content, url=url, headers=headers)


def test_every_expectation_holds(shared_data: Path) -> None:
    folder = shared_data / "feeds" / "wellformed"
    wrong: list[str] = []
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in paths:
        expected, parsed = reading(path)
        found = {name: parsed.get(name) for name in ("feed", "entries", "bozo", "encoding", "version", "namespaces")}
        # feedparser names a validator only when it fetched by itself; here the fetcher did, and the headers have it.
        names = {**found, "headers": parsed.headers, **{k: v for k, v in parsed.headers.items() if k == "etag"}}
        # The expectations are expressions over the result, written by feedparser's authors.
        if not eval(expected, {"datetime": datetime}, names):
            wrong.append(f"{path.relative_to(folder)}: {expected}")
    assert wrong == []
    assert len(paths) == 1_739


def test_each_becomes_records_or_one_sentence(shared_data: Path) -> None:
    """Through the import, where every entry is accounted for: nothing but the three sitemaps is refused."""
    read = refused = 0
    sentences: list[str] = []
    for path in sorted((shared_data / "feeds").rglob("*")):
        if not path.is_file():
            continue
        try:
            counts = prepare_feed_file(path, Arguments("w", NOW)).dry_run()
        except ImportRefused as error:
            refused += 1
            sentences.append(str(error))
        else:
            read += 1
            assert counts.rows_read == counts.contents + counts.rejected + counts.repeated
    assert read > 1_740
    assert refused == 3, "the sitemaps"
    assert all("\n" not in sentence for sentence in sentences)


def test_relative_links_start_where_the_feed_was_fetched() -> None:
    text = b"<rss version='2.0'><channel><title>T</title><item><link>/a?b=1</link><guid>1</guid></item></channel></rss>"
    entry = parse_feed(text, "x", url="https://site.example/feeds/x.xml").entries[0]
    assert (entry.link, entry.id) == ("https://site.example/a?b=1", "1"), "ids stay as they are"
    moved = {"content-location": "https://other.example/", "content-type": "text/html; charset=utf-8"}
    read = parse_feed(text, "x", url="https://site.example/x.xml", headers=moved)
    assert (read.entries[0].link, read.note) == ("https://other.example/a?b=1", None)


def test_the_shared_sitemaps(shared_data: Path) -> None:
    folder = shared_data / "feeds"
    plain = parse_sitemap((folder / "sitemap.xml").read_bytes(), "https://www.sitemaps.org/sitemap.xml")
    assert (plain.index, plain.foreign, plain.broken, plain.note) == (False, 0, 0, None)
    assert all(entry.changed is not None for entry in plain.entries)
    assert (plain.entries[0].url, f"{plain.entries[0].changed:%Y-%m-%d}") == ("https://www.sitemaps.org/", "2016-11-21")
    index = parse_sitemap((folder / "sitemap2.xml").read_bytes(), "http://www.example.com/sitemap.xml")
    assert [(e.url, e.changed.isoformat() if e.changed else None) for e in index.entries] == [
        ("http://www.example.com/sitemap1.xml.gz", "2004-10-01T18:23:17+00:00"),
        ("http://www.example.com/sitemap2.xml.gz", "2005-01-01T00:00:00+00:00"),
    ]
    assert index.index
    languages = parse_sitemap((folder / "sitemap-hreflang.xml").read_bytes(), "http://www.example.com/sitemap.xml")
    assert [entry.url for entry in languages.entries][:2] == [
        "http://www.example.com/english/page.html", "http://www.example.com/deutsch/page.html",
    ]  # fmt: skip
    assert all(looks_like_sitemap(path.read_bytes()) for path in folder.glob("sitemap*.xml"))
