"""The lock between processes."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from models.errors import Conflict
from orchestration.locks import exclusive

ROOT = Path(__file__).resolve().parents[3]
HOLD = """
import sys, time
from pathlib import Path
from orchestration.locks import exclusive
with exclusive(Path(sys.argv[1]), wait_seconds=0, busy="taken"):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(path)], cwd=ROOT, text=True, stdout=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_holder_waits_then_is_refused_and_a_killed_one_leaves_nothing(tmp_path: Path) -> None:
    path, waited = tmp_path / "deep" / "build.lock", []
    process = holder(path)
    try:
        with (
            pytest.raises(Conflict, match="somebody is at it"),
            exclusive(path, wait_seconds=0.5, busy="somebody is at it", on_wait=lambda: waited.append(True)),
        ):
            pytest.fail("the lock was given twice")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert waited == [True]
    with exclusive(path, wait_seconds=5, busy="still held"):
        pass


def test_it_is_free_again_after_an_error(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with pytest.raises(ZeroDivisionError), exclusive(path, wait_seconds=0, busy="taken"):
        raise ZeroDivisionError
    with exclusive(path, wait_seconds=0, busy="taken"):
        pass
