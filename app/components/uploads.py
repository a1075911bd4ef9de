"""Uploaded export files: read for a preview, and imported, from a temporary directory that is gone afterwards."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO
from zoneinfo import ZoneInfo

from app.components.text import base_name
from app.session import Visit
from models.domain.social import Platform
from models.domain.workspace import Role
from models.errors import FabricError, Forbidden, ImportRefused
from models.services import onboarding

if TYPE_CHECKING:
    from connectors.files.importer import ImportSummary
    from connectors.files.preview import Preview

FIELDS: Mapping[str, str] = {
    "--account": "the field “Account id”",
    "--platform": "the field “Platform”",
    "--observed-at": "the field “Export made on”",
    "--competitor": "the field “Competitor”",
}
"""Where the page asks what the command line takes as an option, so that a refusal names the field."""
IMPORTERS = frozenset({Role.ADMIN, Role.EDITOR})


@dataclass(frozen=True)
class Answers:
    """What a person said about a file that does not say it itself. `made_on` is a day in the workspace's zone."""

    platform: Platform | None = None
    account: str = ""
    made_on: date | None = None
    competitor: str = ""
    zone: str = ""

    def arguments(self, zone: ZoneInfo, *, at: datetime) -> dict[str, Any]:
        """For `import_path` and `preview`. A day means its end, but not later than now (`at`)."""
        made = None
        if self.made_on is not None:
            made = min(datetime.combine(self.made_on, time(23, 59, 59), tzinfo=zone).astimezone(UTC), at)
        return {
            "platform": self.platform.value if self.platform else None,
            "account": self.account or None,
            "observed_at": made,
            "competitor": self.competitor or None,
            "zone": self.zone or None,
        }


@dataclass(frozen=True)
class Upload:
    """One file that a person dropped on the page. `received` is when, in UTC."""

    id: str
    name: str
    content: BinaryIO
    received: datetime


def read_preview(visit: Visit, upload: Upload, answers: Answers, *, at: datetime) -> Preview | str:
    """What an import would store, or the sentence that says why it cannot; nothing is stored."""
    # Loaded when a file is there: parsers and column stores would slow every other page.
    from connectors.files.preview import preview
    from connectors.warehouse.landing import LandingStore

    try:
        with _on_disk(upload) as path:
            return preview(
                str(path), workspace_id=visit.workspace.id, landing=LandingStore(visit.context.settings.landing_dir),
                landed_at=at, **answers.arguments(visit.zone, at=at),
            )  # fmt: skip
    except FabricError as error:
        return in_fields(str(error))


def import_upload(visit: Visit, upload: Upload, answers: Answers, *, at: datetime) -> ImportSummary:
    """Stores the file in the landing store, and tracks the competitor it is of.

    Raises `Forbidden` for a role that may not, read again at this moment, and `ImportRefused` with nothing stored.
    """
    from connectors.files.importer import import_path
    from connectors.warehouse.landing import LandingStore

    with visit.context.store.unit_of_work() as uow:
        role = onboarding.role_of(uow, visit.principal, visit.workspace.id)
    if role not in IMPORTERS:
        raise Forbidden(
            f"Your role ({role.value}) does not let you import files, which takes admin or editor: ask an admin."
        )
    with _on_disk(upload) as path:
        try:
            summary = import_path(
                str(path), workspace_id=visit.workspace.id, landing=LandingStore(visit.context.settings.landing_dir),
                landed_at=at, **answers.arguments(visit.zone, at=at),
            )  # fmt: skip
        except ImportRefused as error:
            raise ImportRefused(in_fields(str(error))) from error
    with visit.context.store.unit_of_work() as uow:
        known = {c.name for c in onboarding.list_competitors(uow, visit.principal, visit.workspace.id)}
        if answers.competitor and answers.competitor not in known:
            onboarding.track_competitor(uow, visit.principal, visit.workspace.id, name=answers.competitor, now=at)
    return summary


def in_fields(sentence: str) -> str:
    """A refusal in the page's words: options of the command line named as its fields."""
    for option, field in FIELDS.items():
        sentence = sentence.replace(option, field)
    return sentence


@contextmanager
def _on_disk(upload: Upload) -> Iterator[Path]:
    """The file under a safe form of its name, which importers read dates and handles from, and its time of upload."""
    with TemporaryDirectory(prefix="fabric-upload-") as folder:
        path = Path(folder) / base_name(upload.name)
        upload.content.seek(0)
        with path.open("wb") as out:
            while chunk := upload.content.read(1024 * 1024):
                out.write(chunk)
        os.utime(path, (upload.received.timestamp(), upload.received.timestamp()))
        yield path
