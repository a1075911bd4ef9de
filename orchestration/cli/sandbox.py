"""`fabric sandbox`: local servers that speak the platforms' protocols, and the controls of their time and faults."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import InvalidInput
from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, note, table

if TYPE_CHECKING:
    from connectors.sandbox.control import SandboxControl
    from connectors.sandbox.world import World
    from models.settings import Settings

app = typer.Typer(help="The sandbox: synthetic platforms on this machine.", no_args_is_help=True)
_SPAN = re.compile(r"^(\d+(?:\.\d+)?)([mhdw])$")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def kept_world(settings: Settings) -> World:
    """The installation's sandbox with what earlier processes published in it."""
    from connectors.sandbox.world import World

    return World(journal=settings.sandbox_dir / "world.jsonl")


def span(text: str) -> timedelta:
    """`30m`, `6h`, `7d` or `2w` as a time span."""
    found = _SPAN.match(text)
    if found is None:
        raise InvalidInput(f"{text!r} is not a time span: write a number and m, h, d or w, such as 7d.")
    return timedelta(**{_UNITS[found[2]]: float(found[1])})


def _control() -> SandboxControl:
    from connectors.sandbox.control import SandboxControl

    return SandboxControl(context.settings().sandbox_url)


@app.command("serve")
def serve() -> None:
    """Serve the sandbox until Ctrl-C. Example: fabric sandbox serve"""
    from connectors.sandbox.server import serve_until_stopped

    settings = context.settings()
    note(f"Sandbox: {settings.sandbox_url} (synthetic data, loopback only). Ctrl-C stops it.")
    serve_until_stopped(kept_world(settings), settings.sandbox_port)


@app.command("clock")
def clock(
    advance: Annotated[str | None, typer.Option(help="Move the clock forward, such as 6h or 7d.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Tell or move the sandbox's clock. Example: fabric sandbox clock --advance 7d"""
    now = _control().advance(span(advance)) if advance else _control().now()
    if as_json:
        emit_json({"now": now})
    else:
        typer.echo(f"{now:%Y-%m-%d %H:%M:%S} UTC in the sandbox")


@app.command("fault")
def fault(
    kind: Annotated[
        str | None, typer.Argument(help="The fault; without one, every fault that is set is cleared.")
    ] = None,
    vendor: Annotated[str | None, typer.Option(help="Only calls to this vendor.")] = None,
    path: Annotated[str, typer.Option(help="Only calls whose path matches this regular expression.")] = "",
    times: Annotated[int, typer.Option(min=1, help="How often it strikes.")] = 1,
    seconds: Annotated[float, typer.Option(min=0, help="How long a delay lasts.")] = 0.0,
) -> None:
    """Let the next calls fail. Example: fabric sandbox fault drop_answer --vendor x --path /2/tweets"""
    from connectors.sandbox.faults import FaultKind
    from models.domain.connection import Vendor

    if kind is None:
        _control().clear_faults()
        note("No fault is set.")
        return
    if kind not in set(FaultKind):
        raise InvalidInput(f"{kind!r} is no fault; there are: {', '.join(FaultKind)}.")
    if vendor is not None and vendor not in set(Vendor):
        raise InvalidInput(f"{vendor!r} is no vendor; there are: {', '.join(Vendor)}.")
    _control().add_fault(
        FaultKind(kind), vendor=Vendor(vendor) if vendor else None, path=path, times=times, seconds=seconds
    )
    note(f"{kind} strikes the next {times} matching calls.")


@app.command("ledger")
def ledger(as_json: JsonFlag = False) -> None:
    """List what truly happened in the sandbox. Example: fabric sandbox ledger"""
    told = _control().ledger()
    if as_json:
        emit_json(told)
        return
    rows = [(entry["at"][:19], entry["vendor"], entry["action"], entry["subject_id"]) for entry in told["entries"]]
    table("What truly happened", ("when", "vendor", "what", "id"), rows)
    typer.echo(f"{len(rows)} entries, {len(told['duplicates'])} contents more than once")
