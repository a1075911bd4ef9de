"""`fabric strategy`: read a workspace's strategy, approve it, or ask for another."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, note

app = typer.Typer(no_args_is_help=True, help="Read, approve and revise strategies.")
Workspace = Annotated[str, typer.Option("--workspace", "-w", help="Workspace.")]


class Part(StrEnum):
    ALL = "all"
    PILLARS = "pillars"
    ROLES = "roles"
    SUMMARY = "summary"


@app.command()
def show(
    workspace: Workspace,
    version: Annotated[int | None, typer.Option(help="A version; default the newest.")] = None,
    evidence: Annotated[bool, typer.Option(help="Also the query behind each number.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Print a strategy in full. Example: fabric strategy show --workspace natgeo --evidence"""
    from models.domain.workspace import SYSTEM
    from models.generation.reading import as_text
    from models.services import answers, planning

    context.workspace(workspace)
    with context.stores().open_store() as store, store.unit_of_work() as uow:
        found = planning.find_strategy(uow, SYSTEM, workspace, version=version)
        told = answers.manifests_of(uow, SYSTEM, workspace, "strategy", found.id)
    if as_json:
        emit_json({"version": found.version, "document": found.document.model_dump(mode="json"), "manifests": told})
    else:
        typer.echo(as_text(found, told[0] if told else None, evidence=evidence))


@app.command()
def approve(
    workspace: Workspace,
    note_text: Annotated[str, typer.Option("--note", help="A word to the team.")] = "",
    as_json: JsonFlag = False,
) -> None:
    """Say that the newest strategy stands. Example: fabric strategy approve --workspace natgeo"""
    from models.domain.workspace import SYSTEM
    from models.services import planning

    context.workspace(workspace)
    stores = context.stores()
    with stores.open_store() as store, store.unit_of_work() as uow:
        newest = planning.find_strategy(uow, SYSTEM, workspace)
        planning.approve_strategy(uow, SYSTEM, newest.id, note=note_text, now=stores.now())
    if as_json:
        emit_json({"version": newest.version, "decision": "approved"})
    else:
        typer.echo(f"{workspace}: version {newest.version} approved")


@app.command()
def revise(
    remark: Annotated[str, typer.Argument(help="What is to be different.")],
    workspace: Workspace,
    part: Annotated[Part, typer.Option(help="What to write again.")] = Part.ALL,
    as_json: JsonFlag = False,
) -> None:
    """Write the strategy again after a remark. Example: fabric strategy revise "Fewer pillars" --part pillars -w natgeo"""
    from models.domain.workspace import SYSTEM
    from models.services import planning
    from orchestration.runs import generate

    context.workspace(workspace)
    stores = context.stores()
    with stores.open_store() as store, store.unit_of_work() as uow:
        newest = planning.find_strategy(uow, SYSTEM, workspace)
        planning.revise_strategy(
            uow, SYSTEM, newest.id, note=remark, part="" if part is Part.ALL else part.value, now=stores.now()
        )
    report = generate(context.settings(), workspace, "strategy", log=note)
    if as_json:
        emit_json(report)
        return
    if report.strategy_version == newest.version:
        typer.echo(
            f"{workspace}: version {newest.version} stays; it takes a language model to follow remarks (fabric ai set)"
        )
    else:
        typer.echo(f"{workspace}: version {report.strategy_version} follows the remark")
