from __future__ import annotations

import random
from collections import Counter

import pytest

from models.insight.topics import TopicDocument, TopicModelResult, extract_topics

SUBJECTS = {
    "sharks": ["A shark swims past the reef", "Divers film sharks at night", "Why sharks matter to the sea floor"],
    "volcano": ["The volcano of Java smokes", "Lava of a volcano under snow", "Farmers below the volcano"],
    "climate change": [
        "Coral and climate change",
        "Cities brace for climate change",
        "Children against climate change",
    ],
    "bread": ["Baking bread with rye", "Old bread and soup", "The bread of Naples"],
}


def post(number: int, text: str, owner: str = "own", tags: tuple[str, ...] = ()) -> TopicDocument:
    return TopicDocument(owner, "facebook", "a1", f"p{number:05}", text, tags)


def corpus(repeat: int = 3) -> list[TopicDocument]:
    texts = [text for _ in range(repeat) for several in SUBJECTS.values() for text in several]
    return [post(number, text) for number, text in enumerate(texts)]


def names(result: TopicModelResult) -> set[str]:
    return {topic.topic for topic in result.topics}


def primary(result: TopicModelResult) -> dict[str, str]:
    return {a.entity_id: a.topic for a in result.assignments if a.is_primary}


def test_subjects_are_found_and_each_post_has_its_own() -> None:
    documents = corpus()
    result = extract_topics(documents)
    assert {"volcano", "climate change", "bread"} <= names(result)
    assert names(result) & {"shark", "sharks"}
    found = primary(result)
    for document in documents:
        if "climate change" in document.text:
            assert found[document.entity_id] == "climate change"


def test_singular_and_plural_are_one_topic() -> None:
    topics = names(extract_topics(corpus()))
    assert len(topics & {"shark", "sharks"}) == 1


def test_order_of_documents_changes_nothing() -> None:
    documents = corpus()
    shuffled = documents.copy()
    random.Random(3).shuffle(shuffled)
    assert extract_topics(shuffled) == extract_topics(documents)


def test_words_without_meaning_never_become_topics() -> None:
    filler = [
        "One new post today: see the best photo of the year at https://example.org/one",
        "Today we share a new photo. Read more about this post in 2016",
        "New this week, one more post. Watch the video, share it today",
    ]
    documents = corpus() + [post(900 + n, filler[n % 3]) for n in range(9)]
    banned = {"one", "new", "today", "post", "photo", "year", "week", "best", "video", "https", "example", "share"}
    for topic in extract_topics(documents).topics:
        assert not {word for keyword in topic.keywords for word in keyword.split()} & banned
        assert not any(character.isdigit() for keyword in topic.keywords for character in keyword)


def test_what_stands_in_most_posts_is_boilerplate() -> None:
    documents = [post(n, f"{d.text}. Brought by Acme Orchard") for n, d in enumerate(corpus())]
    for topic in extract_topics(documents).topics:
        assert "acme" not in topic.topic
        assert "orchard" not in topic.topic


def test_a_brand_is_no_topic_of_its_own_posts() -> None:
    documents = corpus() + [
        post(800 + n, f"Blue Heron {word} walk") for n, word in enumerate(["reed", "lake", "pond", "moor"])
    ]
    assert "blue heron" in names(extract_topics(documents))
    assert "blue heron" not in names(extract_topics(documents, names=["Blue Heron"]))


def test_given_tags_lead() -> None:
    documents = [
        post(n, "Notes from the studio about clay and fire", tags=("Glaze Recipes",) if n % 3 == 0 else ("kiln",))
        for n in range(30)
    ] + [post(100 + n, "Something else entirely about invoices") for n in range(60)]
    result = extract_topics(documents)
    assert {"glaze recipes", "kiln"} <= names(result)
    assert primary(result)["p00000"] == "glaze recipes"
    assert primary(result)["p00001"] == "kiln"


def test_years_versions_and_generic_tags_are_no_topics() -> None:
    documents = [post(n, d.text, tags=("2019", "version-1-x", "news")) for n, d in enumerate(corpus(6))]
    assert not names(extract_topics(documents)) & {"2019", "version x", "version", "news"}


def test_own_posts_choose_and_competitors_are_assigned() -> None:
    rivals = [post(500 + n, "Tax reform in parliament", "competitor") for n in range(40)]
    rivals += [post(600, "A shark in the harbour", "competitor")]
    result = extract_topics(corpus() + rivals, max_topics=4)
    assert not any("tax" in name or "reform" in name for name in names(result))
    assigned = {a.entity_id for a in result.assignments if a.owner == "competitor"}
    assert assigned == {"p00600"}


def test_competitors_fill_what_own_posts_leave() -> None:
    rivals = [post(500 + n, f"Zinc mining in {word}", "competitor") for n, word in enumerate(["Peru", "Chile", "Laos"])]
    rivals += [post(600 + n, d.text, "competitor") for n, d in enumerate(corpus(1))]
    result = extract_topics([*corpus(), *rivals])
    assert "zinc mining" in names(result)


def test_at_most_one_primary_and_three_topics_a_post() -> None:
    result = extract_topics(corpus())
    per_post = Counter(a.entity_id for a in result.assignments)
    assert max(per_post.values()) <= 3
    assert all(count == 1 for count in Counter(a.entity_id for a in result.assignments if a.is_primary).values())
    for assignment in result.assignments:
        assert assignment.weight > 0


def test_a_post_that_says_nothing_known_has_no_topic() -> None:
    documents = [*corpus(), post(999, "…"), post(998, "")]
    assert not {a.entity_id for a in extract_topics(documents).assignments} & {"p00998", "p00999"}


@pytest.mark.parametrize("documents", [[], [post(1, "")], [post(1, "Alone with one volcano")]])
def test_too_little_gives_nothing(documents: list[TopicDocument]) -> None:
    result = extract_topics(documents)
    assert result.topics == ()
    assert result.assignments == ()


def test_room_is_kept() -> None:
    assert len(extract_topics(corpus(), max_topics=2).topics) == 2


def test_german_and_english_words_are_told_apart_by_their_language() -> None:
    english = [
        post(n, f"The war in the {place} and the people who stayed")
        for n, place in enumerate(["north", "south", "east", "west"])
    ]
    german = [
        post(50 + n, f"Das war der Garten und die {art} im Beet")
        for n, art in enumerate(["Rose", "Tulpe", "Nelke", "Dahlie"])
    ]
    other = [post(100 + n, text) for n, text in enumerate(text for several in SUBJECTS.values() for text in several)]
    result = extract_topics(english + german + other)
    assert "war" in names(result)
    assert "garten" in names(result)
    assert not {a.entity_id for a in result.assignments if a.topic == "war"} & {d.entity_id for d in german}


def test_a_run_together_tag_takes_the_name_that_people_write() -> None:
    texts = ["The hut tour starts at the lake", "Pack light for a hut tour", "A hut tour in the rain"]
    tagged = [post(100 + n, texts[n % 3], tags=("huttour",)) for n in range(9)]
    found = extract_topics([*corpus(), *tagged])
    assert "hut tour" in names(found)
    assert "huttour" not in names(found)
    assert {primary(found)[document.entity_id] for document in tagged} == {"hut tour"}
