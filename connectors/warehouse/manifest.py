"""The manifest of an exported workspace: what the folder holds, checked before anything of it is believed."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from models.errors import ImportRefused

MANIFEST = "manifest.json"
FORMAT = "fabric-workspace"
VERSION = 1
MOST_MANIFEST_BYTES = 256 * 1024**2
MOST_FILE_BYTES = 64 * 1024**3
_CHUNK = 1024**2
_PART = re.compile(r"^[A-Za-z0-9_][A-Za-z0-9._-]{0,199}$")
_FOLDERS = {"landing": 3, "operations": 2, "marts": 2, "media": 2}
"""Folders of an export, and the number of parts that the path of a file in each has."""


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ArchivedFile(_Strict):
    """One file, by its path inside the folder; `rows` is None for media."""

    path: str
    bytes: Annotated[int, Field(ge=0, le=MOST_FILE_BYTES)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    rows: Annotated[int, Field(ge=0)] | None = None

    @field_validator("path")
    @classmethod
    def _inside(cls, value: str) -> str:
        parts = PurePosixPath(value).parts
        if "/".join(parts) != value or not parts or _FOLDERS.get(parts[0]) != len(parts):
            raise ValueError(f"{value!r} is no path of an export")
        if not all(_PART.fullmatch(part) for part in parts):
            raise ValueError(f"{value!r} is no path of an export")
        return value

    @property
    def folder(self) -> str:
        return self.path.partition("/")[0]


class ArchivedWorkspace(_Strict):
    """The workspace as it was where it came from."""

    id: str
    name: str
    zone: str
    plan: str
    synthetic: bool
    created_at: datetime


class Manifest(_Strict):
    """`marts` has a digest for each mart and `digest` one over them, both as the last build before the export gave them;
    empty where nothing was built. `as_of` is the newest observation in them. `current` is whether that build had seen all
    that the folder holds."""

    format: Literal["fabric-workspace"]
    version: int
    made_at: datetime
    store_schema: str
    workspace: ArchivedWorkspace
    as_of: datetime | None
    current: bool
    digest: str
    marts: dict[str, str]
    counts: dict[str, int]
    files: tuple[ArchivedFile, ...]

    @field_validator("files")
    @classmethod
    def _once(cls, value: tuple[ArchivedFile, ...]) -> tuple[ArchivedFile, ...]:
        if len({file.path.casefold() for file in value}) != len(value):
            raise ValueError("a file is listed twice")
        return value

    def of(self, folder: str) -> list[ArchivedFile]:
        """The files of one folder, by path."""
        return sorted((file for file in self.files if file.folder == folder), key=lambda file: file.path)


def is_archive(path: Path) -> bool:
    """Whether the path is a folder of `fabric export`, of whatever version and however damaged."""
    if (path / "operations" / "domain_events.parquet").is_file():
        return True
    manifest = path / MANIFEST
    if not manifest.is_file() or manifest.stat().st_size > MOST_MANIFEST_BYTES:
        return False
    try:
        found = json.loads(manifest.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("format") == FORMAT


def read_manifest(folder: Path) -> Manifest:
    """The manifest of an export. Raises `ImportRefused` for one that is missing, of a newer version, or not sound."""
    path = folder / MANIFEST
    try:
        if path.stat().st_size > MOST_MANIFEST_BYTES:
            raise ImportRefused(f"{path} is too large for a manifest: this is no export of FABRIC.")
        raw = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ImportRefused(
            f"{path} cannot be read ({error}): an export is complete only with it; export the workspace again."
        ) from error
    version = raw.get("version") if isinstance(raw, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise ImportRefused(
            f"{folder} was written by a newer version of FABRIC (format {version}, this one reads {VERSION}): update FABRIC "
            "here and import it again."
        )
    try:
        return Manifest.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "as a whole"
        raise ImportRefused(f"{path} is not the manifest of an export ({where}: {first['msg']}).") from None


def check_files(folder: Path, manifest: Manifest) -> None:
    """Reads every listed file and compares length and checksum. Raises `ImportRefused` naming the first that differs.

    Links are refused: nothing outside the folder is read.
    """
    root = folder.resolve()
    for file in manifest.files:
        path = root / file.path
        if path.is_symlink() or path.resolve() != path:
            raise ImportRefused(f"{file.path} in {folder} is a link, which an export never holds.")
        if not path.is_file():
            raise ImportRefused(f"{file.path} is missing in {folder}: the export is not complete; export it again.")
        if path.stat().st_size != file.bytes or checksum(path) != file.sha256:
            raise ImportRefused(
                f"{file.path} in {folder} is damaged (its checksum differs): export the workspace again."
            )


def checksum(path: Path) -> str:
    """SHA-256 (hex) of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
