"""The setting that names a Spark master."""

from __future__ import annotations

import pytest

from connectors.warehouse import driver
from connectors.warehouse.driver import Driver, java_home
from models.errors import InvalidInput


def test_a_url_names_the_master_and_properties() -> None:
    assert Driver.parse("spark:local") == Driver("local[2]", ())
    assert Driver.parse("spark://one:7077,two:7077?spark.executor.memory=8g&spark.executor.cores=4") == Driver(
        "spark://one:7077,two:7077", (("spark.executor.memory", "8g"), ("spark.executor.cores", "4"))
    )


@pytest.mark.parametrize("url", ["spark:", "spark:cluster", "spark://", "spark:local?driver.memory=1g"])
def test_a_url_that_names_no_master_is_refused(url: str) -> None:
    with pytest.raises(InvalidInput, match="FABRIC_WAREHOUSE_URL"):
        Driver.parse(url)


def test_a_driver_beside_its_master_listens_on_loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(driver, "find_spec", lambda name: object())
    monkeypatch.setattr(driver, "java_home", lambda: "/java")
    beside = Driver.parse("spark://127.0.0.1:7077?spark.cores.max=2").environment()
    assert beside["PYSPARK_SUBMIT_ARGS"].startswith("--conf spark.driver.host=127.0.0.1")
    assert beside["PYSPARK_SUBMIT_ARGS"].endswith("--conf spark.cores.max=2 pyspark-shell")
    assert "spark.driver.host" not in Driver.parse("spark://master:7077").environment()["PYSPARK_SUBMIT_ARGS"]


def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("JAVA_HOME", str(tmp_path_factory.mktemp("nothing")))
    with pytest.raises(InvalidInput, match="Java 17"):
        java_home()
    monkeypatch.setattr(driver, "find_spec", lambda name: None)
    with pytest.raises(InvalidInput, match="extra, spark"):
        Driver.parse("spark:local").environment()
