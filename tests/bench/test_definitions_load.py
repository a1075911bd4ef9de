"""Definitions load in at most 1.5 times what importing dagster and dagster_dbt costs."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_loading_definitions_costs_little_more_than_importing_dagster() -> None:
    script = Path(__file__).with_name("definitions_load.py")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    measured = json.loads(done.stdout)
    assert measured["ratio"] <= 1.5, measured
