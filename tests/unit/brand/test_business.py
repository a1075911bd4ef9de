"""What a brand says of itself: read from a site on loopback and from posts, every statement with its quotation."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import TypeVar

import pytest
from pydantic import BaseModel

from connectors.brand.site import SiteReading, parse_page, read_site
from connectors.competitors.fetching import WebFetcher
from connectors.competitors.pace import Pace
from connectors.guard import LOCAL, PUBLIC
from models.domain.ai import TextAnswer, TextRequest, Tokens
from models.domain.brand_study import StatementKind
from models.domain.site import BrandSource
from models.errors import ImportRefused, ModelDown
from models.generation.profile_writing import ProfileAnswer, StatementAnswer, write_profile
from models.insight.business_profile import study_business, verified

A = TypeVar("A", bound=BaseModel)
NOW = datetime(2026, 11, 23, tzinfo=UTC)
START = """<html lang="en-GB"><head><title>River Trust | Home</title>
<meta name="description" content="River Trust looks after the rivers of the valley with volunteers and schools.">
<meta property="og:site_name" content="River Trust">
<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "NGO", "name": "River Trust",
 "slogan": "Every river matters", "address": {"addressLocality": "Hexham", "addressCountry": "GB"},
 "sameAs": ["https://www.instagram.com/rivertrust", "javascript:alert(1)"]}]}</script>
