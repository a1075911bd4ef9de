"""Article texts: the shared pages by the usual measure, what a page says about itself, and pages that mean harm."""

from __future__ import annotations

import gzip
import json
import re
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.competitors.articles import extract_article
from models.errors import ImportRefused

PARAGRAPH = "The warden of the upper hut keeps a list of every pair of boots that came apart on the way up this year."


def shingles(text: str, size: int = 4) -> Counter[tuple[str, ...]]:
    words = re.findall(r"\w+", text)
    return Counter(tuple(words[at : at + size]) for at in range(max(1, len(words) - size + 1))) if words else Counter()


def measure(true: str, found: str) -> tuple[float, float]:
    """Precision and recall over the multiset of 4-word shingles of one page."""
    a, b = shingles(true), shingles(found)
    both = sum((a & b).values())
    return (both / sum(b.values()) if b else 0.0), (both / sum(a.values()) if a else 0.0)


def test_f1_on_the_shared_pages(shared_data: Path) -> None:
    """Precision and recall of each page are averaged over pages; F1 is the harmonic mean of the two averages.

    This is the measure of Scrapinghub's article extraction benchmark. Measured: P 0.956, R 0.983, F1 0.9695.
    """
    folder = shared_data / "article_extraction"
    truth = json.loads((folder / "ground-truth.json").read_text(encoding="utf-8"))
    pages = []
    for name, page in truth.items():
        content = gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes())
        pages.append(measure(page["articleBody"], extract_article(content, page["url"]).text))
    precision, recall = (sum(part) / len(pages) for part in zip(*pages, strict=True))
    assert len(pages) == 84
    assert 2 * precision * recall / (precision + recall) >= 0.965


def page(body: str, head: str = "", attributes: str = ' lang="en-GB"') -> bytes:
    return f"<html{attributes}><head><meta charset='utf-8'><title>Boots | Site</title>{head}</head><body>{body}</body></html>".encode()


def text(count: int = 4) -> str:
    return "".join(f"<p>{PARAGRAPH} Number {n}.</p>" for n in range(count))


def test_what_a_page_says_about_its_article() -> None:
    head = (
        '<link rel="canonical" href="/boots"><meta property="og:title" content="Boots">'
        '<meta name="author" content="Ines Falk"><script type="application/ld+json">{"@graph": [{"@type": "Article",'
        '"datePublished": "2026-11-01T08:30:00+01:00"}]}</script>'
    )
    found = extract_article(
        page(f"<article><h1>Boots</h1>{text()}</article>", head), "https://www.site.example/boots?utm_source=x"
    )
    assert (found.url, found.title, found.authors, found.language) == (
        "https://www.site.example/boots", "Boots", ("Ines Falk",), "en-GB",
    )  # fmt: skip
    assert found.published == datetime(2026, 11, 1, 7, 30, tzinfo=UTC)
    assert found.text.startswith(PARAGRAPH), "the headline is not part of the text"


@pytest.mark.parametrize(
    "address",
    ["https://other.example/boots", "javascript:alert(1)", "http://user:p@site.example/", "https://[bad/", "/", ""],
)
def test_a_canonical_address_of_somebody_else_is_not_believed(address: str) -> None:
    head = f'<link rel="canonical" href="{address}">'
    assert extract_article(page(text(), head), "https://site.example/boots").url == "https://site.example/boots"


def test_parts_of_a_split_body_are_joined() -> None:
    part = '<div class="grid body__container">{}</div>'
    body = f"<article>{part.format(text(2))}<div class='ad'><p>Advertisement</p></div>{part.format(text(3).replace('boots', 'poles'))}</article>"
    found = extract_article(page(body), "https://site.example/a").text
    assert (found.count("boots"), found.count("poles"), "Advertisement" in found) == (2, 3, False)


def test_comments_are_no_part_of_a_split_body() -> None:
    comments = "".join(f'<div class="comment-body">{text(2).replace("boots", "rubbish")}</div>' for _ in range(3))
    found = extract_article(
        page(f"<article><div class='entry'>{text(4)}</div></article>{comments}"), "https://site.example/a"
    )
    assert "rubbish" not in found.text


def test_paragraphs_that_are_one_link_are_left_out() -> None:
    body = f"<article>{text(2)}<p><a href='/x'>READ MORE ABOUT OUR SALE</a></p><p>See <a href='/y'>the list</a> of huts that stay open.</p>{text(2)}</article>"
    found = extract_article(page(body), "https://site.example/a").text
    assert "SALE" not in found
    assert "the list" in found


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [("utf-8", None), ("iso-8859-1", "iso-8859-1"), ("windows-1252", "no-such-charset"), ("utf-16", "utf-16"), ("utf-8-sig", "latin-1")],
)  # fmt: skip
def test_the_charset_is_found(encoding: str, declared: str | None) -> None:
    meta = "" if encoding in ("iso-8859-1", "utf-16") else f"<meta charset='{encoding.removesuffix('-sig')}'>"
    html = f"<html><head>{meta}<title>Übermut</title></head><body>{text().replace('hut', 'Hütte')}</body></html>"
    assert "Hütte" in extract_article(html.encode(encoding), "https://site.example/a", charset=declared).text


MIB = 1024 * 1024


@pytest.mark.parametrize(
    "content",
    [b"", b"   ", b"\x00" * 1_000, b"%PDF-1.7 ...", gzip.compress(b"\0" * MIB), b"PK\x03\x04", b"<html></html>", b"<" * 10_000,
     b"<html><body>" + b"<div>" * 50_000, b"<html><body>" + b"<p><a>b</a></p>" * 30_000, b"x" * (3 * MIB + 1), b'{"a": 1}',
     b"<html><body><script>document.write('all')</script></body></html>", bytes(range(256)) * 20],
)  # fmt: skip
def test_what_is_no_article_is_one_sentence(content: bytes) -> None:
    with pytest.raises(ImportRefused) as refused:
        extract_article(content, "https://site.example/a")
    assert "\n" not in str(refused.value)


def test_entities_of_a_page_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the-secret", encoding="utf-8")
    doctype = f'<!DOCTYPE html [<!ENTITY e SYSTEM "{secret.as_uri()}"><!ENTITY lol "{"lol" * 1000}">]>'
    found = extract_article(
        doctype.encode() + page(f"{text()}<p>{PARAGRAPH} &e; &lol;</p>"), "https://site.example/a"
    ).text
    assert "the-secret" not in found
    assert "lollol" not in found.replace("&lol;", "")


def test_structured_data_that_is_broken_costs_only_itself() -> None:
    for broken in (
        "{",
        "[" * 100_000,
        '{"datePublished": 5}',
        '{"datePublished": "yesterday"}',
        "[1, null]",
        '{"@graph": 3}',
    ):
        found = extract_article(
            page(text(), f'<script type="application/ld+json">{broken}</script>'), "https://site.example/a"
        )
        assert found.text.startswith(PARAGRAPH)
