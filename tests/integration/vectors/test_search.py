"""What a search gives: the right document, of the right workspace, labelled with whose words it holds."""

from __future__ import annotations

import string
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.vectors import table
from connectors.vectors.comparing import Comparer
from connectors.vectors.index import VectorIndex
from connectors.vectors.search import Searcher
from models.domain.retrieval import Among, Mode, Source, Trust
from models.errors import InvalidInput, NotFound, NothingServed

from .content import CONTENT, MODEL, Counting, post

SECRET = post("s", "The merger with Northwind is announced on Friday", account="Quiet")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("vectors")
    VectorIndex(root, "harbour").update(CONTENT, Counting())
    VectorIndex(root, "quiet-bay").update([SECRET], Counting())
    return root


@pytest.fixture(scope="module")
def searcher(root: Path) -> Searcher:
    return Searcher(root, MODEL)


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ("building wooden ships", "own:x:harbour:1"),
        ("barbecue fish", "own:instagram:harbour:2"),
        ("discount on safety gear", 'competitor:x:rival\'s "boats":4'),
        ("will it rain", "own:x:harbour:3"),
    ],
)
@pytest.mark.parametrize("mode", [Mode.VECTOR, Mode.HYBRID])
def test_meaning_finds_what_no_word_of_the_query_says(searcher: Searcher, words: str, wanted: str, mode: Mode) -> None:
    assert searcher.search("harbour", words, mode=mode)[0].id == wanted


def test_words_find_words(searcher: Searcher) -> None:
    hits = searcher.search("harbour", "keel jackets", mode=Mode.TEXT)
    assert {hit.entity_id for hit in hits} == {"4", "5", "6"}
    assert all(hit.similarity is None for hit in hits)
    assert searcher.search("harbour", "weather", mode=Mode.TEXT)[0].entity_id == "3", "a title is searched too"


def test_hits_come_best_first_one_a_document(root: Path) -> None:
    long = post("long", "\n\n".join(f"Oak planks are steamed for hour {n} " + "and bent " * 60 for n in range(20)))
    VectorIndex(root, "longer").update([*CONTENT, long], Counting())
    for mode in Mode:
        hits = Searcher(root, MODEL).search("longer", "steamed oak planks", mode=mode)
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        assert len({hit.id for hit in hits}) == len(hits)


def test_the_same_passage_is_shown_once_under_its_newest_document(root: Path) -> None:
    text = "Low tide at noon, bring boots"
    old = [replace(post(f"{n}", text), published_at=datetime(2026, 1, n, tzinfo=UTC)) for n in (1, 2, 3)]
    content = [*old, post("r", text, source=Source.COMPETITOR), post("c", "Boots for boats")]
    VectorIndex(root, "repeats").update(content, Counting())
    searcher = Searcher(root, MODEL)
    for hits in (searcher.search("repeats", "tide at noon"), searcher.search("repeats", "tide", mode=Mode.TEXT)):
        same = {(hit.source, hit.entity_id): hit.repeated for hit in hits if hit.passage == text}
        assert same == {(Source.OWN, "3"): 2, (Source.COMPETITOR, "r"): 0}
    assert len(searcher.nearest("repeats", text)) == 5


def test_competitors_words_stay_labelled(searcher: Searcher) -> None:
    hits = [
        *searcher.search("harbour", "sale"),
        *searcher.like("harbour", "brief:5"),
        *searcher.nearest("harbour", "sale"),
    ]
    assert {hit.trust for hit in hits} == {Trust.OWN, Trust.COMPETITOR}
    assert all((hit.trust is Trust.COMPETITOR) == (hit.source is Source.COMPETITOR) for hit in hits)


def test_a_restriction_holds_in_every_mode(searcher: Searcher) -> None:
    for mode in Mode:
        drafts = searcher.search("harbour", "keel oak boat", Among(sources=(Source.DRAFT,)), mode=mode)
        assert [hit.id for hit in drafts] == ["draft:6"]
        elsewhere = searcher.search("harbour", "mackerel grill", Among(platforms=("instagram",)), mode=mode)
        assert {hit.platform for hit in elsewhere} == {"instagram"}
        rival = searcher.search("harbour", "sale jackets", Among(accounts=('Rival\'s "Boats"',)), mode=mode)
        assert [hit.entity_id for hit in rival] == ["4"]
        without = searcher.search("harbour", "keel", Among(without=("5", "own:x:harbour:1")), mode=mode)
        assert {hit.id for hit in without} & {"brief:5", "draft:6", "own:x:harbour:1"} == set()


CRAFTED = (
    "quiet-bay", "x' or workspace_id = 'quiet-bay", "') or true --", "'; drop table chunks; --", "%", "\\", '"', "own:x:quiet:s",
)  # fmt: skip


@pytest.mark.parametrize("crafted", CRAFTED)
def test_no_search_leaves_its_workspace(searcher: Searcher, crafted: str) -> None:
    for mode in Mode:
        for among in (
            Among(), Among(platforms=(crafted,)), Among(accounts=(crafted,)), Among(without=(crafted,)),
            Among(platforms=("x", crafted), accounts=("Quiet", crafted)),
        ):  # fmt: skip
            hits = searcher.search("harbour", f"merger with Northwind {crafted}", among, mode=mode, limit=200)
            assert all("Northwind" not in hit.passage for hit in hits)
    with pytest.raises(NotFound, match="not in the search index of harbour"):
        searcher.like("harbour", crafted)
    assert searcher.search("quiet-bay", "merger")[0].id == "own:x:quiet:s"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.text(alphabet=string.printable + "ü日\u202e\ud800", min_size=1, max_size=40), mode=st.sampled_from(Mode)
)
def test_any_words_can_be_searched(searcher: Searcher, words: str, mode: Mode) -> None:
    if not words.split():
        with pytest.raises(InvalidInput, match="Say what to search for"):
            searcher.search("harbour", words, mode=mode)
    else:
        assert len(searcher.search("harbour", words, mode=mode)) <= 6


