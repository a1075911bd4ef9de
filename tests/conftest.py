"""What every test may use: the shared data folder, and the `fabric` command run as its users run it."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED_DATA = ROOT.parent / "shared" / "data"


_MANY = """
import contextlib, io, json, sys
from orchestration.cli.main import run
told = []
for arguments in json.load(sys.stdin):
    out, err, code = io.StringIO(), io.StringIO(), 0
    sys.argv = ["fabric", *arguments]
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            run()
        except SystemExit as ended:
            code = ended.code or 0
    told.append([code, out.getvalue(), err.getvalue()])
json.dump(told, sys.stdout)
"""


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data; tests that need it are skipped where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip("../shared is absent: the real data stands beside the project, not in it")
    return SHARED_DATA


def free_port() -> int:
    """A loopback port that nobody listens on, and whose next but one is free too: the sandbox's mail server takes that."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 2))
            except OSError:
                continue
            return port


@pytest.fixture(scope="session")
def local_ai() -> Iterator[str]:
    """The address of a real, very small language model that speaks the providers' APIs (`tests/local_ai`)."""
    from tests.local_ai import language_model
    from tests.local_ai.server import running_local_ai

    if not language_model.installed():
        pytest.skip("the dependency group local-llm is not installed: it carries the small language model")
    with running_local_ai(free_port()) as address:
        yield address


@dataclass(frozen=True)
class Installation:
    """One FABRIC home, driven through the command line in processes of their own, with a sandbox port of its own."""

    home: Path
    sandbox_port: int = field(default_factory=free_port)

    @property
    def environment(self) -> dict[str, str]:
        mine = {name: value for name, value in os.environ.items() if not name.startswith(("FABRIC_", "DAGSTER_"))}
        return {**mine, "FABRIC_HOME": str(self.home), "FABRIC_SANDBOX_PORT": str(self.sandbox_port)}

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-c", "from orchestration.cli.main import run; run()", *arguments]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Starts `fabric …` and returns at once."""
        return subprocess.Popen(
            self.command(*arguments), env=self.environment, cwd=ROOT, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def run(self, *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        """Runs `fabric …` and holds it to its exit code."""
        done = subprocess.run(
            self.command(*arguments), env=self.environment, cwd=ROOT, text=True, capture_output=True, check=False
        )
        assert done.returncode == code, (
            f"fabric {' '.join(arguments)} ended {done.returncode}\n{done.stdout}\n{done.stderr}"
        )
        return done

    def run_many(self, commands: Sequence[Sequence[str]]) -> list[subprocess.CompletedProcess[str]]:
        """Runs several `fabric …` one after the other in one process, which pays the imports once; holds them to nothing."""
        done = subprocess.run(
            [sys.executable, "-c", _MANY], env=self.environment, cwd=ROOT, text=True, capture_output=True, check=True,
            input=json.dumps([list(command) for command in commands]),
        )  # fmt: skip
        return [subprocess.CompletedProcess([], code, out, err) for code, out, err in json.loads(done.stdout)]

    def json(self, *arguments: str) -> Any:
        """The JSON object that `fabric … --json` prints."""
        return json.loads(self.run(*arguments, "--json").stdout)

    def value(self, workspace: str, query: str) -> Any:
        """The single value of a query over a workspace's published marts."""
        out = self.run("sql", query, "--workspace", workspace, "--format", "json").stdout
        return json.loads(out)["rows"][0][0]


@pytest.fixture(scope="session")
def new_installation(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Installation]:
    """Makes an empty installation under a given name."""

    def make(name: str) -> Installation:
        return Installation(tmp_path_factory.mktemp(name, numbered=True))

    return make
