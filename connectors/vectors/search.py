"""Searching the indexes: by meaning, by words, or both; always in one workspace."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from connectors.vectors.chunks import MOST, storable
from connectors.vectors.index import VectorIndex
from connectors.vectors.pointer import IndexVersion
from connectors.vectors.table import open_table
from models.domain.retrieval import Among, Hit, Mode, Source, Trust
from models.errors import InvalidInput, NotFound, NothingServed, StoreCorrupt

if TYPE_CHECKING:
    import numpy as np

    from models.ports import Embedder

R = TypeVar("R")
WEIGHT = 0.5
"""Share of the meaning in a hybrid score; the rest is that of the words."""
MOST_HITS = 200
LONGEST_QUERY = 4_000
_CHUNKS_PER_HIT = 6
"""Chunks fetched for each document wanted, because several may be of the same one."""
_EVERYTHING = Among()
_KEPT = 16
_UNREADABLE = (OSError, RuntimeError, ValueError)
"""What LanceDB raises when a file of its is not there or not readable."""
_log = logging.getLogger(__name__)


class Searcher:
    """Searches with one model. Keeps the tables opened last; safe to share between threads.

    Without an embedder it searches whatever index there is by words, and finds what is similar to something indexed.
    """

    def __init__(self, root: Path, embedder: Embedder | None) -> None:
        self._root = root
        self._embedder = embedder
        self._open: dict[str, tuple[str, Any]] = {}
        self._lock = threading.Lock()

    def search(
        self, workspace_id: str, words: str, among: Among = _EVERYTHING, *, mode: Mode = Mode.HYBRID, limit: int = 10
    ) -> list[Hit]:
        """The documents that fit the words best, at most `limit`, best first; the same passage once (`Hit.repeated`).

        Raises `NothingServed` before the first index, `StoreCorrupt` when it cannot be read (it is written anew by the next
        update), `InvalidInput` without words.
        """
        text = " ".join(storable(words).split())[:LONGEST_QUERY]
        if not text:
            raise InvalidInput("Say what to search for: some words, or a sentence.")
        wanted = _bounded(limit)
        vector = None if mode is Mode.TEXT else self._model().queries([text])[0]
        found = self.read(workspace_id, lambda table: _found(table, workspace_id, text, vector, among, mode, wanted))
        return _once(found)[:wanted]

    def like(self, workspace_id: str, document_id: str, among: Among = _EVERYTHING, *, limit: int = 10) -> list[Hit]:
        """The documents most similar to an indexed one, without itself. Raises `NotFound` when it is not indexed."""
        wanted = _bounded(limit)

        def near(table: Any) -> list[Hit]:
            vector = _vector_of(table, workspace_id, document_id)
            if vector is None:
                raise NotFound(
                    f"{document_id!r} is not in the search index of {workspace_id}: take an id that fabric search "
                    f'--workspace {workspace_id} --json "some words" gives.'
                )
            without = Among(among.sources, among.platforms, among.accounts, (*among.without, document_id))
            return _once(_found(table, workspace_id, "", vector, without, Mode.VECTOR, wanted))[:wanted]

        return self.read(workspace_id, near)

    def nearest(self, workspace_id: str, text: str, among: Among = _EVERYTHING, *, limit: int = 10) -> list[Hit]:
        """The documents most similar to a text that need not be indexed, such as a draft."""
        content = storable(text).strip()[:LONGEST_QUERY]
        if not content:
            return []
        vector = self._model().documents([content])[0]
        wanted = _bounded(limit)
        found = self.read(
            workspace_id, lambda table: _found(table, workspace_id, "", vector, among, Mode.VECTOR, wanted)
        )
        return found[:wanted]

    def version(self, workspace_id: str) -> IndexVersion:
        """The version that is searched. Raises `NothingServed` before the first, or when it is of another model."""
        found = VectorIndex(self._root, workspace_id).current()
        if found is None or (self._embedder is not None and found.model_id != self._embedder.model_id):
            raise NothingServed(
                f"Workspace {workspace_id} has no search index{self._of_model()} yet: the Dagster daemon of fabric serve all "
                f"writes it after a build, and so does fabric search WORDS --workspace {workspace_id}."
            )
        return found

    def _model(self) -> Embedder:
        if self._embedder is None:
            raise InvalidInput(
                "Only words can be searched here, as the embedder of this installation is not a local one."
            )
        return self._embedder

    def _of_model(self) -> str:
        return f" of the model {self._embedder.model_id}" if self._embedder is not None else ""

    def read(self, workspace_id: str, ask: Callable[[Any], R]) -> R:
        """Asks the table of the current version (None when it holds nothing); one replaced meanwhile is let go."""
        version = self.version(workspace_id)
        while True:
            try:
                return ask(self._table(version) if version.chunks else None)
            except _UNREADABLE as error:
                self._forget(workspace_id)
                newer = VectorIndex(self._root, workspace_id).current()
                if newer is not None and newer.version != version.version:
                    version = newer
                    continue
                if self._is_whole(version):
                    raise InvalidInput(f"This search cannot be run: {error}. Search for other words.") from error
                _log.warning("The search index of %s cannot be read: %s", workspace_id, error)
                VectorIndex(self._root, workspace_id).discard(version.version)
                raise StoreCorrupt(
                    f"The search index of workspace {workspace_id} is damaged and was put aside: run fabric search WORDS "
                    f"--workspace {workspace_id}, which writes it anew, as does the daemon of fabric serve all."
                ) from error

    def _table(self, version: IndexVersion) -> Any:
        with self._lock:
            kept = self._open.pop(version.workspace_id, None)
            if kept is None or kept[0] != version.version:
                directory = VectorIndex(self._root, version.workspace_id).directory / version.version
                kept = (version.version, open_table(directory, version.dimension))
            self._open[version.workspace_id] = kept
            while len(self._open) > _KEPT:
                self._open.pop(next(iter(self._open)))
            return kept[1]

    def _is_whole(self, version: IndexVersion) -> bool:
        """Whether all of it can be read, so that an error came from what was asked."""
        try:
            table = self._table(version)
            return len(table.search().limit(version.chunks).to_arrow()) == version.chunks
        except _UNREADABLE:
            self._forget(version.workspace_id)
            return False

    def _forget(self, workspace_id: str) -> None:
        with self._lock:
            self._open.pop(workspace_id, None)


def _bounded(limit: int) -> int:
    if not 1 <= limit <= MOST_HITS:
        raise InvalidInput(f"Between 1 and {MOST_HITS} hits can be asked for, not {limit}.")
    return limit


def _found(
    table: Any, workspace_id: str, text: str, vector: np.ndarray | None, among: Among, mode: Mode, most: int
) -> list[Hit]:
    """The best passage of each of the best documents, `most` or more, best first."""
    if table is None:
        return []
    from lancedb.query import MatchQuery
    from lancedb.rerankers import LinearCombinationReranker

    if mode is Mode.TEXT:
        query = table.search(MatchQuery(text, "text"), query_type="fts")
    elif mode is Mode.VECTOR:
        query = table.search(vector, vector_column_name="vector").distance_type("cosine")
    else:
        query = (
            table.search(query_type="hybrid", vector_column_name="vector", fts_columns="text")
            .vector(vector).text(MatchQuery(text, "text")).distance_type("cosine")
            .rerank(LinearCombinationReranker(weight=WEIGHT, return_score="all"))
        )  # fmt: skip
    rows = query.where(one_workspace(workspace_id, among)).limit(most * _CHUNKS_PER_HIT).to_list()
    hits: dict[str, Hit] = {}
    for row in rows:
        hits.setdefault(row["id"], hit_of(row))
    return list(hits.values())


def _once(hits: list[Hit]) -> list[Hit]:
    """Each passage once, under its newest document, with how often it is repeated; own and competitors' words apart."""
    groups: dict[tuple[Trust, str], list[Hit]] = {}
    for hit in hits:
        groups.setdefault((hit.trust, hit.passage), []).append(hit)
    return [replace(max(same, key=_published), score=same[0].score, repeated=len(same) - 1) for same in groups.values()]


