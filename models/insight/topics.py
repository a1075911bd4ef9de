"""Keyword topics: the few words that tell a workspace's posts apart, and which post is about which.

Own documents choose the topics; competitors' documents only fill up what is left and serve as the background against
which a word is characteristic. Everything is counting: the same documents give the same topics, in any order.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from models.insight.documents import Reading, Usage, read_documents
from models.insight.words import singulars, spoken

METHOD = "keywords-1"

_Chosen = tuple[str, dict[str, float]]
"""A topic's name, and its keywords with their strength (0 to 1)."""

SHARE_OF_DOCUMENTS = (0.02, 0.35)
"""A word may be a topic when this share of the documents is about it: rarer is an event, more frequent is boilerplate."""
SHARE_OF_PHRASES = 0.01
"""Lower bound for phrases and tags, which say more with fewer occurrences."""
LEAST_DOCUMENTS, ENOUGH_DOCUMENTS = 3, 30
"""Whatever the shares say: fewer documents never make a topic, and this many are always enough."""
MOST_KEYWORDS = 8
COMPANY_SHARE, COMPANY_DOCUMENTS, MOST_COMPANY = 0.75, 5, 3
"""A word joins a topic when most documents with it, and enough of them, are about the topic; so many at most."""
TOPICS_PER_DOCUMENT = 3


@dataclass(frozen=True, slots=True)
class TopicDocument:
    """One post or article; `text` is title and body, `tags` what the source itself calls it."""

    owner: str
    platform: str
    account_id: str
    entity_id: str
    text: str
    tags: tuple[str, ...] | list[str] = ()


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic is named by its first keyword; the others count towards it as well."""

    topic: str
    keywords: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TopicAssignment:
    """One document is about one topic. `weight` is the tf-idf of the topic's keywords in the document."""

    owner: str
    platform: str
    account_id: str
    entity_id: str
    topic: str
    weight: float
    is_primary: bool


@dataclass(frozen=True, slots=True)
class TopicModelResult:
    topics: tuple[Topic, ...]
    assignments: tuple[TopicAssignment, ...]
    method: str


@dataclass(slots=True)
class _Candidate:
    """A word or phrase that may become a topic, with the documents that are about it (by position)."""

    term: str
    documents: frozenset[int]
    merit: float


def extract_topics(
    documents: Sequence[TopicDocument], *, max_topics: int = 24, names: Iterable[str] = ()
) -> TopicModelResult:
    """Topics of a workspace and the documents about each: one primary topic and up to two more a document.

    A document that matches no topic gets none. `names` are display names of accounts, own and competitors': a brand is
    no topic of its own posts. Ties are broken by the alphabet, so the result depends on nothing but the set of
    documents.
    """
    ordered = sorted(documents, key=lambda d: (d.owner, d.platform, d.account_id, d.entity_id))
    readings, usage = read_documents((d.text, d.tags) for d in ordered)
    brands = {phrase for name in {*names, *(d.account_id for d in ordered)} if (phrase := spoken(name))}
    _fold_plurals(readings)
    own = [r for d, r in zip(ordered, readings, strict=True) if d.owner == "own"]
    others = [r for d, r in zip(ordered, readings, strict=True) if d.owner != "own"]
    chosen: list[_Chosen] = []
    for group, background in ((own, others), (others, own)):
        candidates = [c for c in _candidates(group, background, usage) if not _is_brand(c.term, brands)]
        chosen += _choose(candidates, group, usage, max_topics - len(chosen), taken=chosen)
    index: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, (_, keywords) in enumerate(chosen):
        for keyword, strength in keywords.items():
            index[keyword].append((number, strength))
    total = Counter(number for r in readings for number in {n for t in r.terms if t in index for n, _ in index[t]})
    idf = {number: math.log(1 + len(readings) / count) for number, count in total.items()}
    names = [name for name, _ in chosen]
    assignments = tuple(
        TopicAssignment(d.owner, d.platform, d.account_id, d.entity_id, names[number], weight, rank == 0)
        for d, r in zip(ordered, readings, strict=True)
        for rank, (number, weight) in enumerate(_topics_of(r, index, idf, names))
    )
    return TopicModelResult(tuple(Topic(name, tuple(keywords)) for name, keywords in chosen), assignments, METHOD)


