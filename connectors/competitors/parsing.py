"""A feed document taken apart: RSS, Atom and RDF by feedparser, JSON Feed by json."""

from __future__ import annotations

import calendar
import io
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from connectors.files.frontmatter import instant
from connectors.files.plaintext import plain_html
from models.errors import ImportRefused

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)

MAX_TAGS = 400_000
"""feedparser takes about 35 µs a tag; the largest feeds that blogs publish stay below a tenth of this."""
_CDF = re.compile(rb"<channel[\s>]", re.IGNORECASE)
"""The outermost element of a CDF channel, the one kind of feed that carries no version."""


@dataclass(frozen=True)
class Entry:
    """One item of a feed. `counts` are registry metrics; None: the feed names the metric without a usable number."""

    id: str | None
    link: str | None
    title: str | None
    body: str | None
    published: datetime | None
    updated: datetime | None
    tags: tuple[str, ...]
    authors: tuple[str, ...]
    video: bool
    counts: tuple[tuple[str, str], ...] = ()

    @property
    def identity(self) -> str | None:
        """What tells the entry from the feed's others."""
        return self.id or self.link


@dataclass(frozen=True)
class Feed:
    kind: str
    title: str | None
    link: str | None
    channel: str | None
    updated: datetime | None
    entries: tuple[Entry, ...]
    note: str | None = None


def parse_feed(content: bytes, name: str, *, url: str | None = None, headers: Mapping[str, str] | None = None) -> Feed:
    """The feed in a document. Raises `ImportRefused` if it is none.

    `url` is where it was fetched, from which relative links start; `headers` (names in lower case) came with it.
    """
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json_feed(content, name)
    if content.count(b"<") > MAX_TAGS:
        raise ImportRefused(f"{name} has more than {MAX_TAGS:,} tags, which no feed needs: check the file or address.")
    parsed = read_document(content, url=url, headers=headers)
    if url is None or not parsed.entries:
        return _xml_feed(content, name, parsed)
    # feedparser makes ids absolute like links, so that a feed that moves would change them all: they are read without.
    named = {key: value for key, value in (headers or {}).items() if key != "content-location"}
    ids = [entry.id for entry in _xml_feed(content, name, read_document(content, headers=named)).entries]
    feed = _xml_feed(content, name, parsed)
    return replace(feed, entries=tuple(replace(e, id=own) for e, own in zip(feed.entries, ids, strict=True)))


def read_document(content: bytes, *, url: str | None = None, headers: Mapping[str, str] | None = None) -> Any:
    """feedparser's reading of an XML feed: sanitised, links absolute, no entities but the safe ones, no network.

    The server's media type is not believed (feeds come as text/html), only its charset.
    """
    import feedparser

    answered = {name: value for name, value in (headers or {}).items() if name != "content-encoding"}
    charset = _CHARSET.search(answered.get("content-type", ""))
    answered["content-type"] = "application/xml" + (f"; charset={charset[1]}" if charset else "")
    location = urljoin(url or "", answered.get("content-location", ""))
    if location.startswith(("http://", "https://")):
        answered["content-location"] = location
    elif url:
        answered["content-location"] = url
    return feedparser.parse(io.BytesIO(content), response_headers=answered)


def _xml_feed(content: bytes, name: str, parsed: Any) -> Feed:
    version = str(dict.get(parsed, "version") or "")
    if not version and not parsed.entries and not _CDF.search(content[:4096]):
        raise ImportRefused(_not_a_feed(content, name, parsed))
    head = parsed.feed
    note = None
    if dict.get(parsed, "bozo") and dict.get(parsed, "bozo_exception") is not None:
        note = (
            f"{name} is not well formed ({dict.get(parsed, 'bozo_exception')}); {len(parsed.entries)} entries could be "
            "read, and any after the fault may be missing."
        )
    return Feed(
        kind=f"feed ({version})" if version else "feed",
        title=_plain(dict.get(head, "title")),
        link=_web(dict.get(head, "link")),
        channel=_plain(dict.get(head, "yt_channelid")),
        updated=_time(head, "updated_parsed") or _time(head, "published_parsed"),
        entries=tuple(_xml_entry(entry) for entry in parsed.entries),
        note=note,
    )


