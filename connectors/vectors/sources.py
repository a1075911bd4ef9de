"""What is indexed: the newest version of every own post and of every competitor's piece, drafts and briefs.

Published content comes from the workspace's serving file. Drafts and briefs are given as the operational store has them.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from connectors.vectors.chunks import storable
from connectors.warehouse.pages import Snapshot
from connectors.warehouse.reader import ServingReader
from models.domain.approval import Draft, DraftStatus
from models.domain.calendar import CalendarEntry
from models.domain.retrieval import Document, Source
from models.errors import NothingServed

LONGEST = 400_000
"""Characters of a text that are indexed."""
_OWN = """
    select platform, account_id, account_name as account, post_id, title, body, url, published_at
    from mart_posts
"""
_COMPETITORS = """
    select platform, account_id, competitor as account, post_id, title, body, url, published_at
    from mart_competitor_content
    where not own_brand
"""


def documents_of(
    serving_dir: Path, workspace_id: str, drafts: Iterable[Draft], entries: Iterable[CalendarEntry]
) -> list[Document]:
    """Everything of the workspace that search finds. Before the first build these are drafts and briefs alone.

    Raises `StoreCorrupt` when the serving file cannot be read.
    """
    found = [_of_draft(draft) for draft in drafts if draft.status is not DraftStatus.REJECTED]
    found += [_of_entry(entry) for entry in entries]
    try:
        with ServingReader(serving_dir).open(workspace_id) as snapshot:
            found += _published(snapshot, Source.OWN, _OWN)
            found += _published(snapshot, Source.COMPETITOR, _COMPETITORS)
    except NothingServed:
        return found
    return found


def _published(snapshot: Snapshot, source: Source, sql: str) -> list[Document]:
    return [
        Document(
            source=source,
            platform=row["platform"],
            account_id=row["account_id"],
            account=clean(row["account"] or row["account_id"]),
            entity_id=row["post_id"],
            title=clean(row["title"]),
            text=clean(row["body"]),
            url=clean(row["url"]),
            published_at=row["published_at"],
        )
        for row in snapshot.query(sql).iter_rows(named=True)
    ]


def _of_draft(draft: Draft) -> Document:
    return Document(
        source=Source.DRAFT, platform=draft.platform.value, account_id="", account="", entity_id=draft.id, title="",
        text=clean(draft.version.text), published_at=draft.slot_at, family=draft.entry_id,
    )  # fmt: skip


def _of_entry(entry: CalendarEntry) -> Document:
    return Document(
        source=Source.BRIEF, platform="", account_id="", account="", entity_id=entry.id, title=clean(entry.pillar),
        text=clean(entry.brief), published_at=entry.slot_at, family=entry.id,
    )  # fmt: skip


def clean(text: str | None) -> str:
    """The text as it can be stored and embedded: bounded, without what no encoding carries."""
    return storable((text or "")[:LONGEST]).strip()
