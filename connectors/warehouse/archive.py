"""An exported workspace as one folder: landing files, operational rows, marts and media, with a manifest.

    manifest.json   landing/<source>/<batch>.parquet   operations/<table>.parquet   marts/<mart>.parquet   media/<file>
Landing files and media are the bytes as they are. Marts are there for who reads the folder elsewhere: an import reads
landing and operations and builds the marts anew.
"""

from __future__ import annotations

import json
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.warehouse.landing import LandingStore
from connectors.warehouse.manifest import (
    FORMAT,
    MANIFEST,
    VERSION,
    ArchivedFile,
    ArchivedWorkspace,
    Manifest,
    check_files,
    checksum,
    read_manifest,
)
from connectors.warehouse.reader import OpenVersion
from connectors.warehouse.schema import LANDING
from models.domain.archive import Row, WorkspaceRows
from models.domain.workspace import Plan, Workspace
from models.errors import ImportRefused, InvalidInput
from models.store.archive import ARCHIVED, columns_of
from models.store.schema import SCHEMA_HEAD

MOST_ROWS = 50_000_000
"""Rows of one operational table beyond which a folder is not believed."""
_ARROW = {
    "text": pa.string(), "json": pa.string(), "integer": pa.int64(), "number": pa.float64(), "truth": pa.bool_(),
    "instant": pa.timestamp("us", tz="UTC"), "day": pa.date32(),
}  # fmt: skip


@dataclass(frozen=True)
class Marts:
    """The published marts that an export takes along; `digests` as the build reported them."""

    version: OpenVersion
    as_of: datetime
    digests: Mapping[str, str]
    digest: str


