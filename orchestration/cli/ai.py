"""`fabric ai`: the providers of models, what a workspace may spend on them, and what it spent."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from models.errors import InvalidInput
from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, note, table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.domain.spending import ProviderAccess, Spending

app = typer.Typer(help="Model providers, budgets and what was spent.", no_args_is_help=True)

Named = Annotated[str, typer.Option("--workspace", "-w", help="Workspace.")]
Provider = Annotated[str, typer.Argument(help="One of those that fabric ai providers lists.")]


@app.command()
def providers(
    workspace: Annotated[str | None, typer.Option("--workspace", "-w", help="With its own set-ups.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """List the providers, which of them are set up, and the models that they would be asked for.

    Example: fabric ai providers --workspace natgeo
    """
    installation = context.settings().provider_access()
    access, own = (installation, {}) if workspace is None else _reached(workspace)
    models = _models(access)
    rows: list[dict[str, Any]] = []
    for name in _known():
        reached = access.get(name)
        where = "" if reached is None else "workspace" if name in own else "installation"
        rows.append({
            "provider": name, "set_up": where, "key": reached is not None and bool(reached.key),
            "base_url": reached.base_url if reached else "", "models": models.get(name, []),
        })  # fmt: skip
    if as_json:
        emit_json({"providers": rows})
        return
    shown = [
        (row["provider"], row["set_up"] or None, row["key"], row["base_url"] or None, ", ".join(row["models"]))
        for row in rows
    ]  # fmt: skip
    table("", ("provider", "set up in", "key", "address", "models"), shown)
    if not access:
        note("Nothing is set up: the rule-based writer serves. Next: fabric ai set PROVIDER --workspace W")


@app.command("set")
def set_up(
    provider: Provider,
    workspace: Named,
    key_stdin: Annotated[bool, typer.Option("--key-stdin", help="Read the key from standard input.")] = False,
    key_env: Annotated[str, typer.Option("--key-env", help="Take the key from this environment variable.")] = "",
    base_url: Annotated[str, typer.Option("--base-url", help="Address of the endpoint, where it has its own.")] = "",
    model: Annotated[
        list[str] | None, typer.Option("--model", help="tier=name, for draft, standard or premium; may be repeated.")
    ] = None,
    local: Annotated[bool, typer.Option("--local", help="It runs on your own machines; calls cost nothing.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Give a workspace its own access to a provider. The key is never taken from the command line.

    Without --key-stdin and --key-env the key is asked for; at a terminal an empty one keeps the stored key.
    Example: fabric ai set openai --workspace natgeo --key-env MY_KEY --model standard=gpt-6.1-terra
    """
    from models.domain.spending import models_by_tier
    from models.domain.workspace import SYSTEM
    from models.services import providers as service

    context.workspace(workspace)
    if provider not in _known():
        raise InvalidInput(f"There is no provider {provider!r}; there are: {', '.join(_known())}.")
    if provider.endswith("-compatible") and not base_url:
        raise InvalidInput(f"{provider} needs the address of its endpoint: add --base-url https://host/path.")
    named, key = models_by_tier(model or []), _key(provider, key_stdin, key_env)
    stores = context.stores()
    with stores.open_store() as store, store.unit_of_work() as uow:
        made = service.set_provider(
            uow, SYSTEM, workspace, provider, key=key, base_url=base_url, models=named, local=local,
            cipher=stores.cipher(store), now=context.now(),
        )  # fmt: skip
    if as_json:
        emit_json({"provider": made})
        return
    typer.echo(f"{provider} is set up for {workspace}" + ("." if made.has_key else ", without a key."))
    note(f"Next: fabric ai try “Say hello” --workspace {workspace}")


@app.command()
def remove(provider: Provider, workspace: Named, as_json: JsonFlag = False) -> None:
    """Delete a workspace's own access to a provider, with its key. Example: fabric ai remove openai --workspace natgeo"""
    from models.domain.workspace import SYSTEM
    from models.services import providers as service

    with context.store().unit_of_work() as uow:
        service.remove_provider(uow, SYSTEM, workspace, provider, now=context.now())
    if as_json:
        emit_json({"removed": provider})
    else:
        typer.echo(f"{provider} is no longer set up for {workspace}.")


