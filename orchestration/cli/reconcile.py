"""`fabric reconcile`: a platform's own export held against the warehouse, row by row."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from models.errors import InvalidInput
from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, note, table

if TYPE_CHECKING:
    from connectors.warehouse.reconciling import Sides
    from models.insight.reconciliation import Reconciliation

_SHOWN = 10


def reconcile(
    path: Annotated[str, typer.Argument(help="The platform's own export: a CSV or workbook that fabric import reads.")],
    workspace: Annotated[str, typer.Option("--workspace", "-w", help="Workspace to hold it against.")] = "",
    platform: Annotated[str | None, typer.Option(help="Platform, where the layout does not tell.")] = None,
    account: Annotated[str | None, typer.Option(help="Account id, where there are several.")] = None,
    mapping: Annotated[Path | None, typer.Option(help="YAML file that says what the columns mean.")] = None,
    zone: Annotated[str | None, typer.Option(help="IANA zone of the file's times, where it does not tell.")] = None,
    observed_at: Annotated[str | None, typer.Option(help="When the export was made, if it does not say.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Compare a platform's own export with the warehouse and name what explains the differences. Nothing is stored.

    Exit code 1 when they differ. Example: fabric reconcile posts.csv --workspace natgeo
    """
    from connectors.files.importer import read_source
    from connectors.warehouse.reconciling import sides
    from models.insight.reconciliation import reconcile as compare
    from models.metrics.registry import registry
    from orchestration.cli.imports import _instant

    if not workspace:
        raise InvalidInput("Say which workspace to compare with, with --workspace; fabric workspace list shows them.")
    known = context.workspace(workspace)
    prepared, records = read_source(
        path, workspace_id=workspace, landed_at=context.now(), observed_at=_instant(observed_at), platform=platform,
        mapping=mapping, account=account, zone=zone,
    )  # fmt: skip
    found = sides(
        context.stores().warehouse, workspace, ZoneInfo(known.zone), records, observed_at=prepared.observed_at,
        account=account,
    )  # fmt: skip
    units = {metric.id: metric.unit for metric in registry().metrics.values()}
    result = compare(found.theirs, found.ours, units=units, published=found.published)
    if as_json:
        emit_json(_as_json(prepared.source_file, prepared.observed_at, found, result))
    else:
        _tell(prepared.source_file, found, result)
    if not result.agrees:
        raise typer.Exit(1)


def _as_json(name: str, observed_at: datetime, found: Sides, result: Reconciliation) -> dict[str, Any]:
    return {
        "file": name,
        "observed_at": observed_at,
        "posts": found.posts,
        "posts_known": found.posts_known,
        "readings_earlier_by_hours": found.lag_hours,
        "agrees": result.agrees,
        "matched": result.matched,
        "equal": result.equal,
        "differing": [asdict(row) for row in result.differing],
        "missing_here": [asdict(row) for row in result.missing_here],
        "missing_there": [asdict(row) for row in result.missing_there],
        "findings": [asdict(finding) for finding in result.findings],
    }


def _tell(name: str, found: Sides, result: Reconciliation) -> None:
    typer.echo(
        f"{name}: {result.matched:,} numbers on both sides, {result.equal:,} agree, {len(result.differing):,} differ; "
        f"{len(result.missing_here):,} are missing here and {len(result.missing_there):,} in the file."
    )
    if found.posts:
        typer.echo(f"{found.posts_known:,} of its {found.posts:,} posts are known here.")
    if result.differing:
        shown = [(d.subject, d.metric, d.day, d.theirs, d.ours, d.ours / d.theirs if d.theirs else None)
                 for d in result.differing[:_SHOWN]]  # fmt: skip
        table("", ("post or account", "metric", "day", "file", "here", "here ÷ file"), shown)
    for finding in result.findings:
        typer.echo(f"- {finding.sentence} Confidence: {finding.confidence}.")
    if result.differing and found.lag_hours is not None and abs(found.lag_hours) >= 24:
        when = "before" if found.lag_hours > 0 else "after"
        note(
            f"Our readings were taken {abs(found.lag_hours) / 24:.0f} days {when} the export; counters moved meanwhile."
        )
    if result.agrees:
        typer.echo("They agree.")
