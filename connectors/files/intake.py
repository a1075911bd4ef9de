"""What every importer prepares before anything is stored, and what it counts while records stream out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from models.domain.content import Owner, Record, Rejection
from models.domain.social import Platform
from models.domain.workspace import slug
from models.errors import ImportRefused

EXAMPLES = 5
RAW_LIMIT = 1_000

Progress = Callable[[int], None]
"""Told how many bytes of the source have been read so far."""


def no_progress(_: int) -> None:
    """For callers that show nothing."""


@dataclass(frozen=True)
class Arguments:
    """What the person said beside the path. `observed_at` is timezone-aware."""

    workspace_id: str
    landed_at: datetime
    observed_at: datetime | None = None
    platform: str | None = None
    mapping: Path | None = None
    competitor: str | None = None
    account: str | None = None
    zone: str | None = None

    @property
    def owner(self) -> Owner:
        return Owner.COMPETITOR if self.competitor else Owner.OWN

    def account_of(self, from_source: str | None, name_from_source: str | None, fallback: str) -> tuple[str, str]:
        """(account id, account name). The source's own id wins; a competitor is always shown under its tracked name."""
        named = self.competitor or self.account
        account_id = from_source or self.account or (competitor_id(self.competitor) if self.competitor else fallback)
        return account_id, named or name_from_source or account_id

    def batch_id(
        self, source: str, account: Sequence[str | None], observed_at: datetime | None, content: str, **more: str
    ) -> str:
        """SHA-256 over all that decides the meaning of a source's bytes, and their digest (`content`)."""
        parts = {
            "workspace": self.workspace_id,
            "source": source,
            "account": list(account),
            "competitor": self.competitor,
            "platform": self.platform,
            "observed_at": observed_at,
            **({"zone": self.zone} if self.zone else {}),
            **more,
        }
        text = json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)
        return hashlib.sha256(f"{text}\n{content}".encode()).hexdigest()


def competitor_id(name: str) -> str:
    """An account id for a competitor whose file carries none."""
    return slug(name) or hashlib.sha256(name.encode()).hexdigest()[:12]


@dataclass
class Counts:
    """Every row or entry of a source ends in exactly one of contents, readings, rejected, repeated or skipped.

    `readings` are rows that only add numbers: further readings of a post already described, or readings of an account.
    `rejected_cells` counts single cells refused in rows that otherwise loaded.
    """

    rows_read: int = 0
    contents: int = 0
    readings: int = 0
    rejected: int = 0
    repeated: int = 0
    skipped: int = 0
    observations: int = 0
    rejected_cells: int = 0
    examples: list[Rejection] = field(default_factory=list)

    def refuse(self, rejection: Rejection, *, cell: bool = False) -> Rejection:
        """Counts a refused row (or cell) and hands the rejection on."""
        if cell:
            self.rejected_cells += 1
        else:
            self.rejected += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(rejection)
        return rejection


@dataclass(frozen=True)
class Recognised:
    """What one table of a source was taken for, to be shown before anything is stored.

    `accounts` are (id, name); `first` and `newest` are the span of publish times or days in UTC; `taken` is column →
    metric id; `left` are columns that become no metric (those of posts stay in the payload).
    """

    layout: str
    why: str
    platform: Platform
    accounts: tuple[tuple[str, str], ...]
    zone: str | None
    first: datetime | None
    newest: datetime | None
    taken: dict[str, str]
    left: tuple[str, ...]


@dataclass(frozen=True)
class Prepared:
    """A source that was recognised and surveyed. `records` streams it; it may be called again for a dry run.

    `observed_from` says in words where `observed_at` comes from; `notes` are sentences a person should read.
    """

    source: str
    source_file: str
    batch_id: str
    observed_at: datetime
    observed_from: str
    layout: str
    size: int
    records: Callable[[Counts, Progress], Iterator[Record]]
    notes: tuple[str, ...] = ()
    recognised: tuple[Recognised, ...] = ()

    def dry_run(self, progress: Progress = no_progress) -> Counts:
        """The counts an import gives, without storing anything."""
        counts = Counts()
        for _ in self.records(counts, progress):
            pass
        return counts


def clip(text: str) -> str:
    """The raw text kept beside a rejection, bounded."""
    return text if len(text) <= RAW_LIMIT else f"{text[:RAW_LIMIT]}… ({len(text):,} characters)"


def changed_while_read(name: str) -> ImportRefused:
    return ImportRefused(f"{name} changed while it was being read, so nothing was stored: import it again.")
