"""DuckDB's extensions: from the `duckdb-extension-*` wheels where they are installed, else through DuckDB's installer."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import duckdb

from models.errors import InvalidInput


def load_extension(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Loads an extension into the connection's database.

    Raises `InvalidInput` when no wheel brings it and it cannot be downloaded either.
    """
    packaged = _packaged(name)
    if packaged is not None:
        connection.load_extension(str(packaged))
        return
    try:
        connection.install_extension(name)
        connection.load_extension(name)
    except duckdb.Error as error:
        reason = str(error).strip().splitlines()[0]
        raise InvalidInput(
            f"DuckDB's extension {name} is not installed and cannot be downloaded ({reason}): install FABRIC with its "
            "extra lake, or let this machine reach extensions.duckdb.org once."
        ) from error


def _packaged(name: str) -> Path | None:
    """The extension's file inside its wheel, for exactly the DuckDB that runs."""
    spec = find_spec(f"duckdb_extension_{name}")
    places = (spec.submodule_search_locations or []) if spec else []
    file = f"extensions/v{duckdb.__version__}/{name}.duckdb_extension"
    return next((Path(place) / file for place in places if (Path(place) / file).is_file()), None)
