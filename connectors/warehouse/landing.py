"""Landing: every batch ever received, one immutable Parquet file each.

`root/<workspace>/<source>/<batch_id>.parquet` holds the rows (`connectors.warehouse.schema.LANDING`); the file's
key-value metadata holds what a listing needs, so listing reads footers only. A batch is streamed through in chunks, so
memory does not grow with the file.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.warehouse.atomic import replacing
from connectors.warehouse.columns import BIGINT, DOUBLE, TIMESTAMPTZ, VARCHAR
from connectors.warehouse.schema import LANDING, Kind
from models.domain.content import Batch, ContentRecord, Observation, Record, Rejection
from models.domain.workspace import WORKSPACE_ID
from models.errors import InvalidInput, StoreCorrupt

CHUNK_ROWS = 20_000
_NAME = re.compile(r"^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$")
_TYPES = {VARCHAR: pa.string(), BIGINT: pa.int64(), DOUBLE: pa.float64(), TIMESTAMPTZ: pa.timestamp("us", tz="UTC")}
_SCHEMA = pa.schema([(name, _TYPES[kind]) for name, kind in LANDING.items()])


@dataclass(frozen=True)
class LandedBatch:
    """One landing file. The three counts are rows; instants are UTC.

    `written` is True only in the answer to the `land` call that wrote the file.
    """

    workspace_id: str
    source: str
    batch_id: str
    observed_at: datetime
    landed_at: datetime
    source_file: str
    path: Path
    contents: int
    observations: int
    rejections: int
    written: bool
    problem: str = ""
    """What is wrong with a file whose footer cannot be read: then the instants are the file's own and the counts 0."""

    @property
    def key(self) -> str:
        """What identifies the batch in an installation: the same file may land in two workspaces."""
        return f"{self.workspace_id}/{self.source}/{self.batch_id}"


class LandingStore:
    """The landing directory of one installation."""

    def __init__(self, root: Path) -> None:
        self.root = root.expanduser().resolve()

    def has(self, workspace_id: str, source: str, batch_id: str) -> bool:
        """Whether the batch has landed; reads nothing."""
        return self._path(workspace_id, source, batch_id).exists()

    def land(self, batch: Batch, landed_at: datetime) -> LandedBatch:
        """Writes the batch, or returns the one already there, untouched and with `written=False`.

        An error raised while `batch.records` is read leaves nothing behind and reaches the caller. Raises
        `InvalidInput` for names that cannot be part of a path.
        """
        path = self._path(batch.workspace_id, batch.source, batch.batch_id)
        if path.exists():
            return _read(path)
        counts = dict.fromkeys(Kind, 0)
        with replacing(path) as temporary, pq.ParquetWriter(temporary, _SCHEMA, compression="zstd") as writer:
            for chunk in _chunks(batch, counts):
                writer.write_table(chunk)
            landed = LandedBatch(
                workspace_id=batch.workspace_id,
                source=batch.source,
                batch_id=batch.batch_id,
                observed_at=batch.observed_at,
                landed_at=landed_at,
                source_file=batch.source_file,
                path=path,
                contents=counts[Kind.CONTENT],
                observations=counts[Kind.OBSERVATION],
                rejections=counts[Kind.REJECTION],
                written=True,
            )
            writer.add_key_value_metadata(_metadata(landed))
        return landed

    def batches(
        self, workspace_id: str | None = None, *, known: Collection[str] = (), broken: bool = False
    ) -> list[LandedBatch]:
        """Landed batches, of one workspace or all, sorted by (landed_at, batch_id).

        Batches whose `key` is in `known` are left out by file name, without reading them; pass
        `Warehouse.loaded_ids()` to list only what is still to load. Raises `StoreCorrupt` naming a file that cannot be
        read; with `broken` such a file is listed with its `problem` instead.
        """
        if workspace_id is not None and not WORKSPACE_ID.fullmatch(workspace_id):
            raise InvalidInput(f"{workspace_id!r} is no workspace id: fabric workspace list shows those there are.")
        paths = self.root.glob(f"{workspace_id or '*'}/*/*.parquet")
        read = _read_or_name if broken else _read
        found = [read(path) for path in paths if "/".join((*path.parts[-3:-1], path.stem)) not in known]
        return sorted(found, key=lambda batch: (batch.landed_at, batch.batch_id, batch.key))

    def _path(self, workspace_id: str, source: str, batch_id: str) -> Path:
        if not (WORKSPACE_ID.fullmatch(workspace_id) and _NAME.fullmatch(source) and _NAME.fullmatch(batch_id)):
            raise InvalidInput(
                f"Batch {batch_id!r} of source {source!r} in workspace {workspace_id!r} cannot be stored: "
                "names may hold letters, digits, dashes and underscores only."
            )
        return self.root / workspace_id / source / f"{batch_id}.parquet"


