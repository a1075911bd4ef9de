"""The Data quality page: what is late, lost, put aside and refused is said with what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from app.components.quality import freshness_look, missing_because
from tests.app.home import ADMIN, EDITOR, EMPTY, HOSTILE, VIEWER, WORKSPACE

SignedIn = Callable[..., AppTest]
NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)


def words(app: AppTest) -> str:
    kinds = (app.title, app.markdown, app.caption, app.info, app.warning, app.error, app.success, app.subheader)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def cells(app: AppTest) -> str:
    return "\n".join(frame.value.to_string(max_colwidth=None) for frame in app.dataframe)


@pytest.mark.parametrize("email", [ADMIN, EDITOR, VIEWER])
def test_the_page_says_what_is_wrong_and_what_to_do(signed_in: SignedIn, email: str) -> None:
    app = signed_in(email, "data_quality", workspace=WORKSPACE)
    assert not app.exception
    assert [t.value for t in app.title] == ["Data quality"]
    said, shown = words(app), cells(app)
    assert "X posts: the last attempt to read it failed" in said
    assert "Page export: its newest batch was refused" in said
    assert "6 rows break the rule that a counter is not below 0" in said
    assert "What to do: Correct the row in the source" in said
    assert "4, 9, 12, 13, 20 …" in shown
    assert "July export.csv" in shown
    assert "31 rows; 212 are usual on this weekday" in shown
    assert "not a number: 'n/a'" in shown
    assert "never read" in shown
    assert "lost." in shown
    assert "A lifetime counter fell" in shown
    assert HOSTILE not in "".join(m.value for m in app.markdown)
    gaps = next(f.value for f in app.dataframe if "From" in f.value.columns)
    assert len(gaps) == 3, "three missed days in a row are one line"


def test_without_a_build_it_offers_the_next_step(signed_in: SignedIn) -> None:
    app = signed_in(ADMIN, "data_quality", workspace=EMPTY)
    assert not app.exception
    assert "Nothing built yet" in words(app)


def row(**more: object) -> dict[str, object]:
    base = dict.fromkeys(("last_observed_at", "last_landed_at", "last_refused_at", "last_tried_at", "last_read_at",
                          "promised_hours", "usual_hours"))  # fmt: skip
    return {**base, "refused_batches": 0, **more}


@pytest.mark.parametrize(
    ("source", "word"),
    [
        (row(last_observed_at=NOW - timedelta(hours=30), promised_hours=24.0), "Fresh"),
        (row(last_observed_at=NOW - timedelta(hours=40), promised_hours=24.0), "Late"),
        (row(last_observed_at=NOW - timedelta(days=9), usual_hours=168.0), "Fresh"),
        (row(last_observed_at=NOW - timedelta(days=12), usual_hours=168.0), "Late"),
        (row(last_observed_at=NOW - timedelta(days=6)), "Fresh"),
        (row(last_observed_at=NOW - timedelta(days=8)), "Old"),
        (row(last_tried_at=NOW), "Failing"),
        (row(), "Empty"),
        (row(last_observed_at=NOW, last_landed_at=NOW - timedelta(hours=2), refused_batches=1, last_refused_at=NOW),
         "Refused"),
        (row(last_observed_at=NOW, last_landed_at=NOW, refused_batches=1, last_refused_at=NOW - timedelta(days=1)),
         "Fresh"),
    ],
)  # fmt: skip
def test_freshness_is_held_against_the_promise_or_the_habit(source: dict[str, object], word: str) -> None:
    assert freshness_look(source, NOW).word == word


def test_reasons_for_missing_numbers_are_counted_and_named() -> None:
    states = ("unsupported", "unavailable", "delayed", "retired", "privacy_limited", "never_read")
    assert missing_because(dict.fromkeys(states, 0)) is None
    assert missing_because({**dict.fromkeys(states, 0), "delayed": 2, "never_read": 5}) == (
        "5 never read, 2 not computed yet"
    )
