"""`fabric demo`: the whole product on one synthetic workspace."""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
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
ACCOUNTS = ("facebook", "instagram", "linkedin", "x", "tiktok", "youtube", "brevo")
LIVED_DAYS = 7
"""Days before the end of the history that are read one by one, so that young posts are compared at equal ages."""
PEOPLE = (
    ("admin@example.org", "Ada", "admin"),
    ("editor@example.org", "Edgar", "editor"),
    ("viewer@example.org", "Vera", "viewer"),
)


def demo(
    serve: Annotated[
        bool, typer.Option("--serve/--no-serve", help="Leave the app, the Dagster UI and the sandbox running.")
    ] = True,
    weeks: Annotated[int, typer.Option(min=1, max=12, help="Weeks of calendar.")] = 4,
    end: Annotated[
        str | None, typer.Option(help="Last day of the synthetic history (YYYY-MM-DD); default today.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Connect synthetic accounts, read 180 days, build, generate and serve. Example: fabric demo --no-serve"""
    from orchestration.runs import build as run_build
    from orchestration.runs import generate as run_generate

    settings = context.settings()
    started = time.monotonic()
    last = _end(end)
    _workspace()
    note(
        "1/5 Connect and read: synthetic accounts on seven platforms, made-up competitors' sites and profile (the sandbox)"
    )
    collected = _collect(last)
    note("2/5 Import: a made-up competitor's export and the brand's own articles")
    imported = _import_sample(last)
    if all(summary.already_known for summary in imported):
        note("The sample was imported before; nothing is added.")
    note("3/5 Build: transform, check, publish")
    built = run_build(settings, log=note)
    note("4/5 Generate: strategy, calendar, drafts, variants (rule-based writer, no key needed)")
    made = run_generate(settings, WORKSPACE, "all", weeks=weeks, start=None, log=note)
    seconds = time.monotonic() - started
    if as_json:
        emit_json(
            {
                "collected": collected,
                "imported": imported,
                "build": built,
                "generate": made,
                "seconds": round(seconds, 1),
            }
        )
    else:
        _summary(collected, imported, built.digest, made, seconds)
    if serve:
        from orchestration.cli.serve import serve_all

        note("5/5 Serve: sign in as admin@example.org")
        serve_all()


@dataclass(frozen=True)
class Collected:
    """What the sandbox's accounts and sites gave: `gaps` counts streams that could not be read."""

    accounts: int
    posts: int
    readings: int
    articles: int
    gaps: int


def _collect(last: date) -> Collected:
    """Connects the sandbox's accounts, reads their history up to a week ago, then lives through that week day by day.

    The sandbox's clock stands still between two readings and ends at the last day's midnight, so the same day gives the
    same numbers, and a second demo of that day adds none.
    """
    from connectors.sandbox.clock import Clock
    from connectors.sandbox.graph_discovery import RIVALS
    from connectors.sandbox.server import running_sandbox
    from connectors.sandbox.sites import SITES
    from connectors.sandbox.world import World
    from models.domain.connection import Vendor
    from models.domain.workspace import SYSTEM
    from models.services import sources
    from orchestration.cli.competitor import tracked
    from orchestration.cli.connect import sandbox_account, store_account
    from orchestration.ingesting import ingest
    from orchestration.resources import Stores
    from orchestration.watching import watch

    settings = context.settings()
    midnight = datetime(last.year, last.month, last.day, tzinfo=UTC)
    journal = settings.sandbox_dir / "world.jsonl"
    world = World(clock=Clock(midnight - timedelta(days=LIVED_DAYS)), epoch=midnight, journal=journal)
    total = Counter[str]()
    with running_sandbox(world, port=settings.sandbox_port):
        stores = Stores(settings)
        for vendor in map(Vendor, ACCOUNTS):
            store_account(WORKSPACE, vendor, sandbox_account(vendor), sandbox=True)
        rivals = {site.name: f"{settings.sandbox_url}/sites/{site.slug}/sitemap.xml" for site in SITES.values()}
        rivals |= {rival.name: f"https://www.instagram.com/{handle}/" for handle, rival in RIVALS.items()}
        for name, address in rivals.items():
            competitor_id = tracked(WORKSPACE, name)
            with stores.open_store() as store, store.unit_of_work() as uow:
                sources.watch_source(uow, SYSTEM, WORKSPACE, competitor_id, address, now=context.now())
        while True:
            report = ingest(stores, WORKSPACE)
            total["posts"] += sum(run.contents for run in report.runs)
            total["readings"] += sum(run.observations for run in report.runs)
            total["gaps"] += len(report.failed) + len(report.problems)
            if world.clock.now() >= midnight:
                break
            world.clock.advance(timedelta(days=1))
        watched = watch(stores, WORKSPACE, log=note)
    return Collected(len(ACCOUNTS), total["posts"], total["readings"], watched.contents, total["gaps"] + watched.failed)


def _end(text: str | None) -> date:
    """The last day of the history: as given, else that of the sandbox here, so that a second demo adds nothing."""
    from orchestration.cli.sandbox import kept_world

    settings = context.settings()
    if text is None:
        begun = (settings.sandbox_dir / "world.jsonl").exists()
        return (kept_world(settings).epoch if begun else context.now()).date()
    try:
        return date.fromisoformat(text)
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
    from orchestration.cli.competitor import tracked

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
                tracked(WORKSPACE, sample.competitor)
    return done


def _summary(
    collected: Collected, imported: list[ImportSummary], digest: str, made: GenerateReport, seconds: float
) -> None:
    rows = [
        ("accounts connected", collected.accounts),
        ("posts read, again in later readings", collected.posts),
        ("metric readings of accounts", collected.readings),
        ("competitors' articles and posts read", collected.articles),
        ("streams that could not be read", collected.gaps),
        ("files imported", len(imported)),
        ("posts and articles in files", sum(s.contents for s in imported)),
        ("metric readings in files", sum(s.observations for s in imported)),
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
