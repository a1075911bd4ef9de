"""Feeds as records: identity, dates, YouTube's counts, and one sentence for what is no feed."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.competitors.feeds import is_url, prepare_feed_file
from connectors.competitors.parsing import parse_feed
from connectors.files.intake import Arguments, Counts, no_progress
from models.domain.content import ContentRecord, Observation, ObservationState, Owner
from models.domain.social import Platform
from models.errors import ImportRefused

NOW = datetime(2026, 11, 22, tzinfo=UTC)
YOUTUBE = """<?xml version="1.0"?><feed xmlns:yt="http://www.youtube.com/xml/schemas/2015"
 xmlns:media="http://search.yahoo.com/mrss/" xmlns="http://www.w3.org/2005/Atom">
<id>yt:channel:abc</id><yt:channelId>UCabc</yt:channelId><title>Channel</title>
<link rel="alternate" href="https://www.youtube.com/channel/UCabc"/>
<entry><id>yt:video:VID1</id><yt:videoId>VID1</yt:videoId><title>One</title>
<link rel="alternate" href="https://www.youtube.com/watch?v=VID1"/><published>2020-01-01T00:00:00+00:00</published>
<updated>2020-01-02T00:00:00+00:00</updated><media:group><media:description>Text</media:description>
<media:community><media:starRating count="12" average="5.00"/><media:statistics views="3456"/></media:community>
</media:group></entry>
<entry><id>yt:video:VID2</id><yt:videoId>VID2</yt:videoId><title>Two</title>
<published>2020-01-03T00:00:00+00:00</published><media:group><media:community><media:statistics views=""/>
</media:community></media:group></entry></feed>"""


def rss(*items: str) -> str:
    return (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>T</title><link>https://www.site.example/blog</link>'
        f"{''.join(items)}</channel></rss>"
    )


def item(guid: str, day: int, title: str = "A") -> str:
    return (
        f"<item><title>{title}</title><guid>{guid}</guid><pubDate>0{day} Mar 2020 10:00:00 GMT</pubDate>"
        "<description>&lt;p&gt;Hello&lt;/p&gt;</description><category>x</category></item>"
    )


def read(tmp_path: Path, text: str, name: str = "feed.xml", **arguments: Any) -> tuple[list[Any], Counts, Any]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    prepared = prepare_feed_file(path, Arguments("w", NOW, **arguments))
    counts = Counts()
    return list(prepared.records(counts, no_progress)), counts, prepared


def test_rss_entries_become_articles(tmp_path: Path) -> None:
    records, counts, prepared = read(tmp_path, rss(item("a", 1), item("b", 2)))
    first = records[0]
    assert isinstance(first, ContentRecord)
    assert (first.platform, first.account_id, first.account_name) == (Platform.WEB, "www.site.example", "T")
    assert (first.entity_id, first.body, first.tags, first.url) == ("a", "Hello", ("x",), None)
    assert first.published_at == datetime(2020, 3, 1, 10, tzinfo=UTC)
    assert prepared.observed_at == datetime(2020, 3, 2, 10, tzinfo=UTC)
    assert (counts.rows_read, counts.contents) == (2, 2)


def test_a_competitor_is_shown_under_its_tracked_name(tmp_path: Path) -> None:
    records, _, _ = read(tmp_path, rss(item("a", 1)), competitor="Rival & Co")
    assert (records[0].owner, records[0].account_id, records[0].account_name) == (
        Owner.COMPETITOR, "www.site.example", "Rival & Co",
    )  # fmt: skip


def test_every_entry_is_accounted_for(tmp_path: Path) -> None:
    undated = "<item><title>A</title><guid>c</guid></item>"
    nameless = "<item><title>A</title><pubDate>01 Mar 2020 10:00:00 GMT</pubDate></item>"
    text = rss(item("a", 1), item("a", 1), item("a", 1, "other"), undated, nameless)
    _, counts, _ = read(tmp_path, text)
    assert (counts.rows_read, counts.contents, counts.repeated, counts.rejected) == (5, 1, 1, 3)
    reasons = " ".join(rejection.reason for rejection in counts.examples)
    assert "entry 3: its id 'a' stands in the feed already" in reasons
    assert "entry 4: it has no date" in reasons
    assert "entry 5: it has neither an id nor a link" in reasons


def test_youtube_counts_become_observations_and_blank_is_unavailable(tmp_path: Path) -> None:
    records, counts, _ = read(tmp_path, YOUTUBE)
    contents = [record for record in records if isinstance(record, ContentRecord)]
    numbers = [record for record in records if isinstance(record, Observation)]
    assert [(c.platform, c.account_id, c.entity_id, c.content_type) for c in contents] == [
        (Platform.YOUTUBE, "UCabc", "VID1", "video"),
        (Platform.YOUTUBE, "UCabc", "VID2", "video"),
    ]
    assert [(o.entity_id, o.metric, o.value, o.state) for o in numbers] == [
        ("VID1", "views", 3456.0, ObservationState.OBSERVED),
        ("VID1", "reactions", 12.0, ObservationState.OBSERVED),
        ("VID2", "views", None, ObservationState.UNAVAILABLE),
    ]
    assert counts.observations == 3


def test_json_feed(tmp_path: Path) -> None:
    document = {
        "version": "https://jsonfeed.org/version/1.1", "title": "J", "home_page_url": "https://j.example/",
        "items": [
            {"id": 7, "content_html": "<p>Hi</p>", "date_published": "2021-01-02T03:04:05-04:00", "tags": ["t"]},
            {"id": "8", "content_text": "a < b", "date_published": "2021-01-03T00:00:00Z", "url": "https://j.example/8"},
            "not an item",
        ],
    }  # fmt: skip
    records, counts, _ = read(tmp_path, json.dumps(document), "feed.json")
    assert [(r.entity_id, r.body) for r in records[:2]] == [("7", "Hi"), ("8", "a < b")]
    assert records[0].published_at == datetime(2021, 1, 2, 7, 4, 5, tzinfo=UTC)
    assert (counts.contents, counts.rejected) == (2, 1)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'/>", "is a sitemap, not a feed"),
        ("<!doctype html><html><body>x</body></html>", "is a web page, not a feed"),
        ("<note><to>x</to></note>", "is XML but not an RSS, Atom or RDF feed"),
        ('{"a": 1}', "is JSON but not a JSON Feed"),
        ('{"a": ', "is not valid JSON"),
    ],
)
def test_what_is_no_feed_is_one_sentence(text: str, words: str) -> None:
    with pytest.raises(ImportRefused, match=words):
        parse_feed(text.encode(), "f")


def test_a_malformed_feed_says_what_may_be_missing(tmp_path: Path) -> None:
    records, _, prepared = read(tmp_path, rss(item("a", 1)).replace("</channel></rss>", "<item><title>B & C"))
    assert any(record.entity_id == "a" for record in records if isinstance(record, ContentRecord))
    assert "is not well formed" in prepared.notes[0]


def test_addresses_and_paths_are_told_apart() -> None:
    assert is_url("https://a.example/feed")
    assert is_url("file:///etc/passwd")
    assert not is_url("data/feed.xml")


def test_all_well_formed_feeds_are_read_without_a_crash(shared_data: Path) -> None:
    read_ones = refused = 0
    for path in sorted((shared_data / "feeds" / "wellformed").rglob("*.xml"))[::7]:
        try:
            counts = prepare_feed_file(path, Arguments("w", NOW)).dry_run()
        except ImportRefused:
            refused += 1
        else:
            read_ones += 1
            assert counts.rows_read == counts.contents + counts.rejected + counts.repeated
    assert read_ones > 200
    assert refused < 5
