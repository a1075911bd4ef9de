"""What distributed mode needs to be tested: PySpark, dbt-spark and Java. Without them its tests are skipped."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.warehouse.driver import Driver
from models.errors import InvalidInput

_JVM = "-XX:TieredStopAtLevel=1%20-XX:ReservedCodeCacheSize=192m"
SMALL = (
    "spark.sql.shuffle.partitions=2&spark.driver.memory=1g&spark.sql.codegen.wholeStage=false"
    f"&spark.driver.extraJavaOptions={_JVM}&spark.executor.extraJavaOptions={_JVM}"
)
"""Properties for little data on a small machine."""


@pytest.fixture(scope="session")
def spark() -> None:
    try:
        Driver.parse("spark:local").environment()
    except InvalidInput as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def cluster(spark: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The setting that names a standalone cluster on loopback: a master and two workers, up for the session."""
    from tests.integration.distributed.cluster import standalone_cluster

    with standalone_cluster(tmp_path_factory.mktemp("cluster")) as address:
        yield f"spark://{address}?{SMALL}&spark.executor.memory=600m"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"
