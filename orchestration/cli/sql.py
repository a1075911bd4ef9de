"""`fabric sql`: a read-only query over one workspace's published marts."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import InvalidInput
from orchestration.cli import context
from orchestration.cli.output import emit_json, note, table

if TYPE_CHECKING:
    import polars as pl

    from connectors.warehouse.reader import ServingReader
    from models.domain.workspace import Workspace


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


def sql(
    query: Annotated[str, typer.Argument(help="One select over the marts; - reads it from stdin.")] = "",
    workspace: Annotated[str, typer.Option("--workspace", "-w", help="Workspace whose marts to read.")] = "",
    output: Annotated[Format, typer.Option("--format", "-f", help="How to print the rows.")] = Format.TABLE,
    as_known_at: Annotated[
        str,
        typer.Option(
            help="Answer with what was known then: a date (the end of that day in the workspace's zone) or an ISO 8601 "
            "time (local without an offset). Only the instant at which a source was read decides.",
        ),
    ] = "",
    tables: Annotated[bool, typer.Option("--tables", help="List the marts and what they hold instead.")] = False,
    columns: Annotated[str, typer.Option(help="List this mart's columns and what they mean instead.")] = "",
) -> None:
    """Query the published marts. Example: fabric sql "select platform, count(*) from mart_posts group by all" -w natgeo

    What did the report of 3 May say: fabric sql "select day, followers from mart_followers_daily" -w natgeo
    --as-known-at 2026-05-03
    """
    from connectors.warehouse import sql_pages
    from connectors.warehouse.reader import ServingReader

    if not workspace:
        raise InvalidInput("Say whose marts to read with --workspace; fabric workspace list shows them.")
    known = context.workspace(workspace)
    reader = _reader_as_known(known, as_known_at) if as_known_at else ServingReader(context.settings().serving_dir)
    with reader.open(workspace) as snapshot:
        if tables:
            frame = sql_pages.tables(snapshot)
        elif columns:
            frame = sql_pages.columns(snapshot, columns)
        else:
            frame = snapshot.query(_select(query))
    if columns and frame.is_empty():
        raise InvalidInput(f"There is no mart {columns!r}: fabric sql --tables --workspace {workspace} lists them.")
    _print(frame, output)


def _select(query: str) -> str:
    text = sys.stdin.read() if query == "-" else query
    if not text.strip():
        raise InvalidInput("Give one select, or - to read it from stdin; --tables lists what can be asked.")
    return text


def _print(frame: pl.DataFrame, output: Format) -> None:
    from connectors.warehouse.analysis import as_csv

    if output is Format.CSV:
        sys.stdout.write(as_csv(frame))
    elif output is Format.JSON:
        emit_json({"columns": frame.columns, "rows": frame.rows()})
    elif output is Format.PARQUET:
        if sys.stdout.isatty():
            raise InvalidInput("Parquet is no text: send it to a file with > rows.parquet.")
        frame.write_parquet(sys.stdout.buffer)
    else:
        table("", frame.columns, frame.rows())


def _reader_as_known(workspace: Workspace, when: str) -> ServingReader:
    from connectors.warehouse.history import moment_of
    from orchestration.history import as_known_at

    return as_known_at(context.stores(), workspace, moment_of(when, workspace.zone), log=note)
