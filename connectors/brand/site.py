"""A brand's own web site as sources for its profile: the start page and a few pages that say who it is.

Read like a competitor's pages: over guarded connections, by `robots.txt` and at its pace, bounded in bytes and elements.
What is hidden on a page, and what stands around its content, is left out.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urldefrag, urljoin

from connectors.addresses import parse_address
from connectors.competitors.articles import MAX_BYTES, MAX_ELEMENTS
from connectors.competitors.fetching import Fetcher
from connectors.competitors.pace import Pace
from connectors.competitors.robots import Robots
from connectors.decoding import Bounds
from models.domain.site import BrandSource
from models.errors import ImportRefused

MOST_PAGES = 7
MOST_PARTS = 200
_BOUNDS = Bounds(MAX_BYTES)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_TELLING = (
    r"about|who-?we-?are|ueber-?uns|über-?uns|a-?propos|qui-sommes|nosotros|quienes",
    r"what-?we-?do|services?|products?|solutions?|leistungen|produkte|offer|servicios|productos",
    r"mission|values|our-story|story|company|unternehmen|team|history",
    r"customers?|clients?|for-|contact|kontakt|contacto|faq",
)
"""What the address or the words of a link to a telling page hold, the most telling first."""
_PROFILE_HOSTS = re.compile(
    r"(?:^|\.)(?:facebook|instagram|linkedin|youtube|twitter|x|tiktok|threads|pinterest|github|vimeo|bsky|medium)\."
    r"(?:com|app|net)$"
)
_ORGANISATIONS = {
    "Organization", "Corporation", "LocalBusiness", "NGO", "EducationalOrganization", "GovernmentOrganization",
    "NewsMediaOrganization", "Store", "Brand", "OnlineStore", "ProfessionalService", "Restaurant", "SportsOrganization",
}  # fmt: skip
_TOLD = (
    "name",
    "legalName",
    "alternateName",
    "slogan",
    "description",
    "disambiguatingDescription",
    "areaServed",
    "knowsAbout",
)


@dataclass(frozen=True)
class SiteReading:
    """The sources that could be read, start page first, and a sentence for each address that could not."""

    sources: tuple[BrandSource, ...]
    notes: tuple[str, ...]


def read_site(url: str, fetcher: Fetcher, *, pace: Pace, now: datetime, most: int = MOST_PAGES) -> SiteReading:
    """The start page at `url` and up to `most` − 1 telling pages of the same host.

    Raises `ImportRefused` when the start page cannot be read; other pages only leave a note.
    """
    robots = Robots(fetcher, pace, {}, now=now)
    start, own = _page(url, fetcher, robots, pace)
    sources, notes = [start], []
    seen = {start.id.rstrip("/"), url.rstrip("/")}
    for link in own:
        if len(sources) >= most:
            break
        if link.rstrip("/") in seen:
            continue
        seen.add(link.rstrip("/"))
        try:
            source, _ = _page(link, fetcher, robots, pace)
        except ImportRefused as refused:
            notes.append(str(refused))
            continue
        if source.id.rstrip("/") not in {known.id.rstrip("/") for known in sources}:
            sources.append(source)
    return SiteReading(tuple(sources), tuple(notes))


def _page(url: str, fetcher: Fetcher, robots: Robots, pace: Pace) -> tuple[BrandSource, list[str]]:
    """The page, and addresses of telling pages on its host, the most telling first."""
    if refusal := robots.refusal(url):
        raise ImportRefused(refusal.replace("another address of the competitor", "another address of the site"))
    pace.wait(parse_address(url).origin, robots.delay(url))
    fetched = fetcher.get(url, bounds=_BOUNDS)
    if fetched.status != 200:
        raise ImportRefused(f"{url} answered {fetched.status}: check the address.")
    return parse_page(fetched.content, fetched.url)


def parse_page(content: bytes, url: str) -> tuple[BrandSource, list[str]]:
    """A page as a source, and the addresses of telling pages on its host. Raises `ImportRefused` for what is no page."""
    import trafilatura
    from trafilatura.utils import decode_file

    if len(content) > MAX_BYTES:
        raise ImportRefused(f"{url} is larger than {MAX_BYTES // 1024**2} MiB, which no page of a brand is.")
    tree = trafilatura.load_html(_CONTROL.sub(" ", decode_file(content)))
    if tree is None or sum(1 for _ in tree.iter()) > MAX_ELEMENTS:
        raise ImportRefused(f"{url} is no web page that can be read: it is broken, or has too many parts.")
    links = list(_links(tree, url))
    told, profiles = _organisation(tree)
    parts = [*_head(tree), *told, *_text(tree)]
    host = parse_address(url).host.removeprefix("www.")
    elsewhere = [link for link, _ in links if _PROFILE_HOSTS.search(parse_address(link).host)]
    telling = sorted(
        (rank, link)
        for link, words in links
        if parse_address(link).host.removeprefix("www.") == host and (rank := _rank(link, words)) is not None
    )
    source = BrandSource(
        id=url, parts=tuple(dict.fromkeys(parts))[:MOST_PARTS], links=tuple(dict.fromkeys([*profiles, *elsewhere])),
        languages=tuple(dict.fromkeys(_languages(tree))),
    )  # fmt: skip
    return source, list(dict.fromkeys(link for _, link in telling))


def _rank(link: str, words: str) -> int | None:
    said = f"{parse_address(link).rest} {'-'.join(words.lower().split())}".lower()
    return next((rank for rank, pattern in enumerate(_TELLING) if re.search(rf"(?<![a-z])(?:{pattern})", said)), None)


def _head(tree: Any) -> Iterator[tuple[str, str]]:
    wanted = {
        "og:site_name": "site name", "description": "description", "og:description": "description", "og:title": "title",
    }  # fmt: skip
    for title in tree.iter("title"):
        if text := _line("".join(title.itertext())):
            yield "title", text
            break
    for meta in tree.iter("meta"):
        name = (meta.get("property") or meta.get("name") or "").lower()
        if name in wanted and (text := _line(meta.get("content") or "")):
            yield wanted[name], text


def _organisation(tree: Any) -> tuple[list[tuple[str, str]], list[str]]:
    """What structured data says of the organisation, and its profiles elsewhere."""
    told: list[tuple[str, str]] = []
    profiles: list[str] = []
    for entry in _structured(tree):
        kinds = entry.get("@type")
        if not _ORGANISATIONS.intersection([kinds] if isinstance(kinds, str) else kinds or []):
            continue
        for key in _TOLD:
            told += [(f"structured data, {key}", text) for text in _values(entry.get(key))]
        for address in entry["address"] if isinstance(entry.get("address"), list) else [entry.get("address")]:
            if isinstance(address, dict):
                place = [
                    _line(str(address.get(k) or "")) for k in ("addressLocality", "addressRegion", "addressCountry")
                ]
                told += [("structured data, address", ", ".join(p for p in place if p))] if any(place) else []
        profiles += [link for link in _values(entry.get("sameAs")) if _address(link, link) is not None]
    return told, profiles


def _structured(tree: Any) -> Iterator[dict[str, Any]]:
    """JSON-LD entries of the page, those inside a graph too; what is no JSON is passed over."""
    for script in tree.iter("script"):
        if (script.get("type") or "").strip().lower() != "application/ld+json":
            continue
        try:
            data = json.loads("".join(script.itertext()))
        except (ValueError, RecursionError):
            continue
        for entry in data if isinstance(data, list) else [data]:
            if isinstance(entry, dict):
                graph = entry.get("@graph")
                yield entry
                yield from (part for part in (graph if isinstance(graph, list) else []) if isinstance(part, dict))


def _values(value: Any) -> list[str]:
    found = value if isinstance(value, list) else [value]
    return [text for item in found if isinstance(item, str) and (text := _line(item))]


def _text(tree: Any) -> Iterator[tuple[str, str]]:
    """Headings, paragraphs and list items that a reader sees, in order."""
    kinds = {
        "h1": "heading",
        "h2": "heading",
        "h3": "heading",
        "p": "text",
        "li": "text",
        "blockquote": "text",
        "dd": "text",
    }
    for element in tree.iter(*kinds):
        if any(_beside(parent) for parent in (element, *element.iterancestors())):
            continue
        if (
            element.tag in ("li", "blockquote", "dd")
            and next(element.iter("p", "li", "h2", "h3"), element) is not element
        ):
            continue
        text = _line("".join(element.itertext()))
        if 3 <= len(text) <= 1_200:
            yield kinds[element.tag], text


def _beside(element: Any) -> bool:
    """Whether an element stands around the content, or is hidden from readers."""
    style = (element.get("style") or "").replace(" ", "").lower()
    return (
        element.tag in ("nav", "footer", "script", "style", "noscript", "template", "form", "dialog")
        or element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or (element.get("role") or "") in ("navigation", "contentinfo", "dialog")
        or "display:none" in style
        or "visibility:hidden" in style
        or "font-size:0" in style
    )


def _links(tree: Any, url: str) -> Iterator[tuple[str, str]]:
    for link in tree.iter("a"):
        found = _address(link.get("href") or "", url)
        if found is not None:
            yield found, _line("".join(link.itertext()))


def _address(href: str, url: str) -> str | None:
    """The absolute web address without its fragment, None for what is none."""
    try:
        return str(parse_address(urldefrag(urljoin(url, href.strip())).url))
    except (ImportRefused, ValueError):
        return None


def _languages(tree: Any) -> Iterator[str]:
    stated = [tree.get("lang"), *(link.get("hreflang") for link in tree.iter("link"))]
    for text in stated:
        code = (text or "").strip().replace("_", "-")
        if re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*", code):
            yield code


def _line(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())
