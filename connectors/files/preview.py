"""What an import would store, before it is stored: for the upload page and `fabric import --dry-run`.

The import itself runs into a temporary landing folder, so the preview cannot differ from it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq

from connectors.files.comparing import News, compare
from connectors.files.importer import ImportSummary, import_path
from connectors.warehouse.landing import LandingStore
from connectors.warehouse.schema import Kind
from models.domain.content import Rejection

ROWS = 10
PROBLEMS = 50
_SCANNED = 20_000
"""Landing rows looked through for the first rows; ten posts with every metric are some 150."""


@dataclass(frozen=True)
class PreviewRow:
    """One row of the file as it would be stored.

    `at` is the publish time of a post or the start of an account's day, in UTC. `metrics` are metric id → value; None is
    a reading without a value, which is never 0.
    """

    line: int | None
    entity_type: str
    account_id: str
    account_name: str
    entity_id: str
    at: datetime | None
    content_type: str | None
    title: str | None
    body: str | None
    url: str | None
    tags: tuple[str, ...]
    metrics: dict[str, float | None]


@dataclass(frozen=True)
class Preview:
    """The dry run of one import.

    `summary` holds layout, notes, counts and when the numbers were read; its `recognised` say for each table why it was
    recognised, the accounts, the zone, the span of dates and what becomes of each column. `summary.already_known` says
    that this content has landed before; `summary.path` is where it would land. `rows` are the first ones, `problems` the
    first rejections.
    """

    summary: ImportSummary
    rows: tuple[PreviewRow, ...]
    problems: tuple[Rejection, ...]


def preview(
    path_or_url: str,
    *,
    workspace_id: str,
    landing: LandingStore,
    landed_at: datetime,
    observed_at: datetime | None = None,
    platform: str | None = None,
    mapping: Path | None = None,
    competitor: str | None = None,
    account: str | None = None,
    zone: str | None = None,
    allow_loopback: bool = False,
) -> Preview:
    """Reads a source as `import_path` does and stores nothing. Raises `ImportRefused` as `import_path` does."""
    with TemporaryDirectory(prefix="fabric-preview-") as folder:
        summary = import_path(
            path_or_url,
            workspace_id=workspace_id,
            landing=LandingStore(Path(folder)),
            landed_at=landed_at,
            observed_at=observed_at,
            platform=platform,
            mapping=mapping,
            competitor=competitor,
            account=account,
            zone=zone,
            allow_loopback=allow_loopback,
        )
        rows, problems = _first(summary.path)
        target = landing.root / workspace_id / summary.source / summary.path.name
        known = landing.has(workspace_id, summary.source, summary.batch_id)
        if known:
            news: News | None = News(same=summary.observations)
        else:
            news = compare(summary.path, sorted(target.parent.glob("*.parquet"))) if summary.observations else News()
    return Preview(replace(summary, already_known=known, path=target).beside(news), rows, problems)


def _first(path: Path) -> tuple[tuple[PreviewRow, ...], tuple[Rejection, ...]]:
    rows: dict[tuple[Any, ...], PreviewRow] = {}
    problems: list[Rejection] = []
    for landed in _landed(path):
        if landed["kind"] == Kind.REJECTION:
            if len(problems) < PROBLEMS:
                problems.append(
                    Rejection(
                        landed["source_file"],
                        landed["source_line"],
                        landed["column_name"],
                        landed["reason"],
                        landed["raw"],
                    )
                )
            continue
        key = (landed["source_line"], landed["entity_type"], landed["entity_id"], landed["observed_at"])
        if key not in rows:
            if len(rows) >= ROWS:
                continue
            rows[key] = _row(landed)
        if landed["kind"] == Kind.OBSERVATION:
            rows[key].metrics[landed["metric"]] = landed["value"]
    return tuple(rows.values()), tuple(problems)


def _landed(path: Path) -> Iterator[dict[str, Any]]:
    """The first landing rows, in the order of the file."""
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(batch_size=_SCANNED):
            yield from batch.to_pylist()
            return


def _row(landed: dict[str, Any]) -> PreviewRow:
    return PreviewRow(
        line=landed["source_line"],
        entity_type=landed["entity_type"],
        account_id=landed["account_id"],
        account_name=landed["account_name"],
        entity_id=landed["entity_id"],
        at=landed["published_at"] or landed["period_start"],
        content_type=landed["content_type"],
        title=landed["title"],
        body=landed["body"],
        url=landed["url"],
        tags=tuple(json.loads(landed["tags"])) if landed["tags"] else (),
        metrics={},
    )
