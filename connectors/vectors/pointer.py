"""The pointer of a workspace's index: which version of it to read, and what that version holds.

vectors/<workspace>/current.json          the pointer, replaced in one atomic step
vectors/<workspace>/<version>/            a Lance dataset; written whole, never changed, removed once replaced
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from connectors.warehouse.atomic import replacing
from models.domain.workspace import WORKSPACE_ID
from models.errors import InvalidInput

POINTER = "current.json"
LAYOUT = 1
"""Rises when the columns of an index change; an index of another layout is written anew."""


@dataclass(frozen=True)
class IndexVersion:
    """One version of an index.

    `fingerprint` covers everything that stands in it but the vectors; it is empty while documents wait for their vectors.
    `files` and `bytes` are those on disk, by which a damaged version is known without opening it.
    """

    workspace_id: str
    version: str
    model_id: str
    dimension: int
    documents: int
    chunks: int
    fingerprint: str
    files: int
    bytes: int
    layout: int = LAYOUT


def index_directory(root: Path, workspace_id: str) -> Path:
    """Where a workspace's index is, and nothing of another's. Raises `InvalidInput` for what is no workspace id."""
    if not WORKSPACE_ID.fullmatch(workspace_id):
        raise InvalidInput(f"{workspace_id!r} is no workspace id: fabric workspace list shows those there are.")
    return root.expanduser().resolve() / workspace_id


def read_index_pointer(root: Path, workspace_id: str) -> IndexVersion | None:
    """The version to read; None when there is none that this release can read, whole on disk: it is then rebuilt."""
    directory = index_directory(root, workspace_id)
    try:
        found = IndexVersion(**json.loads((directory / POINTER).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    if found.workspace_id != workspace_id or found.layout != LAYOUT or Path(found.version).name != found.version:
        return None
    if size_on_disk(directory / found.version) != (found.files, found.bytes):
        return None
    return found


def write_index_pointer(root: Path, found: IndexVersion) -> None:
    """Makes `found` the version that is read from now on."""
    with replacing(index_directory(root, found.workspace_id) / POINTER) as temporary:
        temporary.write_text(json.dumps(asdict(found), indent=2) + "\n", encoding="utf-8")


def size_on_disk(directory: Path) -> tuple[int, int]:
    """(files, bytes) below a directory; (0, 0) when it is not there."""
    sizes = [path.stat().st_size for path in directory.rglob("*") if path.is_file()]
    return len(sizes), sum(sizes)
