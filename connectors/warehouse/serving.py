"""Serving files: one read-only DuckDB file per workspace and version, behind a pointer.

`serving/<workspace>/<sequence>-<digest>.duckdb` holds the marts of that workspace alone, in schema `main`, and one row
in `serving_info`. The pointer is replaced atomically once the file is complete, so a reader sees the old version or the
new one, whole. The last three versions stay for readers that are about to open one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import duckdb

from connectors.warehouse.atomic import replacing
from connectors.warehouse.cutting import Cloth, Documentation, computed
from connectors.warehouse.database import Warehouse, require_marts
from connectors.warehouse.digest import rows_digest
from connectors.warehouse.locked import open_locked
from connectors.warehouse.marts import MARTS
from connectors.warehouse.pointer import ServedVersion, read_pointer, serving_directory, write_pointer
from models.errors import NothingServed, StoreCorrupt

KEPT_VERSIONS = 3


def publish(
    warehouse: Warehouse,
    serving_dir: Path,
    workspace_id: str,
    *,
    signature: str = "",
    documentation: Documentation = MappingProxyType({}),
) -> ServedVersion:
    """`publish_all` for one workspace. Raises `NothingServed` when nothing of it has been observed."""
    served = publish_all(warehouse, serving_dir, {workspace_id: signature}, documentation=documentation)
    if workspace_id not in served:
        raise NothingServed(
            f"Workspace {workspace_id} has nothing to publish: import its data with fabric import, then run fabric build."
        )
    return served[workspace_id]


def publish_all(
    warehouse: Warehouse,
    serving_dir: Path,
    signatures: Mapping[str, str],
    *,
    documentation: Documentation = MappingProxyType({}),
) -> dict[str, ServedVersion]:
    """Publishes the marts of the workspaces in `signatures` as they are in the warehouse; the served version of each.

    A signature of the inputs (`Built.signature`; empty: not known) that is the served version's costs nothing more. The
    marts of all other workspaces are computed once, together; rows and documentation equal to the served ones keep that
    version. `documentation` goes before what the warehouse itself says of its marts. A workspace of which nothing has been
    observed is left out. Raises `NotFound` before the first build.
    """
    served: dict[str, ServedVersion] = {}
    before: dict[str, ServedVersion | None] = {}
    for workspace_id, signature in signatures.items():
        published = _published(serving_dir, workspace_id)
        if published is not None and not _opens(published):
            published = replace(published, digest="", signature="")
        if published is not None and signature and published.signature == signature:
            served[workspace_id] = published
        else:
            before[workspace_id] = published
    if not before:
        return served
    with warehouse.connect(read_only=True) as connection:
        require_marts(connection)
        with computed(connection, list(before), documentation) as cloth:
            for workspace_id in cloth.origins:
                served[workspace_id] = _cut(
                    cloth, serving_dir, workspace_id, before[workspace_id], signatures[workspace_id]
                )
    return served


def altered_marts(served: ServedVersion) -> list[str]:
    """Names of the marts whose rows in the served file are not those that the warehouse gave when it was cut."""
    with open_locked(served.path) as connection:
        return [mart for mart in MARTS if rows_digest(connection, mart, mart) != served.marts.get(mart)]


def _cut(
    cloth: Cloth, serving_dir: Path, workspace_id: str, before: ServedVersion | None, signature: str
) -> ServedVersion:
    """Writes a workspace's file and points to it, unless its rows and documentation are those of the version `before`."""
    marts = cloth.digests(workspace_id)
    digest = cloth.digest(marts)
    if before is not None and before.digest == digest:
        if before.signature != signature:
            before = replace(before, signature=signature)
            write_pointer(before)
        return before
    directory = serving_directory(serving_dir, workspace_id)
    version = f"{_next_sequence(directory, before):06d}-{digest[:16]}"
    path, as_of = directory / f"{version}.duckdb", cloth.origins[workspace_id].as_of
    served = ServedVersion(workspace_id, version, path, as_of, digest, True, marts, signature)
    with replacing(path) as temporary:
        cloth.write(temporary, served)
    write_pointer(served)
    for old in sorted(directory.glob("*.duckdb"))[:-KEPT_VERSIONS]:
        old.unlink(missing_ok=True)
    return served


def _published(serving_dir: Path, workspace_id: str) -> ServedVersion | None:
    try:
        return read_pointer(serving_dir, workspace_id)
    except (NothingServed, StoreCorrupt):
        return None


def _opens(served: ServedVersion) -> bool:
    """Whether the served file is there, can be read and is the version the pointer names."""
    try:
        with open_locked(served.path) as connection:
            return connection.execute("select version from serving_info").fetchall() == [(served.version,)]
    except duckdb.Error:
        return False


def _next_sequence(directory: Path, before: ServedVersion | None) -> int:
    """A number no version has had, so that no path is ever used twice."""
    names = [path.name for path in directory.glob("*.duckdb")] + ([before.version] if before else [])
    return max((int(name.partition("-")[0]) for name in names), default=0) + 1
