"""`fabric connect`: link accounts of platforms and mail services to a workspace."""

from __future__ import annotations

import secrets
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import InvalidInput
from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, note, table

if TYPE_CHECKING:
    from models.domain.connection import ConnectedAccount, Connection, Credential, Vendor
    from models.ports import Authorizer

SIGN_IN_SECONDS = 300.0


def connect(
    platform: Annotated[
        str,
        typer.Argument(help="facebook, instagram, linkedin, x, tiktok, youtube, mailchimp, brevo, sendgrid or smtp."),
    ],
    workspace: Annotated[str, typer.Option("--workspace", "-w", help="Workspace to link the account to.")],
    sandbox: Annotated[bool, typer.Option("--sandbox", help="Use the sandbox's synthetic account.")] = False,
    account: Annotated[str | None, typer.Option(help="Account id, where the sign-in gives access to several.")] = None,
    option: Annotated[
        list[str] | None,
        typer.Option(help="What a service without a sign-in page needs, as name=value (SMTP: host, port, user)."),
    ] = None,
    port: Annotated[
        int, typer.Option(help="Loopback port that the vendor's app allows as redirect; 0: a free one.")
    ] = 0,
    as_json: JsonFlag = False,
) -> None:
    """Connect an account. Keys and passwords are asked for, or read from standard input, never from the command line.

    Example: fabric connect linkedin --workspace natgeo
    """
    from models.domain.connection import Vendor

    context.workspace(workspace)
    if platform not in set(Vendor):
        raise InvalidInput(f"{platform!r} cannot be connected; there are: {', '.join(Vendor)}.")
    vendor = Vendor(platform)
    stores = context.stores()
    given = _options(option or [])
    authorizer = stores.authorizer(vendor, sandbox=sandbox)
    credential = _credential(authorizer, vendor, sandbox=sandbox, options=given, port=port)
    chosen = _chosen(authorizer.accounts(credential), vendor, account)
    connection = store_account(workspace, vendor, chosen, sandbox=sandbox)
    if as_json:
        emit_json({"connection": connection})
    else:
        typer.echo(f"{vendor.label} {connection.account_name} ({connection.account_id}) is connected to {workspace}.")
        note(f"Next: fabric ingest --workspace {workspace}")


def store_account(workspace: str, vendor: Vendor, account: ConnectedAccount, *, sandbox: bool) -> Connection:
    """Keeps the account and its credential; the same account again is a reconnect."""
    from models.domain.workspace import SYSTEM
    from models.services import connections

    stores = context.stores()
    with stores.open_store() as store, store.unit_of_work() as uow:
        return connections.connect_account(
            uow, SYSTEM, workspace, vendor, account, cipher=stores.cipher(store), sandbox=sandbox, now=context.now()
        )


def sandbox_account(vendor: Vendor) -> ConnectedAccount:
    """Signs in to the running sandbox as its synthetic person, and takes the first account."""
    authorizer = context.stores().authorizer(vendor, sandbox=True)
    return authorizer.accounts(_credential(authorizer, vendor, sandbox=True, options={}, port=0))[0]


def _credential(
    authorizer: Authorizer, vendor: Vendor, *, sandbox: bool, options: dict[str, str], port: int
) -> Credential:
    from models.domain.connection import Credential
    from models.domain.social import Platform

    if vendor.platform is not Platform.EMAIL:
        return _signed_in(authorizer, vendor, sandbox=sandbox, port=port)
    if sandbox:
        return _sandbox_key(vendor, options)
    what = "password" if vendor.value == "smtp" else "API key"
    if sys.stdin.isatty():
        secret = typer.prompt(f"{vendor.label} {what}", hide_input=True)
    else:
        secret = sys.stdin.readline().strip()
    if not secret:
        raise InvalidInput(f"No {what} was given: type it when asked, or send it on standard input.")
    return Credential(access_token=secret, extra=options)


def _sandbox_key(vendor: Vendor, options: dict[str, str]) -> Credential:
    """What the sandbox's mail services accept; its mail server says itself where it listens."""
    from connectors.sandbox.control import SandboxControl
    from connectors.sandbox.mail_campaigns import KEYS
    from models.domain.connection import Credential

    control = SandboxControl(context.stores().sandbox_address)
    if vendor.value == "smtp":
        server = control.mail_server()
        return Credential(access_token=server.pop("password"), extra={**server, **options})
    control.now()  # says what to start when no sandbox answers
    return Credential(access_token=KEYS[vendor], extra=options)


