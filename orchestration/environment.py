"""The environment that FABRIC's own processes run in: telemetry of every dependency off, paths absolute."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from models.settings import Settings

TELEMETRY_OFF = {
    "DO_NOT_TRACK": "1",
    "DAGSTER_DISABLE_TELEMETRY": "true",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
}


def quiet_telemetry() -> None:
    """Turns off the dependencies' telemetry in this process and its children; call it before importing any of them.

    Dagster's notices that a parameter is "in beta" are left out too: the pinned version is the one that is tested.
    """
    os.environ.update(TELEMETRY_OFF)
    warnings.filterwarnings("ignore", message=r".* is currently in beta")


DAGSTER_STORAGE = "FABRIC_DAGSTER_DATABASE_URL"
"""The variable that Dagster's configuration reads in team mode, so that no file holds a password."""


def dagster_storage(settings: Settings) -> dict[str, str]:
    """Where Dagster keeps runs and events in team mode, as a variable: schema `dagster` of the operational store.

    Empty when the warehouse or the operational store is one machine's own: then SQLite in Dagster's home does.
    """
    parts = urlsplit(settings.store_url)
    if not settings.warehouse_url.startswith("ducklake:") or parts.scheme.partition("+")[0] not in (
        "postgresql",
        "postgres",
    ):
        return {}
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), ("options", "-csearch_path=dagster")])
    return {DAGSTER_STORAGE: urlunsplit(parts._replace(scheme="postgresql", query=query))}


def child_environment(settings: Settings) -> dict[str, str]:
    """What a served process needs on top of the caller's environment: every setting as this process has it."""
    values = {f"FABRIC_{name.upper()}": str(value) for name, value in settings.model_dump().items()}
    return {**TELEMETRY_OFF, **values, **dagster_storage(settings), "DAGSTER_HOME": str(settings.dagster_home)}


def app_path() -> Path:
    """The app's entry point, found without importing the app."""
    return Path(__file__).resolve().parents[1] / "app" / "main.py"
