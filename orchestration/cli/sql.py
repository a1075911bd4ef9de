"""`fabric sql`: a read-only query over one workspace's published marts."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

from models.errors import InvalidInput
from orchestration.cli import context
from orchestration.cli.output import emit_json, table


class Format(StrEnum):
    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def sql(
    query: Annotated[str, typer.Argument(help="One select over the marts.")],
    workspace: Annotated[str, typer.Option("--workspace", "-w", help="Workspace whose marts to read.")] = "",
    output: Annotated[Format, typer.Option("--format", "-f", help="How to print the rows.")] = Format.TABLE,
) -> None:
    """Query the published marts. Example: fabric sql "select platform, count(*) from mart_posts group by all" -w natgeo"""
    from connectors.warehouse.reader import ServingReader

    if not workspace:
        raise InvalidInput("Say whose marts to read with --workspace; fabric workspace list shows them.")
    context.workspace(workspace)
    with ServingReader(context.settings().serving_dir).open(workspace) as snapshot:
        frame = snapshot.query(query)
    if output is Format.CSV:
        sys.stdout.write(frame.write_csv())
    elif output is Format.JSON:
        emit_json({"columns": frame.columns, "rows": frame.rows()})
    else:
        table("", frame.columns, frame.rows())
