"""Each check refuses what it is for, passes what it is not for, and says when it cannot judge."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.domain.brand import BrandProfile
from models.domain.social import Platform
from models.generation.checks.context import Checks, Near
from models.generation.checks.duplicates import own_duplicates, rival_duplicates
from models.generation.checks.fingerprint import fingerprint, likeness, overlap
from models.generation.checks.language import language
from models.generation.checks.links import links
from models.generation.checks.numbers import numbers
from models.generation.checks.outcome import NOT_JUDGED, NOTE, refusals, refuses
from models.generation.checks.phrases import banned_phrases, open_places, required_phrases
from models.generation.checks.readability import readability
from models.generation.checks.run import NAMES, check_draft
from models.generation.checks.sentiment import sentiment
from tests.unit.generation.snapshots import make_fact, river_trust_brand

BRAND = BrandProfile(
    workspace_id="w", description="We repair what 3 floods broke.", banned_phrases=("game-changer",),
    required_phrases=("Every river matters",), links=("https://Rivers.example/join/",),
)  # fmt: skip
KNOWN = Checks(BRAND)
LONG = (
    "A look at how the work on otters is really done. Volunteers walk the bank at dawn, note each track in the mud and leave "
    "before the walkers come. It matters because the river tells its own story to those who listen to it."
)


def test_a_draft_is_judged_by_every_check_and_the_refusals_name_theirs() -> None:
    findings = check_draft("A real game-changer: 40 boats, see www.evil.example/x", Platform.X, KNOWN)
    assert tuple(findings) == NAMES
    assert [said.split(":")[0] for said in refusals(findings)] == [
        "Banned phrases",
        "Required phrases",
        "Numbers",
        "Links",
    ]


def test_a_good_draft_passes() -> None:
    text = f"{LONG} Every river matters.\nMore: https://rivers.example/join"
    assert refusals(check_draft(text, Platform.FACEBOOK, replace(KNOWN, language="en"))) == ()


def test_the_platforms_limit_counts() -> None:
    assert refuses(check_draft("word " * 100, Platform.X, KNOWN)["Platform limits"])


def test_phrases_are_found_whatever_their_case_and_not_inside_words() -> None:
    assert "game-changer" in banned_phrases("This is a GAME-CHANGER.", KNOWN)
    assert banned_phrases("A game and a changer.", KNOWN) == ""
    assert required_phrases("every  river\nmatters to us", KNOWN) == ""
    assert "Every river matters" in required_phrases("Rivers matter.", KNOWN)


def test_a_required_phrase_that_cannot_stand_is_not_asked_for() -> None:
    assert required_phrases("Hello.", Checks(replace(BRAND, required_phrases=("a game-changer",)))) == ""


def test_what_is_left_to_fill_in_is_named() -> None:
    assert open_places("All said.") == ""
    assert open_places("See [our page](https://example.org).") == ""
    assert open_places("It matters because [say what it changes].").endswith("[say what it changes]")
    assert open_places("[one thing] and [another]").startswith("2 places")


@pytest.mark.parametrize(
    "text", ["Join: https://rivers.example/join", "(HTTPS://RIVERS.EXAMPLE/join/)", "rivers.example/join.", "No link."]
)
def test_listed_links_pass_however_they_are_written(text: str) -> None:
    assert links(text, KNOWN) == ""


@pytest.mark.parametrize(
    "text",
    [
        "https://rivers.example/other", "http://rivers.example/join", "https://rivers.example.evil.example/join", "www.evil.example",
        "evil.com/x", "mailto:a@evil.example", "javascript:alert(document)", "https://rivers.example/join?next=evil", "ftp://rivers.example/join",
    ],
)  # fmt: skip
def test_links_off_the_list_are_named(text: str) -> None:
    assert refuses(links(f"Look: {text}", KNOWN))


def test_numbers_pass_with_a_fact_or_in_the_brands_own_words_only() -> None:
    assert "“61 posts”" not in numbers(
        "We wrote 61 posts.", replace(KNOWN, facts=(make_fact("posts.facebook", 61, "posts"),))
    )
    assert refuses(numbers("We wrote 62 posts.", replace(KNOWN, facts=(make_fact("posts.facebook", 61, "posts"),))))
    assert numbers("We repair what 3 floods broke.", KNOWN) == ""
    assert refuses(numbers("We repair what 4 floods broke.", KNOWN))
    assert numbers("Meet us on 12 June at the weir.", replace(KNOWN, said=("on 12 June",))) == ""


def test_many_numbers_are_summed_up() -> None:
    assert numbers("1 boat, 2 boats, 3 boats, 4 boats, 5 boats.", KNOWN).endswith("2 more like this.")


def test_repetition_of_own_and_competitors_texts_is_told_apart() -> None:
    both = Checks(BRAND, own=(("Otters at dawn", fingerprint(LONG)),), rivals=(("Wetland Watch", fingerprint(LONG)),))
    changed = LONG.replace("Volunteers", "Helpers").replace("listen to it", "listen")
    other = "What is the right time for a repair? Ask the people who see the weir in every season, and write down what they say."
    assert "“Otters at dawn”" in own_duplicates(changed, both)
    assert "Wetland Watch" in rival_duplicates(changed, both)
    assert own_duplicates(other, both) == rival_duplicates(other, both) == ""
    assert own_duplicates(other, KNOWN).startswith(NOT_JUDGED)


def test_a_competitors_post_inside_a_long_draft_is_found() -> None:
    long = " ".join(
        f"Sentence of our own about subject {word} and what follows from it." for word in "abcdefghijklmnop"
    )
    context = Checks(BRAND, rivals=(("Wetland Watch", fingerprint(LONG)),))
    assert "Wetland Watch" in rival_duplicates(f"{long} {LONG} {long}", context)


def test_an_index_by_meaning_may_name_the_same_text() -> None:
    near = Checks(BRAND, nearest=lambda _: [Near("Otters, last year", 0.97), Near("Weirs", 0.4)])
    assert "“Otters, last year”" in own_duplicates("Other words altogether.", near)
    assert own_duplicates("Other words.", replace(near, nearest=lambda _: [Near("Weirs", 0.6)])) == ""


@given(
    st.lists(
        st.sampled_from(["river", "otter", "weir", "bank", "dawn", "mud", "stone", "boat", "rain"]),
        min_size=1,
        max_size=700,
    )
)
def test_likeness_is_one_with_itself_symmetric_and_bounded(words: list[str]) -> None:
    a, b = fingerprint(" ".join(words)), fingerprint(" ".join(words[::-1]))
    assert likeness(a, a) == 1.0
    assert likeness(a, b) == likeness(b, a)
    assert 0.0 <= overlap(a, b) <= 1.0


def test_a_sketch_of_a_long_text_estimates_within_its_error() -> None:
    words = [f"w{i}" for i in range(4_000)]
    exact = 1_998 / 5_998
    assert likeness(
        fingerprint(" ".join(words)), fingerprint(" ".join(words[2_000:] + [f"v{i}" for i in range(2_000)]))
    ) == (pytest.approx(exact, abs=0.09))


def test_a_sketch_holds_no_words() -> None:
    assert "otters" not in repr(fingerprint(LONG))


def test_scripts_without_spaces_are_compared_by_characters() -> None:
    text = "川を守るために私たちは毎朝岸辺を歩いて足跡を記録しています"
    assert likeness(fingerprint(text), fingerprint(text.replace("毎朝", "毎晩"))) > 0.5


def test_language_is_judged_from_running_text_only() -> None:
    english, german = replace(KNOWN, language="en"), replace(KNOWN, language="de")
    assert language(LONG, english) == ""
    assert refuses(language(LONG, german))
    assert language("Otters! #otter https://rivers.example/join [write a line]", english).startswith(NOT_JUDGED)
    assert language(LONG, KNOWN).startswith(NOT_JUDGED)


def test_readability_refuses_a_paper_and_judges_english_only() -> None:
    paper = (
        "Institutional sustainability considerations necessitate interdisciplinary collaboration regarding environmental "
        "characterisation methodologies, particularly concerning hydrological heterogeneity, anthropogenic contamination, "
        "biogeochemical transformation, organisational accountability, comprehensive documentation, international "
        "harmonisation, infrastructural vulnerability, technological standardisation and administrative responsibility."
    )
    assert refuses(readability(paper))
    assert readability(LONG) == ""
    assert readability("Wir gehen jeden Morgen am Ufer entlang und schreiben auf, was wir an Spuren sehen.").startswith(
        NOT_JUDGED
    )


def test_sentiment_informs_and_never_refuses() -> None:
    assert (
        sentiment("We hate the terrible, ugly waste that kills our poor sad river every single day.")
        == f"{NOTE}it reads negative."
    )
    assert sentiment("Short.").startswith(NOT_JUDGED)


def test_the_demo_brands_profile_is_no_obstacle() -> None:
    text = f"{LONG} Every river matters."
    assert refusals(check_draft(text, Platform.FACEBOOK, Checks(river_trust_brand()))) == ()
