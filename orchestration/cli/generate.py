"""`fabric generate`: strategy, calendar, drafts and variants from the published marts."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

import typer

from models.errors import InvalidInput
from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, note


class Artefact(StrEnum):
    STRATEGY = "strategy"
    CALENDAR = "calendar"
    DRAFTS = "drafts"
    VARIANTS = "variants"
    ALL = "all"


def generate(
    what: Annotated[
        Artefact, typer.Argument(help="What to generate; each includes what it needs first.")
    ] = Artefact.ALL,
    workspace: Annotated[str, typer.Option("--workspace", "-w", help="Workspace to generate for.")] = "",
    weeks: Annotated[int, typer.Option(min=1, max=12, help="Weeks of calendar.")] = 4,
    start: Annotated[
        str | None, typer.Option(help="First day of the calendar (YYYY-MM-DD); default next Monday.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Generate a strategy, a calendar, drafts with variants. Example: fabric generate all --workspace natgeo --weeks 4"""
    from orchestration.runs import generate as run_generate

    if not workspace:
        raise InvalidInput("Say which workspace to generate for with --workspace; fabric workspace list shows them.")
    try:
        first = date.fromisoformat(start) if start else None
    except ValueError:
        raise InvalidInput(f"--start {start!r} is not a day: write it as 2026-11-23.") from None
    context.workspace(workspace)
    report = run_generate(context.settings(), workspace, what.value, weeks=weeks, start=first, log=note)
    if as_json:
        emit_json(report)
    else:
        typer.echo(
            f"{workspace}: strategy version {report.strategy_version}, {report.entries_added} new calendar entries, "
            f"{report.drafts_added} new drafts; {report.evidence_checked} numbers re-run and equal"
        )


def rewrite(
    draft: Annotated[str, typer.Argument(help="Id of the draft, as the calendar and fabric sql show it.")],
    workspace: Annotated[str, typer.Option("--workspace", "-w", help="Workspace of the draft.")] = "",
    wish: Annotated[str, typer.Option(help="What is to be different; followed by a language model only.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Write a draft anew as its next version. Example: fabric rewrite DRAFT -w natgeo --wish 'Shorter, less formal'"""
    from orchestration.writing import Writer

    if not workspace:
        raise InvalidInput("Say which workspace the draft belongs to with --workspace.")
    context.workspace(workspace)
    stores = context.stores()
    writer = Writer(stores, workspace, now=stores.now())
    try:
        changed = writer.rewrite_draft(draft, wish)
    finally:
        writer.close()
    if as_json:
        emit_json({"draft": changed.id, "version": changed.version.number, "writer": changed.version.author})
    else:
        typer.echo(f"Version {changed.version.number}, written by {changed.version.author}:\n\n{changed.version.text}")
