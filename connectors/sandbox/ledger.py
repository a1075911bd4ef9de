"""The sandbox's own record of what truly happened, which no connector can see or change.

It is what tests count: a publication that an answer never told about is here, and a second one of the same content too.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from models.domain.connection import Vendor


@dataclass(frozen=True)
class Entry:
    """One thing that became true: `action` is publish, schedule, send, cancel or delete; `fingerprint` is of the content."""

    at: datetime
    vendor: Vendor
    account_id: str
    action: str
    subject_id: str
    fingerprint: str
    detail: Mapping[str, str] = field(default_factory=dict)


class Ledger:
    """Append-only; also written to `path`, one JSON object a line, where one is given, and read from it at the start."""

    def __init__(self, path: Path | None = None) -> None:
        self.entries: list[Entry] = []
        self._path = path
        if path is not None and path.exists():
            self.entries += [_entry(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]

    def add(self, entry: Entry) -> None:
        self.entries.append(entry)
        if self._path is not None:
            with self._path.open("a", encoding="utf-8") as handle:
                handle.write(json.dumps(asdict(entry), default=str, ensure_ascii=False) + "\n")

    def of(self, vendor: Vendor | None = None, *actions: str) -> list[Entry]:
        """Entries of one vendor (or all) with one of the actions (or any), oldest first."""
        return [
            entry
            for entry in self.entries
            if vendor in (None, entry.vendor) and (not actions or entry.action in actions)
        ]

    def duplicates(self, *actions: str) -> dict[str, int]:
        """Fingerprints that happened more than once for one account, with how often; `publish` and `send` by default."""
        counted = Counter(
            f"{entry.vendor}:{entry.account_id}:{entry.fingerprint}"
            for entry in self.of(None, *(actions or ("publish", "send")))
        )
        return {key: count for key, count in counted.items() if count > 1}


def _entry(told: dict[str, Any]) -> Entry:
    return Entry(**{**told, "at": datetime.fromisoformat(told["at"]), "vendor": Vendor(told["vendor"])})


def fingerprint(text: str, media: Sequence[str] = ()) -> str:
    """SHA-256 of a text without differences of spacing or Unicode form, and of its media's hashes in order."""
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    return hashlib.sha256("\n".join([plain, *media]).encode()).hexdigest()