<script type="application/ld+json">{broken</script>
<link rel="alternate" hreflang="cy" href="/cy/"></head>
<body><nav><a href="/about-us">About us</a><a href="/what-we-do">What we do</a><a href="/private/about">About the board</a>
<a href="https://elsewhere.example/about">About others</a><a href="/news/1">News</a></nav>
<h1>Clean water, living rivers</h1>
<p>We help families and schools near the river to look after it.</p>
<p style="display: none">We are the only trust that sends your password to everyone.</p>
<div hidden><p>We offer hidden things to nobody at all.</p></div>
<footer><p>We are the footer of the page.</p></footer></body></html>"""
PAGES = {
    "/": START,
    "/robots.txt": "User-agent: *\nDisallow: /private/\n",
    "/about-us": "<html><body><h2>Who we are</h2><p>River Trust is a charity of neighbours. Unlike other trusts, we start with the "
    "smallest streams. Are we the best? “We are the greatest,” said a visitor.</p><p>We are based in Hexham.</p></body></html>",
    "/what-we-do": "<html><body><ul><li>We run river walks every Saturday.</li><li>We offer free water tests to farmers.</li></ul></body></html>",
    "/private/about": "<html><body><p>We are a secret society.</p></body></html>",
}


@pytest.fixture
def site() -> Iterator[tuple[str, list[str]]]:
    asked: list[str] = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            body = PAGES.get(self.path, "").encode()
            self.send_response(200 if self.path in PAGES else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", asked
    server.shutdown()
    server.server_close()


def read(url: str) -> SiteReading:
    return read_site(url, WebFetcher(LOCAL), pace=Pace(0.0), now=NOW)


def test_the_profile_of_a_site_quotes_its_own_sentences(site: tuple[str, list[str]]) -> None:
    found = read(site[0])
    profile = study_business("river-trust", "River Trust", found.sources)
    said = {kind: [statement.quote for statement in profile.of(kind)] for kind in StatementKind}
    assert said[StatementKind.NAME] == ["River Trust"]
    assert said[StatementKind.WHAT][0].startswith("River Trust looks after the rivers")
    assert "River Trust is a charity of neighbours." in said[StatementKind.WHAT]
    assert set(said[StatementKind.OFFER]) == {
        "We run river walks every Saturday.",
        "We offer free water tests to farmers.",
    }
    assert "We help families and schools near the river to look after it." in said[StatementKind.AUDIENCE]
    assert said[StatementKind.POSITIONING][0] == "Every river matters"
    assert "Unlike other trusts, we start with the smallest streams." in said[StatementKind.POSITIONING]
    assert said[StatementKind.PLACE] == ["Hexham, GB", "We are based in Hexham."]
    assert all(verified(statement, found.sources) for statement in profile.statements)
    assert (profile.languages, profile.links) == (("en-GB", "cy"), ("https://www.instagram.com/rivertrust",))
    assert profile.missing == ()


def test_what_is_hidden_asked_quoted_or_around_the_content_is_no_statement(site: tuple[str, list[str]]) -> None:
    profile = study_business("river-trust", "River Trust", read(site[0]).sources)
    everything = " ".join(statement.quote for statement in profile.statements)
    for foreign in ("password", "hidden things", "footer", "greatest", "Are we the best", "secret"):
        assert foreign not in everything


def test_robots_and_other_hosts_are_respected(site: tuple[str, list[str]]) -> None:
    url, asked = site
    found = read(url)
    assert asked[0] == "/robots.txt"
    assert set(asked) == {"/robots.txt", "/", "/about-us", "/what-we-do"}
    assert any("robots.txt does not allow it" in note for note in found.notes)
    assert [source.id.rpartition("/")[2] for source in found.sources] == ["", "about-us", "what-we-do"]


def test_a_start_page_that_is_missing_or_private_is_refused(site: tuple[str, list[str]]) -> None:
    with pytest.raises(ImportRefused, match="answered 404"):
        read(f"{site[0]}nothing")
    heard = len(site[1])
    with pytest.raises(ImportRefused, match="was not read"):
        read_site(site[0], WebFetcher(PUBLIC), pace=Pace(0.0), now=NOW)
    assert len(site[1]) == heard


POSTS = [
    BrandSource("web/1", (("post", "At River Trust, we work with schools and families along the river."),), page=False),
    BrandSource(
        "web/2",
        (("post", "The mill is a museum. We were a club once. River Trust is a charity of neighbours."),),
        page=False,
    ),
    BrandSource(
        "web/3", (("post", "They said that we offer nothing. We offer walks to everyone on Sundays."),), page=False
    ),
]


def test_posts_speak_for_the_brand_only_where_it_is_the_subject() -> None:
    profile = study_business("river-trust", "river trust", POSTS)
    assert {statement.quote for statement in profile.statements} == {
        "At River Trust, we work with schools and families along the river.", "River Trust is a charity of neighbours.",
        "We offer walks to everyone on Sundays.",
    }  # fmt: skip
    assert profile.sources == ("3 own posts",)
    assert "Not found: where it is." in profile.missing


class Answering:
    """A text generator that gives what it was made with, or fails with it."""

    def __init__(self, given: ProfileAnswer | ModelDown) -> None:
        self.given = given
        self.asked: list[TextRequest[BaseModel]] = []

    def generate(self, request: TextRequest[A], on_text: Callable[[str], None] | None = None) -> TextAnswer[A]:
        self.asked.append(request)  # type: ignore[arg-type]
        if isinstance(self.given, ModelDown):
            raise self.given
        return TextAnswer(request.answer.model_validate(self.given.model_dump()), "made", "up-1", Tokens(), 0.1)


def answer(**statements: Mapping[str, object]) -> ProfileAnswer:
    return ProfileAnswer(statements=tuple(StatementAnswer(**value) for value in statements.values()))  # type: ignore[arg-type]


def test_a_model_is_believed_where_its_quotation_stands_and_bears_it_out() -> None:
    found = study_business("river-trust", "River Trust", POSTS)
    good = {
        "kind": "offer",
        "text": "Walks on Sundays for everyone.",
        "quote": "We offer walks to everyone on Sundays.",
        "source": 2,
    }
    generator = Answering(
        answer(
            good=good,
            invented={**good, "quote": "We offer free boats to everyone."},
            elsewhere={**good, "source": 1},
            nowhere={**good, "source": 9},
            number={**good, "text": "Walks for 400 people on Sundays."},
            name={**good, "text": "Walks with Greenpeace on Sundays."},
            link={**good, "text": "Walks, see http://evil.example now."},
        )
    )
    written = write_profile(found, "River Trust", POSTS, generator)
    assert [statement.text for statement in written.of(StatementKind.OFFER)] == ["Walks on Sundays for everyone."]
    assert written.writer == "made/up-1"
    assert written.of(StatementKind.WHAT) == found.of(StatementKind.WHAT)
    assert "6 of the model's statements were dropped" in written.missing[-1]
    assert all(verified(statement, POSTS) for statement in written.statements)
    (asked,) = generator.asked
    assert asked.prompt_version.startswith("profile-")
    assert "Ignore" not in asked.instructions
    assert "walks to everyone" in asked.prompt


def test_a_model_that_fails_leaves_the_rules_profile_and_says_why() -> None:
    found = study_business("river-trust", "River Trust", POSTS)
    down = ModelDown("made/up-1", cause="the provider did not answer in time", next_step="try again later")
    written = write_profile(found, "River Trust", POSTS, Answering(down))
    assert written.statements == found.statements
    assert written.missing[-1] == "Found by rule, because no model could write: the provider did not answer in time."


def test_real_pages_are_read_without_an_error_and_only_quoted(shared_data: Path) -> None:
    """84 foreign pages of all kinds: each is a source or a sentence, and every statement stands in its page."""
    statements = 0
    for path in sorted((shared_data / "article_extraction" / "html").glob("*.html.gz")):
        url = f"https://site.example/{path.name}"
        source, _ = parse_page(gzip.decompress(path.read_bytes()), url)
        profile = study_business("w", "Site", [source])
        statements += len(profile.statements)
        assert all(verified(statement, [source]) for statement in profile.statements)
        assert all(link.startswith(("https://", "http://")) for link in profile.links)
    assert statements > 84
