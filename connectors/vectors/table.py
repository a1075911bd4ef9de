"""The table of one version of an index: its columns, writing it, opening it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connectors.vectors.chunks import Chunk

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

TABLE = "chunks"
LARGE = 200_000
"""Chunks from which on vectors get an index of their own. Below, every vector is compared: exact, and fast enough (see
`fabric bench retrieval`)."""
_ROWS = 8_192
_ENGLISH = "all-MiniLM-L6-v2-onnx-int8"


def schema(dimension: int) -> pa.Schema:
    """Columns of a row, which is one chunk. `text` is what is embedded and searched for words: title and passage."""
    import pyarrow as pa

    text = pa.string()
    return pa.schema(
        [
            ("workspace_id", text), ("id", text), ("source", text), ("trust", text), ("platform", text),
            ("account_id", text), ("account", text), ("entity_id", text), ("family", text), ("chunk", pa.int32()),
            ("title", text), ("text", text), ("url", text), ("published_at", pa.timestamp("us", "UTC")), ("hash", text),
            ("model_id", text), ("vector", pa.list_(pa.float32(), dimension)),
        ]
    )  # fmt: skip


def write_table(
    directory: Path, workspace_id: str, chunks: Sequence[Chunk], vectors: np.ndarray, model_id: str
) -> None:
    """Writes a new dataset with one row a chunk, in order, and its index of words; nothing without chunks."""
    if not chunks:
        return
    import lancedb
    from lancedb.index import FTS, IvfFlat

    directory.mkdir(parents=True)
    made = lancedb.connect(directory).create_table(
        TABLE, data=_batches(workspace_id, chunks, vectors, model_id), schema=schema(vectors.shape[1])
    )
    english = model_id == _ENGLISH
    words = FTS() if english else FTS(base_tokenizer="icu", stem=False, remove_stop_words=False)
    made.create_index("text", config=words)
    if len(chunks) >= LARGE:
        made.create_index("vector", config=IvfFlat(distance_type="cosine"))


def open_table(directory: Path, dimension: int) -> Any:
    """The table of a version. Raises `ValueError` when its columns are others than those of this release, and what LanceDB
    raises when it cannot be read."""
    import lancedb

    table = lancedb.connect(directory).open_table(TABLE)
    if table.schema.names != schema(dimension).names or table.schema.field("vector").type != schema(dimension)[-1].type:
        raise ValueError(f"its columns are {', '.join(table.schema.names)}")
    return table


def _batches(
    workspace_id: str, chunks: Sequence[Chunk], vectors: np.ndarray, model_id: str
) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    columns = schema(vectors.shape[1])
    for start in range(0, len(chunks), _ROWS):
        part = chunks[start : start + _ROWS]
        rows = [_row(workspace_id, chunk, model_id) for chunk in part]
        arrays = [pa.array([row[field.name] for row in rows], field.type) for field in list(columns)[:-1]]
        flat = pa.array(vectors[start : start + _ROWS].ravel(), pa.float32())
        arrays.append(pa.FixedSizeListArray.from_arrays(flat, vectors.shape[1]))
        yield pa.RecordBatch.from_arrays(arrays, schema=columns)


def _row(workspace_id: str, chunk: Chunk, model_id: str) -> dict[str, Any]:
    document = chunk.document
    return {
        "workspace_id": workspace_id,
        "id": document.id,
        "source": document.source.value,
        "trust": document.trust.value,
        "platform": document.platform,
        "account_id": document.account_id,
        "account": document.account,
        "entity_id": document.entity_id,
        "family": document.family,
        "chunk": chunk.number,
        "title": document.title,
        "text": chunk.embedded,
        "url": document.url,
        "published_at": document.published_at,
        "hash": chunk.hash,
        "model_id": model_id,
    }
