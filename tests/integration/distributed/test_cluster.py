"""Every mart on a standalone cluster: equal to DuckDB's to the last row, on random histories and on the demo's data."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from connectors.warehouse.marts import MARTS
from connectors.warehouse.pointer import read_pointer
from tests.conftest import ROOT, Installation
from tests.integration.distributed.history import random_history
from tests.integration.distributed.twins import Twins
from tests.integration.transforms.raw_rows import Raw

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]
_ROWS = ROOT / "tests" / "integration" / "transforms"


def _hand_written() -> list[Raw]:
    modules = [import_module(f"tests.integration.transforms.{path.stem}") for path in sorted(_ROWS.glob("rows_*.py"))]
    return [workspace() for module in modules for workspace in module.WORKSPACES]


def test_every_mart_of_a_random_history_and_of_the_hand_written_rows(cluster: str, home: Path) -> None:
    twins = Twins(home, cluster)
    twins.lay_out([*random_history(20261123, posts=6), *_hand_written()])
    twins.build()
    assert twins.differences() == []
    ours, theirs = twins.warehouse(""), twins.warehouse(cluster)
    for workspace in twins.workspaces():
        assert ours.mart_digests(workspace) == theirs.mart_digests(workspace)


def test_every_mart_of_the_demo_and_what_is_served_from_it(
    cluster: str, new_installation: Callable[[str], Installation]
) -> None:
    embedded = new_installation("demo")
    embedded.run("demo", "--no-serve")
    report = embedded.json("build")
    distributed = Installation(embedded.home.with_name(f"{embedded.home.name}-spark"))
    shutil.copytree(embedded.home, distributed.home, ignore=shutil.ignore_patterns("warehouse", "serving", "dbt"))

    def build() -> Any:
        done = subprocess.run(
            distributed.command("build", "--json"), env={**distributed.environment, "FABRIC_WAREHOUSE_URL": cluster},
            cwd=ROOT, text=True, capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-4000:]
        return json.loads(done.stdout)["marts"]

    assert build() == report["marts"]
    (distributed.home / "warehouse" / "build.json").unlink()
    assert build() == report["marts"], "a second build finds the seeds that the first one wrote"
    ours, theirs = Twins(embedded.home, ""), Twins(distributed.home, cluster)
    for workspace in ours.workspaces():
        assert read_pointer(embedded.home / "serving", workspace).digest == (
            read_pointer(distributed.home / "serving", workspace).digest
        )
    assert theirs.warehouse(cluster).mart_digests(ours.workspaces()[0]).keys() == MARTS.keys()
