"""Documents beside each other: what says the same, and what competitors speak of while the brand does not.

Two texts are near-duplicates when their vectors are close and they share words in the same order. Meaning alone calls two
release notes or two newsletters the same, words alone miss a text that was turned around; how the two bounds were found
stands in docs/search.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from connectors.vectors.search import Searcher, hit_of, one_workspace
from models.domain.retrieval import Among, Duplicate, Hit, Source, Uncovered

if TYPE_CHECKING:
    import numpy as np

SIMILAR = 0.8
"""Cosine from which on two texts may be near-duplicates."""
SHARED = 0.25
"""Share of the shorter text's word triples that near-duplicates have in common at least."""
COVERED = 0.5
"""Cosine from which on an own text is about what a competitor's is about."""
MOST_COMPARED = 20_000
"""Documents that are compared pair by pair, the newest; 20,000 take some ten seconds."""
_CANDIDATES = 20
_BLOCK = 1_024
_TRIPLE = 3
_WORD = re.compile(r"\w+")


class Comparer:
    """Implements `models.ports.SimilarTexts` over the indexes of a searcher."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    def similar_texts(self, workspace_id: str, text: str, k: int = 5, *, among: Among = Among()) -> list[Hit]:  # noqa: B008
        """The documents nearest in meaning, at most `k`. Raises `NothingServed` before the first index."""
        return self._searcher.nearest(workspace_id, text, among, limit=k)

    def near_duplicates(self, workspace_id: str, text: str, *, without: Sequence[str] = ()) -> list[Hit]:
        """The documents that say the same as the text, the most similar first; `without` are ids and families left out."""
        near = self._searcher.nearest(workspace_id, text, Among(without=tuple(without)), limit=_CANDIDATES)
        return [hit for hit in near if same(hit.similarity or 0.0, shared_triples(text, hit.passage))]

    def duplicates(self, workspace_id: str, among: Among = Among(), *, limit: int = 50) -> list[Duplicate]:  # noqa: B008
        """Pairs of indexed documents that say the same, the most similar first; members of one family are no pair."""
        found = self._documents(workspace_id, among)
        pairs = sorted(_close_pairs(found), reverse=True)
        told: list[Duplicate] = []
        for similarity, one, other in pairs:
            a, b = found.hits[one], found.hits[other]
            shared = shared_triples(found.texts[one], found.texts[other])
            if same(similarity, shared) and not (a.family and a.family == b.family):
                told.append(Duplicate(a, b, similarity, shared))
                if len(told) == limit:
                    break
        return told

    def uncovered(self, workspace_id: str, *, limit: int = 20) -> list[Uncovered]:
        """What competitors write about and the brand, its drafts and its briefs do not: the subjects with most texts first.

        Texts close to each other are one subject, told by its newest text; nothing when there is no own content at all.
        """
        found = self._documents(workspace_id, Among())
        theirs = [row for row, hit in enumerate(found.hits) if hit.source is Source.COMPETITOR]
        ours = [row for row, hit in enumerate(found.hits) if hit.source is not Source.COMPETITOR]
        if not theirs or not ours:
            return []
        rivals = found.vectors[theirs]
        nearest = _highest(rivals, found.vectors[ours])
        told: list[Uncovered] = []
        taken: set[int] = set()
        open_rows = [at for at in range(len(theirs)) if nearest[at] < COVERED]
        alike = {at: [b for b in open_rows if float(rivals[at] @ rivals[b]) >= COVERED] for at in open_rows}
        for at in sorted(open_rows, key=lambda row: (-len(alike[row]), nearest[row])):
            group = [row for row in alike[at] if row not in taken]
            if at in taken or not group:
                continue
            taken.update(group)
            accounts = Counter(found.hits[theirs[row]].account for row in group)
            told.append(Uncovered(found.hits[theirs[at]], float(nearest[at]), len(group), tuple(sorted(accounts))))
        return sorted(told, key=lambda subject: (-subject.alike, subject.nearest))[:limit]

    def _documents(self, workspace_id: str, among: Among) -> _Documents:
        return self._searcher.read(workspace_id, lambda table: _read_documents(table, workspace_id, among))


@dataclass(frozen=True)
class _Documents:
    """Documents with the mean of their passages' vectors, in the same order."""

    hits: list[Hit]
    texts: list[str]
    vectors: np.ndarray


def same(similarity: float, shared: float) -> bool:
    """Whether two texts of this cosine and share of common word triples are near-duplicates."""
    return similarity >= SIMILAR and shared >= SHARED


def shared_triples(one: str, other: str) -> float:
    """The share of the shorter text's word triples that the other has too; of shorter texts, of their words."""
    a, b = _triples(one), _triples(other)
    return len(a & b) / min(len(a), len(b)) if a and b else 0.0


def _triples(text: str) -> set[tuple[str, ...]]:
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    length = min(_TRIPLE, len(words))
    return {tuple(words[at : at + length]) for at in range(len(words) - length + 1)} if words else set()


def _read_documents(table: Any, workspace_id: str, among: Among) -> _Documents:
    import numpy as np

    if table is None:
        return _Documents([], [], np.zeros((0, 1), np.float32))
    rows = table.search().where(one_workspace(workspace_id, among)).limit(table.count_rows()).to_arrow()
    vectors = rows["vector"].combine_chunks().flatten().to_numpy().reshape(len(rows), -1)
    of: dict[str, list[int]] = {}
    for row, document_id in enumerate(rows["id"].to_pylist()):
        of.setdefault(document_id, []).append(row)
    first = rows.take([members[0] for members in of.values()]).drop_columns(["vector"]).to_pylist()
    texts = rows["text"].to_pylist()
    means = np.array([vectors[members].mean(axis=0) for members in of.values()], np.float32).reshape(len(of), -1)
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-12)
    hits = [hit_of({**row, "_distance": 0.0}) for row in first]
    newest = sorted(range(len(hits)), key=lambda at: _age(hits[at]))[:MOST_COMPARED]
    whole = ["\n".join(texts[row] for row in members) for members in of.values()]
    return _Documents([hits[at] for at in newest], [whole[at] for at in newest], means[newest])


def _age(hit: Hit) -> float:
    return -hit.published_at.timestamp() if hit.published_at else 0.0


def _close_pairs(found: _Documents) -> list[tuple[float, int, int]]:
    import numpy as np

    pairs: list[tuple[float, int, int]] = []
    for start in range(0, len(found.hits), _BLOCK):
        cosines = found.vectors[start : start + _BLOCK] @ found.vectors.T
        for row, column in zip(*np.nonzero(cosines >= SIMILAR), strict=True):
            if start + row < column:
                pairs.append((float(cosines[row, column]), int(start + row), int(column)))
    return pairs


def _highest(rows: np.ndarray, others: np.ndarray) -> np.ndarray:
    """For each row the highest cosine with any of the others."""
    import numpy as np

    blocks = [(rows[start : start + _BLOCK] @ others.T).max(axis=1) for start in range(0, len(rows), _BLOCK)]
    return np.concatenate(blocks)
