"""The article on a web page: its text without the page around it, and what the page says about it.

trafilatura does the work; around it stand general repairs that its own options leave open (measured in the tests):
bodies split by advertisements are joined, paragraphs that are one link are left out, and the headline is not part of the
text. The page is hostile: it is bounded, decoded here (never unpacked), and parsed without entities or network.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from connectors.addresses import parse_address
from connectors.files.frontmatter import instant
from models.errors import ImportRefused

MAX_BYTES = 3 * 1024 * 1024
MAX_ELEMENTS = 60_000
"""A page of more elements is no article; extraction takes time by their number."""
_LINKED_SHARE = 0.9
_LONG = 80
"""Characters from which a paragraph counts as running text."""
_LINK_LINE = 300
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_PACKED = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"%PDF")
_NOT_BODY = re.compile(r"comment|reply|review|related|teaser|promo|card|sidebar|footer", re.IGNORECASE)
_ADVERT = {"ad", "ads", "advert", "adverts", "advertisement", "advertising", "ad-slot", "ad-container", "ad-wrapper"}
_WORD = re.compile(r"\w+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_PUBLISHED = ("article:published_time", "og:article:published_time", "datepublished", "date", "dc.date", "pubdate")


@dataclass(frozen=True)
class Article:
    """One article. `url` is the address it calls its own, where that lies on the same host; else where it was found.

    `published` is an instant where the page gives one, midnight UTC where it gives a day only, None where it gives none.
    """

    url: str
    title: str | None
    text: str
    authors: tuple[str, ...]
    published: datetime | None
    language: str | None
    tags: tuple[str, ...] = ()


def extract_article(content: bytes, url: str, *, charset: str | None = None) -> Article:
    """The article on a page found at `url`. Raises `ImportRefused` with one sentence when there is none.

    `charset` is what the server declared, if anything.
    """
    import trafilatura

    if len(content) > MAX_BYTES:
        raise ImportRefused(f"{url} is larger than {MAX_BYTES // 1024**2} MiB, which no article is.")
    if content.startswith(_PACKED):
        raise ImportRefused(f"{url} is a packed file, not a web page.")
    tree = trafilatura.load_html(_CONTROL.sub(" ", _decoded(content, charset)))
    if tree is None or sum(1 for _ in tree.iter()) > MAX_ELEMENTS:
        raise ImportRefused(f"{url} is no web page that can be read: it is broken, or has too many parts.")
    language, published, own = _language(tree), _published(tree), _own_address(tree, url)
    _drop_advertisements(tree)
    _join_split_bodies(tree)
    _drop_link_paragraphs(tree)
    try:
        found = trafilatura.bare_extraction(
            tree, url=url, fast=True, include_comments=False, include_tables=True, with_metadata=True
        )
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, RecursionError) as error:
        raise ImportRefused(f"{url} could not be read as an article ({type(error).__name__}).") from error
    text = (found.text or "").strip() if found is not None and not isinstance(found, dict) else ""
    if found is None or isinstance(found, dict) or not text:
        raise ImportRefused(f"{url} has no article text: it may be an overview, or filled in by a script.")
    return Article(
        url=own or url,
        title=found.title or None,
        text=_without_headline(text, found.title),
        authors=tuple(dict.fromkeys(name.strip() for name in (found.author or "").split(";") if name.strip())),
        published=published or instant(found.date),
        language=language,
        tags=tuple(dict.fromkeys(tag for tag in (found.tags or []) if tag)),
    )


def _decoded(content: bytes, charset: str | None) -> str:
    """The page as text: by byte-order mark, by the server's word, by the page's own, as UTF-8, and by guess at last."""
    from trafilatura.utils import decode_file

    if content.startswith(codecs.BOM_UTF8):
        return content.decode("utf-8-sig", "replace")
    stated = _META_CHARSET.search(content[:4096])
    for name in (charset, stated.group(1).decode("ascii") if stated else None, "utf-8"):
        try:
            if name and codecs.lookup(name).name not in ("utf-7", "idna", "punycode"):
                return content.decode(name)
        except (LookupError, ValueError):
            continue
    return decode_file(content)


def _drop_advertisements(tree: Any) -> None:
    """Removes what a page itself calls an advertisement."""
    for element in list(tree.iter("div", "aside", "section", "p")):
        if _ADVERT.intersection((element.get("class") or "").lower().split()) and element.getparent() is not None:
            _remove(element)


def _join_split_bodies(tree: Any) -> None:
    """Moves the parts of a text that stand in several containers of one kind into the first of them."""
    kinds: dict[tuple[str, str], list[Any]] = {}
    for element in tree.iter("div", "section"):
        kind = element.get("class")
        if kind and not _NOT_BODY.search(kind) and sum(_is_long(child) for child in element) >= 2:
            kinds.setdefault((element.tag, kind), []).append(element)
    for first, *others in kinds.values():
        home = _nearest(first, ("article", "main"))
        for other in others:
            inside = any(parent is first for parent in other.iterancestors())
            if _nearest(other, ("article", "main")) is home and not inside:
                first.extend(list(other))


def _is_long(element: Any) -> bool:
    return element.tag == "p" and len(" ".join(element.itertext())) >= _LONG


def _nearest(element: Any, tags: tuple[str, ...]) -> Any:
    return next((parent for parent in element.iterancestors(*tags)), None)


def _drop_link_paragraphs(tree: Any) -> None:
    """Removes paragraphs that are nothing but a link: invitations to read something else."""
    for paragraph in list(tree.iter("p")):
        whole = len("".join(paragraph.itertext()).strip())
        linked = sum(len("".join(link.itertext()).strip()) for link in paragraph.iter("a"))
        if 0 < whole <= _LINK_LINE and linked >= _LINKED_SHARE * whole and paragraph.getparent() is not None:
            _remove(paragraph)


def _remove(element: Any) -> None:
    """Takes an element out and keeps the text after it."""
    tail, before, parent = element.tail, element.getprevious(), element.getparent()
    if tail and before is not None:
        before.tail = (before.tail or "") + tail
    elif tail:
        parent.text = (parent.text or "") + tail
    parent.remove(element)


def _without_headline(text: str, title: str | None) -> str:
    """The text without its headline, where that stands in front of it."""
    first, _, rest = text.partition("\n")
    head, line = (_WORD.findall((part or "").casefold()) for part in (title, first))
    return rest.strip() if rest.strip() and head and line and line == head[: len(line)] else text


def _language(tree: Any) -> str | None:
    """The language that the page declares, as in BCP 47, e.g. `en` or `pt-BR`."""
    stated = [tree.get("lang"), tree.get("{http://www.w3.org/XML/1998/namespace}lang")]
    stated += [value for name, value in _metas(tree) if name in ("og:locale", "content-language", "language")]
    for text in stated:
        if text and _LANGUAGE.fullmatch(text.strip()):
            return str(text).strip().replace("_", "-")
    return None


def _published(tree: Any) -> datetime | None:
    """The instant at which the page says it was published, from its structured data or its head."""
    stated = [entry["datePublished"] for entry in _structured(tree) if isinstance(entry.get("datePublished"), str)]
    stated += [value for name in _PUBLISHED for key, value in _metas(tree) if key == name]
    return next((moment.astimezone(UTC) for text in stated if (moment := instant(text.strip())) is not None), None)


def _own_address(tree: Any, url: str) -> str | None:
    """The canonical address, if it is one and lies on the page's own host."""
    stated = [link.get("href") for link in tree.iter("link") if "canonical" in (link.get("rel") or "").lower().split()]
    stated += [value for name, value in _metas(tree) if name == "og:url"]
    for text in stated:
        try:
            here, found = parse_address(url), parse_address(urljoin(url, (text or "").strip()))
        except (ImportRefused, ValueError):
            continue
        if found.host.removeprefix("www.") == here.host.removeprefix("www.") and (
            found.rest.strip("/") or not here.rest.strip("/")
        ):
            return str(found)
    return None


def _metas(tree: Any) -> Iterator[tuple[str, str]]:
    for meta in tree.iter("meta"):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop") or meta.get("http-equiv")
        if name and meta.get("content"):
            yield name.lower(), meta.get("content")


def _structured(tree: Any) -> Iterator[dict[str, Any]]:
    """The objects of the page's JSON-LD, at most two levels deep."""
    for script in tree.iter("script"):
        if (script.get("type") or "").lower() != "application/ld+json":
            continue
        try:
            document = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):
            continue
        for entry in _objects(document):
            yield entry
            yield from _objects(entry.get("@graph"))


def _objects(value: object) -> Iterable[dict[str, Any]]:
    return [entry for entry in (value if isinstance(value, list) else [value]) if isinstance(entry, dict)]
