"""Reads the public addresses of tracked competitors, and keeps what the next reading must remember."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.competitors.collector import CompetitorSource, Limits, SourceReport, collect_source
from connectors.competitors.conditional import Outcome
from connectors.competitors.fetching import WebFetcher
from connectors.competitors.pace import Pace
from connectors.competitors.state import SourceState
from connectors.guard import PUBLIC, Policy
from models.domain.brand import Competitor, WatchedSource
from models.domain.workspace import SYSTEM
from models.errors import FabricError
from models.services import onboarding, sources
from orchestration.discovering import discover, profile_of, reading_time
from orchestration.locks import exclusive
from orchestration.progress import Log, silent
from orchestration.resources import Stores

_logger = logging.getLogger(__name__)

SANDBOX_ARTICLES = 500
"""Articles read in one run of a sandbox site, which costs nobody anything."""
EVERY = timedelta(hours=6)
"""The longest pause between two readings of an address."""


def _at_once(seconds: float) -> None:
    """The sandbox needs no consideration: its own Crawl-delay is read and not waited for."""


@dataclass(frozen=True)
class WatchReport:
    """What came of each address. `failed` counts those that could not be read; `problems` says why one could not even be
    asked."""

    reports: tuple[SourceReport, ...]
    problems: tuple[str, ...] = ()

    @property
    def contents(self) -> int:
        return sum(report.contents for report in self.reports)

    @property
    def failed(self) -> int:
        return sum(report.outcome is Outcome.FAILED for report in self.reports) + len(self.problems)


def watch(stores: Stores, workspace_id: str, *, only_due: bool = False, log: Log = silent) -> WatchReport:
    """Reads every watched address of the workspace (or those not read for six hours). One that fails stops no other, and
    none is read twice at one moment of a clock that stands still."""
    busy = f"Another process is reading the competitors of {workspace_id}: wait for it to end."
    done: list[SourceReport] = []
    problems: list[str] = []
    with exclusive(stores.settings.home / "locks" / f"watch-{workspace_id}.lock", wait_seconds=600, busy=busy):
        with stores.open_store() as store, store.unit_of_work() as uow:
            watched = sources.list_sources(uow, SYSTEM, workspace_id)
            tracked = {c.id: c for c in onboarding.list_competitors(uow, SYSTEM, workspace_id)}
        for source in watched:
            competitor = tracked[source.competitor_id]
            try:
                now = _now(stores, source)
                if (source.last_read_at is not None and source.last_read_at >= now) or (
                    only_due and not _due(source, now)
                ):
                    continue
                report = _read(stores, source, competitor, now)
            except FabricError as error:
                problems.append(f"{competitor.name}, {source.url}: not read ({error})")
                log(problems[-1])
                continue
            done.append(report)
            log(sentence(competitor, source, report))
    return WatchReport(tuple(done), tuple(problems))


def anything_watched(stores: Stores, workspace_id: str) -> bool:
    """Whether the workspace has an address to read."""
    with stores.open_store() as store, store.unit_of_work() as uow:
        return bool(sources.list_sources(uow, SYSTEM, workspace_id))


def anything_due(stores: Stores, workspace_id: str) -> bool:
    """Whether an address was not read for six hours. Sandbox sites are not due while no sandbox answers."""
    with stores.open_store() as store, store.unit_of_work() as uow:
        watched = sources.list_sources(uow, SYSTEM, workspace_id)
    for source in watched:
        try:
            if _due(source, _now(stores, source)):
                return True
        except FabricError as error:
            _logger.info("%s is left out: %s", source.url, error)
    return False


def _due(source: WatchedSource, now: datetime) -> bool:
    return source.last_read_at is None or now - source.last_read_at >= EVERY


def _read(stores: Stores, source: WatchedSource, competitor: Competitor, now: datetime) -> SourceReport:
    username = profile_of(source.url)
    if username is not None:
        report = discover(stores, source, competitor, username)
    else:
        report = _read_site(stores, source, competitor, now)
    words = sentence(competitor, source, report)
    with stores.open_store() as store, store.unit_of_work() as uow:
        sources.keep_memory(uow, SYSTEM, source.id, report.state.model_dump(mode="json"), message=words, now=now)
    return report


def _read_site(stores: Stores, source: WatchedSource, competitor: Competitor, now: datetime) -> SourceReport:
    in_sandbox = _in_sandbox(stores, source)
    return collect_source(
        CompetitorSource(source.id, competitor.name, source.url),
        SourceState.model_validate(source.memory),
        now=now,
        fetcher=WebFetcher(Policy(loopback=True) if in_sandbox else PUBLIC),
        landing=stores.landing,
        workspace_id=source.workspace_id,
        pace=Pace(sleep=_at_once) if in_sandbox else Pace(),
        limits=Limits(articles=SANDBOX_ARTICLES) if in_sandbox else Limits(),
    )


def _in_sandbox(stores: Stores, source: WatchedSource) -> bool:
    """The sandbox's own sites are the only addresses on this machine that are read."""
    return source.url.startswith(f"{stores.sandbox_address}/")


def _now(stores: Stores, source: WatchedSource) -> datetime:
    if profile_of(source.url) is not None:
        return reading_time(stores, source.workspace_id)
    if not _in_sandbox(stores, source):
        return stores.now()
    from connectors.sandbox.control import SandboxControl

    return SandboxControl(stores.sandbox_address).now()


def sentence(competitor: Competitor, source: WatchedSource, report: SourceReport) -> str:
    """One line about a reading for a person."""
    words = {
        Outcome.FRESH: f"{report.contents:,} new pieces",
        Outcome.UNCHANGED: "nothing new",
        Outcome.WAIT: "the site asked to wait",
        Outcome.GONE: "gone for good",
        Outcome.FAILED: "not read",
    }[report.outcome]
    copies = f", {report.copies:,} repeats left out" if report.copies else ""
    left = f", {report.waiting:,} left for the next run" if report.waiting else ""
    notes = f" ({' '.join(report.notes[:2])})" if report.notes else ""
    return f"{competitor.name}, {source.url}: {words}{copies}{left}{notes}"
