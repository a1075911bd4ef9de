"""`fabric export`: a workspace as one folder, for an analyst elsewhere or for another installation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, note


def export(
    folder: Annotated[Path, typer.Argument(help="New folder to write; it appears whole or not at all.")],
    workspace: Annotated[str, typer.Option("--workspace", "-w", help="Workspace to export.")],
    as_json: JsonFlag = False,
) -> None:
    """Write a workspace into one folder: what landed, plans, drafts and approvals, marts and media, as Parquet.

    No credential, key or member is in it; people are user ids. fabric import FOLDER reads it back.

    Example: fabric export --workspace natgeo natgeo-2026-11
    """
    from orchestration.archiving import export_workspace

    done = export_workspace(context.stores(), workspace, folder)
    if as_json:
        emit_json(done)
        return
    note(f"Workspace {workspace}: {done.files:,} files, {done.bytes / 1024**2:,.1f} MB in {done.folder}")
    if not done.current:
        note("The marts in it are older than the rest: run fabric build before exporting to have them equal.")
    typer.echo(f"digest {done.digest}" if done.digest else "no marts: nothing has been built yet")
