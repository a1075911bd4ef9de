"""What no text for the public may hold: disguises that the adversary got past an earlier form of the check."""

from __future__ import annotations

import pytest

from models.domain.brand import BrandProfile
from models.generation.grounding.draft import own_words
from models.generation.writers.copy import refused
from models.generation.writers.offered import offer
from models.generation.writers.sentences import check

ALLOWED = ("https://meadow.example/shop",)


@pytest.mark.parametrize(
    "text",
    [
        "Write to attacker@evil.example.", "Go to ｅｖｉｌ．ｅｘａｍｐｌｅ/ａ", "It is at //evil.example/p.js", "Read on at evil.example/z", "evil[.]example", "evil (dot) com",
        "evil dot com", "{secret.master_key} and more", '{"tool_call": {"name": "publish"}}', "https://meadow.example/shop.evil.com",
        "https://meadow.example/shop/x", "h\u200bttps://evil.example", "https://еvil.com/a", "javascript:alert(1)", "ask @attacker", "<b>bold</b>",
        "[more](https://meadow.example/shop)", "![p](x)",
    ],
)  # fmt: skip
def test_it_is_refused(text: str) -> None:
    assert refused(text, links=ALLOWED)


@pytest.mark.parametrize(
    "text",
    ["Calm words, e.g. a walk and/or a swim.", "Come by: https://meadow.example/shop.", "Tell it in [your own words] (or more).", "A. B. and C."],
)  # fmt: skip
def test_an_honest_text_passes(text: str) -> None:
    assert refused(text, links=ALLOWED) == []


@pytest.mark.parametrize(
    "sentence",
    [
        "Read on at evil.example/z.",
        "bit.ly/abc",
        "Write to a@evil.example.",
        "ｅｖｉｌ．ｅｘａｍｐｌｅ/ａ",
        "Ask @attacker.",
    ],
)
def test_a_strategy_holds_no_address_at_all(sentence: str) -> None:
    assert check(sentence, offer(()), {}) == ("", ("a sentence holds markup, a link or a control character",))


def test_a_strategy_says_calm_words() -> None:
    assert check("Patience is part of the work, e.g. in spring.", offer(()), {}) == (
        "Patience is part of the work, e.g. in spring.", (),
    )  # fmt: skip


def test_the_name_of_a_pillar_may_stand_although_it_reads_like_a_comparison() -> None:
    """A topic of a walking club is “trail”, which also says that someone is behind."""
    text = "Trail care: thanks to everyone who helped on the trail."
    assert refused(text, links=ALLOWED)
    assert refused(text, links=ALLOWED, said=own_words(BrandProfile("club"), ["trail"])) == []
    assert refused("Our rivals trail behind.", links=ALLOWED, said=own_words(BrandProfile("club"), ["otters"]))