def _metadata(batch: LandedBatch) -> dict[str, str]:
    return {
        "workspace_id": batch.workspace_id,
        "source": batch.source,
        "batch_id": batch.batch_id,
        "source_file": batch.source_file,
        "observed_at": batch.observed_at.isoformat(),
        "landed_at": batch.landed_at.isoformat(),
        "contents": str(batch.contents),
        "observations": str(batch.observations),
        "rejections": str(batch.rejections),
    }


def _read(path: Path) -> LandedBatch:
    try:
        pairs = pq.read_metadata(path).metadata or {}
        text = {name.decode(): value.decode() for name, value in pairs.items()}
        return LandedBatch(
            workspace_id=text["workspace_id"],
            source=text["source"],
            batch_id=text["batch_id"],
            observed_at=datetime.fromisoformat(text["observed_at"]),
            landed_at=datetime.fromisoformat(text["landed_at"]),
            source_file=text["source_file"],
            path=path,
            contents=int(text["contents"]),
            observations=int(text["observations"]),
            rejections=int(text["rejections"]),
            written=False,
        )
    except (pa.ArrowException, OSError, KeyError, ValueError) as error:
        raise unreadable(path, error) from error


def _read_or_name(path: Path) -> LandedBatch:
    try:
        return _read(path)
    except StoreCorrupt as error:
        workspace_id, source = path.parts[-3:-1]
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        return LandedBatch(
            workspace_id, source, path.stem, written_at, written_at, path.name, path, 0, 0, 0, False, problem=str(error)
        )


def unreadable(path: Path, error: Exception) -> StoreCorrupt:
    """The error for a landing file that cannot be read, with its repair."""
    return StoreCorrupt(
        f"Landing file {path} cannot be read ({error}): move it away and import its source again, or restore it from "
        "a backup; then run fabric build."
    )


def _chunks(batch: Batch, counts: dict[Kind, int]) -> Iterator[Any]:
    """Arrow tables of at most `CHUNK_ROWS` rows; adds to `counts` as it goes."""
    records = iter(batch.records)
    while chunk := list(islice(records, CHUNK_ROWS)):
        rows = [_row(batch, record) for record in chunk]
        for row in rows:
            counts[row[0]] += 1
        columns = zip(*rows, strict=True)
        yield pa.Table.from_arrays(
            [_array(values, field.type) for values, field in zip(columns, _SCHEMA, strict=True)], schema=_SCHEMA
        )


def _array(values: tuple[Any, ...], kind: Any) -> Any:
    try:
        return pa.array(values, type=kind)
    except UnicodeEncodeError:
        # A lone surrogate, which JSON may carry and UTF-8 cannot hold: stored as "?".
        return pa.array([v if v is None else v.encode("utf-8", "replace").decode() for v in values], type=kind)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _row(batch: Batch, record: Record) -> tuple[Any, ...]:
    """One landing row, in the order of `LANDING`."""
    match record:
        case Observation():
            return (
                Kind.OBSERVATION, batch.workspace_id, batch.batch_id, batch.source, batch.source_file,
                record.source_line, record.observed_at, record.platform, record.account_id, record.account_name,
                record.owner, record.entity_type, record.entity_id, None, None, None, None, None, None, None,
                record.metric, record.period_start, record.period_end, record.value, record.state, None, None, None,
            )  # fmt: skip
        case ContentRecord():
            return (
                Kind.CONTENT, batch.workspace_id, batch.batch_id, batch.source, batch.source_file,
                record.source_line, record.observed_at, record.platform, record.account_id, record.account_name,
                record.owner, record.entity_type, record.entity_id, record.content_type, record.title, record.body,
                record.url, record.published_at, _json(list(record.tags)), _json(record.payload),
                None, None, None, None, None, None, None, None,
            )  # fmt: skip
        case Rejection():
            return (
                Kind.REJECTION, batch.workspace_id, batch.batch_id, batch.source, record.source_file,
                record.source_line, batch.observed_at, *([None] * 18), record.column, record.reason, record.raw,
            )  # fmt: skip