def _topics_of(
    reading: Reading, index: dict[str, list[tuple[int, float]]], idf: dict[int, float], names: list[str]
) -> list[tuple[int, float]]:
    """Topic numbers of one document with their weights, strongest first. Weak side topics are left out."""
    weights: dict[int, float] = defaultdict(float)
    for term in sorted(reading.terms):
        for number, strength in index.get(term, ()):
            weights[number] += (1 + math.log(reading.terms[term])) * strength * idf[number]
    ranked = sorted(((n, round(w, 6)) for n, w in weights.items()), key=lambda pair: (-pair[1], names[pair[0]]))
    return [(n, w) for n, w in ranked[:TOPICS_PER_DOCUMENT] if w >= 0.3 * ranked[0][1]]


def _fold_plurals(readings: Iterable[Reading]) -> None:
    """Counts singular and plural as one term, named by whichever is in more documents."""
    readings = list(readings)
    found = Counter(term for reading in readings for term in reading.terms)
    named: dict[str, str] = {}
    for term in sorted(found):
        before, _, last = term.rpartition(" ")
        for singular in singulars(last):
            other = f"{before} {singular}" if before else singular
            if other in found:
                winner = max((other, term), key=lambda t: (found[t], t))
                named[term if winner == other else other] = winner
                break
    for reading in readings:
        for term in [t for t in reading.terms if t in named]:
            reading.terms[named[term]] = reading.terms.get(named[term], 0) + reading.terms.pop(term)
        for term in [t for t in reading.tags if t in named]:
            reading.tags.remove(term)
            reading.tags.add(named[term])


def _is_brand(term: str, brands: set[str]) -> bool:
    """Whether a term is a brand's name or starts with it: `natgeo parks` and `nat geo parks` for `natgeo`."""
    joined = term.replace(" ", "")
    return any(
        joined == brand.replace(" ", "")
        or term.startswith(brand + " ")
        or (len(brand) >= 5 and joined.startswith(brand.replace(" ", "")))
        or term in brand.split()
        for brand in brands
    )


def _candidates(group: list[Reading], background: list[Reading], usage: Usage) -> list[_Candidate]:
    """Terms frequent enough to be a topic and rare enough to tell documents apart, sorted by name."""
    where = _documents_by_term(group)
    size = len(group)
    low, high = SHARE_OF_DOCUMENTS
    behind = Counter(term for reading in background for term in reading.terms if term in where)
    tagged = Counter(tag for reading in group for tag in reading.tags)
    found = []
    for term in sorted(where):
        documents = where[term]
        is_phrase = " " in term or tagged[term] * 2 >= len(documents)
        least = max(LEAST_DOCUMENTS, min(ENOUGH_DOCUMENTS, size * (SHARE_OF_PHRASES if is_phrase else low)))
        if not least <= len(documents) <= max(LEAST_DOCUMENTS, size * high):
            continue
        if tagged[term] < LEAST_DOCUMENTS and not _can_name(term, where, usage):
            continue
        rate = len(documents) / size
        behind_rate = behind[term] / len(background) if background else 0.0
        characteristic = 0.5 + rate / (rate + behind_rate)
        merit = (
            math.log(1 + 1 / rate) * characteristic * (1 + tagged[term] / len(documents)) * (1.3 if is_phrase else 1)
        )
        found.append(_Candidate(term, frozenset(documents), merit))
    by_term = {c.term: c for c in found}
    absorbed = {
        word
        for c in found
        for word in c.term.split()
        if word != c.term and word in by_term and len(c.documents) >= 0.6 * len(by_term[word].documents)
    }
    return [c for c in found if c.term not in absorbed]