def _signed_in(authorizer: Authorizer, vendor: Vendor, *, sandbox: bool, port: int) -> Credential:
    """The whole sign-in: shows the vendor's address, waits for its answer on loopback, exchanges the code."""
    from connectors.callback import callback_server

    state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(64)
    with callback_server(state, port) as callback:
        url = authorizer.authorize_url(redirect_uri=callback.redirect_uri, state=state, verifier=verifier)
        if sandbox:
            from connectors.sandbox.control import SandboxControl, press_allow

            SandboxControl(context.stores().sandbox_address).now()  # says what to start when no sandbox answers
            press_allow(url)
        else:
            note(f"Open this address, sign in to {vendor.label} and press Allow:\n{url}")
            note(f"Waiting at {callback.redirect_uri}, which the vendor's app must list as a redirect address.")
        code = callback.wait(10.0 if sandbox else SIGN_IN_SECONDS)
        return authorizer.exchange(code, redirect_uri=callback.redirect_uri, verifier=verifier)


def _chosen(found: list[ConnectedAccount], vendor: Vendor, wanted: str | None) -> ConnectedAccount:
    named = "; ".join(f"{account.account_id} ({account.name})" for account in found)
    if not found:
        raise InvalidInput(
            f"This sign-in gives access to no {vendor.label} account: sign in as someone who manages one."
        )
    if wanted is None and len(found) > 1:
        raise InvalidInput(f"This sign-in gives access to several accounts; name one with --account: {named}.")
    match = [account for account in found if wanted in (None, account.account_id)]
    if not match:
        raise InvalidInput(f"This sign-in gives no access to account {wanted!r}; it does to: {named}.")
    return match[0]


def _options(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, separator, value = pair.partition("=")
        if not separator:
            raise InvalidInput(f"--option {pair!r} is not name=value, such as host=mail.example.org.")
        found[name.strip()] = value.strip()
    return found


def list_connections(
    workspace: Annotated[str, typer.Option("--workspace", "-w", help="Workspace whose accounts to list.")],
    as_json: JsonFlag = False,
) -> None:
    """List the connected accounts with status, expiry, last sync and quota. Example: fabric connections -w natgeo"""
    from models.domain.workspace import SYSTEM
    from models.services import connections

    context.workspace(workspace)
    with context.stores().open_store() as store, store.unit_of_work() as uow:
        found = connections.list_connections(uow, SYSTEM, workspace)
    if as_json:
        emit_json({"connections": found})
        return
    rows = [
        (
            f"{c.vendor.label} (sandbox)" if c.sandbox else c.vendor.label, c.account_name, c.status.value,
            f"{c.expires_at:%Y-%m-%d %H:%M}" if c.expires_at else "no end told",
            f"{c.last_sync_at:%Y-%m-%d %H:%M}" if c.last_sync_at else "never",
            "; ".join(f"{name}: {left}" for name, left in c.quota.items()), c.message, c.id,
        )
        for c in found
    ]  # fmt: skip
    table(
        f"Accounts of {workspace} (times in UTC)",
        ("vendor", "account", "status", "token ends", "last sync", "quota", "note", "id"),
        rows,
    )


def options(
    connection_id: Annotated[str, typer.Argument(help="Id of the connection; fabric connections lists them.")],
    pairs: Annotated[
        list[str] | None,
        typer.Argument(help="What goes out there, as name=value; name= removes one. docs/publishing.md lists them."),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show or change what a vendor must know about posts of an account: list, sender, privacy and the like.

    Example: fabric options 4f0c list_id=a1b2c3 from_name="Nat Geo" from_email=news@example.org
    """
    from models.domain.workspace import SYSTEM
    from models.services import connections

    with context.stores().open_store() as store, store.unit_of_work() as uow:
        connection = connections.get_connection(uow, SYSTEM, connection_id)
        if pairs:
            kept = {**connection.options, **_options(pairs)}
            chosen = {name: value for name, value in kept.items() if value}
            connection = connections.set_options(uow, SYSTEM, connection_id, chosen, now=context.now())
    if as_json:
        emit_json({"connection": connection})
        return
    rows = sorted(connection.options.items())
    table(f"Options of {connection.vendor.label} {connection.account_name}", ("option", "value"), rows)


def disconnect(
    connection_id: Annotated[str, typer.Argument(help="Id of the connection; fabric connections lists them.")],
) -> None:
    """End a connection: its credential is deleted, what was collected stays. Example: fabric disconnect 4f0c…"""
    from models.domain.workspace import SYSTEM
    from models.services import connections

    with context.stores().open_store() as store, store.unit_of_work() as uow:
        ended = connections.disconnect(uow, SYSTEM, connection_id, now=context.now())
    typer.echo(f"{ended.vendor.label} {ended.account_name} is disconnected; what was collected stays.")
