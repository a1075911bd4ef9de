"""`fabric dates`: campaigns, days without posts, holidays and the settings of planning."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import typer

from models.domain.planning import DateKind
from models.errors import InvalidInput
from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, table

app = typer.Typer(help="Tell the calendar about campaigns, days without posts and holidays.", no_args_is_help=True)
_Workspace = Annotated[str, typer.Option("--workspace", "-w", help="Workspace whose calendar it is.")]


@app.command("add")
def add(
    kind: Annotated[DateKind, typer.Argument(help="campaign takes slots with its brief, blackout keeps days free.")],
    name: Annotated[str, typer.Argument(help="What it is called.")],
    workspace: _Workspace,
    start: Annotated[str, typer.Option("--from", help="First day (YYYY-MM-DD).")],
    end: Annotated[str | None, typer.Option("--to", help="Last day; the first one unless given.")] = None,
    topic: Annotated[str, typer.Option(help="Topic of a campaign's posts; its name unless given.")] = "",
    brief: Annotated[str, typer.Option(help="What a campaign's posts should do.")] = "",
    share: Annotated[
        float | None, typer.Option(help="Share of the slots in its days that a campaign takes, 0 to 1.")
    ] = None,
) -> None:
    """Add a campaign or days without posts. Example: fabric dates add blackout "Office closed" -w natgeo --from 2026-12-24 --to 2026-12-27"""
    from models.domain.workspace import SYSTEM
    from models.services import planning_dates

    with context.store().unit_of_work() as uow:
        added = planning_dates.add_date(
            uow, SYSTEM, workspace, kind=kind, name=name, starts_on=_day(start), ends_on=_day(end) if end else None,
            pillar=topic, brief=brief, share=share, now=context.now(),
        )  # fmt: skip
    typer.echo(f"{added.kind} {added.name} from {added.starts_on} to {added.ends_on} is kept as {added.id}.")


@app.command("list")
def list_all(
    workspace: _Workspace,
    year: Annotated[int | None, typer.Option(help="Year of the holidays; this year unless given.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """List campaigns, blackouts, settings and a year's holidays. Example: fabric dates list --workspace natgeo"""
    from models.domain.workspace import SYSTEM
    from models.services import planning_dates

    shown = year or context.now().astimezone(context.workspace(workspace).tz).year
    with context.store().unit_of_work() as uow:
        dates = planning_dates.list_dates(uow, SYSTEM, workspace)
        days = planning_dates.planning_days(uow, SYSTEM, workspace, start=date(shown, 1, 1), end=date(shown, 12, 31))
    if as_json:
        holidays = {day.isoformat(): name for day, name in days.holidays.items()}
        emit_json({"dates": dates, "rules": days.rules, "holidays": holidays})
        return
    rows = [(d.id, d.kind, d.name, d.starts_on, d.ends_on, d.pillar, d.share or None) for d in dates]
    table(f"Planning dates of {workspace}", ("id", "kind", "name", "from", "to", "topic", "share"), rows)
    rules = days.rules
    typer.echo(
        f"Holidays: {rules.country or 'no country set'}, {rules.holidays}; {rules.topic_days} days between posts of one topic."
    )
    for day, name in days.holidays.items():
        typer.echo(f"  {day} {name}")


@app.command("remove")
def remove(date_id: Annotated[str, typer.Argument(help="Id of the campaign or blackout.")]) -> None:
    """Remove a campaign or blackout; entries planned for it stay. Example: fabric dates remove 0f3c…"""
    from models.domain.workspace import SYSTEM
    from models.services import planning_dates

    with context.store().unit_of_work() as uow:
        planning_dates.remove_date(uow, SYSTEM, date_id, now=context.now())
    typer.echo(f"{date_id} is removed.")


@app.command("rules")
def rules(
    workspace: _Workspace,
    country: Annotated[str | None, typer.Option(help="Country of the holidays (DE, US-CA); empty for none.")] = None,
    holidays: Annotated[str | None, typer.Option(help="keep posts on holidays, or avoid them.")] = None,
    topic_days: Annotated[int | None, typer.Option(help="Least days between two posts of one topic.")] = None,
) -> None:
    """Set the country of holidays and the room between topics. Example: fabric dates rules -w natgeo --country US --holidays avoid"""
    from models.domain.planning import PlanningRules
    from models.domain.workspace import SYSTEM
    from models.services import planning_dates

    if holidays not in (None, "keep", "avoid"):
        raise InvalidInput(f"--holidays {holidays!r} is not known: say keep or avoid.")
    with context.store().unit_of_work() as uow:
        before = planning_dates.planning_rules(uow, SYSTEM, workspace)
        wanted = PlanningRules(
            country=before.country if country is None else country,
            holidays=before.holidays if holidays is None else "avoid" if holidays == "avoid" else "keep",
            topic_days=before.topic_days if topic_days is None else topic_days,
        )
        kept = planning_dates.set_planning_rules(uow, SYSTEM, workspace, wanted, now=context.now())
    typer.echo(
        f"{workspace}: holidays of {kept.country or 'no country'}, {kept.holidays}; "
        f"{kept.topic_days} days between posts of one topic."
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidInput(f"{text!r} is not a day: write it as 2026-12-24.") from None
