"""Composition root of the app: settings → operational store and serving reader, opened once per process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

from connectors.ai.embedding import LOCAL, open_embedder
from connectors.vectors.search import Searcher
from connectors.warehouse.facts import ServedFacts
from connectors.warehouse.reader import ServingReader
from models.settings import Settings, load_settings
from models.store.database import Store, open_store


@dataclass(frozen=True)
class AppContext:
    """What every page needs from outside. Holds no workspace and no user."""

    settings: Settings
    store: Store
    reader: ServingReader
    searcher: Searcher

    @property
    def facts(self) -> ServedFacts:
        return ServedFacts(self.reader)

    @property
    def searches_meaning(self) -> bool:
        """Whether a query can be embedded here: a page calls no provider."""
        return self.settings.embedder in LOCAL


def app_context() -> AppContext:
    """The context of this process's settings. A settings change that moves a store opens the other store."""
    settings = load_settings()
    return AppContext(
        settings,
        _store(settings.store_url),
        _reader(str(settings.serving_dir)),
        _searcher(str(settings.vectors_dir), settings.embedder),
    )


def now() -> datetime:
    return datetime.now(UTC)


@st.cache_resource(show_spinner="Opening the store")
def _store(url: str) -> Store:
    return open_store(url)


@st.cache_resource(show_spinner=False)
def _reader(serving_dir: str) -> ServingReader:
    return ServingReader(Path(serving_dir))


@st.cache_resource(show_spinner=False)
def _searcher(vectors_dir: str, embedder: str) -> Searcher:
    """One per process, with the model, which loads at the first search."""
    return Searcher(Path(vectors_dir), open_embedder(embedder) if embedder in LOCAL else None)
