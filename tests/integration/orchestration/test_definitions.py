"""The definitions as Dagster sees them: valid, light to load, and equal to a recorded graph.

`asset_graph.json` records every asset with its dependencies, group, pool, partitions and checks. A change to it is a change
to what operators see: look at the difference, then record it with

    FABRIC_RECORD=1 pytest tests/integration/orchestration/test_definitions.py
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from models.domain.connection import Vendor
from orchestration.definitions import build_definitions
from orchestration.instance import ensure_dagster_home
from orchestration.jobs import GENERATED
from orchestration.manifest import ensure_manifest

from .conftest import ROOT, World

RECORDED = Path(__file__).with_name("asset_graph.json")
HEAVY = (
    "great_expectations",
    "polars",
    "pandas",
    "duckdb",
    "pyarrow",
    "sqlalchemy",
    "lancedb",
    "dbt.cli.main",
    "httpx",
    "starlette",
    "uvicorn",
    "connectors.http",
    "connectors.factory",
    "trafilatura",
)


@pytest.fixture(scope="module")
def definitions(world: World) -> dg.Definitions:
    return build_definitions(world.settings)


def described(definitions: dg.Definitions) -> dict[str, Any]:
    graph = definitions.resolve_asset_graph()
    assets = {}
    for key in sorted(graph.materializable_asset_keys, key=lambda k: k.to_user_string()):
        node = graph.get(key)
        assets[key.to_user_string()] = {
            "deps": sorted(parent.to_user_string() for parent in node.parent_keys),
            "group": node.group_name,
            "pools": sorted(node.pools or ()),
            "partitions": type(node.partitions_def).__name__ if node.partitions_def else None,
            "checks": sorted(check.name for check in graph.asset_check_keys if check.asset_key == key),
        }
    return assets


def test_dagster_validates_them(world: World) -> None:
    home = ensure_dagster_home(world.settings)
    done = subprocess.run(
        [sys.executable, "-m", "dagster", "definitions", "validate", "-m", "orchestration.definitions"],
        cwd=ROOT,
        env={**os.environ, "FABRIC_HOME": str(world.settings.home), "DAGSTER_HOME": str(home)}
        | {"DAGSTER_DISABLE_TELEMETRY": "true"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "All code locations passed validation" in done.stdout


def test_the_asset_graph_is_the_recorded_one(definitions: dg.Definitions) -> None:
    found = described(definitions)
    if os.environ.get("FABRIC_RECORD"):
        RECORDED.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    assert found == json.loads(RECORDED.read_text(encoding="utf-8"))


def test_loading_imports_no_engine_and_parses_no_fresh_project(world: World) -> None:
    manifest = ensure_manifest(world.settings)
    parsed_at = manifest.stat().st_mtime_ns
    process = world.start(
        "import sys; from orchestration.definitions import defs; defs().get_repository_def(); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    out, _ = process.communicate(timeout=120)
    assert out.strip().splitlines()[-1] == "[]"
    assert manifest.stat().st_mtime_ns == parsed_at


def test_every_dbt_test_is_an_asset_check(world: World, definitions: dg.Definitions) -> None:
    """A singular test over several models names its asset in `config(meta={'dagster': {'ref': …}})`."""
    nodes = json.loads(ensure_manifest(world.settings).read_text(encoding="utf-8"))["nodes"].values()
    tests = {node["name"] for node in nodes if node["resource_type"] == "test"}
    checks = {check.name for check in definitions.resolve_asset_graph().asset_check_keys}
    assert tests
    assert tests <= checks


def test_everything_that_opens_the_warehouse_shares_its_pool(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    outside = {k.to_user_string() for k in graph.materializable_asset_keys if graph.get(k).pools != {"warehouse"}}
    collected = {name for name in outside if name.endswith("_collected")}
    reading_served = {"brand_studies", "competitor_extracts", "vector_index"}
    assert outside - collected == {"strategies", "calendars", "drafts"} | reading_served


def test_every_platform_has_a_pool_of_its_own(definitions: dg.Definitions) -> None:
    """Two runs never ask the same vendor at once."""
    graph = definitions.resolve_asset_graph()
    pools = {
        key.to_user_string(): graph.get(key).pools
        for key in graph.materializable_asset_keys
        if graph.get(key).group_name == "platforms"
    }
    assert set(pools) == {f"{vendor.value}_collected" for vendor in Vendor if vendor is not Vendor.SMTP} | {
        "competitors_collected"
    }
    assert len(set().union(*pools.values())) == len(pools)


def test_serving_waits_for_every_mart(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    marts = {key for key in graph.materializable_asset_keys if key.path[0] == "marts"}
    assert graph.get(dg.AssetKey("serving_files")).parent_keys == marts


def test_generation_never_starts_by_itself(definitions: dg.Definitions) -> None:
    graph = definitions.resolve_asset_graph()
    for asset in GENERATED["all"]:
        assert graph.get(dg.AssetKey(asset)).automation_condition is None


def test_jobs_run_their_steps_in_one_process(definitions: dg.Definitions) -> None:
    repository = definitions.get_repository_def()
    for job in ("collect", "ingest", "build", "generate", "publish"):
        assert repository.get_job(job).executor_def.name == "in_process"
