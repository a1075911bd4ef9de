"""Runs one select over one database file, in a process of its own that can do nothing else.

Started by `connectors.warehouse.analysis`, never imported: it reads one JSON object from stdin (`file`, `sql`, `rows`,
`seconds`, `memory_mb`) and writes one JSON line to stdout (`error`, or `truncated` and `rows`), then the rows as Parquet.
It imports nothing of the project, holds no secret, and limits itself before it opens the file.
"""

from __future__ import annotations

import io
import json
import resource
import sys
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

_TABLE_FUNCTIONS = {"unnest", "generate_series", "range", "duckdb_columns", "duckdb_tables"}
_REFUSED_FUNCTIONS = {"current_setting", "getvariable", "query", "query_table", "write_log"}
_SYSTEM = ("duckdb_", "pragma_", "sqlite_", "pg_")
_OVERHEAD_MB = 3_072
"""Address space beside the query's own memory: code of DuckDB and Arrow, thread stacks, allocator arenas."""


class Refused(Exception):
    """The statement is none that may run here."""


def main() -> None:
    request = json.load(sys.stdin)
    limit(request["seconds"], request["memory_mb"])
    body = io.BytesIO()
    try:
        table, truncated = run(request)
        pq.write_table(table, body, compression="zstd")
        answer: dict[str, Any] = {"truncated": truncated, "rows": table.num_rows}
    except pa.ArrowNotImplementedError as error:
        answer = {"error": f"A column has a type that cannot be given back, cast it to text ({error})"}
    except (duckdb.Error, pa.ArrowException, Refused) as error:
        answer = {"error": str(error)}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n")
    sys.stdout.buffer.write(body.getvalue())
    sys.stdout.buffer.flush()


def limit(seconds: int, memory_mb: int) -> None:
    """Processor time, memory and files of this process; no file can be written at all."""
    memory = (memory_mb + _OVERHEAD_MB) * 2**20
    resource.setrlimit(resource.RLIMIT_CPU, (2 * seconds, 2 * seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def run(request: dict[str, Any]) -> tuple[pa.Table, bool]:
    """At most `rows` rows of the select, and whether there are more."""
    connection = duckdb.connect(
        request["file"],
        read_only=True,
        config={
            "enable_external_access": "false",
            "python_enable_replacements": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
            "temp_directory": "",
            "memory_limit": f"{request['memory_mb']}MB",
            "threads": "2",
        },
    )
    connection.execute("set global TimeZone = 'UTC'")
    connection.execute("set lock_configuration = true")
    check(connection, request["sql"])
    reader = connection.execute(request["sql"]).to_arrow_reader(10_000)
    batches, rows = [], 0
    for batch in reader:
        batches.append(batch)
        rows += batch.num_rows
        if rows > request["rows"]:
            break
    table = pa.Table.from_batches(batches, schema=reader.schema)
    return table.slice(0, request["rows"]), table.num_rows > request["rows"]


def check(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    """Raises `Refused` for anything but one select over the marts."""
    answer = connection.execute("select json_serialize_sql(?::varchar)", [sql]).fetchone()
    parsed = json.loads(answer[0]) if answer else {}
    if parsed.get("error"):
        reason = parsed.get("error_message", "")
        if parsed.get("error_type") == "not implemented":
            reason = "Only a select can run here."
        raise Refused(reason)
    if len(parsed["statements"]) != 1:
        raise Refused("Only one select at a time can run here.")
    for node in nodes(parsed):
        name = node.get("function_name")
        if name in _REFUSED_FUNCTIONS:
            raise Refused(f"The function {name} cannot be used here.")
        if node.get("type") == "TABLE_FUNCTION":
            called = (node.get("function") or {}).get("function_name", "")
            if called not in _TABLE_FUNCTIONS:
                raise Refused(f"The table function {called} cannot be used here: read the marts.")
        if node.get("type") == "BASE_TABLE":
            table, schema = str(node["table_name"]), str(node.get("schema_name", ""))
            if (table.startswith(_SYSTEM) and table not in _TABLE_FUNCTIONS) or schema == "pg_catalog":
                raise Refused(f"The system table {table} cannot be read here: read the marts.")


def nodes(tree: Any) -> Any:
    """Every object of a parse tree."""
    if isinstance(tree, dict):
        yield tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for part in tree:
            yield from nodes(part)


if __name__ == "__main__":
    main()
