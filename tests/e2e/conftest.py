"""One installation that `fabric demo --no-serve` made, shared by the tests that need a finished one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture(scope="session")
def demo(new_installation: Callable[[str], Any]) -> Any:
    """The demo's installation, with what the command printed as `summary`."""
    fabric = new_installation("demo")
    summary = fabric.json("demo", "--no-serve", "--end", "2026-11-01", "--weeks", "2")
    return fabric, summary
