"""How well near-duplicates are told: copies made of real texts in four ways, and the most similar texts of other articles.

A copy that is not called one is a miss; two different articles that are called copies are a false call. Both are counted
for several bounds around those of `connectors.vectors.comparing`.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from models.ports import Embedder

SAMPLE = 100
"""Passages that copies are made of, each in every way."""
SIMILAR = (0.7, 0.8, 0.9)
SHARED = (0.1, 0.25, 0.5)
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_FRAME = ("Worth reading again today:", "What do you think? Tell us below. #throwback #reading")


@dataclass(frozen=True)
class Bounds:
    """What two bounds give: `caught` is by way of copying, `falsely` the share of false calls."""

    similar: float
    shared: float
    caught: dict[str, float]
    falsely: float


@dataclass(frozen=True)
class CopiesTold:
    """`different` counts the passages whose most similar one of another article was judged; `quantiles` are cosines."""

    copies: int
    different: int
    bounds: list[Bounds] = field(default_factory=list)
    quantiles: dict[str, list[float]] = field(default_factory=dict)


def tell_copies(root: Path, workspace_id: str, embedder: Embedder, *, seed: int) -> CopiesTold:
    """Judges copies of `SAMPLE` indexed passages, and every passage against the nearest one of another document."""
    import numpy as np

    from connectors.vectors.comparing import shared_triples

    ids, texts, vectors = _passages(root, workspace_id)
    chance = random.Random(seed)
    long = [row for row, text in enumerate(texts) if len(text.split()) >= 60]
    sample = chance.sample(long, min(SAMPLE, len(long)))
    judged: dict[str, list[tuple[float, float]]] = {}
    for way, change in _WAYS.items():
        copies = [change(texts[row], texts[chance.choice(long)], chance) for row in sample]
        cosines = np.einsum("ij,ij->i", embedder.documents(copies), vectors[sample])
        shared = [shared_triples(copy, texts[row]) for copy, row in zip(copies, sample, strict=True)]
        judged[way] = [(float(cosine), share) for cosine, share in zip(cosines, shared, strict=True)]
    different = _nearest_others(ids, texts, vectors, long)
    return CopiesTold(
        copies=len(sample) * len(_WAYS),
        different=len(different),
        bounds=[_bounds(judged, different, similar, shared) for similar in SIMILAR for shared in SHARED],
        quantiles={
            name: [
                round(float(q), 3) for q in np.quantile([cosine for cosine, _ in pairs], (0.01, 0.1, 0.5, 0.9, 0.99))
            ]
            for name, pairs in (*judged.items(), ("nearest of another article", different))
        },
    )


def _bounds(
    judged: dict[str, list[tuple[float, float]]], different: list[tuple[float, float]], similar: float, shared: float
) -> Bounds:
    def share(pairs: list[tuple[float, float]]) -> float:
        return round(sum(cosine >= similar and words >= shared for cosine, words in pairs) / max(len(pairs), 1), 4)

    return Bounds(similar, shared, {way: share(pairs) for way, pairs in judged.items()}, share(different))


def _passages(root: Path, workspace_id: str) -> tuple[list[str], list[str], np.ndarray]:
    from connectors.vectors.index import VectorIndex
    from connectors.vectors.table import open_table
    from models.errors import NotFound

    index = VectorIndex(root, workspace_id)
    version = index.current()
    if version is None:
        raise NotFound(f"There is no index of {workspace_id} below {root}: it was removed while it was measured.")
    table = open_table(index.directory / version.version, version.dimension)
    rows = table.search().select(["id", "text", "vector"]).limit(version.chunks).to_arrow()
    vectors = rows["vector"].combine_chunks().flatten().to_numpy().reshape(len(rows), -1)
    return rows["id"].to_pylist(), rows["text"].to_pylist(), vectors


def _nearest_others(
    ids: Sequence[str], texts: Sequence[str], vectors: np.ndarray, rows: Sequence[int]
) -> list[tuple[float, float]]:
    """(cosine, share of common triples) of each passage with the most similar one of another document."""
    import numpy as np

    from connectors.vectors.comparing import shared_triples

    numbers = {document: number for number, document in enumerate(dict.fromkeys(ids))}
    owner = np.array([numbers[document] for document in ids])
    found = []
    for start in range(0, len(rows), 512):
        block = np.array(rows[start : start + 512])
        cosines = vectors[block] @ vectors.T
        cosines[owner[block][:, None] == owner[None, :]] = -1
        for row, other in zip(block, cosines.argmax(axis=1), strict=True):
            found.append((float(vectors[row] @ vectors[other]), shared_triples(texts[row], texts[other])))
    return found


def _framed(text: str, _other: str, _chance: random.Random) -> str:
    return f"{_FRAME[0]} {text} {_FRAME[1]}"


def _shortened(text: str, _other: str, _chance: random.Random) -> str:
    words = text.split()
    return " ".join(words[: len(words) * 2 // 3])


def _reordered(text: str, _other: str, chance: random.Random) -> str:
    sentences = _SENTENCE.split(text)
    chance.shuffle(sentences)
    return " ".join(sentences)


def _reworded(text: str, other: str, chance: random.Random) -> str:
    """One word in ten is another one."""
    words, strange = text.split(), other.split()
    for at in chance.sample(range(len(words)), len(words) // 10):
        words[at] = chance.choice(strange)
    return " ".join(words)


_WAYS: dict[str, Callable[[str, str, random.Random], str]] = {
    "with a sentence before and after": _framed,
    "the first two thirds": _shortened,
    "sentences in another order": _reordered,
    "one word in ten replaced": _reworded,
}
