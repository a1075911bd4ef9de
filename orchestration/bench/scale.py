"""How long an installation of a given size takes to build, to take in one more day, and to answer its pages."""

from __future__ import annotations

import os
import platform
import resource
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from models.domain.workspace import Plan, Workspace
from models.errors import NotFound
from models.settings import Settings
from orchestration.dbt_runner import UNCHANGED, invoke
from orchestration.errors import BuildFailed
from orchestration.manifest import ensure_manifest
from orchestration.progress import Log, silent
from orchestration.resources import Stores

if TYPE_CHECKING:
    from connectors.warehouse.database import Warehouse
    from connectors.warehouse.scale.generation import Size

MEMORY_LIMIT = "FABRIC_WAREHOUSE_MEMORY"
"""Variable of profiles.yml: what DuckDB may hold in memory while it builds."""
DEFAULT_MEMORY = "4GB"


@dataclass
class Measured:
    """One run. Seconds by phase; bytes on disk after the whole history; `rows` counts readings loaded. Peak memory by phase is
    the process's peak so far, so it never falls."""

    rows: int = 0
    day_rows: int = 0
    workspaces: int = 0
    batches: int = 0
    posts: int = 0
    seconds: dict[str, float] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)
    peak_rss_mb: int = 0
    peak_rss_mb_by_phase: dict[str, int] = field(default_factory=dict)
    rows_per_second: dict[str, int] = field(default_factory=dict)
    model_seconds: dict[str, float] = field(default_factory=dict)
    day_model_seconds: dict[str, float] = field(default_factory=dict)
    floor: dict[str, float] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    page_queries: dict[str, Any] = field(default_factory=dict)
    machine: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str, log: Log) -> Iterator[None]:
        log(f"{name}…")
        started = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - started, 3)
        self.peak_rss_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        self.peak_rss_mb_by_phase[name] = self.peak_rss_mb


def measure(home: Path, rows: int, *, workspaces: int | None = None, rounds: int = 10, log: Log = silent) -> Measured:
    """Generates, loads, builds, adds a day, builds again and asks, all below `home`; leaves the stores there.

    Raises `BuildFailed` naming what dbt refused.
    """
    from connectors.warehouse.scale.generation import Size, generate, generate_day

    settings = Settings(home=home, warehouse_url="", _env_file=None)
    stores, size, told = Stores(settings), Size.of(rows, workspaces), Measured()
    warehouse = stores.warehouse
    told.workspaces, told.machine = size.workspaces, _machine()
    with told.phase("generate", log):
        whole = list(generate(settings.landing_dir, size))
    told.batches, told.rows = len(whole), sum(batch.observations for batch in whole)
    with told.phase("load", log):
        warehouse.prepare()
        warehouse.sync_workspaces(_workspaces(size))
        warehouse.load(whole)
    with told.phase("parse", log):
        ensure_manifest(settings)
    with told.phase("seeds", log):
        _dbt(settings, "seed")
    with told.phase("models_full", log):
        told.model_seconds = _dbt(settings, "run")
    with told.phase("tests_full", log):
        _dbt(settings, "test", "--exclude", "test_type:unit")
    with told.phase("serving_full", log):
        _publish(stores, size)
    told.bytes = _bytes(settings)
    told.posts = _count(warehouse, "select count(*) from intermediate.int_post_versions")
    _floors(told, warehouse, log)
    with told.phase("generate_day", log):
        day = list(generate_day(settings.landing_dir, size))
    told.day_rows = sum(batch.observations for batch in day)
    with told.phase("load_day", log):
        warehouse.load(day)
    with told.phase("models_day", log):
        told.day_model_seconds = _dbt(settings, "run", *UNCHANGED)
    with told.phase("compaction", log):
        _compact(warehouse)
    with told.phase("tests_day", log):
        _dbt(settings, "test", "--exclude", "test_type:unit")
    with told.phase("serving_day", log):
        _publish(stores, size)
    with told.phase("page_queries", log):
        told.page_queries = _pages(stores, size, rounds)
    _judge(told)
    return told


def _dbt(settings: Settings, *arguments: str) -> dict[str, float]:
    """Runs dbt as a build does; seconds by model that is a table."""
    seconds: dict[str, float] = {}

    def keep(event: Any) -> None:
        if event.info.name == "LogModelResult" and event.data.node_info.materialized != "view":
            seconds[event.data.node_info.node_name] = round(event.data.execution_time, 3)

    outcome = invoke(settings, arguments, target=settings.dbt_target_dir, on_event=keep)
    if not outcome.success:
        raise BuildFailed(f"fabric bench stopped: {outcome.reason()}.")
    return dict(sorted(seconds.items(), key=lambda item: -item[1]))


