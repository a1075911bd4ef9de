"""What loading the definitions costs against importing dagster and dagster_dbt alone, in one run, as JSON on stdout.

Each is measured in processes of its own, in turn, and the best of three counts: CPU seconds (user + system), because
wall time on a busy machine measures the neighbours. The dbt manifest is parsed before, as after any first build.

    python tests/bench/definitions_load.py
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
ROUNDS = 3
IMPORTS = "import dagster, dagster_dbt"
DEFINITIONS = "from orchestration.definitions import defs; defs().get_repository_def()"
"""What `dagster definitions validate` does with the module, without that command's own imports."""


def cpu_seconds(statement: str, environment: dict[str, str]) -> float:
    """CPU seconds of one process that runs the statement."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", statement], env=environment, cwd=ROOT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)


def measure() -> dict[str, float]:
    """Best CPU seconds of both, and their ratio."""
    with tempfile.TemporaryDirectory(prefix="fabric-bench-") as home:
        environment = {**os.environ, "FABRIC_HOME": home, "DAGSTER_DISABLE_TELEMETRY": "true"}
        cpu_seconds(DEFINITIONS, environment)
        rounds = [(cpu_seconds(IMPORTS, environment), cpu_seconds(DEFINITIONS, environment)) for _ in range(ROUNDS)]
    imports, definitions = (min(column) for column in zip(*rounds, strict=True))
    return {
        "import_cpu_seconds": round(imports, 2),
        "definitions_cpu_seconds": round(definitions, 2),
        "ratio": round(definitions / imports, 3),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure()) + "\n")