def _choose(
    candidates: list[_Candidate], group: list[Reading], usage: Usage, room: int, taken: list[_Chosen]
) -> list[_Chosen]:
    """Up to `room` topics: greedily the candidate with the most documents that have no topic yet, times its merit."""
    spoken_for = {word for name, _ in taken for word in name.split()}
    known = {keyword for _, keywords in taken for keyword in keywords}
    covered = {position for position, reading in enumerate(group) if not known.isdisjoint(reading.terms)}
    left = [c for c in candidates if spoken_for.isdisjoint(c.term.split())]
    chosen: list[tuple[_Candidate, list[_Candidate]]] = []
    while left and len(chosen) < room:
        gains = [((len(c.documents - covered) + 0.2 * len(c.documents & covered)) * c.merit, c.term, c) for c in left]
        best = max(gains, key=lambda gain: gain[:2])[2]
        if len(best.documents - covered) < LEAST_DOCUMENTS - 1:
            break
        near = [c for c in left if c is not best and _near(c, best)]
        chosen.append((best, near))
        covered |= best.documents
        left = [c for c in left if c is not best and not any(c is other for other in near)]
    where = _documents_by_term(group) if chosen else {}
    heads = {c.term for c, _ in chosen}
    return [_named(best.term, _keywords(best, near, where, usage, heads)) for best, near in chosen]


def _named(term: str, keywords: dict[str, float]) -> _Chosen:
    """A run-together tag takes the name of the phrase it stands for, where people also write it: huttour → hut tour."""
    phrase = next((k for k in keywords if " " in k and k.replace(" ", "") == term), None)
    if phrase is None:
        return term, keywords
    others = {keyword: strength for keyword, strength in keywords.items() if keyword not in (term, phrase)}
    return phrase, {phrase: 1.0, **others, term: 1.0}


def _documents_by_term(group: list[Reading]) -> dict[str, set[int]]:
    where: dict[str, set[int]] = defaultdict(set)
    for position, reading in enumerate(group):
        for term in reading.terms:
            where[term].add(position)
    return where


def _can_name(term: str, where: dict[str, set[int]], usage: Usage) -> bool:
    """Whether a term can stand as a topic: a word used as a noun, or a phrase whose words belong together."""
    words = term.split()
    if len(words) == 1:
        return usage.is_topical(term)
    if any(usage.is_fragment(word) for word in words):
        return False
    weak = [word for word in words if usage.is_generic(word)]
    strong = [len(where[word]) for word in words if word not in weak and word in where]
    if not strong:
        return False
    return len(where[term]) >= (0.5 if weak else 0.15) * min(strong)


def _near(candidate: _Candidate, chosen: _Candidate) -> bool:
    """Whether a candidate says about the same as a chosen one: the same documents, or a shared word and most of them."""
    both = len(candidate.documents & chosen.documents)
    if both >= 0.5 * len(candidate.documents | chosen.documents):
        return True
    return bool(set(candidate.term.split()) & set(chosen.term.split())) and both >= 0.5 * len(candidate.documents)


def _keywords(
    best: _Candidate, near: list[_Candidate], where: dict[str, set[int]], usage: Usage, heads: set[str]
) -> dict[str, float]:
    """Keywords of a topic with their strength: its name, what was merged into it, and what is hardly said without it."""
    keywords = {best.term: 1.0}
    for other in sorted(near, key=lambda c: (-len(c.documents & best.documents), c.term)):
        keywords[other.term] = round(len(other.documents & best.documents) / len(other.documents), 6)
    company = []
    for term, documents in where.items():
        both = len(documents & best.documents) if len(documents) >= COMPANY_DOCUMENTS else 0
        if both >= max(COMPANY_DOCUMENTS, COMPANY_SHARE * len(documents)) and term not in {*keywords, *heads}:
            company.append((-both, term, round(both / len(documents), 6)))
    fitting = [(term, strength) for _, term, strength in sorted(company) if _can_name(term, where, usage)]
    keywords |= dict(fitting[:MOST_COMPANY])
    return dict(list(keywords.items())[:MOST_KEYWORDS])
