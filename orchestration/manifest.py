"""dbt's manifest, parsed only when the project changed."""

from __future__ import annotations

import json
import os
import tempfile
from importlib.metadata import version
from pathlib import Path

from models.errors import StoreCorrupt
from models.settings import Settings
from orchestration.locks import exclusive
from orchestration.project import project_digest, project_dir

_WAIT_SECONDS = 120.0
_KEPT = ("partial_parse.msgpack", "manifest.json")


def ensure_manifest(settings: Settings) -> Path:
    """The path of a manifest.json that belongs to the project as it is on disk now.

    Parses (seconds) when the project's files, dbt or the warehouse's path changed since; otherwise costs a digest over
    the files. Safe when two processes do it at once: one parses, the other waits and finds it done. Raises
    `StoreCorrupt` when the project does not parse.
    """
    target = settings.dbt_target_dir
    manifest, stamp = target / "manifest.json", target / "manifest.digest"
    wanted = f"{project_digest(project_dir())} {version('dbt-core')} {settings.warehouse_identity}"
    if _fresh(manifest, stamp, wanted):
        return manifest
    busy = f"Another process has been parsing the dbt project for {_WAIT_SECONDS:.0f} s: wait for it, then try again."
    with exclusive(target / "manifest.lock", wait_seconds=_WAIT_SECONDS, busy=busy):
        if not _fresh(manifest, stamp, wanted):
            _parse(settings, target, stamp, wanted)
    return manifest


def mart_documentation(manifest: Path) -> dict[str, dict[str, str]]:
    """The descriptions that dbt's manifest has of marts and their columns (mart → column → text, `""`: the mart)."""
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"].values()
    return {
        node["name"]: {
            name: text
            for name, text in [("", node["description"]), *((n, c["description"]) for n, c in node["columns"].items())]
            if text
        }
        for node in nodes
        if node["resource_type"] == "model" and node["schema"] == "marts"
    }


def _fresh(manifest: Path, stamp: Path, wanted: str) -> bool:
    return manifest.is_file() and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted


def _parse(settings: Settings, target: Path, stamp: Path, wanted: str) -> None:
    from orchestration.dbt_runner import invoke

    with tempfile.TemporaryDirectory(dir=target, prefix="parse-") as folder:
        scratch = Path(folder)
        outcome = invoke(settings, ["parse"], target=scratch)
        if not outcome.success:
            raise StoreCorrupt(
                f"The dbt project in {project_dir()} does not parse: {outcome.error}. Mend the named file, then try again."
            )
        for name in _KEPT:
            os.replace(scratch / name, target / name)
        fresh_stamp = scratch / "manifest.digest"
        fresh_stamp.write_text(wanted, encoding="utf-8")
        os.replace(fresh_stamp, stamp)
