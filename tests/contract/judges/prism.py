"""A third party between client and server: `prism proxy` holds every request and answer to a vendor's OpenAPI document.

With `errors=True` prism refuses what violates the document (422 for a request, 500 for an answer, with the details as
`validation` in the body) and the caller fails on it. Otherwise it lets everything pass. Either way each violation is
written to prism's log, which `Prism.violations` reads back, so that nothing passes unseen even where a client swallows
the refusal. Prism may need 20 s for a large document: one process per module.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
SPECS = ROOT.parent / "shared" / "specs"
PROGRAM = ROOT / ".tools" / "node" / "node_modules" / ".bin" / "prism"
START_SECONDS = 120.0
SETTLE_SECONDS = 0.3

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_CALL = re.compile(r"\[HTTP SERVER\] (\w+) (\S+) .*Request received")
_VIOLATION = re.compile(r"(?:Violation|Request terminated with error): (.+)$")


@dataclass(frozen=True)
class Violation:
    """What prism found wrong, and the call it logged last before it (exact while one client calls at a time)."""

    call: str
    message: str


@dataclass
class Prism:
    """A running proxy. Point the client's base address at `url`."""

    url: str
    log: Path

    @property
    def lines(self) -> list[str]:
        """Prism's log so far, without colours."""
        return [_COLOUR.sub("", line) for line in self.log.read_text(encoding="utf-8", errors="replace").splitlines()]

    def settle(self) -> None:
        """Waits until prism has written down everything so far: its log lags behind its answers."""
        size = -1
        while size != (size := self.log.stat().st_size):
            time.sleep(SETTLE_SECONDS)

    @property
    def calls(self) -> list[str]:
        """`METHOD path` of every call that went through."""
        return [f"{found[1].upper()} {found[2]}" for line in self.lines if (found := _CALL.search(line))]

    @property
    def violations(self) -> list[Violation]:
        """Everything found so far, in order; also calls that prism could not route to an operation of the document."""
        current = ""
        found: list[Violation] = []
        for line in self.lines:
            if call := _CALL.search(line):
                current = f"{call[1].upper()} {call[2]}"
            elif violation := _VIOLATION.search(line):
                found.append(Violation(current, violation[1]))
        return found


@contextmanager
def prism_proxy(spec: Path, upstream: str, *, errors: bool = True) -> Iterator[Prism]:
    """Runs `prism proxy SPEC UPSTREAM` on a free loopback port until the context ends; ends only its own process.

    `spec` is a document below `../shared/specs` (or any file), `upstream` the server's base address, to which the paths of
    the document are appended. Skips the test when prism, node or the document is absent.
    """
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is absent: prism runs on it")
    if not PROGRAM.exists():
        pytest.skip("prism is absent: .ci/run installs it below .tools/node")
    if not spec.is_file():
        pytest.skip(f"../shared is absent: the document {spec.name} stands beside the project, not in it")
    port = _free_port()
    command = [node, str(PROGRAM), "proxy", str(spec), upstream, "--port", str(port), "--host", "127.0.0.1"]
    with tempfile.TemporaryDirectory(prefix="prism-") as folder:
        log = Path(folder) / "prism.log"
        with log.open("wb") as out:
            process = subprocess.Popen(
                [*command, "--errors"] if errors else command,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                env={**os.environ, "NODE_OPTIONS": "--no-warnings"},
            )
        try:
            _wait_until_it_listens(process, log, port)
            yield Prism(f"http://127.0.0.1:{port}", log)
        finally:
            process.terminate()
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_it_listens(process: subprocess.Popen[bytes], log: Path, port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"prism ended with {process.returncode}:\n{log.read_text(errors='replace')[-2000:]}")
        with socket.socket() as probe:
            probe.settimeout(1.0)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise RuntimeError(f"prism did not listen within {START_SECONDS:.0f} s:\n{log.read_text(errors='replace')[-2000:]}")


def _free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])
