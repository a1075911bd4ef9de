"""What SQL, Python and the registry say about the same things is the same."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from connectors.warehouse.marts import MARTS
from connectors.warehouse.schema import RAW
from models.metrics.registry import Registry, registry

ROOT = Path(__file__).resolve().parents[2]
TRANSFORMS = ROOT / "transforms"
SQL = sorted(TRANSFORMS.rglob("*.sql"))


@pytest.fixture(scope="session")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `dbt parse` makes of the project."""
    home = tmp_path_factory.mktemp("parsed")
    environment = {**os.environ, "FABRIC_WAREHOUSE": str(home / "none.duckdb"), "DBT_LOG_PATH": str(home)}
    dbt = [str(Path(sys.executable).with_name("dbt")), "parse", "--project-dir", str(ROOT), "--profiles-dir", str(ROOT)]
    done = subprocess.run(
        [*dbt, "--target-path", str(home)], env=environment, cwd=home, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout
    assert not (home / "none.duckdb").exists(), "parsing must not open the warehouse"
    return json.loads((home / "manifest.json").read_text())  # type: ignore[no-any-return]


def nodes(manifest: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    return {node["name"]: node for node in manifest["nodes"].values() if node["resource_type"] == kind}


def macro_list(name: str) -> list[str]:
    """The names that a macro of `wide_columns.sql` returns."""
    text = (TRANSFORMS / "macros" / "wide_columns.sql").read_text()
    body = re.search(rf"macro {name}\(\).*?return\(\[(.*?)\]\)", text, re.DOTALL)
    assert body, name
    return re.findall(r"'(\w+)'", body[1])


def known(contract: Registry) -> set[str]:
    return {*contract.metrics, *contract.composites, *contract.rates}


def test_marts_are_the_contracted_columns_in_order(manifest) -> None:
    marts = {name: node for name, node in nodes(manifest, "model").items() if name.startswith("mart_")}
    assert marts.keys() == MARTS.keys()
    for name, node in marts.items():
        assert node["schema"] == "marts"
        assert node["config"]["contract"]["enforced"], f"{name} has no enforced contract"
        columns = {column: spec["data_type"].upper() for column, spec in node["columns"].items()}
        assert list(columns.items()) == list(MARTS[name].items()), name


def test_schemas_are_exactly_the_agreed_ones(manifest) -> None:
    schemas = {node["schema"] for kind in ("model", "seed") for node in nodes(manifest, kind).values()}
    assert schemas == {"staging", "intermediate", "marts", "registry"}


@pytest.mark.parametrize("kind", ["model", "seed"])
def test_every_model_and_column_is_documented(manifest, kind: str) -> None:
    found = nodes(manifest, kind)
    assert found
    for name, node in found.items():
        assert node["description"], f"{name} says nothing of itself"
        assert "one row" in node["description"], f"{name} states no grain"
        assert node["columns"], name
        for column, spec in node["columns"].items():
            assert spec["description"], f"{name}.{column} is not documented"


def test_sources_are_the_raw_tables(manifest) -> None:
    sources = {source["name"]: set(source["columns"]) for source in manifest["sources"].values()}
    assert sources == {table: set(columns) for table, columns in RAW.items()}


def test_every_wide_column_is_in_the_registry() -> None:
    contract = registry()
    metrics, rates = macro_list("wide_metrics"), macro_list("wide_rates")
    assert set(metrics) <= {*contract.metrics, *contract.composites}
    assert set(rates) <= set(contract.rates)
    assert [column for column in MARTS["mart_posts"] if column in {*metrics, *rates}] == metrics + rates


def test_every_metric_named_in_sql_is_in_the_registry() -> None:
    """String literals compared with a metric, measure or rate column, and those handed to the macros."""
    contract = registry()
    named: set[str] = set()
    for path in SQL:
        text = path.read_text()
        named |= set(re.findall(r"\b(?:metric|measure|rate)\s*=\s*'(\w+)'", text))
        for listed in re.findall(r"(?:additive_sums|pivot_one)\(\[(.*?)\]\)", text, re.DOTALL):
            named |= set(re.findall(r"'(\w+)'", listed))
    assert {"engagements_public", "followers", "views"} <= named, "the search itself finds nothing"
    assert named <= known(contract)


def test_every_summed_column_is_additive() -> None:
    contract = registry()
    summed = {
        name
        for path in SQL
        for listed in re.findall(r"additive_sums\(\[(.*?)\]\)", path.read_text(), re.DOTALL)
        for name in re.findall(r"'(\w+)'", listed)
    }
    assert summed
    for name in summed:
        parts = contract.composites[name].components if name in contract.composites else (name,)
        assert all(contract.metric(part).additive_posts for part in parts), f"{name} may not be summed"


def test_missing_is_never_made_zero() -> None:
    for path in SQL:
        text = re.sub(r"\s+", " ", path.read_text().lower())
        assert not re.search(r"coalesce\([^()]*(?:\([^()]*\)[^()]*)*, ?0(?:\.0+)? ?\)", text), (
            f"{path.name} makes 0 of missing"
        )
        assert "ifnull(" not in text, path.name
        assert "nvl(" not in text, path.name


def test_composites_and_rates_are_named_by_no_model_but_what_shows_them() -> None:
    """Definitions come from the seeds: no intermediate model spells out what an engagement sum or a rate is made of."""
    contract = registry()
    for path in (TRANSFORMS / "models" / "intermediate").glob("*.sql"):
        text = path.read_text()
        assert not any(rate in text for rate in contract.rates), path.name
        assert "reactions" not in text, path.name


def test_clock_is_never_read() -> None:
    for path in SQL:
        assert not re.search(r"\b(now\(\)|current_date|current_timestamp|today\(\))", path.read_text()), path.name


def test_seeds_have_the_columns_of_the_registry_files(manifest) -> None:
    for name, node in nodes(manifest, "seed").items():
        header = (ROOT / "models" / "metrics" / "seeds" / f"{name}.csv").read_text().splitlines()[0].split(",")
        assert list(node["columns"]) == header
        assert list(node["config"]["column_types"]) == header
        assert node["original_file_path"] == f"models/metrics/seeds/{name}.csv"


def test_sql_is_lower_case() -> None:
    for path in SQL:
        code = re.sub(r"\{#.*?#\}|--[^\n]*|'[^'\n]*'", "", path.read_text(), flags=re.DOTALL)
        assert not re.search(r"\b(SELECT|FROM|WHERE|JOIN|GROUP|NULL|AND|CASE)\b", code), path.name
