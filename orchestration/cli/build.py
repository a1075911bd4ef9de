"""`fabric build`: transform, check, publish serving files."""

from __future__ import annotations

from typing import Annotated

import typer

from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, note, table


def build(
    workspace: Annotated[
        list[str] | None, typer.Option("--workspace", "-w", help="Load only these workspaces' new batches.")
    ] = None,
    from_landing: Annotated[
        bool, typer.Option("--from-landing", help="Delete the warehouse and rebuild it from landing files.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Load what has landed, model it, check it and publish it; prints a digest over all marts.

    Example: fabric build
    """
    from orchestration.runs import build as run_build

    report = run_build(context.settings(), workspaces=workspace, from_landing=from_landing, log=note)
    for refused in report.refused:
        note(f"Refused: {refused}")
    if as_json:
        emit_json(report)
        return
    if report.served:
        rows = [(served.workspace_id, served.version, served.as_of.date().isoformat()) for served in report.served]
        table("", ("workspace", "serving version", "as of"), rows)
    note("Nothing had changed." if not report.changed else f"Built in {report.seconds:.1f} s.")
    typer.echo(f"digest {report.digest}")
