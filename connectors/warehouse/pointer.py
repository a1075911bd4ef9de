"""The pointer of a workspace: which serving version to read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from connectors.warehouse.atomic import replacing
from models.domain.workspace import WORKSPACE_ID
from models.errors import InvalidInput, NothingServed, StoreCorrupt

POINTER = "current.json"


@dataclass(frozen=True)
class ServedVersion:
    """One published version. `as_of` is the newest observation in it (UTC); `digest` covers rows, columns and column
    documentation, `marts` those of its rows by mart; `signature` is that of the inputs it is known to hold (empty: none
    is). `written` is True only in the answer to the `publish` call that wrote it."""

    workspace_id: str
    version: str
    path: Path
    as_of: datetime
    digest: str
    written: bool
    marts: Mapping[str, str] = field(default_factory=dict)
    signature: str = ""


def serving_directory(serving_dir: Path, workspace_id: str) -> Path:
    """The absolute directory of a workspace's serving files. Raises `InvalidInput` for what is no workspace id."""
    if not WORKSPACE_ID.fullmatch(workspace_id):
        raise InvalidInput(f"{workspace_id!r} is no workspace id: fabric workspace list shows those there are.")
    return serving_dir.expanduser().resolve() / workspace_id


def read_pointer(serving_dir: Path, workspace_id: str) -> ServedVersion:
    """The version the pointer names. Raises `NothingServed` without one, `StoreCorrupt` when it cannot be read."""
    directory = serving_directory(serving_dir, workspace_id)
    path = directory / POINTER
    try:
        pointer = json.loads(path.read_text(encoding="utf-8"))
        return ServedVersion(
            workspace_id=pointer["workspace_id"],
            version=pointer["version"],
            path=directory / Path(pointer["file"]).name,
            as_of=datetime.fromisoformat(pointer["as_of"]),
            digest=pointer["digest"],
            written=False,
            marts=pointer.get("marts", {}),
            signature=pointer.get("signature", ""),
        )
    except FileNotFoundError:
        raise NothingServed(
            f"Nothing has been published for workspace {workspace_id} yet: import its data, then run fabric build."
        ) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreCorrupt(
            f"The pointer {path} cannot be read ({error}): delete it and run fabric build to publish again."
        ) from error


def write_pointer(served: ServedVersion) -> None:
    """Makes `served` the version that readers open from now on, in one atomic step."""
    pointer = {
        "workspace_id": served.workspace_id,
        "version": served.version,
        "file": served.path.name,
        "as_of": served.as_of.isoformat(),
        "digest": served.digest,
        "signature": served.signature,
        "marts": dict(served.marts),
    }
    with replacing(served.path.with_name(POINTER)) as temporary:
        temporary.write_text(json.dumps(pointer, indent=2) + "\n", encoding="utf-8")