def _xml_entry(entry: Any) -> Entry:
    video = _plain(dict.get(entry, "yt_videoid"))
    contents = [part.get("value") for part in dict.get(entry, "content") or [] if part.get("value")]
    body = contents[0] if contents else dict.get(entry, "summary")
    statistics, stars = dict.get(entry, "media_statistics"), dict.get(entry, "media_starrating")
    counts: list[tuple[str, str]] = []
    if video and isinstance(statistics, dict) and "views" in statistics:
        counts.append(("views", str(statistics["views"]).strip()))
    if video and isinstance(stars, dict) and "count" in stars:
        counts.append(("reactions", str(stars["count"]).strip()))
    return Entry(
        id=video or _plain(dict.get(entry, "id")),
        link=_web(dict.get(entry, "link")),
        title=_plain(dict.get(entry, "title")),
        body=_plain(body),
        published=_time(entry, "published_parsed") or _time(entry, "created_parsed"),
        updated=_time(entry, "updated_parsed"),
        tags=_distinct(tag.get("term") or tag.get("label") for tag in dict.get(entry, "tags") or []),
        authors=_distinct(author.get("name") for author in dict.get(entry, "authors") or []),
        video=video is not None,
        counts=tuple(counts),
    )


def _not_a_feed(content: bytes, name: str, parsed: Any) -> str:
    head = content[:4096].lower()
    if b"<urlset" in head or b"<sitemapindex" in head:
        return f"{name} is a sitemap, not a feed: it names pages without their texts; give the site's RSS or Atom feed."
    if b"<html" in head or b"<!doctype html" in head:
        return (
            f"{name} is a web page, not a feed: look in its source for a link of type application/rss+xml or atom+xml."
        )
    fault = dict.get(parsed, "bozo_exception")
    return f"{name} is XML but not an RSS, Atom or RDF feed{f' ({fault})' if fault else ''}: check the file or address."


def _json_feed(content: bytes, name: str) -> Feed:
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise ImportRefused(f"{name} is not valid JSON ({error}): check the file or address.") from None
    version = document.get("version") if isinstance(document, dict) else None
    items = document.get("items") if isinstance(document, dict) else None
    if not isinstance(version, str) or "jsonfeed.org" not in version or not isinstance(items, list):
        raise ImportRefused(f"{name} is JSON but not a JSON Feed (https://jsonfeed.org): check the file or address.")
    return Feed(
        kind=f"feed (json {version.rstrip('/').rsplit('/', 1)[-1]})",
        title=_plain(document.get("title")),
        link=_web(document.get("home_page_url")) or _web(document.get("feed_url")),
        channel=None,
        updated=None,
        entries=tuple(_json_entry(item if isinstance(item, dict) else {}) for item in items),
    )


def _json_entry(item: dict[str, Any]) -> Entry:
    authors = item.get("authors") if isinstance(item.get("authors"), list) else [item.get("author")]
    tags = item.get("tags")
    text = item.get("content_text")
    body = text.strip() if isinstance(text, str) else item.get("content_html") or item.get("summary")
    return Entry(
        id=_plain(item.get("id")),
        link=_web(item.get("url")) or _web(item.get("external_url")),
        title=_plain(item.get("title")),
        body=body if isinstance(text, str) else _plain(body),
        published=instant(item.get("date_published")),
        updated=instant(item.get("date_modified")),
        tags=_distinct(tags if isinstance(tags, list) else []),
        authors=_distinct(author.get("name") for author in authors or [] if isinstance(author, dict)),
        video=False,
    )


def _plain(value: object) -> str | None:
    return (plain_html(str(value)) or None) if isinstance(value, str | int) and not isinstance(value, bool) else None


def _web(value: object) -> str | None:
    return value if isinstance(value, str) and value.startswith(("http://", "https://")) else None


def _distinct(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text for value in values if (text := str(value).strip() if value else "")))


def _time(part: Any, key: str) -> datetime | None:
    """feedparser gives UTC struct_times; years outside datetime's range are no date."""
    value = dict.get(part, key)
    if value is None:
        return None
    try:
        return datetime.fromtimestamp(calendar.timegm(value), UTC)
    except (ValueError, OverflowError, OSError):
        return None
