"""Front matter in YAML and TOML, dates in every usual spelling, and plain text from mark-up."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from connectors.files.frontmatter import FrontMatterError, instant, names, split_article
from connectors.files.plaintext import plain_html, plain_markdown


def test_yaml_and_toml() -> None:
    assert split_article("---\ntitle: A\ntags: [x]\n---\n\nBody").fields == {"title": "A", "tags": ["x"]}
    toml = split_article('+++\nTitle = "A"\ndate = 2020-01-02T03:04:05-05:00\n+++\nBody\n')
    assert toml.fields["title"] == "A"
    assert instant(toml.fields["date"]) == datetime(2020, 1, 2, 8, 4, 5, tzinfo=UTC)
    assert toml.text == "Body"


def test_a_rule_in_the_text_is_no_front_matter() -> None:
    article = split_article("Text\n\n---\n\nMore")
    assert article.fields == {}
    assert article.text.startswith("Text")


@pytest.mark.parametrize(
    ("source", "reason", "line"),
    [
        ("---\ntitle: A\ntags:\n- a\n- b\t\tx: [\n---\n", "YAML front matter is broken", 5),
        ("---\ntitle: A\n", "is never closed", 1),
        ('+++\na = 1\nb = "\n+++\n', "TOML front matter is broken", 3),
        ("---\ndate: 2016-13-45\n---\n", "YAML front matter is broken", 1),
        ("---\n- a\n---\n", "not a list of fields", 1),
        ("---\na: !!python/object/apply:os.system [ls]\n---\n", "YAML front matter is broken", 2),
    ],
)
def test_broken_front_matter_is_located(source: str, reason: str, line: int) -> None:
    with pytest.raises(FrontMatterError, match=reason) as error:
        split_article(source)
    assert error.value.line == line


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (date(2016, 3, 4), datetime(2016, 3, 4, tzinfo=UTC)),
        ("2016-03-04", datetime(2016, 3, 4, tzinfo=UTC)),
        ("2014-03-12T10:11:00-04:00", datetime(2014, 3, 12, 14, 11, tzinfo=UTC)),
        ("2016-03-04T00:00:00.000Z", datetime(2016, 3, 4, tzinfo=UTC)),
        ("Tue Mar 04 2016 00:00:00 GMT-0500 (EST)", datetime(2016, 3, 4, 5, tzinfo=UTC)),
        ("new Date('2016-03-04')", datetime(2016, 3, 4, tzinfo=UTC)),
        ("March 4, 2016", datetime(2016, 3, 4, tzinfo=UTC)),
        ("2016-03-04 10:00:00 +0200", datetime(2016, 3, 4, 8, tzinfo=UTC)),
        ("Fri, 04 Mar 2016 10:00:00 GMT", datetime(2016, 3, 4, 10, tzinfo=UTC)),
        ("next week", None),
        (2016, None),
        (None, None),
    ],
)
def test_dates(value: object, expected: datetime | None) -> None:
    assert instant(value) == expected


def test_authors_and_tags_in_every_form() -> None:
    assert names("a, b,,a") == ("a", "b")
    assert names(["x", 2016, None, {"name": "Y"}]) == ("x", "2016", "Y")
    assert names({"name": "Z", "url": "u"}) == ("Z",)
    assert names({"ann": {}, "bob": {}}) == ("ann", "bob")
    assert names(None) == ()


def test_markdown_becomes_what_a_reader_sees() -> None:
    source = (
        "# Head *line*\n\nA [link](http://a.example) and ![an image](b.png).\n\n"
        "```python\nsecret_code()\n```\n\n- one\n- **two**\n\n> quoted `code`\n\n"
        '{{< video "x" >}}{% include a.html %}<span class="b">kept</span><!-- gone -->\n'
        "snake_case_name &amp; more\n\n[ref]: http://c.example\n"
    )
    text = plain_markdown(source)
    assert text == ("Head line\n\nA link and an image .\n\none\ntwo\n\nquoted code\n\nkept\nsnake_case_name & more")


def test_an_open_fence_hides_the_rest_not_the_start() -> None:
    assert plain_markdown("before\n\n```\ncode") == "before"


def test_html_keeps_paragraphs_and_drops_scripts() -> None:
    assert plain_html("<p>a&nbsp;b</p><script>x()</script><p>c<br>d</p>") == "a b\nc\nd"
