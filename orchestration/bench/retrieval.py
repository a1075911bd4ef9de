"""How well search finds, and how fast: titles against their articles, and an index of a given size.

The pairs are made of real articles, so their folder is given: a title is the query, its article's text the passage to be
found among the texts of all articles. From each text every word of its own title is removed, whole words in any case, so
that it cannot be found by repeating its headline; the index holds no titles.
"""

from __future__ import annotations

import os
import platform
import random
import re
import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.domain.retrieval import Document, Mode, Source
from models.errors import InvalidInput, NotFound
from orchestration.bench.copies import CopiesTold, tell_copies
from orchestration.progress import Log, silent

if TYPE_CHECKING:
    import numpy as np

    from connectors.vectors.search import Searcher
    from models.ports import Embedder

PAIRS = 200
SEED = 20261129
WORKSPACE = "bench"
LONG_ENOUGH = 100
"""Words that an article must have left to be asked for; all others are in the index too."""
NOISE = 0.02
"""Standard deviation of what is added to each of a vector's 384 numbers to make another one of it: the cosine of the two is
then about 0.93, that of two neighbouring texts."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Pair:
    """A query and the id of the one document that answers it."""

    query: str
    document_id: str


@dataclass
class Told:
    """One run of the benchmark. Shares are of the pairs; times are seconds but for those named otherwise."""

    documents: int = 0
    chunks: int = 0
    pairs: int = 0
    whole: bool = False
    model: str = ""
    recall: dict[str, dict[str, float]] = field(default_factory=dict)
    """By mode: `at_1`, `at_10`, `mrr` (mean reciprocal rank within ten)."""
    embedding: dict[str, float] = field(default_factory=dict)
    """`chunks_per_second` of the articles, `query_ms` of one title."""
    size: dict[str, Any] = field(default_factory=dict)
    """The large index: its chunks, how many vectors were embedded, seconds to write it, megabytes, query times by mode."""
    copies: CopiesTold | None = None
    peak_rss_mb: int = 0
    machine: dict[str, Any] = field(default_factory=dict)


def measure(
    home: Path, folders: Sequence[Path], embedder: Embedder, *, pairs: int = PAIRS, among: int = 0, whole: bool = False,
    chunks: int = 100_000,
    log: Log = silent,
) -> Told:  # fmt: skip
    """Both measurements, with indexes below `home`; the articles asked for stand among so many, or among all with 0;
    `whole` ones keep their title's words in their text. Raises `InvalidInput` when the folders hold too few articles."""
    from connectors.vectors.index import VectorIndex
    from connectors.vectors.search import Searcher

    everything = [document for folder in folders for document in articles(folder)]
    asked = pairs_of(everything, pairs)
    documents = _drawn(everything, asked, among or len(everything))
    told = Told(documents=len(documents), pairs=len(asked), whole=whole, model=embedder.model_id, machine=_machine())
    embedder.queries(["the model is loaded before anything is timed"])
    log(f"Embedding {len(documents):,} articles…")
    started = time.perf_counter()
    updated = VectorIndex(home, WORKSPACE).update(
        [replace(document, title="") if whole else without_title(document) for document in documents], embedder
    )
    told.embedding["chunks_per_second"] = round(updated.embedded / (time.perf_counter() - started), 1)
    told.chunks = updated.chunks
    searcher = Searcher(home, embedder)
    for mode in Mode:
        log(f"Asking for {len(asked)} articles, {mode}…")
        told.recall[mode.value] = _recall(searcher, asked, mode)
    told.embedding["query_ms"] = round(
        sorted(_ms(partial(embedder.queries, [pair.query])) for pair in asked)[len(asked) // 2], 2
    )
    log("Telling copies from texts that are only alike…")
    told.copies = tell_copies(home, WORKSPACE, embedder, seed=SEED)
    if chunks:
        log(f"Writing an index of {chunks:,} chunks…")
        told.size = _size(home / "large", home, embedder, [pair.query for pair in asked], chunks)
    told.peak_rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return told


def articles(folder: Path) -> list[Document]:
    """A folder of Markdown articles, each once, as own posts."""
    from connectors.files.importer import read_source
    from models.domain.content import ContentRecord

    _, records = read_source(str(folder), workspace_id=WORKSPACE, landed_at=datetime.now(UTC))
    found = {
        record.entity_id: Document(
            source=Source.OWN, platform=record.platform.value, account_id=record.account_id, account=record.account_name,
            entity_id=record.entity_id, title=record.title or "", text=record.body or "", published_at=record.published_at,
        )
        for record in records
        if isinstance(record, ContentRecord)
    }  # fmt: skip
    return list(found.values())


def without_title(document: Document) -> Document:
    """The text without any word of its title, and without the title."""
    own = {word.casefold() for word in _WORD.findall(document.title)}
    text = _WORD.sub(lambda found: "" if found.group().casefold() in own else found.group(), document.text)
    return Document(
        document.source, document.platform, document.account_id, document.account, document.entity_id, "", text,
        published_at=document.published_at,
    )  # fmt: skip


def pairs_of(documents: Sequence[Document], count: int, seed: int = SEED) -> list[Pair]:
    """Titles of at least three words whose article keeps `LONG_ENOUGH` words without them, drawn at random, the same each
    time. A title that several articles bear is none. Raises `InvalidInput` when there are fewer."""
    titles = [document.title.casefold().strip() for document in documents]
    fit = [
        Pair(document.title, document.id)
        for document in documents
        if len(_WORD.findall(document.title)) >= 3
        and titles.count(document.title.casefold().strip()) == 1
        and len(_WORD.findall(without_title(document).text)) >= LONG_ENOUGH
    ]
    if len(fit) < count:
        raise InvalidInput(
            f"The folders hold {len(fit)} articles with a title of three words and {LONG_ENOUGH} words of text, which is "
            f"less than {count}: give more folders, or a smaller --pairs."
        )
    return random.Random(seed).sample(sorted(fit, key=lambda pair: pair.document_id), count)


def _drawn(documents: Sequence[Document], pairs: Sequence[Pair], count: int) -> list[Document]:
    """The documents of the pairs and others drawn at random, `count` in all, in their order."""
    wanted = {pair.document_id for pair in pairs}
    others = sorted(document.id for document in documents if document.id not in wanted)
    wanted.update(random.Random(SEED).sample(others, min(max(count - len(wanted), 0), len(others))))
    return [document for document in documents if document.id in wanted]


def _recall(searcher: Searcher, pairs: Sequence[Pair], mode: Mode) -> dict[str, float]:
    ranks = []
    for pair in pairs:
        ids = [hit.id for hit in searcher.search(WORKSPACE, pair.query, mode=mode, limit=10)]
        ranks.append(ids.index(pair.document_id) + 1 if pair.document_id in ids else 0)
    found = [rank for rank in ranks if rank]
    return {
        "at_1": round(ranks.count(1) / len(ranks), 3),
        "at_10": round(len(found) / len(ranks), 3),
        "mrr": round(sum(1 / rank for rank in found) / len(ranks), 3),
    }


def _size(home: Path, small: Path, embedder: Embedder, queries: Sequence[str], chunks: int) -> dict[str, Any]:
    """An index of `chunks` copies of the articles' chunks, and how long it takes to write, to change and to ask."""
    from connectors.vectors.index import VectorIndex
    from connectors.vectors.search import Searcher

    copies = _Copies(small, embedder)
    index = VectorIndex(home, WORKSPACE)
    documents = [copies.document(number) for number in range(chunks)]
    started = time.perf_counter()
    updated = index.update(documents, copies)
    seconds = time.perf_counter() - started
    started = time.perf_counter()
    index.update([*documents[1:], copies.document(chunks)], copies)
    changing = time.perf_counter() - started
    found = index.current()
    searcher = Searcher(home, embedder)
    return {
        "chunks": updated.chunks,
        "vectors_embedded": copies.embedded,
        "write_seconds": round(seconds, 1),
        "chunks_written_per_second": round(updated.chunks / seconds),
        "change_one_seconds": round(changing, 2),
        "megabytes": round(found.bytes / 2**20) if found else 0,
        "query_ms": {mode.value: _query_ms(searcher, queries, mode) for mode in Mode},
    }


class _Copies:
    """Gives chunk number n the vector and the words of an article's chunk, each a little changed: see `NOISE`."""

    def __init__(self, root: Path, embedder: Embedder) -> None:
        from connectors.vectors.index import VectorIndex
        from connectors.vectors.table import open_table

        index = VectorIndex(root, WORKSPACE)
        version = index.current()
        if version is None:
            raise NotFound(f"There is no index of the articles below {root}: it was removed while it was measured.")
        rows = open_table(index.directory / version.version, version.dimension).search()
        kept = rows.select(["text", "vector"]).limit(version.chunks).to_arrow()
        self._texts: list[str] = kept["text"].to_pylist()
        self._vectors: np.ndarray = kept["vector"].combine_chunks().flatten().to_numpy().reshape(len(kept), -1)
        self.model_id, self.dimension, self.embedded = embedder.model_id, embedder.dimension, len(kept)
        self._embedder = embedder

    def document(self, number: int) -> Document:
        """The copy with this number: its words rotated to another beginning, and one that is its own."""
        words = self._texts[number % self.embedded].split()[:190]
        turn = number // self.embedded * 7 % max(len(words), 1)
        text = " ".join(["copy", str(number), *words[turn:], *words[:turn]])
        return Document(Source.OWN, "web", "bench", "Bench", str(number), "", text)

    def documents(self, texts: Sequence[str]) -> np.ndarray:
        import numpy as np

        numbers = np.array([int(text.split(" ", 2)[1]) for text in texts])
        noise = np.random.default_rng(SEED).normal(0, NOISE, (len(texts), self.dimension))
        made = self._vectors[numbers % self.embedded] + noise.astype(np.float32)
        return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        return self._embedder.queries(texts)


def _query_ms(searcher: Searcher, queries: Sequence[str], mode: Mode) -> dict[str, float]:
    """Median and 95th percentile of asking with each query once, after three that are not counted."""
    for query in queries[:3]:
        searcher.search(WORKSPACE, query, mode=mode)
    times = sorted(_ms(partial(searcher.search, WORKSPACE, query, mode=mode)) for query in queries)
    return {"p50": round(times[len(times) // 2], 1), "p95": round(times[int(len(times) * 0.95)], 1)}


def _ms(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1_000


def _machine() -> dict[str, Any]:
    return {
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 1),
        **{name: version(name) for name in ("lancedb", "onnxruntime", "tokenizers")},
    }
