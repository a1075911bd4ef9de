"""dbt's exposures say which page and which AI asset reads which mart; the code must agree."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors.warehouse.marts import MARTS

ROOT = Path(__file__).resolve().parents[2]
QUERIES = [ROOT / "connectors" / "warehouse" / name for name in ("pages.py", "readings.py", "facts.py")]
QUERIES += sorted((ROOT / "connectors" / "warehouse").glob("*_pages.py"))


@pytest.fixture(scope="module")
def exposures() -> dict[str, dict[str, Any]]:
    """Exposures by name, with the marts they depend on under `marts`."""
    listed = yaml.safe_load((ROOT / "transforms" / "models" / "exposures.yml").read_text())["exposures"]
    return {
        one["name"]: {**one, "marts": re.findall(r"ref\('(\w+)'\)", " ".join(one.get("depends_on", ())))}
        for one in listed
    }


def test_every_page_of_the_app_is_an_exposure_and_no_other(exposures) -> None:
    pages = set(re.findall(r'st\.Page\("views/(\w+)\.py"', (ROOT / "app" / "main.py").read_text()))
    assert pages, "the search itself finds nothing"
    assert {name for name in exposures if name.startswith("page_")} == {f"page_{page}" for page in pages}


def test_every_ai_asset_is_an_exposure_and_no_other(exposures) -> None:
    text = (ROOT / "orchestration" / "defs" / "generation" / "assets.py").read_text()
    assets = set(re.findall(r"@dg\.asset\((?:.|\n)*?\ndef (\w+)\(", text))
    assert assets, "the search itself finds nothing"
    assert {name for name in exposures if name.startswith("asset_")} == {f"asset_{asset}" for asset in assets}


def test_exposures_name_marts_and_every_mart_that_a_query_reads(exposures) -> None:
    named = {mart for one in exposures.values() for mart in one["marts"]}
    assert named <= set(MARTS)
    read = {mart for path in QUERIES for mart in re.findall(r"\b(?:from|join) (mart_\w+)", path.read_text())}
    read |= {mart for path in QUERIES for mart in re.findall(r'"(mart_\w+)"', path.read_text())}
    assert read, "the search itself finds nothing"
    assert read <= named, f"read by a page or an asset and named by no exposure: {sorted(read - named)}"
