"""`fabric ingest`: read the connected accounts and the competitors' public addresses into landing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import InvalidInput
from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, note

if TYPE_CHECKING:
    from models.domain.connection import SyncRun
    from orchestration.watching import WatchReport

COMPETITORS = "competitors"


def ingest(
    workspace: Annotated[str, typer.Option("--workspace", "-w", help="Workspace whose accounts to read.")],
    source: Annotated[str | None, typer.Option(help="Only this vendor, such as youtube, or competitors.")] = None,
    since: Annotated[
        str | None,
        typer.Option(help="Read from this day on (YYYY-MM-DD); default: the trailing window, first 180 days."),
    ] = None,
    only_due: Annotated[bool, typer.Option("--only-due", help="Leave out what was read recently enough.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Read posts, account numbers and audience of connected accounts, and pieces of competitors.

    Example: fabric ingest --workspace natgeo
    """
    from models.domain.connection import Vendor
    from orchestration.ingesting import connected_vendors
    from orchestration.ingesting import ingest as read
    from orchestration.watching import anything_watched, watch

    context.workspace(workspace)
    if source not in {None, COMPETITORS, *Vendor}:
        raise InvalidInput(f"{source!r} cannot be read; there are: {COMPETITORS}, {', '.join(Vendor)}.")
    begin = _day(since)
    stores = context.stores()
    watched = watch(stores, workspace, only_due=only_due, log=note) if source in (None, COMPETITORS) else None
    has_accounts = bool(connected_vendors(stores, workspace)) or not anything_watched(stores, workspace)
    runs: list[SyncRun] = []
    problems: list[str] = []
    if source != COMPETITORS and (source or has_accounts):
        vendor = Vendor(source) if source else None
        told = read(stores, workspace, vendor=vendor, since=begin, only_due=only_due, log=note)
        runs, problems = told.runs, told.problems
    if as_json:
        competitors = [_plain(report) for report in watched.reports] if watched else []
        emit_json({"runs": runs, "problems": problems, "competitors": competitors})
    else:
        _told(runs, watched)
    if problems or any(run.status == "failed" for run in runs) or (watched and watched.failed):
        raise typer.Exit(1)


def _plain(report: object) -> dict[str, object]:
    names = ("source_id", "outcome", "contents", "observations", "copies", "waiting", "notes")
    return {name: getattr(report, name) for name in names}


def _told(runs: list[SyncRun], watched: WatchReport | None) -> None:
    posts, readings = sum(r.contents for r in runs), sum(r.observations for r in runs)
    articles = watched.contents if watched else 0
    done = sum(r.status == "done" for r in runs)
    asked = sum(r.status != "lost" for r in runs)
    typer.echo(
        f"{done} of {asked} streams read: {posts:,} posts, {readings:,} readings; {articles:,} pieces of competitors."
    )
    if posts or readings or articles:
        note("Next: fabric build")


def _day(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return datetime.combine(datetime.fromisoformat(text).date(), datetime.min.time(), tzinfo=UTC)
    except ValueError:
        raise InvalidInput(f"--since {text!r} is not a day: write it as 2026-05-01.") from None
