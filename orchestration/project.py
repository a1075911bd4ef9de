"""Where the dbt project lies, and a digest of everything that decides what it builds."""

from __future__ import annotations

import hashlib
from pathlib import Path

_FILES = ("dbt_project.yml", "profiles.yml")
_TREES = ("transforms", "models/metrics/seeds")


def project_dir() -> Path:
    """The dbt project's directory: the repository root in a checkout, the copy inside the package when installed."""
    package = Path(__file__).resolve().parent
    checkout = package.parent
    return checkout if (checkout / "dbt_project.yml").is_file() else package / "_project"


def project_digest(directory: Path) -> str:
    """SHA-256 (hex) over the names and bytes of the dbt project's files; an editor's or Python's droppings do not count."""
    paths = [directory / name for name in _FILES]
    for tree in _TREES:
        paths.extend(p for p in (directory / tree).rglob("*") if p.suffix in {".sql", ".yml", ".csv", ".md"})
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(str(path.relative_to(directory)).encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
