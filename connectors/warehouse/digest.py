"""Digests of marts: equal exactly when the rows of a workspace are, whatever their order in the file.

A row's text is the JSON array of its columns cast to text, so NULL, "NULL" and neighbouring columns cannot be
confused. The two 64-bit halves of each row's MD5 are summed; addition does not care about order. The number of rows and
the contracted column list go into the hash as well.
"""

from __future__ import annotations

import hashlib

import duckdb

from connectors.warehouse.marts import MARTS


def mart_select(mart: str) -> str:
    """SQL for the contracted columns of a mart in their contracted types, for one workspace (its only parameter)."""
    columns = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in MARTS[mart].items())
    return f"select {columns} from marts.{mart} where workspace_id = ?"  # noqa: S608


def mart_digest(connection: duckdb.DuckDBPyConnection, mart: str, workspace_id: str) -> str:
    """Hex digest of a mart's rows of one workspace. The connection's time zone must be UTC."""
    values = ", ".join(f'cast("{name}" as varchar)' for name in MARTS[mart])
    # S608: only names of the contract enter the text.
    row = connection.execute(
        "select count(*), sum(md5_number_lower(text)), sum(md5_number_upper(text)) "  # noqa: S608
        f"from (select cast(json_array({values}) as varchar) as text from ({mart_select(mart)}))",
        [workspace_id],
    ).fetchone()
    columns = ",".join(f"{name} {kind}" for name, kind in MARTS[mart].items())
    return hashlib.sha256(f"{columns}|{row}".encode()).hexdigest()


def combined(digests: dict[str, str]) -> str:
    """One hex digest over several named ones."""
    return hashlib.sha256("\n".join(f"{name}={digests[name]}" for name in sorted(digests)).encode()).hexdigest()