@app.command()
def budget(
    workspace: Named,
    monthly: Annotated[
        str | None, typer.Option("--monthly", help="US dollars a month, or none for no limit; shows it if absent.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Show or set what a workspace may spend on models in a month. Example: fabric ai budget -w natgeo --monthly 50"""
    from models.domain.workspace import SYSTEM
    from models.services import budgets

    context.workspace(workspace)
    if monthly is not None:
        with context.store().unit_of_work() as uow:
            budgets.set_budget(uow, SYSTEM, workspace, _amount(monthly), now=context.now())
    month = _month(workspace)
    if as_json:
        emit_json(_in_dollars(month))
    else:
        typer.echo(_sentence(workspace, month))


@app.command()
def usage(workspace: Named, as_json: JsonFlag = False) -> None:
    """What was spent this month, by task and model. Example: fabric ai usage --workspace natgeo --json"""
    context.workspace(workspace)
    month = _month(workspace)
    if as_json:
        lines = [
            {
                "task": line.task, "provider": line.provider, "model": line.model, "calls": line.calls,
                "failed": line.failed, "cache_hits": line.cache_hits, "calls_priced": line.priced,
                "tokens_in": line.tokens_in, "tokens_out": line.tokens_out, "cost_usd": _usd(line.cost_microusd),
            }
            for line in month.lines
        ]  # fmt: skip
        emit_json({**_in_dollars(month), "lines": lines})
        return
    typer.echo(_sentence(workspace, month))
    if month.lines:
        rows = [
            (
                line.task, f"{line.provider}/{line.model}", line.calls, line.failed, line.cache_hits, line.tokens_in,
                line.tokens_out, _usd(line.cost_microusd),
            )
            for line in month.lines
        ]  # fmt: skip
        table("", ("task", "model", "calls", "failed", "cache hits", "tokens in", "tokens out", "cost $"), rows)


@app.command("try")
def attempt(
    words: Annotated[str, typer.Argument(help="What to say to the model.")],
    workspace: Named,
    tier: Annotated[str, typer.Option("--tier", help="draft, standard or premium.")] = "draft",
    as_json: JsonFlag = False,
) -> None:
    """Ask a model once, within the budget, to see that a set-up works. Example: fabric ai try "Say hello" -w natgeo"""
    from pydantic import BaseModel, ConfigDict

    from models.domain.ai import Task, TextRequest, Tier
    from models.errors import NoModel
    from models.routing.money import dollars
    from orchestration.models import text_generator

    class Reply(BaseModel):
        model_config = ConfigDict(extra="forbid")

        text: str

    context.workspace(workspace)
    if tier not in set(Tier):
        raise InvalidInput(f"There is no tier {tier!r}; there are: {', '.join(Tier)}.")
    stores = context.stores()
    with stores.open_store() as store:
        generator = text_generator(stores, store, workspace)
        if generator is None:
            raise NoModel(
                "fabric ai", cause="no provider of texts is set up", next_step="set one up with fabric ai set"
            )
        answer = generator.generate(
            TextRequest(
                Task.TRY, Tier(tier), "Answer the words in the prompt shortly, in the field text.", words, Reply, "try-1",
                max_tokens=500,
            )
        )  # fmt: skip
    told = {
        "text": answer.value.text, "provider": answer.provider, "model": answer.model,
        "seconds": round(answer.seconds, 2), "cost_usd": _usd(answer.cost_microusd), "cache_hit": answer.cache_hit,
        "tokens_in": answer.tokens.given, "tokens_out": answer.tokens.made,
    }  # fmt: skip
    if as_json:
        emit_json(told)
        return
    typer.echo(answer.value.text)
    price = "price not known" if answer.cost_microusd is None else dollars(answer.cost_microusd)
    note(f"{answer.provider}/{answer.model}, {answer.seconds:.1f} s, {'kept answer' if answer.cache_hit else price}")


def _known() -> list[str]:
    """Every provider that can be set up, those of texts first."""
    from connectors.ai import catalogue, media

    return list(dict.fromkeys([*catalogue.PROVIDERS, *media.PROVIDERS]))


def _models(access: Mapping[str, ProviderAccess]) -> dict[str, list[str]]:
    """By provider, the names of all models that it would be asked for."""
    from connectors.ai import media
    from connectors.ai.offering import text_specs
    from models.domain.ai import Modality

    today = context.now().date()
    specs = [spec for found in text_specs(access, today=today).values() for spec in found]
    for modality in (Modality.IMAGE, Modality.VIDEO, Modality.SPEECH):
        specs += media.specs(access, modality, today=today)
    found: dict[str, list[str]] = {}
    for spec in specs:
        found.setdefault(spec.provider, []).append(spec.name)
    return found


def _reached(workspace: str) -> tuple[Mapping[str, ProviderAccess], set[str]]:
    from models.domain.workspace import SYSTEM
    from models.services import providers as service
    from orchestration.models import provider_access

    context.workspace(workspace)
    stores = context.stores()
    with stores.open_store() as store:
        with store.unit_of_work() as uow:
            own = {setup.provider for setup in service.list_providers(uow, SYSTEM, workspace)}
        return provider_access(stores, store, workspace), own


def _key(provider: str, key_stdin: bool, key_env: str) -> str | None:
    """The key; None keeps the stored one."""
    if key_env:
        key = os.environ.get(key_env, "").strip()
        if not key:
            raise InvalidInput(f"The environment variable {key_env} is empty: put the key of {provider} there.")
        return key
    if key_stdin:
        key = sys.stdin.readline().strip()
        if not key:
            raise InvalidInput(f"No key of {provider} came on standard input: send it as one line.")
        return key
    if sys.stdin.isatty():
        return str(typer.prompt(f"Key of {provider}", hide_input=True, default="", show_default=False)) or None
    return None


def _amount(monthly: str) -> int | None:
    from models.domain.spending import MICRO

    if monthly.strip().lower() == "none":
        return None
    try:
        return round(float(monthly) * MICRO)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"{monthly!r} is no amount: write US dollars such as 25, or none.") from error


def _month(workspace: str) -> Spending:
    from models.domain.workspace import SYSTEM
    from models.services import budgets

    default = context.settings().ai_monthly_budget
    with context.store().unit_of_work() as uow:
        return budgets.spending(uow, SYSTEM, workspace, default_microusd=default, now=context.now())


def _sentence(workspace: str, month: Spending) -> str:
    from models.routing.money import dollars

    limit = "without a limit" if month.limit is None else f"of {dollars(month.limit)}"
    whose = "" if month.own_limit else ", the installation's budget"
    held = f", {dollars(month.held)} more set aside" if month.held else ""
    return f"{workspace} spent {dollars(month.spent)} {limit}{whose} in {month.month:%B %Y}{held}."


def _in_dollars(month: Spending) -> dict[str, Any]:
    return {
        "month": month.month, "budget_usd": _usd(month.limit), "own_budget": month.own_limit,
        "spent_usd": _usd(month.spent), "held_usd": _usd(month.held), "left_usd": _usd(month.left),
    }  # fmt: skip


def _usd(microusd: int | None) -> float | None:
    return None if microusd is None else microusd / 1_000_000
