"""`fabric publish`: send what is approved and due."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, note

POLL_SECONDS = 15.0


def publish(
    once: Annotated[
        bool, typer.Option("--once/--keep-running", help="Send what is due now and end, or go on until Ctrl-C.")
    ] = True,
    as_json: JsonFlag = False,
) -> None:
    """Send approved posts whose slot has come, and look for those of unknown outcome. Exit code 1 when one failed.

    Nothing is sent twice: a post that may have gone out is looked for first. Example: fabric publish --once
    """
    from models.domain.publishing import OutboxStatus
    from orchestration.publishing import drain

    while True:
        report = drain(context.stores(), log=note)
        if as_json:
            emit_json({"ended": report.counts, "sentences": report.sentences})
        elif once:
            done = ", ".join(f"{count} {status}" for status, count in report.counts.items())
            typer.echo(f"Outbox: {done}." if done else "Outbox: nothing is due.")
        if once:
            raise typer.Exit(1 if report.ended[OutboxStatus.FAILED] else 0)
        time.sleep(POLL_SECONDS)
