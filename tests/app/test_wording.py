"""Numbers, foreign text and differences as people read them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.components import diff, numbers
from app.components.checks import check_lines
from app.components.entry import local_instant
from app.components.text import block, excerpt, first_sentence, headline, plain, safe_url
from models.errors import InvalidInput
from models.generation.checks.outcome import not_judged, note


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "–"), (0, "0"), (7, "7"), (0.42, "0.42"), (980, "980"), (999.7, "1 k"), (1000, "1 k"), (12_431, "12.4 k"),
        (999_600, "1 M"), (1_234_567, "1.23 M"), (-12_431, "-12.4 k"),
    ],
)  # fmt: skip
def test_cards_show_three_digits(value: float | None, shown: str) -> None:
    assert numbers.short(value) == shown


@pytest.mark.parametrize(
    ("ratio", "shown"), [(None, "–"), (0.0, "0.0%"), (0.0004, "<0.1%"), (0.0123, "1.2%"), (12.5, "1,250.0%")]
)
def test_percentages_have_one_decimal(ratio: float | None, shown: str) -> None:
    assert numbers.percent(ratio) == shown


def test_facts_are_said_in_their_unit() -> None:
    assert numbers.fact_value(0.81, "percentile") == "81st percentile"
    assert numbers.fact_value(3.5, "per_week") == "3.5 a week"
    assert numbers.fact_value(1, "posts") == "1 post"
    assert numbers.fact_value(2, "weekday") == "Tuesday"
    assert numbers.fact_value(None, "posts") == "–"


def test_times_are_in_the_given_zone() -> None:
    assert numbers.instant(datetime(2026, 7, 1, 22, 30, tzinfo=UTC), ZoneInfo("Europe/Berlin")) == "2 Jul 2026, 00:30"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        " JAVASCRIPT:alert(1)",
        "//host/x",
        "http:///x",
        "ftp://a/b",
        "http://[x",
        None,
    ],
)
def test_only_web_addresses_become_links(url: str | None) -> None:
    assert safe_url(url) is None


def test_a_web_address_stays() -> None:
    assert safe_url(" https://example.org/a?b=c ") == "https://example.org/a?b=c"


def test_markdown_in_data_is_defused() -> None:
    safe = plain("**a** [b](http://x) :red[c] :material/home: ana@example.org www.x.org\n# d")
    for live in ("**a", "](", ":red", ":material", "@example", "http://", "www.", "\n"):
        assert live not in safe.replace("\\", "\\ ")


@given(st.text())
def test_a_block_holds_no_tag_but_its_own(text: str) -> None:
    inside = block(text, "x").removeprefix('<div class="x">').removesuffix("</div>")
    assert "<" not in inside
    assert ">" not in inside


def test_direction_overrides_are_dropped() -> None:
    assert plain("abc\u202ecba") == "abccba"


def test_an_excerpt_ends_at_a_word() -> None:
    assert excerpt("one two three", 9) == "one two…"
    assert headline("", "  first\nsecond ") == "first second"
    assert headline(None, None) == "(no text)"


@given(st.text(max_size=60), st.text(max_size=60))
def test_a_difference_holds_both_texts(before: str, after: str) -> None:
    pieces = diff.words(before, after)
    assert "".join(p.text for p in pieces if p.kind != "added") == before
    assert "".join(p.text for p in pieces if p.kind != "removed") == after


def test_a_difference_is_by_word() -> None:
    pieces = diff.words("The old boat sails.", "The new boat sails.")
    assert [(p.kind, p.text) for p in pieces if p.kind != "same"] == [("removed", "old"), ("added", "new")]


def test_a_difference_is_escaped() -> None:
    assert "<b>" not in diff.as_html(diff.words("<b>a</b>", "<b>c</b>"))


def test_the_first_sentence_ends_where_people_end_it() -> None:
    assert first_sentence("Keep to 4.5 posts. Today's rhythm is 4.4.") == (
        "Keep to 4.5 posts.",
        "Today's rhythm is 4.4.",
    )
    assert first_sentence("One sentence, e.g. this.") == ("One sentence, e.g. this.", "")


def test_every_check_is_shown_with_a_word_and_what_did_not_pass_first() -> None:
    findings = {
        "Links": "",
        "Numbers": "It states a number.",
        "Language": not_judged("too short"),
        "Sentiment": note("fine."),
    }
    assert [(line.name, line.word, line.finding) for line in check_lines(findings)] == [
        ("Numbers", "not passed", "It states a number."), ("Links", "passed", ""), ("Language", "not judged", "too short."),
        ("Sentiment", "told", "fine."),
    ]  # fmt: skip


def test_a_local_time_that_a_clock_change_leaves_out_is_refused() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    with pytest.raises(InvalidInput, match="does not exist on 28 Mar 2027"):
        local_instant(date(2027, 3, 28), time(2, 30), berlin)
    assert local_instant(date(2027, 3, 28), time(3, 30), berlin) == datetime(2027, 3, 28, 1, 30, tzinfo=UTC)
    assert local_instant(date(2026, 10, 25), time(2, 30), berlin) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
