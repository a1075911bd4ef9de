"""A standalone Spark cluster on loopback: a master and two workers, one core and at most 1 GB each."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyspark

from connectors.warehouse.driver import java_home
from tests.conftest import free_port

HOME = Path(pyspark.__file__).parent
WORKERS = 2
START_SECONDS = 90.0


@contextmanager
def standalone_cluster(folder: Path) -> Iterator[str]:
    """The address of the master, `127.0.0.1:port`, once both workers are registered; all processes end with the block."""
    port = free_port()
    log = folder / "master.log"
    with ExitStack() as stack:
        arguments = ["--host", "127.0.0.1", "--port", str(port), "--webui-port", str(free_port())]
        stack.enter_context(_process(["org.apache.spark.deploy.master.Master", *arguments], log))
        _wait_for(log, "New state: ALIVE", 1)
        for number in range(WORKERS):
            work = folder / f"worker{number}"
            arguments = ["--host", "127.0.0.1", "--cores", "1", "--memory", "900m", "--work-dir", str(work)]
            arguments += ["--webui-port", str(free_port()), f"spark://127.0.0.1:{port}"]
            stack.enter_context(
                _process(["org.apache.spark.deploy.worker.Worker", *arguments], folder / f"{number}.log")
            )
        _wait_for(log, "Registering worker", WORKERS)
        yield f"127.0.0.1:{port}"


@contextmanager
def _process(arguments: Sequence[str], log: Path) -> Iterator[None]:
    """One JVM and whatever it starts, a process group of its own that is ended as a whole."""
    environment = {
        **os.environ,
        "SPARK_HOME": str(HOME),
        "JAVA_HOME": str(java_home()),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_DAEMON_MEMORY": "256m",
    }
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [str(HOME / "bin" / "spark-class"), *arguments],
            env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(timeout=10)


def _wait_for(log: Path, text: str, times: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while log.read_text(encoding="utf-8").count(text) < times:
        assert time.monotonic() < deadline, (
            f"Spark did not say {text!r} in {START_SECONDS:g} s: {log.read_text()[-2000:]}"
        )
        time.sleep(0.2)