def _published(hit: Hit) -> float:
    return hit.published_at.timestamp() if hit.published_at else 0.0


def _vector_of(table: Any, workspace_id: str, document_id: str) -> np.ndarray | None:
    """The mean of a document's vectors, None when it is not there."""
    if table is None:
        return None
    from lancedb.expr import col, lit

    where = one_workspace(workspace_id, Among()) & (col("id") == lit(storable(document_id)))
    rows = table.search().where(where).select(["vector"]).limit(MOST).to_arrow()
    if not len(rows):
        return None
    mean: np.ndarray = rows["vector"].combine_chunks().flatten().to_numpy().reshape(len(rows), -1).mean(axis=0)
    return mean


def one_workspace(workspace_id: str, among: Among) -> Any:
    """An expression, not a text: values need no quoting. The workspace is always part of it."""
    from lancedb.expr import col, lit

    found = col("workspace_id") == lit(workspace_id)
    for column, values in (("source", among.sources), ("platform", among.platforms), ("account", among.accounts)):
        if values:
            found &= col(column).isin([storable(value) for value in values])
    if among.without:
        without = [storable(value) for value in among.without]
        found &= ~col("id").isin(without) & ~col("family").isin(without)
    return found


def hit_of(row: dict[str, Any]) -> Hit:
    """A row of the table as what was found."""
    distance, title = row.get("_distance"), str(row["title"])
    similarity = None if distance is None else 1.0 - float(distance)
    score = next(value for value in (row.get("_relevance_score"), row.get("_score"), similarity) if value is not None)
    published = row["published_at"]
    return Hit(
        id=row["id"],
        source=Source(row["source"]),
        trust=Trust(row["trust"]),
        platform=row["platform"],
        account=row["account"],
        entity_id=row["entity_id"],
        title=title,
        passage=str(row["text"]).removeprefix(f"{title}\n"),
        url=row["url"],
        published_at=published if isinstance(published, datetime) else None,
        family=row["family"],
        score=float(score),
        similarity=similarity,
    )
