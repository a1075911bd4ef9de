"""dbt, run inside this process.

Why not as a child: importing dagster_dbt has already paid for most of dbt's import, and a child would outlive a killed
parent and keep the warehouse locked.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.settings import Settings
from orchestration.environment import TELEMETRY_OFF
from orchestration.project import project_dir

UNCHANGED = ("--exclude", "config.materialized:view", "resource_type:seed")
"""Leaves out what a run of an unchanged project need not write: views follow their tables, seeds are files of the project."""

_FAILED = {"error", "fail", "runtime error"}


@dataclass(frozen=True)
class NodeFailure:
    """One model, seed or test that failed. `kind` is dbt's resource type, `message` its first line."""

    name: str
    kind: str
    message: str


@dataclass(frozen=True)
class DbtOutcome:
    """`error` is set when dbt could not run at all (parse error, unreachable warehouse)."""

    success: bool
    failures: tuple[NodeFailure, ...] = ()
    error: str | None = None

    def reason(self) -> str:
        """What failed, in one sentence."""
        if self.error is not None:
            return f"dbt could not run: {self.error}"
        if not self.failures:
            return "dbt failed without naming a model or a test"
        first = self.failures[0]
        what = "the test" if first.kind in {"test", "unit_test"} else f"the {first.kind}"
        rest = f" (and {len(self.failures) - 1} more)" if len(self.failures) > 1 else ""
        return f"{what} {first.name} failed{rest}: {first.message}"


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Python's collector walks all of dbt's manifest again and again, for a quarter of what dbt costs beside its SQL."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 1000)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def invoke(
    settings: Settings,
    arguments: Sequence[str],
    *,
    target: Path,
    extra_environment: Mapping[str, str] | None = None,
    on_event: Callable[[Any], None] | None = None,
) -> DbtOutcome:
    """Runs one dbt command with artefacts in `target`; `on_event` receives every dbt event, from dbt's own threads.

    The warehouse's file is closed when this returns, so that the next writer finds it unlocked.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.adapters.factory import reset_adapters
    from dbt.cli.main import dbtRunner

    from connectors.warehouse.engines import open_warehouse

    directory = project_dir()
    target.mkdir(parents=True, exist_ok=True)
    settings.warehouse_dir.mkdir(parents=True, exist_ok=True)
    warehouse = open_warehouse(settings.warehouse_url, settings.warehouse_dir)
    environment = {
        **TELEMETRY_OFF,
        "DBT_LOG_PATH": str(settings.dbt_target_dir / "logs"),
        **warehouse.dbt_environment(),
    }
    options = [
        "--quiet", "--no-print", "--log-level-file", "info", "--no-use-colors", "--no-send-anonymous-usage-stats", "--no-version-check",
        "--log-path", str(settings.dbt_target_dir / "logs"),
    ]  # fmt: skip
    if arguments[0] != "parse":  # events tell what happened, and only `ensure_manifest` writes the manifest anew
        options.append("--no-write-json")
    places = ["--project-dir", str(directory), "--profiles-dir", str(directory), "--target-path", str(target)]
    places += ["--target", warehouse.target]
    runner = dbtRunner(callbacks=[on_event] if on_event else [])
    with _rare_collection(), _environment({**environment, **(extra_environment or {})}):
        try:
            with warehouse.transforming() if arguments[0] != "parse" else nullcontext():
                result = runner.invoke([*options, *arguments, *places])
        finally:
            reset_adapters()  # type: ignore[no-untyped-call]
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    if result.success:
        return DbtOutcome(True)
    if result.exception is not None:
        return DbtOutcome(False, error=_first_line(str(result.exception)))
    nodes = getattr(result.result, "results", ())
    return DbtOutcome(False, tuple(_failure(node) for node in nodes if str(node.status) in _FAILED))


def _failure(result: Any) -> NodeFailure:
    return NodeFailure(result.node.name, str(result.node.resource_type), _first_line(result.message or "no message"))


def _first_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return " ".join(lines[:3]) if lines else "no message"
