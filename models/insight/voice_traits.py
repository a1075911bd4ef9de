"""Habits of writing as numbers: each trait with how many posts or sentences stand behind it, and the brand's own words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from statistics import mean, pstdev

from models.domain.brand_study import Trait
from models.insight.prose import Prose, one_line, words_of

LEAST_SENTENCES = 30
LEAST_POSTS = 20
"""Below these a trait has no value."""
_WINDOW = 100
"""Words of the moving window of the type-token ratio (MATTR, Covington & McFall 2010)."""
_LONG = 7
"""Letters from which a word counts as long."""
_SHOUT = 4
"""Letters from which a word in capitals is a shout and no abbreviation."""
_EXAMPLES = 3

_PERSONS = {
    "en": ({"we", "us", "our", "ours", "we're", "we've", "we'll"}, {"you", "your", "yours", "you're", "you've", "you'll"},
           {"i", "me", "my", "mine", "i'm", "i've", "i'll"}),
    "de": ({"wir", "uns", "unser", "unsere", "unserem", "unseren", "unserer"},
           {"du", "dir", "dich", "dein", "deine", "euch", "ihr", "eure", "ihnen"}, {"ich", "mir", "mich", "mein", "meine"}),
    "fr": ({"nous", "notre", "nos"}, {"vous", "votre", "vos", "tu", "toi", "ton", "ta", "tes"}, {"je", "moi", "mon", "ma", "mes"}),
    "es": ({"nosotros", "nos", "nuestro", "nuestra", "nuestros", "nuestras"}, {"tú", "tu", "tus", "usted", "ustedes", "te"},
           {"yo", "mi", "mis", "me"}),
}  # fmt: skip
_SHORTENED = ("n't", "'re", "'ve", "'ll", "'m")
_OPENED = {
    "do", "does", "did", "is", "are", "was", "were", "have", "has", "had", "will", "would", "can", "could", "should",
}  # fmt: skip
_SUBJECTS = {"i", "we", "you", "they"}
_JOINED = {"am", "are", "have", "will"}


@dataclass(frozen=True)
class Corpus:
    """Posts of one voice in one language."""

    texts: tuple[Prose, ...]
    language: str

    @cached_property
    def sentences(self) -> list[str]:
        return [sentence for text in self.texts for sentence in text.sentences]


def traits(own: Corpus, others: Corpus) -> tuple[Trait, ...]:
    """Every trait of the brand, beside its value among competitors where enough of them is known."""
    persons = _PERSONS.get(own.language)
    found = [_rhythm(own, others)]
    found.append(
        _of_posts("questions", "Posts that ask a question", own, others, lambda t: any(map(_asks, t.sentences)), _asks)
    )
    found.append(
        _of_posts(
            "exclamations",
            "Posts with an exclamation mark",
            own,
            others,
            lambda t: any(map(_exclaims, t.sentences)),
            _exclaims,
        )
    )
    names = (("we", "Posts that say “we”"), ("you", "Posts that address the reader"), ("i", "Posts that say “I”"))
    for index, (trait_id, name) in enumerate(names):
        if persons is None:
            found.append(Trait(id=trait_id, name=name, value=None, unit="share", n=len(own.texts), note=_unknown(own)))
            continue
        found.append(_person(trait_id, name, own, others, persons[index]))
    found += [_contractions(own, others), _richness(own, others), _long_words(own, others), _formality(own, others)]
    found.append(
        _of_posts(
            "capitals",
            "Posts with a word in capitals",
            own,
            others,
            lambda t: any(map(_shouts, t.words)),
            lambda s: any(map(_shouts, words_of(s))),
        )
    )
    found.append(
        _of_posts(
            "numbers",
            "Posts with a number",
            own,
            others,
            lambda t: any(c.isdigit() for line in t.lines for c in line),
            lambda s: any(c.isdigit() for c in s),
        )
    )
    return tuple(found)  # fmt: skip


def _person(trait_id: str, name: str, own: Corpus, others: Corpus, said: set[str]) -> Trait:
    """The share of posts that hold a pronoun of one person."""

    def speaks(sentence: str) -> bool:
        return not said.isdisjoint(word.lower().replace("’", "'") for word in words_of(sentence))

    return _of_posts(trait_id, name, own, others, lambda text: not said.isdisjoint(text.lower), speaks)


def _of_posts(
    trait_id: str, name: str, own: Corpus, others: Corpus, has: Callable[[Prose], bool], shows: Callable[[str], bool]
) -> Trait:
    """The share of posts that have something, with sentences that show it."""
    return Trait(
        id=trait_id, name=name, value=_share(own, has), unit="share", n=len(own.texts), background=_share(others, has),
        examples=examples(own, shows), note="" if len(own.texts) >= LEAST_POSTS else f"Takes {LEAST_POSTS} posts.",
    )  # fmt: skip


def _share(corpus: Corpus, has: Callable[[Prose], bool]) -> float | None:
    if len(corpus.texts) < LEAST_POSTS:
        return None
    return round(sum(map(has, corpus.texts)) / len(corpus.texts), 4)


def examples(corpus: Corpus, shows: Callable[[str], bool]) -> tuple[str, ...]:
    """Up to three short sentences that show a habit, each standing word for word in a post of its own.

    Whole sentences only, and none with quotation marks: what someone else said is not the brand's voice.
    """
    found: list[str] = []
    for text in corpus.texts:
        fit = [s for s in text.sentences if _whole(s) and shows(s)]
        for sentence in sorted(fit, key=lambda s: (abs(len(words_of(s)) - 12), s)):
            if text.holds(sentence):
                found.append(one_line(sentence))
                break
        if len(found) == _EXAMPLES:
            break
    return tuple(dict.fromkeys(found))


def _whole(sentence: str) -> bool:
    """A sentence of 20 to 200 characters that begins with a capital and ends with a stop."""
    return (
        20 <= len(sentence) <= 200
        and sentence[0].isupper()
        and sentence[-1] in ".!?…"
        and not any(mark in sentence for mark in '"“”«»„')
    )


def _rhythm(own: Corpus, others: Corpus) -> Trait:
    lengths = [len(words_of(sentence)) for sentence in own.sentences]
    name, middle = "Words in a sentence", mean(lengths) if lengths else 0.0
    if len(lengths) < LEAST_SENTENCES:
        note = f"Takes {LEAST_SENTENCES} sentences."
        return Trait(id="sentence_words", name=name, value=None, unit="words", n=len(lengths), note=note)
    theirs = [len(words_of(sentence)) for sentence in others.sentences]
    return Trait(
        id="sentence_words", name=name, value=round(middle, 2), unit="words", n=len(lengths),
        spread=round(pstdev(lengths), 2), background=round(mean(theirs), 2) if len(theirs) >= LEAST_SENTENCES else None,
        examples=examples(own, lambda s: abs(len(words_of(s)) - middle) <= 1.5),
    )  # fmt: skip


def _contractions(own: Corpus, others: Corpus) -> Trait:
    """Of the places where English could contract, the share where it does."""
    name = "Contractions (it's, don't)"
    if own.language != "en":
        note = "Counted in English only."
        return Trait(id="contractions", name=name, value=None, unit="ratio", n=len(own.texts), note=note)
    value, places = _contracted(own)
    theirs, _ = _contracted(others)
    return Trait(
        id="contractions", name=name, value=value, unit="ratio", n=places, background=theirs,
        examples=examples(own, lambda s: any(w.lower().replace("’", "'").endswith(_SHORTENED) for w in words_of(s))),
        note="" if value is not None else "Takes 30 places where a contraction could stand.",
    )  # fmt: skip


def _contracted(corpus: Corpus) -> tuple[float | None, int]:
    short = full = 0
    for text in corpus.texts:
        words = text.lower
        short += sum(word.endswith(_SHORTENED) or word in {"it's", "that's", "there's", "let's"} for word in words)
        for first, second in pairwise(words):
            full += (second == "not" and first in _OPENED) or (first in _SUBJECTS and second in _JOINED)
            full += first in {"it", "that", "there"} and second == "is"
            full += first == "cannot"
    places = short + full
    return (round(short / places, 4) if places >= LEAST_SENTENCES else None), places


def _richness(own: Corpus, others: Corpus) -> Trait:
    value, theirs = _mattr(own), _mattr(others)
    return Trait(
        id="richness", name="Different words among a hundred", value=value, unit="ratio", n=len(own.texts),
        background=theirs, note="" if value is not None else "Takes a thousand words.",
    )  # fmt: skip


def _mattr(corpus: Corpus) -> float | None:
    """Mean share of different words over all windows of a hundred."""
    words = [word for text in corpus.texts for word in text.lower]
    if len(words) < 10 * _WINDOW:
        return None
    counts, total = Counter(words[:_WINDOW]), 0
    total = len(counts)
    for left, right in zip(words, words[_WINDOW:], strict=False):
        counts[right] += 1
        counts[left] -= 1
        if not counts[left]:
            del counts[left]
        total += len(counts)
    return round(total / (len(words) - _WINDOW + 1) / _WINDOW, 4)


def _long_words(own: Corpus, others: Corpus) -> Trait:
    return Trait(
        id="long_words", name=f"Words of {_LONG} letters or more", value=_long(own), unit="ratio", n=len(own.texts),
        background=_long(others),
    )  # fmt: skip


def _long(corpus: Corpus) -> float | None:
    words = [word for text in corpus.texts for word in text.words]
    if len(corpus.texts) < LEAST_POSTS or not words:
        return None
    return round(sum(len(word) >= _LONG for word in words) / len(words), 4)


def _formality(own: Corpus, others: Corpus) -> Trait:
    value = _formal(own)
    return Trait(
        id="formality", name="Formality, 0 to 1", value=value, unit="ratio", n=len(own.texts), background=_formal(others),
        note="The mean of four shares: sentences without “I” and “you”, sentences without exclamation mark, posts without "
        "emoji, and words that are not contractions. It compares voices; it is no measure of its own.",
    )  # fmt: skip


def _formal(corpus: Corpus) -> float | None:
    sentences, persons = corpus.sentences, _PERSONS.get(corpus.language)
    if len(corpus.texts) < LEAST_POSTS or len(sentences) < LEAST_SENTENCES or persons is None:
        return None
    near = persons[1] | persons[2]
    distant = mean(near.isdisjoint(word.lower().replace("’", "'") for word in words_of(s)) for s in sentences)
    calm = mean(not _exclaims(s) for s in sentences)
    bare = mean(not text.emoji for text in corpus.texts)
    short, _ = _contracted(corpus) if corpus.language == "en" else (None, 0)
    parts = [distant, calm, bare, *([1 - short] if short is not None else [])]
    return round(mean(parts), 4)


def _asks(sentence: str) -> bool:
    return sentence.rstrip("\"'”’)]").endswith("?")


def _exclaims(sentence: str) -> bool:
    return sentence.rstrip("\"'”’)]").endswith("!")


def _shouts(word: str) -> bool:
    return len(word) >= _SHOUT and word.isupper()


def _unknown(corpus: Corpus) -> str:
    return f"Not counted in the language “{corpus.language or 'unknown'}”."
