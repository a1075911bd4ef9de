"""`fabric workspace`: create, list, delete, and who may enter."""

from __future__ import annotations

from typing import Annotated

import typer

from models.domain.workspace import SYSTEM, Plan, Role, User
from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, note, table

app = typer.Typer(help="Create, list and delete workspaces; add members.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="The brand's name; the id is made from it.")],
    zone: Annotated[str, typer.Option(help="IANA time zone its days are counted in.")] = "UTC",
    plan: Annotated[Plan, typer.Option(help="Plan of the workspace.")] = Plan.STUDIO,
    admin: Annotated[str | None, typer.Option(help="E-mail address of its first admin, used to sign in.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Create a workspace. Example: fabric workspace create "Nat Geo" --zone America/New_York --admin you@example.org"""
    from models.services import onboarding

    with context.store().unit_of_work() as uow:
        made = onboarding.create_workspace(uow, SYSTEM, name=name, zone=zone, plan=plan, now=context.now())
    if admin:
        _add(made.id, admin, Role.ADMIN, "")
    if as_json:
        emit_json({"id": made.id, "name": made.name, "zone": made.zone, "plan": made.plan})
    else:
        note(f"Workspace {made.id} is ready. Next: fabric import FILE --workspace {made.id}")
        if not admin:
            note(f"Nobody can open it in the app yet: fabric workspace add-member {made.id} EMAIL --role admin")


@app.command("list")
def list_all(as_json: JsonFlag = False) -> None:
    """List the workspaces. Example: fabric workspace list --json"""
    from models.services import onboarding

    with context.store().unit_of_work() as uow:
        found = onboarding.list_workspaces(uow, SYSTEM)
    if as_json:
        emit_json({"workspaces": found})
    elif found:
        rows = [(w.id, w.name, w.zone, w.plan, "synthetic" if w.synthetic else "") for w in found]
        table("", ("id", "name", "zone", "plan", ""), rows)
    else:
        note("There is no workspace yet. Next: fabric workspace create NAME, or fabric demo")


@app.command()
def delete(
    workspace_id: Annotated[str, typer.Argument(help="Id of the workspace.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a workspace with all its data on this machine. Example: fabric workspace delete sample --yes"""
    from connectors.assets import AssetStore
    from connectors.vectors.index import remove_index
    from connectors.warehouse.removal import remove_workspace
    from models.services import onboarding

    found = context.workspace(workspace_id)
    if not yes:
        typer.confirm(f"Delete {found.name} with its landing files, marts, strategies and drafts?", abort=True)
    settings, stores = context.settings(), context.stores()
    remove_workspace(settings.landing_dir, stores.warehouse, settings.serving_dir, workspace_id)
    AssetStore(settings.home / "assets").remove_workspace(workspace_id)
    remove_index(settings.vectors_dir, workspace_id)
    with context.store().unit_of_work() as uow:
        onboarding.delete_workspace(uow, SYSTEM, workspace_id, now=context.now())
    note(f"Workspace {workspace_id} is deleted.")


@app.command("add-member")
def add_member(
    workspace_id: Annotated[str, typer.Argument(help="Id of the workspace.")],
    email: Annotated[str, typer.Argument(help="The member's e-mail address, used to sign in.")],
    role: Annotated[Role, typer.Option(help="admin approves, editor writes, viewer reads.")] = Role.EDITOR,
    name: Annotated[str, typer.Option(help="Name shown in the app.")] = "",
) -> None:
    """Let a person into a workspace, or change their role. Example: fabric workspace add-member natgeo ana@example.org --role admin"""
    user = _add(workspace_id, email, role, name)
    note(f"{user.email} is {role} of {workspace_id}.")


def _add(workspace_id: str, email: str, role: Role, name: str) -> User:
    from models.services import onboarding

    shown = name or email.split("@")[0]
    with context.store().unit_of_work() as uow:
        return onboarding.add_member(uow, SYSTEM, workspace_id, email=email, name=shown, role=role, now=context.now())
