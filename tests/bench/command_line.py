"""What the command line costs, as JSON on stdout: CPU seconds (user + system) of whole processes.

`fabric --help` beside importing typer and rich alone (best of three), and on one imported export a first build, a build with
nothing new, and their ratio.

    python tests/bench/command_line.py
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
EXPORT = ROOT / "tests" / "fixtures" / "exports" / "facebook_posts.csv"
FABRIC = "from orchestration.cli.main import run; run()"
ROUNDS = 3


def cpu_seconds(statement: str, *arguments: str, environment: dict[str, str]) -> float:
    """CPU seconds of one Python process, its children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-c", statement, *arguments]
    subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def measure() -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="fabric-bench-") as home:
        environment = {**os.environ, "FABRIC_HOME": home}
        for words in (("workspace", "create", "bench"), ("import", str(EXPORT), "--workspace", "bench")):
            cpu_seconds(FABRIC, *words, environment=environment)
        first = cpu_seconds(FABRIC, "build", environment=environment)
        again = cpu_seconds(FABRIC, "build", environment=environment)
        imports = [
            cpu_seconds("import typer, rich.console, rich.markdown", environment=environment) for _ in range(ROUNDS)
        ]
        shown = [cpu_seconds(FABRIC, "--help", environment=environment) for _ in range(ROUNDS)]
    return {
        "help_cpu_seconds": round(min(shown), 2),
        "help_to_imports": round(min(shown) / min(imports), 2),
        "full_build_cpu_seconds": round(first, 2),
        "unchanged_build_cpu_seconds": round(again, 2),
        "unchanged_to_full": round(again / first, 3),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure()) + "\n")
