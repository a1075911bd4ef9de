"""A stream that breaks off lands nothing, whatever broke it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.ingestion import collect_stream
from connectors.warehouse.landing import LandingStore
from models.domain.connection import Connection, ConnectionStatus, Vendor
from models.domain.content import Record, Rejection
from models.errors import InvalidInput, Transient
from models.ports import Stream

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ACCOUNT = Connection("c", "sample", Vendor.X, "1", "Brand", ConnectionStatus.CONNECTED, True, (), NOW)


class Breaking:
    """A connector that tells one row and then raises."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def collect(self, stream: Stream, *, since: datetime, until: datetime) -> Iterator[Record]:
        yield Rejection("page 1", 2, "likes", "no number", "n/a")
        raise self.error


def collected(error: Exception, home: Path) -> Any:
    connector: Any = Breaking(error)
    return collect_stream(
        ACCOUNT, connector, Stream.POSTS, since=NOW - timedelta(days=1), until=NOW, landing=LandingStore(home), landed_at=NOW
    )  # fmt: skip


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (Transient("X", account="Brand", cause="no connection", next_step="it is tried again"), "no connection"),
        (KeyError("data"), "the answer could not be understood (KeyError)"),
    ],
)
def test_the_stream_is_a_gap_with_a_sentence(tmp_path: Path, error: Exception, words: str) -> None:
    told = collected(error, tmp_path)
    assert told.landed is None
    assert words in told.message
    assert list(tmp_path.rglob("*.parquet")) == []


def test_what_is_wrong_here_is_not_blamed_on_the_vendor(tmp_path: Path) -> None:
    for error in (InvalidInput("the disk's folder has a wrong name"), OSError("no space left")):
        with pytest.raises(type(error)):
            collected(error, tmp_path)
