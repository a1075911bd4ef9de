"""The environment that FABRIC's own processes run in: telemetry of every dependency off, paths absolute."""

from __future__ import annotations

import os
from pathlib import Path

from models.settings import Settings

TELEMETRY_OFF = {
    "DO_NOT_TRACK": "1",
    "DAGSTER_DISABLE_TELEMETRY": "true",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
}


def quiet_telemetry() -> None:
    """Turns off the dependencies' telemetry in this process and its children; call it before importing any of them."""
    os.environ.update(TELEMETRY_OFF)


def child_environment(settings: Settings) -> dict[str, str]:
    """What a served process needs on top of the caller's environment."""
    return {
        **TELEMETRY_OFF,
        "FABRIC_HOME": str(settings.home),
        "FABRIC_DATABASE_URL": settings.database_url,
        "FABRIC_APP_HOST": settings.app_host,
        "FABRIC_APP_PORT": str(settings.app_port),
        "FABRIC_DEV_SIGN_IN": str(settings.dev_sign_in).lower(),
        "FABRIC_LOG_LEVEL": settings.log_level,
        "DAGSTER_HOME": str(settings.dagster_home),
    }


def app_path() -> Path:
    """The app's entry point, found without importing the app."""
    return Path(__file__).resolve().parents[1] / "app" / "main.py"
