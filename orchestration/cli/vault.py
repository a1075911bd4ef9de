"""`fabric vault`: the key that protects stored credentials."""

from __future__ import annotations

import typer

from orchestration.cli import context
from orchestration.cli.output import note

app = typer.Typer(help="The key that protects stored credentials.", no_args_is_help=True)


@app.callback()
def vault() -> None:
    """Keeps `rotate` a command of its own while it is the only one."""


@app.command("rotate")
def rotate() -> None:
    """Replace the master key; credentials stay readable throughout. May be killed and run again.

    A key in FABRIC_MASTER_KEY is replaced by hand: write new,old there, rotate, then remove the old one.
    Example: fabric vault rotate
    """
    from connectors.vault import Vault, master_keys, new_master_key

    settings = context.settings()
    keys = master_keys(settings.master_key, settings.home)
    with context.stores().open_store() as store:
        known = keys.read()
        fresh = known[0] if settings.master_key else new_master_key()
        rewrapped = Vault(store, keys).rotate(fresh)
    typer.echo(f"The keys of {rewrapped} workspaces are wrapped with the new master key.")
    note(
        "Back up master.key: without it the stored credentials cannot be read."
        if not settings.master_key
        else "Now remove the old key from FABRIC_MASTER_KEY."
    )
