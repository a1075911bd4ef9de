"""One competitor source, from its address to a landed batch.

    address → (moved, unchanged, gone, wait?) → entries of a feed, or pages of a sitemap → robots.txt, pace →
    article texts → copies collapsed → one batch

What is new or changed is read; what was read before is not asked for again. A site's failures cost its own entries only:
an article that cannot be read leaves what the feed says about it, and is tried again twice.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from connectors.addresses import parse_address
from connectors.competitors.articles import MAX_BYTES as MAX_ARTICLE_BYTES
from connectors.competitors.articles import Article, extract_article
from connectors.competitors.conditional import Outcome, ask
from connectors.competitors.duplicates import copy_of, sketch
from connectors.competitors.feeds import SOURCE, FeedReading, feed_host
from connectors.competitors.fetching import MAX_BYTES as MAX_FEED_BYTES
from connectors.competitors.fetching import Fetched, Fetcher
from connectors.competitors.pace import Pace
from connectors.competitors.parsing import Entry, Feed, parse_feed
from connectors.competitors.robots import Robots
from connectors.competitors.sitemaps import BOUNDS as SITEMAP_BOUNDS
from connectors.competitors.sitemaps import Sitemap, SitemapEntry, looks_like_sitemap, parse_sitemap
from connectors.competitors.state import Item, PageMemory, SourceState
from connectors.decoding import GZIP_MAGIC, Bounds
from connectors.files.intake import Arguments, Counts, no_progress
from connectors.warehouse.landing import LandedBatch
from models.domain.content import Batch, Record
from models.errors import ImportRefused

SITEMAP_SOURCE = "sitemap"
TRIES = 3
_ARTICLE_BOUNDS = Bounds(MAX_ARTICLE_BYTES, seconds=30.0)


@dataclass(frozen=True)
class CompetitorSource:
    """A public address of a tracked competitor: a feed, a YouTube channel feed, or a sitemap; which, it says itself."""

    id: str
    competitor: str
    url: str


@dataclass(frozen=True)
class Limits:
    """What one run of one source may take. `lookback` bounds what a first run reads of a long sitemap."""

    articles: int = 60
    sitemaps: int = 20
    lookback: timedelta = timedelta(days=180)


@dataclass(frozen=True)
class SourceReport:
    """What one run did. `state` is to be stored in place of the one given; `notes` are sentences for a person.

    `requests` counts pages asked for beside the source itself, `waiting` what is left for the next run.
    """

    source_id: str
    outcome: Outcome
    state: SourceState
    contents: int = 0
    observations: int = 0
    rejected: int = 0
    copies: int = 0
    requests: int = 0
    waiting: int = 0
    batch: LandedBatch | None = None
    notes: tuple[str, ...] = ()


class Landing(Protocol):
    """Where batches land; `connectors.warehouse.landing.LandingStore` is one."""

    def land(self, batch: Batch, landed_at: datetime) -> LandedBatch: ...


def collect_source(
    source: CompetitorSource,
    state: SourceState,
    *,
    now: datetime,
    fetcher: Fetcher,
    landing: Landing,
    workspace_id: str,
    pace: Pace | None = None,
    limits: Limits | None = None,
) -> SourceReport:
    """Collects what is new at one source and lands it. Never raises for what the site does; `state` is left unchanged."""
    run = _Run(
        source, state.model_copy(deep=True), now, fetcher, landing, workspace_id, pace or Pace(), limits or Limits()
    )
    return run.collect()


@dataclass
class _Run:
    """One run; gathers its state and its counts."""

    source: CompetitorSource
    state: SourceState
    now: datetime
    fetcher: Fetcher
    landing: Landing
    workspace_id: str
    pace: Pace
    limits: Limits
    notes: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)
    requests: int = 0
    waiting: int = 0
    copies: int = 0

    def __post_init__(self) -> None:
        self.robots = Robots(self.fetcher, self.pace, self.state.robots, now=self.now)

    def collect(self) -> SourceReport:
        try:
            outcome, fetched = self._ask(self.source.url)
            if fetched is None:
                return self._report(outcome)
            if looks_like_sitemap(fetched.content) or fetched.content.startswith(GZIP_MAGIC):
                feed, articles = self._pages(parse_sitemap(fetched.content, fetched.url), fetched.url)
                kind = SITEMAP_SOURCE
            else:
                if len(fetched.content) > MAX_FEED_BYTES:
                    raise ImportRefused(
                        f"{fetched.url} is larger than {MAX_FEED_BYTES // 1024**2} MiB, which no feed is."
                    )
                feed, articles = self._entries(
                    parse_feed(fetched.content, self.source.url, url=fetched.url, headers=fetched.headers)
                )
                kind = SOURCE
        except ImportRefused as refused:
            self.notes.append(str(refused))
            return self._report(Outcome.FAILED)
        if self.waiting:  # The next run must be told the whole lists again, not "unchanged".
            for url in self.read:
                again = {"etag": None, "last_modified": None}
                self.state.pages[url] = self.state.pages[url].model_copy(update=again)
        return self._land(kind, feed, articles, fetched)

    def _ask(self, url: str, bounds: Bounds | None = None) -> tuple[Outcome, Fetched | None]:
        """Asks one listing (feed or sitemap), politely, and remembers the answer."""
        memory = self.state.pages.get(url, PageMemory())
        where = memory.moved_to or url
        if memory.gone_since is None and (memory.wait_until is None or self.now >= memory.wait_until):
            if refusal := self.robots.refusal(where):
                raise ImportRefused(refusal)
            self.pace.wait(parse_address(where).origin, self.robots.delay(where))
        asked = ask(self.fetcher, url, memory, now=self.now, bounds=bounds or SITEMAP_BOUNDS)
        if asked.memory.moved_to not in (None, memory.moved_to):
            self.notes.append(f"{url} has moved to {asked.memory.moved_to} for good, where it is read from now on.")
        self.state.pages[url] = asked.memory
        if asked.reason:
            self.notes.append(asked.reason)
        if asked.fetched is not None:
            self.read.append(url)
        return asked.outcome, asked.fetched

    def _entries(self, feed: Feed) -> tuple[Feed, dict[str, Article]]:
        """The feed with its new and changed entries only, and the articles behind them."""
        if feed.note:
            self.notes.append(feed.note)
        chosen: list[Entry] = []
        articles: dict[str, Article] = {}
        for entry in feed.entries:
            identity = entry.identity
            digest = _digest(asdict(entry))
            known = self.state.items.get(identity) if identity else None
            if identity is None or entry.video:
                chosen.append(entry)
            elif known is None or known.digest != digest or 0 < known.tries < TRIES:
                if self.requests >= self.limits.articles:
                    self.waiting += 1
                    continue
                article, tries = self._article(entry.link, known)
                if self._remember(identity, digest, tries, article.text if article else entry.body or ""):
                    chosen.append(entry)
                    if article is not None:
                        articles[identity] = article
        return replace(feed, entries=tuple(chosen)), articles

    def _pages(self, sitemap: Sitemap, url: str) -> tuple[Feed, dict[str, Article]]:
        """Articles on pages that are new or changed since they were read, newest first, as a feed."""
        since = self.now - self.limits.lookback
        pages: dict[str, SitemapEntry] = {}
        for page in self._listed(sitemap, url):
            known = self.state.items.get(page.url)
            moment = page.published or page.changed
            if (
                (moment is None or since <= moment <= self.now)
                and (known is None or known.digest != _digest(page.changed) or 0 < known.tries < TRIES)
                and self.robots.allows(page.url)
            ):
                pages.setdefault(page.url, page)
        ordered = sorted(pages.values(), key=lambda page: page.published or page.changed or since, reverse=True)
        entries: list[Entry] = []
        articles: dict[str, Article] = {}
        for page in ordered:
            if self.requests >= self.limits.articles:
                self.waiting += 1
                continue
            article, tries = self._article(page.url, self.state.items.get(page.url))
            published = page.published or (article.published if article else None)
            if article is None or published is None or published > self.now:
                self.state.keep(page.url, Item(digest=_digest(page.changed), seen_at=self.now, tries=tries))
            elif self._remember(page.url, _digest(page.changed), tries, article.text):
                articles[page.url] = article
                entries.append(
                    Entry(page.url, article.url, article.title or page.title, None, published, page.changed, article.tags,
                          article.authors, video=False)
                )  # fmt: skip
        return Feed("sitemap", None, url, None, None, tuple(entries)), articles

    def _listed(self, sitemap: Sitemap, url: str) -> Iterator[SitemapEntry]:
        """The pages of a sitemap, or of the sitemaps that an index names and that changed, the newest first."""
        for sentence in (sitemap.note, _left_out(sitemap, url)):
            if sentence:
                self.notes.append(sentence)
        if not sitemap.index:
            yield from sitemap.entries
            return
        newest = sorted(sitemap.entries, key=lambda entry: entry.changed or self.now, reverse=True)
        if len(newest) > self.limits.sitemaps:
            self.notes.append(f"{url} names {len(newest):,} sitemaps; the newest {self.limits.sitemaps} are read.")
        for part in newest[: self.limits.sitemaps]:
            try:
                _, fetched = self._ask(part.url)
                if fetched is None:
                    continue
                inner = parse_sitemap(fetched.content, fetched.url)
            except ImportRefused as refused:
                self.notes.append(str(refused))
                continue
            if inner.index:
                self.notes.append(f"{part.url} is an index inside an index, which the protocol does not allow.")
                continue
            yield from inner.entries

    def _article(self, url: str | None, known: Item | None) -> tuple[Article | None, int]:
        """The article at an address, and how many failed tries there were; 0 means that it need not be tried again."""
        if url is None:
            return None, 0
        tries = known.tries + 1 if known else 1
        try:
            if not self.robots.allows(url):
                return None, 0
            self.pace.wait(parse_address(url).origin, self.robots.delay(url))
            self.requests += 1
            fetched = self.fetcher.get(url, bounds=_ARTICLE_BOUNDS)
            if fetched.status != 200:
                return None, tries if fetched.status in (429, 500, 502, 503, 504) else 0
        except ImportRefused:
            return None, tries
        try:
            return extract_article(fetched.content, fetched.url, charset=_charset(fetched)), 0
        except ImportRefused:
            return None, 0

    def _remember(self, identity: str, digest: str, tries: int, text: str) -> bool:
        """Keeps an item; False when its text is that of another one, which is then not stored again."""
        made = sketch(text)
        original = copy_of(made, self.state.sketches, besides=identity) if made else None
        self.state.keep(identity, Item(digest=digest, seen_at=self.now, tries=tries, sketch=made, copy_of=original))
        if 0 < tries < TRIES:
            self.waiting += 1
        self.copies += original is not None
        return original is None

    def _land(self, kind: str, feed: Feed, articles: dict[str, Article], fetched: Fetched) -> SourceReport:
        arguments = Arguments(self.workspace_id, self.now, competitor=self.source.competitor)
        host = feed_host(feed) or urlsplit(fetched.url).hostname or self.source.url
        account_id, account_name = arguments.account_of(feed.channel, feed.title, host)
        reading = FeedReading(
            feed, self.source.url, arguments, self.now, account_id, account_name, len(fetched.content), articles
        )
        counts = Counts()
        records: list[Record] = list(reading.records(counts, no_progress))
        if not records:
            return self._report(Outcome.UNCHANGED if feed.entries == () else Outcome.FRESH)
        counted = any(entry.counts for entry in feed.entries)
        content = _digest([asdict(entry) for entry in feed.entries], {name: a.text for name, a in articles.items()})
        batch_id = arguments.batch_id(kind, (account_id, self.source.id), self.now if counted else None, content)
        batch = Batch(self.workspace_id, kind, batch_id, self.now, self.source.url, records)
        landed = self.landing.land(batch, self.now)
        return replace(
            self._report(Outcome.FRESH), contents=counts.contents, observations=counts.observations,
            rejected=counts.rejected, batch=landed,
        )  # fmt: skip

    def _report(self, outcome: Outcome) -> SourceReport:
        return SourceReport(
            self.source.id, outcome, self.state, copies=self.copies, requests=self.requests, waiting=self.waiting,
            notes=tuple(dict.fromkeys(self.notes)),
        )  # fmt: skip


def _left_out(sitemap: Sitemap, url: str) -> str | None:
    if not sitemap.foreign and not sitemap.broken:
        return None
    return (
        f"{url} names {sitemap.foreign:,} addresses of other hosts and {sitemap.broken:,} that are none; "
        "they were left out."
    )


def _digest(*parts: object) -> str:
    text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _charset(fetched: Fetched) -> str | None:
    """The charset of a Content-Type header, e.g. `text/html; charset=iso-8859-1`."""
    for part in fetched.headers.get("content-type", "").split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip("\"'") or None
    return None
