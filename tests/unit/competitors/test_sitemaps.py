"""Sitemaps: dates, hosts, gzip, bounds, and what is none."""

from __future__ import annotations

import gzip

import pytest

from connectors.competitors.sitemaps import MAX_URLS, parse_sitemap, w3c_instant
from models.errors import ImportRefused

HOME = "https://www.site.example/sitemap.xml"
HEAD = '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">'


def urls(*locations: str) -> bytes:
    return (HEAD + "".join(f"<url><loc>{loc}</loc></url>" for loc in locations) + "</urlset>").encode()


@pytest.mark.parametrize(
    ("text", "instant"),
    [("2026", "2026-01-01T00:00:00"), ("2026-07", "2026-07-01T00:00:00"), ("2026-07-09", "2026-07-09T00:00:00"),
     ("2026-07-09T10:30+02:00", "2026-07-09T08:30:00"), ("2026-07-09T10:30:15Z", "2026-07-09T10:30:15"),
     (" 2026-07-09T10:30:15.25-05:00 ", "2026-07-09T15:30:15.250000"), ("2026-13", None), ("soon", None), ("", None)],
)  # fmt: skip
def test_w3c_datetimes(text: str, instant: str | None) -> None:
    found = w3c_instant(text)
    assert (found.isoformat().removesuffix("+00:00") if found else None) == instant


def test_only_the_own_host_is_listed_and_once() -> None:
    found = parse_sitemap(
        urls(" https://site.example/a ", "https://www.site.example/b", "https://www.site.example/b", "https://evil.example/c",
             "http://127.0.0.1/d", "file:///etc/passwd", "/relative", ""), HOME,
    )  # fmt: skip
    assert [entry.url for entry in found.entries] == ["https://site.example/a", "https://www.site.example/b"]
    assert (found.foreign, found.broken) == (2, 3)


def test_news_dates_and_images_are_told_apart() -> None:
    text = (
        f"{HEAD}<url><loc>https://www.site.example/a</loc><lastmod>2026-07-02</lastmod><news:news>"
        "<news:publication><news:name>S</news:name></news:publication><news:publication_date>2026-07-01T05:00:00Z"
        "</news:publication_date><news:title>Boots &amp; poles</news:title></news:news>"
        "<image:image xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'><image:loc>https://cdn.example/i.png"
        "</image:loc></image:image></url></urlset>"
    )
    (entry,) = parse_sitemap(text.encode(), HOME).entries
    assert (entry.url, entry.title) == ("https://www.site.example/a", "Boots & poles")
    assert (f"{entry.published:%Y-%m-%d %H}", f"{entry.changed:%Y-%m-%d}") == ("2026-07-01 05", "2026-07-02")


def test_gzip_text_lists_and_encodings() -> None:
    assert len(parse_sitemap(gzip.compress(urls("https://site.example/a")), HOME).entries) == 1
    assert len(parse_sitemap(b"https://site.example/a\r\nhttps://site.example/b\n", HOME).entries) == 2
    wide = f'<?xml version="1.0" encoding="UTF-16"?>{urls("https://site.example/ä").decode()}'.encode("utf-16")
    assert [entry.url for entry in parse_sitemap(wide, HOME).entries] == ["https://site.example/ä"]


def test_what_is_cut_says_so() -> None:
    many = parse_sitemap(urls(*(f"https://site.example/{n}" for n in range(MAX_URLS + 5))), HOME)
    assert len(many.entries) == MAX_URLS
    assert "more than 50,000" in str(many.note)
    torn = parse_sitemap(urls("https://site.example/a", "https://site.example/b")[:-20], HOME)
    assert len(torn.entries) >= 1
    assert "not well formed" in str(torn.note)


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"<html><body/></html>", b"<rss/>", b"<urlset", b"\x1f\x8bxx", gzip.compress(b"\0" * 10_000_000),
     b"<!DOCTYPE x [<!ENTITY a 'b'>]><urlset/>", b"\xff\xfe\x00", b"<?xml version='1.0' encoding='no-such'?><urlset/>"],
)  # fmt: skip
def test_what_is_no_sitemap_is_one_sentence(content: bytes) -> None:
    with pytest.raises(ImportRefused) as refused:
        parse_sitemap(content, HOME)
    assert "\n" not in str(refused.value)
