"""`fabric competitor`: whom the brand is compared with, and which of their public addresses are read."""

from __future__ import annotations

from typing import Annotated

import typer

from models.errors import InvalidInput
from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, note, table

app = typer.Typer(help="Track competitors and read their public feeds and sitemaps.", no_args_is_help=True)
_Workspace = Annotated[str, typer.Option("--workspace", "-w", help="Workspace that compares itself.")]


def tracked(workspace_id: str, name: str) -> str:
    """The id of a competitor, who is tracked from now on."""
    from models.domain.workspace import SYSTEM
    from models.services import onboarding

    with context.store().unit_of_work() as uow:
        for known in onboarding.list_competitors(uow, SYSTEM, workspace_id):
            if known.name == name:
                return known.id
        return onboarding.track_competitor(uow, SYSTEM, workspace_id, name=name, now=context.now()).id


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="The competitor's name.")],
    workspace: _Workspace,
    url: Annotated[
        list[str] | None, typer.Option(help="A feed, a sitemap, or an Instagram profile; may be repeated.")
    ] = None,
) -> None:
    """Track a competitor, and read its addresses every six hours.

    Example: fabric competitor add "Northlight" --url https://northlight.example/feed.xml --workspace natgeo
    """
    from models.domain.workspace import SYSTEM
    from models.services import sources

    context.workspace(workspace)
    for address in url or []:
        _check(address)
    competitor_id = tracked(workspace, name)
    with context.store().unit_of_work() as uow:
        for address in url or []:
            sources.watch_source(uow, SYSTEM, workspace, competitor_id, address, now=context.now())
    typer.echo(f"{name} is tracked in {workspace} as {competitor_id}, with {len(url or [])} addresses to read.")
    note(f"Next: fabric ingest --workspace {workspace}")


def _check(address: str) -> None:
    """Refuses what will never be read: private addresses, other schemes. The sandbox's own sites are let through."""
    from connectors.addresses import is_allowed

    if not (is_allowed(address) or address.startswith(f"{context.settings().sandbox_url}/")):
        raise InvalidInput(
            f"{address} is no public web address: give one that starts with https:// and names a public host."
        )


@app.command("list")
def list_all(workspace: _Workspace, as_json: JsonFlag = False) -> None:
    """List the tracked competitors and their addresses. Example: fabric competitor list --workspace natgeo"""
    from models.domain.workspace import SYSTEM
    from models.services import onboarding, sources

    with context.store().unit_of_work() as uow:
        competitors = onboarding.list_competitors(uow, SYSTEM, workspace)
        watched = sources.list_sources(uow, SYSTEM, workspace)
    if as_json:
        plain = [
            {
                "id": s.id,
                "competitor": s.competitor_id,
                "url": s.url,
                "last_read_at": s.last_read_at,
                "message": s.message,
            }
            for s in watched
        ]
        emit_json({"competitors": competitors, "sources": plain})
        return
    rows = [(c.id, c.name, s.url, s.message) for c in competitors for s in watched if s.competitor_id == c.id]
    rows += [(c.id, c.name, "", "") for c in competitors if all(s.competitor_id != c.id for s in watched)]
    table(f"Competitors of {workspace}", ("id", "name", "address", "last reading"), rows)


@app.command("read")
def read(
    workspace: _Workspace,
    calls: Annotated[
        int, typer.Option(min=0, help="Calls of a model at most; the rest is read by the rules, or later.")
    ] = 200,
    as_json: JsonFlag = False,
) -> None:
    """Take out of the competitors' newest texts what planners may know; each text is read once.

    Example: fabric competitor read --workspace natgeo
    """
    from orchestration.extracting import read_with_models

    context.workspace(workspace)
    told = read_with_models(context.stores(), workspace, max_calls=calls, log=note)
    if as_json:
        emit_json(told)
        return
    typer.echo(
        f"{told.texts} texts: {told.known} known, {told.copied} copies, {told.by_rules} read by the rules, "
        f"{told.by_model} by a model in {told.calls} calls; {told.dropped} answers dropped."
    )
    table("Meant for machines", ("sign", "texts"), list(told.signs.items()))


@app.command("remove")
def remove(competitor_id: Annotated[str, typer.Argument(help="Id of the competitor.")], workspace: _Workspace) -> None:
    """Stop tracking a competitor; what was collected stays. Example: fabric competitor remove northlight -w natgeo"""
    from models.domain.workspace import SYSTEM
    from models.services import onboarding

    with context.store().unit_of_work() as uow:
        onboarding.untrack_competitor(uow, SYSTEM, workspace, competitor_id, now=context.now())
    typer.echo(f"{competitor_id} is no longer tracked; what was collected stays.")


@app.command("suggest")
def suggest(workspace: _Workspace, as_json: JsonFlag = False) -> None:
    """List who could be a competitor, with how many posts say so; nobody is tracked. Example: fabric competitor suggest -w natgeo"""
    from connectors.warehouse.rivals import rival_candidates
    from models.domain.workspace import SYSTEM
    from models.services import onboarding

    found = context.workspace(workspace)
    with context.store().unit_of_work() as uow:
        known = [competitor.name for competitor in onboarding.list_competitors(uow, SYSTEM, workspace)]
    with context.stores().reader.open(workspace) as version:
        candidates = rival_candidates(version, workspace, brand=(found.name, found.id), known=known)
    if as_json:
        emit_json({"candidates": candidates})
        return
    if not candidates:
        note("Nobody is tagged, linked or named often enough in the posts to be suggested.")
        return
    rows = [(c.name, c.source.label, int(c.own.value or 0), int(c.others.value or 0)) for c in candidates]
    table(f"Possible competitors of {workspace}", ("name", "found as", "own posts", "competitors' posts"), rows)
    note(f'Next: fabric competitor add "NAME" --workspace {workspace}, for those that are competitors')
