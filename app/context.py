"""Composition root of the app: settings → operational store and serving reader, opened once per process."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import streamlit as st

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

    @property
    def facts(self) -> ServedFacts:
        return ServedFacts(self.reader)


def app_context() -> AppContext:
    """The context of this process's settings. A settings change that moves a store opens the other store."""
    settings = load_settings()
    return AppContext(settings, _store(settings.store_url), _reader(str(settings.serving_dir)))


def now() -> datetime:
    return datetime.now(UTC)


@st.cache_resource(show_spinner="Opening the store")
def _store(url: str) -> Store:
    return open_store(url)


@st.cache_resource(show_spinner=False)
def _reader(serving_dir: str) -> ServingReader:
    return ServingReader(Path(serving_dir))
