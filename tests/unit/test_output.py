"""What `--json` can write: every type a query over the marts returns."""

import json
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from orchestration.cli.output import emit_json


def test_every_type_of_a_query_has_a_json_form(capsys: pytest.CaptureFixture[str]) -> None:
    emit_json(
        {
            "sum": Decimal("12345678901234567890"), "part": Decimal("0.5"), "day": date(2026, 11, 1), "hour": time(9, 30),
            "at": datetime(2026, 11, 1, tzinfo=UTC), "span": timedelta(hours=1), "bytes": b"\x00\xff", "path": Path("a/b"),
        }
    )  # fmt: skip
    assert json.loads(capsys.readouterr().out) == {
        "sum": 12345678901234567890, "part": 0.5, "day": "2026-11-01", "hour": "09:30:00",
        "at": "2026-11-01T00:00:00+00:00", "span": "1:00:00", "bytes": "00ff", "path": "a/b",
    }  # fmt: skip


def test_an_unknown_type_is_not_guessed() -> None:
    with pytest.raises(TypeError, match="object"):
        emit_json({"x": object()})
