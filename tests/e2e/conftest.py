"""One installation that `fabric demo --no-serve` made, shared by the tests that need a finished one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from connectors.warehouse.contracts.operations import CONTRACTS as OPERATIONS

WHEN_RECEIVED = {"mart_freshness", "mart_quality_results"}
"""Marts that say when files came in, which two installations do not share."""


def observed(marts: Mapping[str, str]) -> dict[str, str]:
    """The digests of the marts that two installations with the same data share: ids of plans are drawn at random."""
    return {mart: digest for mart, digest in marts.items() if mart not in {*OPERATIONS, *WHEN_RECEIVED}}


@pytest.fixture(scope="session")
def demo(new_installation: Callable[[str], Any]) -> Any:
    """The demo's installation, with what the command printed as `summary`."""
    fabric = new_installation("demo")
    summary = fabric.json("demo", "--no-serve", "--end", "2026-11-01", "--weeks", "2")
    return fabric, summary
