"""What the last successful build was made from, so that a build with nothing new costs next to nothing."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from connectors.warehouse.atomic import replacing
from models.domain.workspace import Workspace
from models.settings import Settings
from orchestration.project import project_digest, project_dir
from orchestration.resources import Stores

_CODE = ("connectors/warehouse", "models/insight", "models/metrics")
"""Packages whose code decides what a build writes; a change in them makes the next build run in full."""


@dataclass(frozen=True)
class BuiltState:
    """`inputs` is the fingerprint of everything the build read; `versions` the serving version each workspace was left
    with."""

    inputs: str
    versions: dict[str, str]


def fingerprint(stores: Stores, workspaces: Sequence[Workspace]) -> str:
    """SHA-256 (hex) over landed batches (by file name), workspaces, the dbt project and the code that loads and labels."""
    read = {
        "batches": stores.landing_keys(),
        "workspaces": [[w.id, w.name, w.zone, w.plan, w.synthetic] for w in workspaces],
        "project": models_digest(),
        "operations": stores.operations_state(),
    }
    return hashlib.sha256(json.dumps(read, sort_keys=True).encode()).hexdigest()


def models_digest() -> str:
    """SHA-256 (hex) over everything but data that decides what the marts hold: the dbt project, and the code that loads,
    labels and serves."""
    root = Path(__file__).resolve().parents[1]
    code = {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for package in _CODE
        for path in sorted((root / package).rglob("*"))
        if path.suffix in {".py", ".toml", ".csv"}
    }
    made_by = {"project": project_digest(project_dir()), "code": code}
    return hashlib.sha256(json.dumps(made_by, sort_keys=True).encode()).hexdigest()


def read_state(settings: Settings) -> BuiltState | None:
    """The last successful build, or None when there is none or its record cannot be read."""
    try:
        return BuiltState(**json.loads(_path(settings).read_text(encoding="utf-8")))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write_state(settings: Settings, state: BuiltState) -> None:
    """Records a successful build; the last thing a build does."""
    with replacing(_path(settings)) as temporary:
        temporary.write_text(json.dumps(asdict(state), indent=1, sort_keys=True), encoding="utf-8")


def forget_state(settings: Settings) -> None:
    """Makes the next build run in full."""
    _path(settings).unlink(missing_ok=True)


def _path(settings: Settings) -> Path:
    return settings.warehouse_dir / "build.json"
