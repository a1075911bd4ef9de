"""Search over the stores of an installation: what is indexed, the model, and the index brought up to date."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from models.domain.workspace import SYSTEM
from orchestration.models import provider_access, purse_of
from orchestration.resources import Stores

if TYPE_CHECKING:
    from connectors.vectors.comparing import Comparer
    from connectors.vectors.index import Updated
    from connectors.vectors.search import Searcher
    from models.domain.retrieval import Document
    from models.ports import Embedder
    from models.routing.purse import Purse
    from orchestration.progress import Log

WAIT_SECONDS = 120.0


def documents(stores: Stores, workspace_id: str) -> list[Document]:
    """Everything of the workspace that search finds."""
    from connectors.vectors.sources import documents_of
    from models.services import calendar, drafts

    with stores.open_store() as store, store.unit_of_work() as uow:
        written = drafts.list_drafts(uow, SYSTEM, workspace_id)
        planned = calendar.list_entries(uow, SYSTEM, workspace_id)
    return documents_of(stores.settings.serving_dir, workspace_id, written, planned)


def embedder(stores: Stores, workspace_id: str) -> Embedder:
    """The installation's embedder; one of a provider under the workspace's budget, every call in its ledger.

    Raises `NoModel` where a provider is to embed and nobody gave a key for it.
    """
    from connectors.ai.embedding import LOCAL, open_embedder, provider_embedder
    from models.routing.embedding import MeteredEmbedder

    name = stores.settings.embedder
    if name in LOCAL:
        return open_embedder(name)
    with stores.open_store() as store:
        access = provider_access(stores, store, workspace_id).get("openai")

    @contextmanager
    def purse() -> Iterator[Purse]:
        with stores.open_store() as store:
            yield purse_of(stores, store, workspace_id)

    return MeteredEmbedder(provider_embedder(access), purse, allow_unpriced=stores.settings.ai_allow_unpriced)


def update_index(stores: Stores, workspace_id: str, *, log: Log, wait_seconds: float = WAIT_SECONDS) -> Updated:
    """Makes the workspace's index hold what there is now; cheap when that has not changed.

    Raises `Conflict` when another process keeps writing it, `ModelError` when the embedder does not work.
    """
    from connectors.vectors.index import VectorIndex

    return VectorIndex(stores.settings.vectors_dir, workspace_id).update(
        documents(stores, workspace_id),
        embedder(stores, workspace_id),
        wait_seconds=wait_seconds,
        on_round=lambda done, of: log(f"Indexing {workspace_id}: {done:,} of {of:,} texts embedded"),
    )


def searcher(stores: Stores, workspace_id: str) -> Searcher:
    """What searches the workspace's index."""
    from connectors.vectors.search import Searcher

    return Searcher(stores.settings.vectors_dir, embedder(stores, workspace_id))


def comparer(stores: Stores, workspace_id: str) -> Comparer:
    """What finds similar texts and near-duplicates in the workspace (`models.ports.SimilarTexts`)."""
    from connectors.vectors.comparing import Comparer

    return Comparer(searcher(stores, workspace_id))


def content_state(stores: Stores) -> dict[str, str]:
    """By workspace, what changes whenever its index has to; reads no content."""
    from connectors.warehouse.pointer import read_pointer
    from models.errors import NothingServed

    operations = stores.operations_state()
    found = {}
    for workspace in stores.workspaces():
        try:
            served = read_pointer(stores.settings.serving_dir, workspace.id).version
        except NothingServed:
            served = ""
        said = [served, operations.get(workspace.id), stores.settings.embedder]
        found[workspace.id] = hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]
    return found
