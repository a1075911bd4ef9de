"""Spark's driver: the JVM that a run of dbt starts beside itself, and how it finds its master, Java and options."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qsl

from models.errors import InvalidInput

_URL = re.compile(r"^spark:(?:(?P<local>local)|//(?P<hosts>[^/?]+))(?:\?(?P<options>.*))?$")
_LOOPBACK = re.compile(r"^(127\.0\.0\.1|localhost):")
_ON_LOOPBACK = (("spark.driver.host", "127.0.0.1"), ("spark.driver.bindAddress", "127.0.0.1"))
_JAVA_HOMES = Path("/usr/lib/jvm")


@dataclass(frozen=True)
class Driver:
    """`master` as Spark names it; `options` are Spark properties that stand in the URL, such as spark.executor.memory."""

    master: str
    options: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, url: str) -> Driver:
        """From `spark://host:port` (a standalone master; several with commas) or `spark:local` (two threads of one
        process), each with `?property=value&…`. Raises `InvalidInput` for another form."""
        found = _URL.match(url)
        if found is None:
            raise InvalidInput(
                f"FABRIC_WAREHOUSE_URL is {url!r}, which names no Spark master: write spark://host:port, or spark:local "
                "for one process on this machine."
            )
        options = tuple(parse_qsl(found["options"] or "", keep_blank_values=True))
        strange = [name for name, _ in options if not name.startswith("spark.")]
        if strange:
            raise InvalidInput(
                f"FABRIC_WAREHOUSE_URL sets {strange[0]!r}: only properties of Spark (spark.…) can stand behind the '?'."
            )
        return cls("local[2]" if found["local"] else f"spark://{found['hosts']}", options)

    def environment(self) -> dict[str, str]:
        """The variables that start the driver. Raises `InvalidInput` when PySpark, dbt-spark or Java is missing."""
        if find_spec("pyspark") is None or find_spec("dbt.adapters.spark") is None:
            raise InvalidInput("Distributed mode needs PySpark and dbt-spark: install FABRIC with its extra, spark.")
        local = self.master.startswith("local") or _LOOPBACK.match(self.master.removeprefix("spark://"))
        options = (*(_ON_LOOPBACK if local else ()), *self.options)
        arguments = [text for name, value in options for text in ("--conf", f"{name}={value}")]
        return {
            "FABRIC_SPARK_MASTER": self.master,
            "JAVA_HOME": str(java_home()),
            "PYSPARK_SUBMIT_ARGS": shlex.join([*arguments, "pyspark-shell"]),
            **({"SPARK_LOCAL_IP": "127.0.0.1"} if local else {}),
        }


def java_home() -> Path:
    """The home of the Java to run: JAVA_HOME, else a Java 17 of the system, else that of `java` on the path.

    Raises `InvalidInput` when there is none.
    """
    named = os.environ.get("JAVA_HOME")
    homes = [Path(named)] if named else sorted(_JAVA_HOMES.glob("*17*"))
    on_path = shutil.which("java")
    if on_path and not named:
        homes.append(Path(on_path).resolve().parent.parent)
    for home in homes:
        if (home / "bin" / "java").is_file():
            return home
    raise InvalidInput(
        "Distributed mode needs Java 17 and there is none: install it (Debian: openjdk-17-jre-headless) or name its "
        "directory in JAVA_HOME."
    )


def stop_session() -> None:
    """Ends the Spark application of this process and its JVM, if there is one."""
    from pyspark import SparkContext

    context, gateway = SparkContext._active_spark_context, SparkContext._gateway
    if context is not None:
        context.stop()
    if gateway is None:
        return
    SparkContext._gateway = SparkContext._jvm = None
    gateway.shutdown()
    process = gateway.proc  # the JVM ends when its standard input does
    process.stdin.close()
    process.wait(timeout=30)