def test_similar_to_one_is_without_it(searcher: Searcher) -> None:
    assert [hit.id for hit in searcher.like("harbour", "brief:5", limit=1)] == ["draft:6"]
    assert "brief:5" not in {hit.id for hit in searcher.like("harbour", "brief:5")}


@pytest.mark.parametrize("limit", [0, -1, 201])
def test_limits_are_bounded(searcher: Searcher, limit: int) -> None:
    with pytest.raises(InvalidInput, match="Between 1 and 200"):
        searcher.search("harbour", "boat", limit=limit)


def test_without_an_index_it_says_what_writes_one(searcher: Searcher) -> None:
    with pytest.raises(NothingServed, match="fabric search WORDS --workspace nobody"):
        searcher.search("nobody", "boat")


def test_without_a_model_words_and_similarity_still_work(root: Path) -> None:
    wordly = Searcher(root, None)
    assert wordly.search("harbour", "keel", mode=Mode.TEXT)
    assert wordly.like("harbour", "brief:5", limit=1)[0].id == "draft:6"
    with pytest.raises(InvalidInput, match="Only words"):
        wordly.search("harbour", "keel")


def test_near_duplicates_are_found_and_alike_texts_are_not(root: Path) -> None:
    text = "We closed the shop for a day and cleared three kilograms of litter from the river with forty neighbours"
    rival = post("c", text.replace("We", "The team") + " #river", source=Source.COMPETITOR, account="Rival")
    content = [
        post("a", text), post("b", "Cleaning rivers matters: every piece of plastic ends in the sea"), rival,
        post("d", text + "!", source=Source.DRAFT, family="e"), post("e", text + "?", source=Source.BRIEF, family="e"),
    ]  # fmt: skip
    VectorIndex(root, "copies").update(content, Counting())
    compare = Comparer(Searcher(root, MODEL))
    near = compare.near_duplicates("copies", text.replace("three", "five"))
    assert {hit.entity_id for hit in near} == {"a", "c", "d", "e"}
    assert {hit.entity_id for hit in compare.near_duplicates("copies", text, without=("e", "own:x:harbour:a"))} == {"c"}
    assert compare.near_duplicates("copies", "Our river clean-up was a success, thank you all") == []
    assert compare.near_duplicates("copies", " ") == []
    pairs = {frozenset((pair.one.entity_id, pair.other.entity_id)) for pair in compare.duplicates("copies")}
    assert pairs == {frozenset(pair) for pair in ("ac", "ad", "ae", "cd", "ce")}, (
        "draft and brief of one entry are no pair"
    )
    own = compare.duplicates("copies", Among(sources=(Source.OWN, Source.COMPETITOR)))
    assert [(pair.one.entity_id, pair.other.entity_id) for pair in own] in ([("a", "c")], [("c", "a")])


def test_what_only_competitors_write_about(root: Path) -> None:
    theirs = [
        post("r1", "How to insure a sailing boat against storm damage", source=Source.COMPETITOR, account="Rival"),
        post("r2", "Boat insurance: what storm damage is paid for", source=Source.COMPETITOR, account="Other"),
        post("r3", "Steaming oak planks for a hull, our way", source=Source.COMPETITOR, account="Rival"),
        post("r4", "Hiring: an accountant for our tax department", source=Source.COMPETITOR, account="Rival"),
    ]
    VectorIndex(root, "gaps").update([*CONTENT[:3], *theirs], Counting())
    subjects = Comparer(Searcher(root, MODEL)).uncovered("gaps")
    assert {subjects[0].hit.entity_id} <= {"r1", "r2"}
    assert (subjects[0].alike, subjects[0].competitors) == (2, ("Other", "Rival"))
    assert [subject.hit.entity_id for subject in subjects[1:]] == ["r4"]
    assert all(subject.nearest < 0.5 for subject in subjects)
    assert Comparer(Searcher(root, MODEL)).uncovered("quiet-bay") == []


def test_similar_texts_are_those_nearest_in_meaning(root: Path) -> None:
    compare = Comparer(Searcher(root, MODEL))
    near = compare.similar_texts("harbour", "Oak for hulls", 2, among=Among(sources=(Source.OWN,)))
    assert len(near) == 2
    assert near[0].entity_id == "1"
    assert near[0].similarity is not None
    assert near[0].similarity > (near[1].similarity or 0)


def test_an_index_over_vectors_finds_the_same(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From `LARGE` chunks on."""
    things = ("oak", "ash", "a sail", "tar", "a rope", "an oar", "a keel", "mackerel")
    places = ("harbour", "yard", "river", "kitchen", "storm", "school", "market", "office")
    content = [
        post(f"{n}-{m}", f"About {thing} in the {place}")
        for n, thing in enumerate(things)
        for m, place in enumerate(places)
    ]
    VectorIndex(root, "exact").update(content, Counting())
    monkeypatch.setattr(table, "LARGE", 10)
    index = VectorIndex(root, "indexed")
    index.update(content, Counting())
    version = index.current()
    assert version is not None
    made = table.open_table(index.directory / version.version, version.dimension)
    assert sorted(entry.index_type for entry in made.list_indices()) == ["FTS", "IvfFlat"]
    searcher = Searcher(root, MODEL)
    for words in ("timber at the wharf", "fish for dinner"):
        exact, indexed = (searcher.search(name, words, mode=Mode.VECTOR) for name in ("exact", "indexed"))
        assert {hit.id for hit in indexed} >= {hit.id for hit in exact[:5]}
