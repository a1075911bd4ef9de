"""RSS, Atom, RDF and JSON feeds, from a file or an address, as content records.

An entry needs an id (or a link) and a date. YouTube's channel feeds also carry view and like counts, which become
observations; other feeds hold no numbers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from connectors.competitors.articles import Article
from connectors.competitors.fetching import fetch
from connectors.competitors.parsing import Entry, Feed, parse_feed
from connectors.files.filedate import date_in_name
from connectors.files.intake import Arguments, Counts, Prepared, Progress, clip
from models.domain.content import ContentRecord, EntityType, Observation, ObservationState, Record, Rejection
from models.domain.social import Platform
from models.errors import ImportRefused

SOURCE = "feed"
MAX_FILE_BYTES = 50 * 1024 * 1024


def is_url(text: str) -> bool:
    """Whether the argument is an address rather than a path; any scheme counts, so that a wrong one is refused as such."""
    return "://" in text


def looks_like_feed(head: bytes) -> bool:
    """Whether a file starts like XML or JSON."""
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"<", b"{")


def prepare_feed_file(path: Path, arguments: Arguments) -> Prepared:
    """A feed saved as a file. Raises `ImportRefused` if it is no feed."""
    if path.stat().st_size > MAX_FILE_BYTES:
        raise ImportRefused(f"{path.name} is larger than {MAX_FILE_BYTES // 1024 // 1024} MiB, which no feed is.")
    content = path.read_bytes()
    day = date_in_name(path.name)
    named = datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=UTC) if day else None
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    feed = parse_feed(content, path.name)
    return _prepare(
        feed, content, path.name, path.stem, arguments, named=named, fallback=(written, "the file's own time")
    )


def prepare_feed_url(url: str, arguments: Arguments, *, allow_loopback: bool = False) -> Prepared:
    """A feed at an address, read now. Raises `ImportRefused`."""
    fetched = fetch(url, allow_loopback=allow_loopback)
    host = urlsplit(fetched.url).hostname or url
    now = (arguments.landed_at, "the time of the fetch")
    feed = parse_feed(fetched.content, url, url=fetched.url, headers=fetched.headers)
    return _prepare(feed, fetched.content, url, host, arguments, named=None, fallback=now, fetched=True)


def _prepare(
    feed: Feed,
    content: bytes,
    name: str,
    fallback_account: str,
    arguments: Arguments,
    *,
    named: datetime | None,
    fallback: tuple[datetime, str],
    fetched: bool = False,
) -> Prepared:
    times = [t for e in feed.entries for t in (e.published, e.updated) if t] + ([feed.updated] if feed.updated else [])
    newest = max((t for t in times if t <= arguments.landed_at), default=None)
    if arguments.observed_at is not None:
        observed_at, observed_from = arguments.observed_at.astimezone(UTC), "--observed-at"
    elif fetched:
        observed_at, observed_from = fallback
    elif named is not None and (newest is None or newest <= named):
        observed_at, observed_from = min(named, arguments.landed_at), "the date in the file's name"
    elif newest is not None:
        observed_at, observed_from = newest, "the newest entry, the earliest time at which the feed can have been saved"
    else:
        observed_at, observed_from = min(fallback[0], arguments.landed_at), fallback[1]
    account_id, account_name = arguments.account_of(feed.channel or feed_host(feed), feed.title, fallback_account)
    reading = FeedReading(feed, name, arguments, observed_at, account_id, account_name, len(content))
    return Prepared(
        source=SOURCE,
        source_file=name,
        batch_id=arguments.batch_id(
            SOURCE, (account_id, account_name), arguments.observed_at or named, hashlib.sha256(content).hexdigest()
        ),
        observed_at=observed_at,
        observed_from=observed_from,
        layout=feed.kind,
        size=len(content),
        records=reading.records,
        notes=(feed.note,) if feed.note else (),
    )


def feed_host(feed: Feed) -> str | None:
    """The host that the feed, or else its first linked entry, belongs to."""
    for link in (feed.link, *(entry.link for entry in feed.entries)):
        if link and (host := urlsplit(link).hostname):
            return host
    return None


@dataclass(frozen=True)
class FeedReading:
    """Turns a parsed feed into records. `articles` are full texts of entries by identity, where they were read."""

    feed: Feed
    name: str
    arguments: Arguments
    observed_at: datetime
    account_id: str
    account_name: str
    size: int
    articles: Mapping[str, Article] = field(default_factory=dict)

    def records(self, counts: Counts, progress: Progress) -> Iterator[Record]:
        seen: dict[str, Entry] = {}
        for number, entry in enumerate(self.feed.entries, start=1):
            counts.rows_read += 1
            identity = entry.identity
            if reason := self._problem(entry, identity, seen):
                yield counts.refuse(Rejection(self.name, None, None, f"entry {number}: {reason}", _raw(entry)))
            elif identity in seen:
                counts.repeated += 1
            elif identity is not None:
                seen[identity] = entry
                yield from self._entry(entry, identity, counts)
            progress(self.size * number // len(self.feed.entries))

    def _problem(self, entry: Entry, identity: str | None, seen: dict[str, Entry]) -> str | None:
        published = entry.published or entry.updated
        if identity is None:
            return "it has neither an id nor a link"
        if published is None:
            return "it has no date that can be read"
        if published > self.observed_at:
            return f"it is dated {published:%Y-%m-%d %H:%M} UTC, after the feed was observed"
        if identity in seen and seen[identity] != entry:
            return f"its id {identity!r} stands in the feed already, with another content; the first was kept"
        return None

    def _entry(self, entry: Entry, identity: str, counts: Counts) -> Iterator[Record]:
        published = entry.published or entry.updated
        platform = Platform(self.arguments.platform or (Platform.YOUTUBE if entry.video else Platform.WEB))
        counts.contents += 1
        article = self.articles.get(identity)
        yield ContentRecord(
            platform=platform,
            account_id=self.account_id,
            account_name=self.account_name,
            owner=self.arguments.owner,
            entity_type=EntityType.POST,
            entity_id=identity,
            content_type="video" if entry.video else "article",
            title=entry.title or (article.title if article else None),
            body=article.text if article else entry.body,
            url=entry.link,
            published_at=published,
            observed_at=self.observed_at,
            tags=entry.tags,
            payload=json.loads(json.dumps(asdict(entry) | _about(article), default=str)),
        )
        for metric, text in entry.counts:
            value = float(text) if text.isascii() and text.isdigit() else None
            counts.observations += 1
            yield Observation(
                platform=platform,
                account_id=self.account_id,
                account_name=self.account_name,
                owner=self.arguments.owner,
                entity_type=EntityType.POST,
                entity_id=identity,
                metric=metric,
                period_start=published,
                period_end=self.observed_at,
                value=value,
                state=ObservationState.UNAVAILABLE if value is None else ObservationState.OBSERVED,
                observed_at=self.observed_at,
            )


def _about(article: Article | None) -> dict[str, Any]:
    """What a page says about its article, beside what the feed said."""
    if article is None:
        return {}
    return {"article": {name: value for name, value in asdict(article).items() if name != "text"}}


def _raw(entry: Entry) -> str:
    return clip(json.dumps(asdict(entry), default=str, ensure_ascii=False))
