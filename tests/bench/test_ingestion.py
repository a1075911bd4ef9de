"""Ingestion keeps its distance to a peer, and a second run asks for the trailing window only."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def test_backfill_second_run_and_peer() -> None:
    pytest.importorskip("dlt", reason="dlt is absent: make test installs the judges")
    command = [sys.executable, str(ROOT / "tests" / "bench" / "ingestion.py"), "--posts", "3000"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    told = json.loads(done.stdout)
    first, second = told["backfill"], told["a_day_later"]
    assert first["posts"] == 3000
    assert first["readings"] > 20_000
    assert second["posts"] < first["posts"] / 4
    assert {account["since"] for account in second["by_account"].values()} != {
        account["since"] for account in first["by_account"].values()
    }
    assert told["beside_dlt"]["posts"] == told["beside_dlt"]["posts_of_dlt"] > 400
    # Rows that are stored a second: ours are a post and each of its metrics, dlt's are posts.
    assert told["beside_dlt"]["ratio_of_rows"] >= 2