def write_archive(
    folder: Path,
    rows: WorkspaceRows,
    *,
    landing: LandingStore,
    media: Iterable[Path],
    marts: Marts | None,
    current: bool,
    now: datetime,
) -> Manifest:
    """Writes the folder, whole or not at all. Raises `InvalidInput` when it is there already and not empty."""
    with _appearing(folder) as root:
        for batch in landing.batches(rows.workspace.id):
            _copy(batch.path, root / "landing" / batch.source / batch.path.name)
        for name in ARCHIVED:
            _write(root / "operations" / f"{name}.parquet", _packed(name, rows.tables[name]))
        for path in media:
            _copy(path, root / "media" / path.name)
        for mart in marts.digests if marts else ():
            _write(root / "marts" / f"{mart}.parquet", marts.version.query(f"select * from {mart}").to_arrow())  # type: ignore[union-attr]  # noqa: S608
        files = [_described(root, path) for path in sorted(root.rglob("*")) if path.is_file()]
        counts = {folder: sum(file.folder == folder for file in files) for folder in ("landing", "media", "marts")}
        manifest = Manifest(
            format=FORMAT,
            version=VERSION,
            made_at=now,
            store_schema=SCHEMA_HEAD,
            workspace=_archived(rows.workspace),
            as_of=marts.as_of if marts else None,
            current=current,
            digest=marts.digest if marts else "",
            marts=dict(marts.digests) if marts else {},
            counts=counts | {name: len(rows.tables[name]) for name in ARCHIVED},
            files=tuple(files),
        )
        (root / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return manifest


def read_archive(folder: Path) -> tuple[Manifest, WorkspaceRows]:
    """The manifest and the operational rows of a folder whose every file was checked.

    Raises `ImportRefused` for a folder that is incomplete, damaged, of a newer version or not an export; nothing outside
    the folder is read.
    """
    manifest = read_manifest(folder)
    if {file.path for file in manifest.of("operations")} != {f"operations/{name}.parquet" for name in ARCHIVED}:
        raise ImportRefused(
            f"{folder} does not hold the tables of this version of FABRIC (store schema {manifest.store_schema} there, "
            f"{SCHEMA_HEAD} here): import it with the version that wrote it, update that one and export again."
        )
    check_files(folder, manifest)
    for file in manifest.of("landing"):
        _check_landing(folder, manifest.workspace.id, file)
    given = manifest.workspace
    try:
        workspace = Workspace(given.id, given.name, given.zone, Plan(given.plan), given.created_at, given.synthetic)
    except (InvalidInput, ValueError) as error:
        raise ImportRefused(f"The workspace of {folder} cannot be restored: {error}") from error
    tables = {name: _unpacked(folder, name) for name in ARCHIVED}
    return manifest, WorkspaceRows(workspace, tables)


@contextmanager
def placed(folder: Path, manifest: Manifest, *, landing_dir: Path, media_dir: Path) -> Iterator[None]:
    """Landing files and media of a checked folder in their places; taken away again when the block fails.

    Each directory appears whole. Raises `ImportRefused` when one of them is there already.
    """
    places = {"landing": landing_dir / manifest.workspace.id, "media": media_dir / manifest.workspace.id}
    for place in places.values():
        _clear_unfinished(place)
        if place.exists():
            raise ImportRefused(
                f"{place} is there although the workspace is not: move it away, or delete it if nothing of it is wanted."
            )
    placed_here: list[Path] = []
    try:
        for kind, place in places.items():
            files = manifest.of(kind)
            if not files:
                continue
            staged = place.parent.with_name(f".{kind}.{uuid.uuid4().hex}.tmp")  # no listing of landing files sees it
            placed_here.append(staged)
            for file in files:
                _copy(folder / file.path, staged / file.path.partition("/")[2])
            (staged / _UNFINISHED).touch()
            place.parent.mkdir(parents=True, exist_ok=True)
            os.replace(staged, place)
            placed_here.append(place)
        yield
    except BaseException:
        for path in placed_here:
            shutil.rmtree(path, ignore_errors=True)
        raise
    for place in places.values():
        (place / _UNFINISHED).unlink(missing_ok=True)


_UNFINISHED = ".importing"
"""Stands in a directory until the store has the workspace as well, so that a killed import leaves no riddle."""


def _clear_unfinished(place: Path) -> None:
    if (place / _UNFINISHED).exists():
        shutil.rmtree(place)


@contextmanager
def _appearing(folder: Path) -> Iterator[Path]:
    """A new directory beside `folder` that becomes it when the block ends well."""
    final = folder.expanduser().resolve()
    if final.exists() and (not final.is_dir() or any(final.iterdir())):
        raise InvalidInput(f"{folder} is there already and not empty: name a new folder.")
    final.parent.mkdir(parents=True, exist_ok=True)
    temporary = final.with_name(f".{final.name}.{uuid.uuid4().hex}.tmp")
    temporary.mkdir()
    try:
        yield temporary
        os.replace(temporary, final)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with source.open("rb") as given, target.open("wb") as taken:
        shutil.copyfileobj(given, taken, 1024**2)
        taken.flush()
        os.fsync(taken.fileno())


def _write(path: Path, table: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, compression="zstd")


def _described(root: Path, path: Path) -> ArchivedFile:
    rows = pq.read_metadata(path).num_rows if path.suffix == ".parquet" else None
    relative = path.relative_to(root).as_posix()
    return ArchivedFile(path=relative, bytes=path.stat().st_size, sha256=checksum(path), rows=rows)


def _archived(workspace: Workspace) -> ArchivedWorkspace:
    return ArchivedWorkspace(
        id=workspace.id, name=workspace.name, zone=workspace.zone, plan=workspace.plan.value,
        synthetic=workspace.synthetic, created_at=workspace.created_at,
    )  # fmt: skip


def _packed(name: str, rows: Iterable[Row]) -> Any:
    listed = list(rows)
    kinds = columns_of(name)
    arrays = [
        pa.array([_plain(kind, row[column]) for row in listed], type=_ARROW[kind]) for column, kind in kinds.items()
    ]
    return pa.Table.from_arrays(arrays, schema=_schema(name))


def _schema(name: str) -> Any:
    return pa.schema([(column, _ARROW[kind]) for column, kind in columns_of(name).items()])


def _plain(kind: str, value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if kind == "json" else value


def _unpacked(folder: Path, name: str) -> list[Row]:
    path = folder / "operations" / f"{name}.parquet"
    kinds = columns_of(name)
    try:
        file = pq.ParquetFile(path)
        if not file.schema_arrow.equals(_schema(name)) or file.metadata.num_rows > MOST_ROWS:
            raise ImportRefused(f"operations/{name}.parquet in {folder} is not what an export of this version holds.")
        return [
            {column: _value(kinds[column], value) for column, value in row.items()}
            for batch in file.iter_batches()
            for row in batch.to_pylist()
        ]
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ImportRefused(f"operations/{name}.parquet in {folder} cannot be read ({error}).") from error


def _value(kind: str, value: Any) -> Any:
    return json.loads(value) if kind == "json" and value is not None else value


def _check_landing(folder: Path, workspace_id: str, file: ArchivedFile) -> None:
    """A landing file must be what its name says, and hold rows of the one workspace only."""
    path = folder / file.path
    _, source, name = file.path.split("/")
    try:
        parquet = pq.ParquetFile(path)
        pairs = {key.decode(): value.decode() for key, value in (parquet.metadata.metadata or {}).items()}
        named = (pairs.get("workspace_id"), pairs.get("source"), pairs.get("batch_id"))
        columns = parquet.schema_arrow.names
        foreign = any(
            pc.any(pc.not_equal(batch.column(0), workspace_id)).as_py()
            for batch in (parquet.iter_batches(columns=["workspace_id"]) if "workspace_id" in columns else ())
        )
    except (pa.ArrowException, OSError, ValueError) as error:
        raise ImportRefused(f"{file.path} in {folder} cannot be read as a landing file ({error}).") from error
    if named != (workspace_id, source, name.removesuffix(".parquet")) or columns != list(LANDING) or foreign:
        raise ImportRefused(f"{file.path} in {folder} is not a landing file of workspace {workspace_id}.")
