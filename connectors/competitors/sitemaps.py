"""Sitemaps (sitemaps.org protocol 0.9): URL sets, index files, gzip, plain text lists, news dates.

A sitemap speaks for its own host only; what it names elsewhere is left out and counted. XML is read without entities,
external or internal, and without network.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.addresses import parse_address
from connectors.decoding import Bounds, gunzip
from connectors.files.frontmatter import instant
from models.errors import ImportRefused

MAX_URLS = 50_000
BOUNDS = Bounds(50 * 1024 * 1024, seconds=120.0)
"""The protocol's limits per file: 50,000 addresses, 50 MB unpacked."""
_YEAR_OR_MONTH = re.compile(r"(\d{4})(-\d{2})?")
_ENTITY = re.compile(rb"<!ENTITY", re.IGNORECASE)


@dataclass(frozen=True)
class SitemapEntry:
    """One address. `changed` is its `lastmod`, `published` the date of a news sitemap; UTC, None when not given."""

    url: str
    changed: datetime | None = None
    published: datetime | None = None
    title: str | None = None


@dataclass(frozen=True)
class Sitemap:
    """One file. An index names further sitemaps, a set names pages. `foreign` and `broken` count what was left out.

    `note` is a sentence for what could not be read to its end.
    """

    index: bool
    entries: tuple[SitemapEntry, ...]
    foreign: int = 0
    broken: int = 0
    note: str | None = None


def looks_like_sitemap(content: bytes) -> bool:
    """Whether a document's head names it a sitemap."""
    head = content[:4096].lower()
    return b"<urlset" in head or b"<sitemapindex" in head or b":urlset" in head or b":sitemapindex" in head


def parse_sitemap(content: bytes, url: str) -> Sitemap:
    """The sitemap found at `url`, unpacked first where it is gzip. Raises `ImportRefused` with one sentence."""
    plain = gunzip(url, content, BOUNDS)
    if len(plain) > BOUNDS.max_bytes:
        raise ImportRefused(f"{url} is larger than {BOUNDS.max_bytes // 1024**2} MiB, which no sitemap may be.")
    head = plain.lstrip(b"\xef\xbb\xbf \t\r\n")[:9].lower()
    if head.startswith((b"http://", b"https://")):
        lines = plain.decode("utf-8-sig", "replace").split()
        return _of_host([SitemapEntry(line) for line in lines[: MAX_URLS + 1]], url, index=False)
    if not plain.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and not plain.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ImportRefused(f"{url} is neither XML nor a list of addresses, so it is no sitemap: check the address.")
    if _ENTITY.search(plain):
        raise ImportRefused(f"{url} declares XML entities, which no sitemap needs, so it was not read.")
    return _xml(plain, url)


def _xml(content: bytes, url: str) -> Sitemap:
    from lxml import etree  # type: ignore[import-untyped]

    root = note = None
    entries: list[SitemapEntry] = []
    try:
        parsing = etree.iterparse(
            io.BytesIO(content), events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False,
            huge_tree=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        for event, element in parsing:
            name = _name(element)
            if root is None:
                root = name
                if root not in ("urlset", "sitemapindex"):
                    raise ImportRefused(f"{url} is no sitemap: its outermost element is {root!r}; check the address.")
            elif event == "end" and name in ("url", "sitemap"):
                entries.append(_entry(element))
                element.clear()
                if len(entries) > MAX_URLS:
                    break
    except etree.XMLSyntaxError as error:
        if not entries:
            raise ImportRefused(f"{url} is not well-formed XML ({error.msg}): check the address.") from None
        note = f"{url} is not well formed ({error.msg}); {len(entries):,} addresses could be read."
    return _of_host(entries, url, index=root == "sitemapindex", note=note)


def _entry(element: Any) -> SitemapEntry:
    said: dict[str, str] = {}
    for child in element.iter():
        parent = child.getparent()
        direct = parent is element or _name(child).startswith(("publication_date", "title"))
        if direct and child is not element and child.text:
            said.setdefault(_name(child), child.text.strip())
    return SitemapEntry(
        said.get("loc", ""), w3c_instant(said.get("lastmod")), w3c_instant(said.get("publication_date")),
        said.get("title") or None,
    )  # fmt: skip


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _of_host(entries: list[SitemapEntry], url: str, *, index: bool, note: str | None = None) -> Sitemap:
    home = parse_address(url).host.removeprefix("www.")
    kept: dict[str, SitemapEntry] = {}
    foreign = broken = 0
    for entry in entries[:MAX_URLS]:
        try:
            address = parse_address(entry.url)
        except ImportRefused:
            broken += 1
            continue
        if address.host.removeprefix("www.") != home:
            foreign += 1
        else:
            kept.setdefault(str(address), SitemapEntry(str(address), entry.changed, entry.published, entry.title))
    if len(entries) > MAX_URLS:
        note = f"{url} names more than {MAX_URLS:,} addresses; the rest was left out."
    return Sitemap(index, tuple(kept.values()), foreign, broken, note)


def w3c_instant(text: str | None) -> datetime | None:
    """A W3C datetime (year, month, day, or an instant) in UTC; None for anything else."""
    if not text:
        return None
    if found := _YEAR_OR_MONTH.fullmatch(text.strip()):
        return instant(f"{found[1]}{found[2] or '-01'}-01")
    return instant(text)
