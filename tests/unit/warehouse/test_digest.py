"""Mart digests: blind to row order, sensitive to every value."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from connectors.warehouse.digest import combined, mart_digest
from connectors.warehouse.marts import MARTS

ROWS = [
    ("acme", "b1", "csv", "a.csv", 1, "Views", "not a number", "x"),
    ("acme", "b1", "csv", "a.csv", 2, None, "empty", ""),
    ("other", "b2", "csv", "a.csv", 1, "Views", "not a number", "x"),
]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        columns = ", ".join(f"{name} {kind}" for name, kind in MARTS["mart_rejections"].items())
        connection.execute(f"create table marts.mart_rejections ({columns})")
        yield connection


def digest_of(connection: duckdb.DuckDBPyConnection, rows: list[tuple[object, ...]]) -> str:
    connection.execute("delete from marts.mart_rejections")
    connection.executemany("insert into marts.mart_rejections values (?, ?, ?, ?, ?, ?, ?, ?)", rows)
    return mart_digest(connection, "mart_rejections", "acme")


def test_order_and_other_workspaces_do_not_count(connection: duckdb.DuckDBPyConnection) -> None:
    whole = digest_of(connection, ROWS)
    assert whole == digest_of(connection, ROWS[::-1])
    assert whole == digest_of(connection, ROWS[:2])


@pytest.mark.parametrize(
    "other",
    [
        ("acme", "b1", "csv", "a.csv", 2, "NULL", "empty", ""),
        ("acme", "b1", "csv", "a.csv", 2, "", "empty", None),
        ("acme", "b1", "csv", "a.csv", 2, None, 'empty","', ""),
        ("acme", "b1", "csv", "a.csv", None, "2", "empty", ""),
    ],
)
def test_look_alike_rows_differ(connection: duckdb.DuckDBPyConnection, other: tuple[object, ...]) -> None:
    assert digest_of(connection, ROWS[:2]) != digest_of(connection, [ROWS[0], other])


def test_a_repeated_row_counts(connection: duckdb.DuckDBPyConnection) -> None:
    assert digest_of(connection, [ROWS[0]]) != digest_of(connection, [ROWS[0], ROWS[0]])


def test_combined_depends_on_names_not_on_order() -> None:
    assert combined({"a": "1", "b": "2"}) == combined({"b": "2", "a": "1"})
    assert combined({"a": "1", "b": "2"}) != combined({"a": "2", "b": "1"})
