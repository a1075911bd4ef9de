"""Digests of marts: equal exactly when the rows of a workspace are, whatever their order and the engine they come from.

Two 64-bit hashes of each row, over its columns in order and in reverse, are summed; addition does not care about order.
The number of rows and the contracted column list go into the digest as well. Columns are cast to their contracted types
first, so that an engine's own types do not show. DuckDB's hash belongs to its version: a new one publishes once more.
"""

from __future__ import annotations

import hashlib

import duckdb

from connectors.warehouse.marts import MARTS


def mart_rows(mart: str) -> str:
    """SQL for the contracted columns of a mart in their contracted types."""
    columns = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in MARTS[mart].items())
    return f"select {columns} from marts.{mart}"  # noqa: S608


def mart_digest(connection: duckdb.DuckDBPyConnection, mart: str, workspace_id: str) -> str:
    """Hex digest of a mart's rows of one workspace, computed from the models."""
    return _digest(connection, mart, f"({mart_rows(mart)}) where workspace_id = ?", [workspace_id])


def rows_digest(connection: duckdb.DuckDBPyConnection, mart: str, relation: str) -> str:
    """Hex digest of all rows of a table that has a mart's columns, equal to the mart's when its rows are."""
    return _digest(connection, mart, relation, [])


def _digest(connection: duckdb.DuckDBPyConnection, mart: str, relation: str, parameters: list[str]) -> str:
    names = [f'"{name}"' for name in MARTS[mart]]
    # S608: only names of the contract enter the text.
    row = connection.execute(
        f"select count(*), sum(hash({', '.join(names)})), sum(hash({', '.join(reversed(names))})) from {relation}",  # noqa: S608
        parameters,
    ).fetchone()
    columns = ",".join(f"{name} {kind}" for name, kind in MARTS[mart].items())
    return hashlib.sha256(f"{columns}|{row}".encode()).hexdigest()


def combined(digests: dict[str, str]) -> str:
    """One hex digest over several named ones."""
    return hashlib.sha256("\n".join(f"{name}={digests[name]}" for name in sorted(digests)).encode()).hexdigest()