def _publish(stores: Stores, size: Size) -> None:
    from connectors.warehouse.scale.generation import workspace_ids
    from connectors.warehouse.serving import publish_all

    publish_all(stores.warehouse, stores.settings.serving_dir, dict.fromkeys(workspace_ids(size), ""))


def _pages(stores: Stores, size: Size, rounds: int) -> dict[str, Any]:
    from connectors.warehouse.scale.generation import workspace_ids
    from connectors.warehouse.scale.questions import ask

    asked = ask(stores.reader, workspace_ids(size)[0], rounds=rounds)
    by_query = {
        name: {"p50_ms": round(asked.percentile(name, 0.5), 2), "p95_ms": round(asked.percentile(name, 0.95), 2)}
        for name in sorted(asked.milliseconds, key=lambda name: -asked.percentile(name, 0.5))
    }
    return {
        "asked": sum(len(times) for times in asked.milliseconds.values()),
        "p50_ms": round(asked.percentile(None, 0.5), 2),
        "p95_ms": round(asked.percentile(None, 0.95), 2),
        "slowest_p95_ms": max(found["p95_ms"] for found in by_query.values()),
        "by_query": by_query,
    }


def _floors(told: Measured, warehouse: Warehouse, log: Log) -> None:
    from connectors.warehouse.scale.floor import BRACKETS, LATEST, floor_seconds

    memory = os.environ.get(MEMORY_LIMIT, DEFAULT_MEMORY)
    for name, statement in (("floor", BRACKETS), ("thin_floor", LATEST)):
        log(f"{name}…")
        told.floor[name] = round(floor_seconds(warehouse, statement, memory=memory), 3)


def _compact(warehouse: Warehouse) -> None:
    """Gives up the room of deleted rows in all tables at once, the raw ones included: the most that it costs a build."""
    with warehouse.connect() as connection:
        connection.execute(
            "reset max_vacuum_tasks; create table raw.bench as select 1 as one; drop table raw.bench; checkpoint"
        )


def _judge(told: Measured) -> None:
    full, day = told.seconds["models_full"], told.seconds["models_day"]
    told.rows_per_second = {name: round(told.rows / max(took, 0.001)) for name, took in told.model_seconds.items()}
    told.ratios = {
        "full_to_floor": round(full / told.floor["floor"], 2),
        "full_to_thin_floor": round(full / told.floor["thin_floor"], 2),
        "day_to_full": round(day / full, 4),
        "day_with_compaction_to_full": round((day + told.seconds["compaction"]) / full, 4),
        "day_rows_to_rows": round(told.day_rows / told.rows, 5),
    }


def _workspaces(size: Size) -> list[Workspace]:
    from connectors.warehouse.scale.generation import START, workspace_ids, zone_of

    return [
        Workspace(workspace_id, workspace_id, zone_of(number), Plan.STUDIO, START, synthetic=True)
        for number, workspace_id in enumerate(workspace_ids(size))
    ]


def _count(warehouse: Warehouse, query: str) -> int:
    with warehouse.connect(read_only=True) as connection:
        row = connection.execute(query).fetchone()
    if row is None:
        raise NotFound(f"The warehouse gives no answer to {query}.")
    return int(row[0])


def _bytes(settings: Settings) -> dict[str, int]:
    folders = {"landing": settings.landing_dir, "warehouse": settings.warehouse_dir, "serving": settings.serving_dir}
    return {
        name: sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        for name, folder in folders.items()
    }


def _machine() -> dict[str, Any]:
    return {
        "cpus": os.cpu_count(),
        "python": platform.python_version(),
        **{name: version(name) for name in ("duckdb", "dbt-core", "dbt-duckdb")},
        "memory_limit": os.environ.get(MEMORY_LIMIT, DEFAULT_MEMORY),
    }


@contextmanager
def kept_or_temporary(keep: Path | None) -> Iterator[Path]:
    """The folder to work in: an empty one that stays, or a temporary one that goes."""
    import tempfile

    if keep is not None:
        if keep.exists():
            shutil.rmtree(keep)
        keep.mkdir(parents=True)
        yield keep.resolve()
        return
    with tempfile.TemporaryDirectory(prefix="fabric-bench-") as folder:
        yield Path(folder)
