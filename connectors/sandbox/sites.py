"""Two made-up competitors' web sites, to be collected like real ones: `/sites/northtrail` and `/sites/summitandsole`.

    /sites/<site>/feed.xml   RSS (northtrail) or Atom, with ETag and Last-Modified; the 15 newest articles
    /sites/<site>/rss        moved to feed.xml for good (301)
    /sites/<site>/old.xml    gone for good (410)
    /sites/<site>/sitemap.xml   index of one gzip sitemap a month
    /sites/<site>/<slug>     the article, with the page around it
    /robots.txt              of the origin, where crawlers look for it (`robots`)
A site's articles follow from the seed and the clock: new ones appear when the clock moves. Every seventh article of
summitandsole repeats an earlier one under another headline.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from html import escape

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from connectors.sandbox.site_texts import AUTHORS, TOPICS, headline, paragraphs
from connectors.sandbox.world import World

DAYS = 180
NEWEST = 15
_NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
COPY_EVERY = 7


@dataclass(frozen=True)
class Site:
    """One made-up site. `every` is the time between two articles."""

    slug: str
    name: str
    every: timedelta
    atom: bool
    copies: bool


SITES = {
    site.slug: site
    for site in (
        Site("northtrail", "Northtrail Outfitters (synthetic)", timedelta(hours=54), atom=False, copies=False),
        Site("summitandsole", "Summit & Sole (synthetic)", timedelta(hours=78), atom=True, copies=True),
    )
}


@dataclass(frozen=True)
class Piece:
    """One article. `number` counts from the site's first."""

    number: int
    slug: str
    title: str
    author: str
    topic: str
    published_at: datetime
    text: tuple[str, ...]


def routes(world: World) -> list[Route]:
    """The sites' routes, to be mounted under `/sites`."""

    async def feed(request: Request) -> Response:
        site = _site(request)
        newest = pieces(world, site)[-NEWEST:][::-1]
        base = _base(request, site)
        text = (_atom if site.atom else _rss)(site, newest, base)
        kind = "application/atom+xml" if site.atom else "application/rss+xml"
        return _conditional(request, text.encode(), newest[0].published_at, kind)

    async def moved(request: Request) -> Response:
        return RedirectResponse(f"{_base(request, _site(request))}/feed.xml", 301)

    async def gone(_: Request) -> Response:
        return Response("This feed has ended.", 410, media_type="text/plain")

    async def index(request: Request) -> Response:
        site = _site(request)
        months: dict[str, datetime] = {f"{p.published_at:%Y-%m}": p.published_at for p in pieces(world, site)}
        parts = "".join(
            f"<sitemap><loc>{_base(request, site)}/sitemap-{month}.xml.gz</loc>"
            f"<lastmod>{last.isoformat()}</lastmod></sitemap>"
            for month, last in months.items()
        )
        text = f'<?xml version="1.0" encoding="UTF-8"?><sitemapindex xmlns="{_NAMESPACE}">{parts}</sitemapindex>'
        return _conditional(request, text.encode(), max(months.values()), "application/xml")

    async def month(request: Request) -> Response:
        site = _site(request)
        listed = [p for p in pieces(world, site) if f"{p.published_at:%Y-%m}" == request.path_params["month"]]
        if not listed:
            return Response("Not found", 404)
        base = _base(request, site)
        urls = "".join(
            f"<url><loc>{base}/{p.slug}</loc><lastmod>{p.published_at.isoformat()}</lastmod></url>" for p in listed
        )
        drafts = f"<url><loc>{base}/drafts/{listed[0].slug}</loc></url>"
        text = f'<?xml version="1.0" encoding="UTF-8"?><urlset xmlns="{_NAMESPACE}">{urls}{drafts}</urlset>'
        packed = gzip.compress(text.encode(), mtime=0)
        return _conditional(request, packed, listed[-1].published_at, "application/gzip")

    async def article(request: Request) -> Response:
        site = _site(request)
        found = next((p for p in pieces(world, site) if p.slug == request.path_params["slug"]), None)
        if found is None:
            return Response("Not found", 404)
        base = _base(request, site)
        return Response(_page(site, found, base), media_type="text/html; charset=utf-8")

    return [
        Route("/{site}/feed.xml", feed),
        Route("/{site}/rss", moved),
        Route("/{site}/old.xml", gone),
        Route("/{site}/sitemap.xml", index),
        Route("/{site}/sitemap-{month}.xml.gz", month),
        Route("/{site}/{slug}", article),
    ]


async def robots(request: Request) -> Response:
    """The origin's robots.txt, to be mounted at `/robots.txt`: drafts of every site are off limits."""
    maps = "".join(f"Sitemap: {request.base_url}sites/{slug}/sitemap.xml\n" for slug in SITES)
    return Response(f"User-agent: *\nDisallow: /sites/*/drafts/\nCrawl-delay: 1\n\n{maps}", media_type="text/plain")


