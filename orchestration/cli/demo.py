"""`fabric demo`: the whole product on one synthetic workspace."""

from __future__ import annotations

import tempfile
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from models.errors import InvalidInput
from orchestration.cli import context
from orchestration.cli.output import JsonFlag, emit_json, note, table

if TYPE_CHECKING:
    from connectors.files.importer import ImportSummary
    from orchestration.runs import GenerateReport

WORKSPACE = "sample"
PEOPLE = (
    ("admin@example.org", "Ada", "admin"),
    ("editor@example.org", "Edgar", "editor"),
    ("viewer@example.org", "Vera", "viewer"),
)


def demo(
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Leave the app and the Dagster UI running.")] = True,
    weeks: Annotated[int, typer.Option(min=1, max=12, help="Weeks of calendar.")] = 4,
    end: Annotated[
        str | None, typer.Option(help="Last day of the synthetic history (YYYY-MM-DD); default today.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Make a synthetic workspace, then import, build, generate and serve. Example: fabric demo --no-serve"""
    from orchestration.runs import build as run_build
    from orchestration.runs import generate as run_generate

    settings = context.settings()
    started = time.monotonic()
    note("1/4 Import: synthetic exports of a made-up brand and two made-up competitors")
    _workspace()
    imported = _import_sample(_end(end))
    if all(summary.already_known for summary in imported):
        note("The sample was imported before; nothing is added.")
    note("2/4 Build: transform, check, publish")
    built = run_build(settings, log=note)
    note("3/4 Generate: strategy, calendar, drafts, variants (rule-based writer, no key needed)")
    made = run_generate(settings, WORKSPACE, "all", weeks=weeks, start=None, log=note)
    seconds = time.monotonic() - started
    if as_json:
        emit_json({"imported": imported, "build": built, "generate": made, "seconds": round(seconds, 1)})
    else:
        _summary(imported, built.digest, made, seconds)
    if serve:
        from orchestration.cli.serve import serve_all

        note("4/4 Serve: sign in as admin@example.org")
        serve_all()


def _end(text: str | None) -> date:
    """The last day of the history: as given, else the day of the first demo here, so that a second one adds nothing."""
    from connectors.warehouse.landing import LandingStore

    try:
        if text:
            return date.fromisoformat(text)
        landed = (batch.landed_at for batch in LandingStore(context.settings().landing_dir).batches(WORKSPACE))
        return min(landed, default=context.now()).date()
    except ValueError:
        raise InvalidInput(f"--end {text!r} is not a day: write it as 2026-11-22.") from None


def _workspace() -> None:
    from models.domain.brand import BrandProfile
    from models.domain.workspace import SYSTEM, Plan, Role
    from models.services import onboarding

    store = context.store()
    with store.unit_of_work() as uow:
        if any(w.id == WORKSPACE for w in onboarding.list_workspaces(uow, SYSTEM)):
            return
        onboarding.create_workspace(
            uow, SYSTEM, name="Sample Brand (synthetic)", zone="Europe/Berlin", plan=Plan.STUDIO,
            workspace_id=WORKSPACE, synthetic=True, now=context.now(),
        )  # fmt: skip
    with store.unit_of_work() as uow:
        profile = BrandProfile(
            WORKSPACE,
            description="A made-up maker of outdoor gear that people repair instead of replace",
            audience="people who spend their weekends outside",
            tone="plain, warm, practical",
            banned_phrases=("game-changer", "unleash"),
        )
        onboarding.set_brand_profile(uow, SYSTEM, profile, now=context.now())
    for email, name, role in PEOPLE:
        with store.unit_of_work() as uow:
            onboarding.add_member(uow, SYSTEM, WORKSPACE, email=email, name=name, role=Role(role), now=context.now())


def _import_sample(end: date) -> list[ImportSummary]:
    from connectors.files.importer import import_path
    from connectors.sandbox.sample import write_sample
    from connectors.warehouse.landing import LandingStore
    from orchestration.cli.imports import track_competitor

    landing = LandingStore(context.settings().landing_dir)
    done: list[ImportSummary] = []
    with tempfile.TemporaryDirectory(prefix="fabric-sample-") as folder:
        for sample in write_sample(Path(folder), end=end):
            done.append(
                import_path(
                    str(sample.path), workspace_id=WORKSPACE, landing=landing, landed_at=context.now(),
                    observed_at=sample.observed_at, platform=sample.platform, mapping=sample.mapping,
                    competitor=sample.competitor,
                )
            )  # fmt: skip
            if sample.competitor:
                track_competitor(WORKSPACE, sample.competitor)
    return done


def _summary(imported: list[ImportSummary], digest: str, made: GenerateReport, seconds: float) -> None:
    rows = [
        ("files imported", len(imported)),
        ("posts and articles", sum(s.contents for s in imported)),
        ("metric readings", sum(s.observations for s in imported)),
        ("rows set aside", sum(s.rejected for s in imported)),
        ("strategy version", made.strategy_version),
        ("calendar entries added", made.entries_added),
        ("drafts added", made.drafts_added),
        ("numbers re-run and equal", made.evidence_checked),
        ("seconds", round(seconds, 1)),
    ]
    table("Workspace sample (synthetic data)", ("what", "how many"), rows)
    typer.echo(f"digest {digest}")
    settings = context.settings()
    note(
        f"App: http://{settings.app_host}:{settings.app_port} · Dagster UI: http://127.0.0.1:{settings.dagster_port} (fabric serve all)"
    )
    note("Sign in as admin@example.org, editor@example.org or viewer@example.org.")
