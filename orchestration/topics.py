"""Keyword topics of a workspace's content, from what a warehouse holds of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.domain.workspace import Workspace

if TYPE_CHECKING:
    from connectors.warehouse.database import Warehouse


@dataclass(frozen=True)
class Labelled:
    """How many pieces of content were read, topics found and posts assigned; `changed` when that differs from before."""

    documents: int
    topics: int
    assignments: int
    changed: bool


def label(warehouse: Warehouse, workspace: Workspace) -> Labelled:
    """Finds the topics of the workspace's own and competitors' content and writes them into the warehouse."""
    from models.insight.topics import TopicDocument, extract_topics

    documents = [
        TopicDocument(**{**row, "tags": tuple(row["tags"])})
        for row in warehouse.topic_documents(workspace.id).iter_rows(named=True)
    ]
    found = extract_topics(documents, names=(workspace.name, *warehouse.account_names(workspace.id)))
    changed = warehouse.write_topics(workspace.id, found)
    return Labelled(len(documents), len(found.topics), len(found.assignments), changed)
