"""`fabric ingest`: read the connected accounts into landing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from models.errors import InvalidInput
from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, note


def ingest(
    workspace: Annotated[str, typer.Option("--workspace", "-w", help="Workspace whose accounts to read.")],
    source: Annotated[str | None, typer.Option(help="Only this vendor, such as youtube.")] = None,
    since: Annotated[
        str | None,
        typer.Option(help="Read from this day on (YYYY-MM-DD); default: the trailing window, first 180 days."),
    ] = None,
    only_due: Annotated[bool, typer.Option("--only-due", help="Leave out what was read recently enough.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Read posts, account numbers and audience of the connected accounts. Example: fabric ingest --workspace natgeo"""
    from models.domain.connection import SyncStatus, Vendor
    from orchestration.ingesting import ingest as read

    context.workspace(workspace)
    if source is not None and source not in set(Vendor):
        raise InvalidInput(f"{source!r} is no vendor; there are: {', '.join(Vendor)}.")
    report = read(
        context.stores(), workspace, vendor=Vendor(source) if source else None, since=_day(since), only_due=only_due,
        log=note,
    )  # fmt: skip
    if as_json:
        emit_json({"runs": report.runs, "skipped": report.skipped})
    else:
        posts, readings = sum(r.contents for r in report.runs), sum(r.observations for r in report.runs)
        done = sum(r.status is SyncStatus.DONE for r in report.runs)
        typer.echo(f"{done} of {len(report.runs)} streams read: {posts:,} posts, {readings:,} readings.")
        if posts or readings:
            note("Next: fabric build")
    if report.failed:
        raise typer.Exit(1)


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), datetime.min.time(), tzinfo=UTC)
    except ValueError:
        raise InvalidInput(f"--since {text!r} is not a day: write it as 2026-05-01.") from None
