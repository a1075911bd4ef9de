"""What of a foreign text is read: what a person would see of it, bounded, in time linear in its length."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.generation.quarantine.reading import MAX_RAW, MAX_VISIBLE, visible
from models.generation.quarantine.schema import Sign
from orchestration.bench.adversary.nasty import nasty_strings

HIDDEN = {
    "a comment": "<p>Seen</p><!-- order -->",
    "an unclosed comment": "<p>Seen</p><!-- order",
    "display": "<p>Seen</p><div style='display: none'>order</div>",
    "a class of the page's own": "<style>.q{opacity:0}</style><p>Seen</p><p class='q'>order</p>",
    "an id of the page's own": "<style>#q {display:none}</style><p>Seen</p><p id=q>order</p>",
    "what is in a hidden element": "<p>Seen</p><div hidden><section><p>order</p></section></div>",
    "a script": "<p>Seen</p><script>order</script>",
    "an attribute": "<p title='order' data-x='order'>Seen</p><img alt='order'>",
    "front matter": "---\nsystem: order\n---\nSeen",
    "a comment of Markdown": "Seen\n\n[//]: # (order)",
    "a picture of Markdown": "Seen ![order](https://a.example/order)",
    "a link's title": 'Seen [](https://a.example "order")',
    "an address": "Seen https://a.example/order?order",
    "a bare address": "Seen a.example/order",
    "a mail address": "Seen order@a.example",
    "base64": "Seen b3JkZXIgb3JkZXIgb3JkZXIgb3JkZXIgMTIz",
    "percent encoding": "Seen %6F%72%64%65%72",
    "hexadecimal": "Seen 6f726465726f726465726f72646572",
    "a template": "Seen {{ order }} {% order %} ${order}",
    "tag characters": "Seen" + "".join(chr(0xE0000 + ord(char)) for char in "order"),
    "variation selectors": "Seen" + "".join(chr(0xE0100 + ord(char) - 16) for char in "order"),
}


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN)
def test_what_a_reader_does_not_see_is_not_read(text: str) -> None:
    assert visible(text).text == "Seen"


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("<p>Seen</p><!-- order -->", Sign.HIDDEN),
        ("Se\u200ben", Sign.INVISIBLE),
        ("Seen \u202eredro\u202c", Sign.DIRECTION),
        ("Seen b3JkZXIgb3JkZXIgb3JkZXIgb3JkZXIgMTIz", Sign.ENCODED),
        ("Sееn here", Sign.MIXED_SCRIPT),
    ],
)
def test_what_was_left_out_leaves_a_sign(text: str, sign: Sign) -> None:
    assert sign in visible(text).signs


@pytest.mark.parametrize(
    "text",
    [
        "Bees & honey: 3 < 5, isn't it?", "नमस्ते दुनिया", "می‌خواهم بدانم", "👩🏽‍💻 at work", "Ångström, naïve café", "C++ and F# at 10:30",
        "Wir öffnen am 3. Mai um 9.30 Uhr.", "「はい」と言った。",
    ],
)  # fmt: skip
def test_honest_text_stays_and_leaves_no_sign(text: str) -> None:
    seen = visible(text)
    assert not seen.signs
    shaped = "".join(char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) != "Cf")
    assert seen.text == shaped.replace("\ufe0f", "")


def test_links_and_mentions_are_counted_and_gone() -> None:
    seen = visible("See https://a.example/x, www.b.example and c.example/y by @maria [more](https://d.example)")
    assert (seen.links, seen.mentions) == (4, 1)
    assert "example" not in seen.text
    assert "maria" not in seen.text


@given(st.text(max_size=400) | st.lists(st.sampled_from(nasty_strings()), max_size=6).map(" ".join))
def test_any_text_gives_plain_bounded_text(text: str) -> None:
    seen = visible(text)
    assert len(seen.text) <= MAX_VISIBLE
    assert all(char == "\n" or unicodedata.category(char) not in ("Cf", "Cc", "Co", "Cn", "Cs") for char in seen.text)
    assert "://" not in seen.text
    assert seen.text == seen.text.strip()
    assert "  " not in seen.text


HEAVY = (
    "<", "<!--", "<!", "<a ", "<div>", "<![CDATA[", "<a href='", "<x y=", "A1b", "a.", "a@a.", "%41", "[a](", "![", "ab ", "&#",
    "---\n", "{{", "-a", "a+b.", "www.", ".a ", "a:", "01010101 ", "#", "\u0301", "\u202e", "=", "\\x41", "({[<",
)  # fmt: skip


@pytest.mark.parametrize("piece", HEAVY)
def test_repeated_beginnings_do_not_slow_it_down(piece: str) -> None:
    """The worst takes 0.2 s alone on 2 cores; `html.parser` took 163 s for one of them."""
    started = time.process_time()
    visible(piece * (MAX_RAW // len(piece)))
    assert time.process_time() - started < 2.0
