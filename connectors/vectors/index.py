"""The index of a workspace's content: what to embed anew, and a version that replaces the one before.

Each version is a dataset of its own, written beside the one that is read and then pointed to. So a process killed at any
point leaves the old version up, readers are never in the writer's way, and what was deleted from the content is gone from
the disk once the old version is removed, which is part of the same update. Vectors are taken over by the hash of what was
embedded: an update costs the embedding of what is new, and the writing of a file.
"""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import uuid
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.vectors.chunks import Chunk, chunks_of
from connectors.vectors.lock import writing
from connectors.vectors.pointer import (
    POINTER,
    IndexVersion,
    index_directory,
    read_index_pointer,
    size_on_disk,
    write_index_pointer,
)
from connectors.vectors.table import open_table, write_table
from models.domain.retrieval import Document

if TYPE_CHECKING:
    import numpy as np

    from models.ports import Embedder

ROUND = 2_000
"""Texts embedded between two versions of a large update, at least: a killed process has to embed so many again. Every version
is written whole, so a round is a twentieth of the index where that is more."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Updated:
    """What an update did. `embedded` counts texts that a model was asked for; `changed` is False when nothing was written.

    `rebuilt` says why nothing could be taken over from the version before; empty otherwise."""

    documents: int
    chunks: int
    embedded: int
    removed: int
    changed: bool
    rebuilt: str = ""


class VectorIndex:
    """The index of one workspace below `root`."""

    def __init__(self, root: Path, workspace_id: str) -> None:
        self._root = root
        self.workspace_id = workspace_id
        self.directory = index_directory(root, workspace_id)

    def current(self) -> IndexVersion | None:
        """The version to read, None when there is none that can be read."""
        return read_index_pointer(self._root, self.workspace_id)

    def update(
        self, documents: Iterable[Document], embedder: Embedder, *, wait_seconds: float = 60.0,
        on_round: Callable[[int, int], None] | None = None,
    ) -> Updated:  # fmt: skip
        """Makes the index hold exactly these documents. `on_round` hears (embedded so far, to embed) of a large update.

        Raises `Conflict` when another process keeps writing, and what the embedder raises (`ModelError`); the version
        before stays up then.
        """
        chunks = sorted(
            (chunk for document in documents for chunk in chunks_of(document)),
            key=lambda chunk: (chunk.document.id, chunk.number),
        )
        with writing(self.directory, self.workspace_id, wait_seconds=wait_seconds):
            before = self.current()
            self._remove_all_but(before.version if before else "")
            wanted = fingerprint(chunks, embedder.model_id)
            if before is not None and before.fingerprint == wanted:
                return Updated(before.documents, before.chunks, 0, 0, changed=False)
            return self._write(chunks, embedder, before, wanted, on_round)

    def discard(self, version: str) -> None:
        """Forgets a version that cannot be read, so that the next update writes a new one."""
        with writing(self.directory, self.workspace_id, wait_seconds=5.0):
            found = self.current()
            if found is not None and found.version == version:
                (self.directory / POINTER).unlink(missing_ok=True)

    def _write(
        self, chunks: Sequence[Chunk], embedder: Embedder, before: IndexVersion | None, wanted: str,
        on_round: Callable[[int, int], None] | None,
    ) -> Updated:  # fmt: skip
        known, rebuilt = self._known_vectors(before, embedder)
        missing: dict[str, str] = {}
        for chunk in chunks:
            if chunk.hash not in known:
                missing.setdefault(chunk.hash, chunk.embedded)
        hashes = list(missing)
        held = before.chunks if before else 0
        removed = len(known.keys() - {chunk.hash for chunk in chunks}) if known else held
        size = max(ROUND, len(chunks) // 20)
        for start in range(0, max(len(hashes), 1), size):
            part = hashes[start : start + size]
            if part:
                vectors = embedder.documents([missing[key] for key in part])
                known |= zip(part, vectors, strict=True)
            last = start + size >= len(hashes)
            self._publish([chunk for chunk in chunks if chunk.hash in known], known, embedder, wanted if last else "")
            if on_round is not None and not last:
                on_round(start + len(part), len(hashes))
        found = self.current()
        documents = found.documents if found else 0
        return Updated(documents, len(chunks), len(hashes), removed, changed=True, rebuilt=rebuilt)

    def _known_vectors(self, before: IndexVersion | None, embedder: Embedder) -> tuple[dict[str, np.ndarray], str]:
        """Vectors of the version before by the hash of their text, and why there are none although there is a pointer."""
        if before is None:
            damaged = (self.directory / POINTER).exists()
            return {}, "the index was damaged or of another release" if damaged else ""
        if (before.model_id, before.dimension) != (embedder.model_id, embedder.dimension):
            return {}, f"the model changed from {before.model_id} to {embedder.model_id}"
        if not before.chunks:
            return {}, ""
        import numpy as np

        try:
            table = open_table(self.directory / before.version, before.dimension)
            rows = table.search().select(["hash", "vector"]).limit(before.chunks).to_arrow()
            vectors = rows["vector"].combine_chunks().flatten().to_numpy().reshape(-1, before.dimension)
        except (OSError, RuntimeError, ValueError) as error:
            _log.warning("The search index of %s cannot be read and is rebuilt: %s", self.workspace_id, error)
            return {}, "the index could not be read"
        if len(rows) != before.chunks or not np.isfinite(vectors).all():
            return {}, "the index was not whole"
        return dict(zip(rows["hash"].to_pylist(), vectors, strict=True)), ""

    def _publish(
        self, chunks: Sequence[Chunk], vectors: dict[str, np.ndarray], embedder: Embedder, wanted: str
    ) -> None:
        """Writes a version and points to it; the one before is removed."""
        import numpy as np

        version = uuid.uuid4().hex
        matrix = np.zeros((len(chunks), embedder.dimension), np.float32)
        for row, chunk in enumerate(chunks):
            matrix[row] = vectors[chunk.hash]
        write_table(self.directory / version, self.workspace_id, chunks, matrix, embedder.model_id)
        files, size = size_on_disk(self.directory / version)
        written = IndexVersion(
            workspace_id=self.workspace_id, version=version, model_id=embedder.model_id, dimension=embedder.dimension,
            documents=len({chunk.document.id for chunk in chunks}), chunks=len(chunks), fingerprint=wanted, files=files,
            bytes=size,
        )  # fmt: skip
        write_index_pointer(self._root, written)
        self._remove_all_but(version)

    def _remove_all_but(self, version: str) -> None:
        """Removes other versions: replaced ones, and what a killed process left half-written."""
        for entry in self.directory.iterdir():
            if entry.is_dir() and entry.name != version:
                shutil.rmtree(entry)


def fingerprint(chunks: Sequence[Chunk], model_id: str) -> str:
    """SHA-256 of everything that a row of these chunks says, and of the model."""
    digest = hashlib.sha256(model_id.encode())
    for chunk in chunks:
        document = chunk.document
        published = document.published_at.isoformat() if document.published_at else ""
        said = [
            document.id, chunk.number, chunk.hash, document.title, document.account, document.url, published, document.family,
        ]  # fmt: skip
        digest.update(json.dumps(said).encode())
    return digest.hexdigest()


def remove_index(root: Path, workspace_id: str) -> None:
    """Deletes a workspace's index."""
    shutil.rmtree(index_directory(root, workspace_id), ignore_errors=True)