def pieces(world: World, site: Site) -> list[Piece]:
    """The site's articles that are published now, oldest first."""
    rng = random.Random(f"{world.seed}:{site.slug}")
    start = (world.epoch - timedelta(days=DAYS)).replace(hour=7, minute=0, second=0, microsecond=0)
    made: list[Piece] = []
    while True:
        number = len(made)
        at = start + site.every * number + timedelta(minutes=rng.randrange(240))
        if at > world.clock.now():
            return made
        copied = made[number - COPY_EVERY + 2] if site.copies and number % COPY_EVERY == COPY_EVERY - 1 else None
        topic = copied.topic if copied else rng.choice(TOPICS)
        text = copied.text if copied else paragraphs(rng, topic)
        title = f"{headline(rng, topic)} ({number})"
        slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
        made.append(Piece(number, slug, title, rng.choice(AUTHORS), topic, at, text))


def _site(request: Request) -> Site:
    found = SITES.get(request.path_params["site"])
    if found is None:
        raise HTTPException(404)
    return found


def _base(request: Request, site: Site) -> str:
    """The site's address, wherever it is mounted."""
    url = request.url
    return f"{url.scheme}://{url.netloc}{request.scope.get('root_path', '')}/{site.slug}"


def _conditional(request: Request, content: bytes, changed: datetime, kind: str) -> Response:
    """200 with validators, or 304 when the reader has this already (RFC 9110, 13.2.2: the ETag goes first)."""
    etag = f'"{hashlib.sha256(content).hexdigest()[:20]}"'
    headers = {"ETag": etag, "Last-Modified": format_datetime(changed.astimezone(UTC), usegmt=True)}
    known, since = request.headers.get("if-none-match"), request.headers.get("if-modified-since")
    if known is not None:
        same = known == etag
    else:
        same = since is not None and parsedate_to_datetime(since) >= changed.replace(microsecond=0)
    return Response(status_code=304, headers=headers) if same else Response(content, 200, headers, kind)


def _rss(site: Site, newest: Sequence[Piece], base: str) -> str:
    items = "".join(
        f"<item><title>{escape(p.title)}</title><link>{base}/{p.slug}?utm_source=rss</link>"
        f'<guid isPermaLink="false">{site.slug}-{p.number}</guid><category>{p.topic}</category>'
        f"<pubDate>{format_datetime(p.published_at, usegmt=True)}</pubDate>"
        f"<description>{escape(p.text[0][:160])}…</description></item>"
        for p in newest
    )
    head = f"<title>{escape(site.name)}</title><link>{base}/</link><description>Journal</description>"
    return f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"><channel>{head}{items}</channel></rss>'


def _atom(site: Site, newest: Sequence[Piece], base: str) -> str:
    entries = "".join(
        f'<entry><id>tag:{site.slug}.example,2026:{p.number}</id><title>{escape(p.title)}</title><link href="{base}/{p.slug}"/>'
        f"<published>{p.published_at.isoformat()}</published><updated>{p.published_at.isoformat()}</updated>"
        f"<author><name>{p.author}</name></author><summary>{escape(p.text[0][:160])}…</summary></entry>"
        for p in newest
    )
    head = f'<id>tag:{site.slug}.example,2026:feed</id><title>{escape(site.name)}</title><link href="{base}/"/>'
    updated = f"<updated>{newest[0].published_at.isoformat()}</updated>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?><feed xmlns="http://www.w3.org/2005/Atom">'
        f"{head}{updated}{entries}</feed>"
    )


def _page(site: Site, piece: Piece, base: str) -> str:
    """The article inside a page as such sites have them: navigation, an advertisement, related links, comments, footer."""
    half = len(piece.text) // 2
    first, second = ("".join(f"<p>{escape(p)}</p>" for p in part) for part in (piece.text[:half], piece.text[half:]))
    linked = json.dumps({
        "@context": "https://schema.org", "@type": "NewsArticle", "headline": piece.title,
        "datePublished": piece.published_at.isoformat(), "author": {"@type": "Person", "name": piece.author},
    }).replace("<", "\\u003c")  # fmt: skip
    return f"""<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>{escape(piece.title)} | {escape(site.name)}</title>
<link rel="canonical" href="{base}/{piece.slug}"><meta property="og:site_name" content="{escape(site.name)}">
<meta property="og:title" content="{escape(piece.title)}"><script type="application/ld+json">{linked}</script></head>
<body><header><nav><ul><li><a href="{base}/shop">Shop</a></li><li><a href="{base}/journal">Journal</a></li>
<li><a href="{base}/stores">Stores</a></li></ul></nav></header>
<div class="cookie-banner"><p>We use cookies to remember your basket. <button>Accept</button></p></div>
<main><article><h1>{escape(piece.title)}</h1><p class="byline">By <a href="{base}/authors">{piece.author}</a></p>
<div class="article-body">{first}<div class="advert"><p>Advertisement</p></div>{second}</div>
<p><a href="{base}/newsletter">Sign up for our newsletter</a></p></article>
<aside class="related"><h2>More from the journal</h2><ul><li><a href="{base}/a">Ten huts worth the climb</a></li>
<li><a href="{base}/b">What we pack in March</a></li></ul></aside>
<section class="comments"><h2>Comments</h2><div class="comment"><p>Great read, thanks.</p></div></section></main>
<footer><p>© {escape(site.name)}. All rights reserved. Prices include VAT.</p></footer></body></html>"""
