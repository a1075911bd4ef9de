"""dbt's way into the lake: a dbt-duckdb plugin that attaches it, so that no profile and no log holds its password."""

from __future__ import annotations

import os
from pathlib import Path

import duckdb
from dbt.adapters.duckdb.plugins import BasePlugin

from connectors.warehouse.lake import LakeWarehouse


class Plugin(BasePlugin):
    """Attaches the lake that `LakeWarehouse.dbt_environment` names to every connection of dbt's."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        directory = Path(os.environ["FABRIC_LAKE_DIRECTORY"])
        LakeWarehouse(os.environ["FABRIC_LAKE_URL"], directory).attach(conn)
