"""A build with nothing new does at most half the work of a full one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path


def test_an_unchanged_build_does_at_most_half_the_work() -> None:
    script = Path(__file__).with_name("command_line.py")
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True, check=True)
    measured = json.loads(done.stdout)
    assert measured["unchanged_to_full"] <= 0.5, measured
