"""The strategy page: what it shows, who may decide, what a decision asks for; and another text for a draft."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from models.domain.ai import Manifest
from models.domain.strategy import Verdict
from models.domain.usage import JobKind, JobStatus
from models.domain.workspace import SYSTEM
from models.services import answers, jobs, planning
from tests.app.home import ADMIN, EDITOR, EMPTY, VIEWER, WORKSPACE, Home
from tests.app.test_views import labels, press, words

SignedIn = Callable[..., AppTest]


@pytest.mark.parametrize("email", [ADMIN, EDITOR, VIEWER])
def test_the_page_opens_for_each_role_with_and_without_a_strategy(signed_in: SignedIn, email: str) -> None:
    app = signed_in(email, "strategy")
    assert not app.exception
    assert not app.error
    said = words(app)
    assert "What is not said" in said
    assert "Waits for a decision" in said or "Replaced" in said
    empty = signed_in(email, "strategy", workspace=EMPTY)
    assert not empty.exception
    assert "No strategy yet" in words(empty)


def test_each_claim_opens_the_numbers_behind_it(signed_in: SignedIn) -> None:
    app = signed_in(ADMIN, "strategy")
    assert any(code.value.startswith("select") for code in app.code)
    assert "Read" in words(app)


def test_viewers_may_not_decide_and_editors_may_not_approve(signed_in: SignedIn) -> None:
    assert not {"Approve", "Ask for another version"} & labels(signed_in(VIEWER, "strategy"))
    editor = labels(signed_in(EDITOR, "strategy"))
    assert "Ask for another version" in editor
    assert "Approve" not in editor
    assert "Approve" in labels(signed_in(ADMIN, "strategy"))


def test_a_remark_is_kept_with_its_part_and_asks_for_a_job(signed_in: SignedIn, home: Home) -> None:
    app = signed_in(EDITOR, "strategy")
    app.text_area[0].set_value("Fewer pillars, please")
    next(box for box in app.selectbox if box.label == "Write again").select("the pillars")
    app = press(app, "Ask for another version")
    assert [error.value for error in app.error] == []
    with home.store() as store, store.unit_of_work() as uow:
        made = planning.strategy_decisions(uow, SYSTEM, WORKSPACE)[-1]
        asked = jobs.list_jobs(uow, SYSTEM, WORKSPACE)[0]
    assert (made.verdict, made.part, made.note) == (Verdict.REVISE, "pillars", "Fewer pillars, please")
    assert (asked.kind, asked.arguments, asked.status) == (JobKind.GENERATE, {"what": "strategy"}, JobStatus.QUEUED)
    assert "waits for the worker" in words(app)
    assert "Ask for another version" not in labels(app)


def test_what_a_model_has_written_so_far_is_shown_as_text(signed_in: SignedIn, home: Home) -> None:
    with home.store() as store, store.unit_of_work() as uow:
        jobs.request_job(uow, SYSTEM, WORKSPACE, JobKind.GENERATE, {"what": "strategy"}, now=datetime.now(UTC))
        job = jobs.claim_job(uow, SYSTEM, now=datetime.now(UTC))
        while job is not None and job.arguments != {"what": "strategy"}:
            job = jobs.claim_job(uow, SYSTEM, now=datetime.now(UTC))
        assert job is not None
        jobs.report_progress(uow, SYSTEM, job.id, "Otters <b>lead</b>", now=datetime.now(UTC))
    app = signed_in(ADMIN, "strategy")
    assert "is running" in words(app)
    assert any("Otters &lt;b&gt;lead&lt;/b&gt;" in element.body for element in app.get("html"))


def test_how_a_version_was_written_is_told(signed_in: SignedIn, home: Home) -> None:
    with home.store() as store, store.unit_of_work() as uow:
        newest = planning.find_strategy(uow, SYSTEM, WORKSPACE)
        told = Manifest(
            "strategy", newest.id, "test/model", prompt_version="p-1", parameters={"pillars": "test/model"},
            cost_microusd=1_250, fallbacks=("summary: written by the rules, because it does not answer.",),
        )  # fmt: skip
        answers.record_manifest(uow, SYSTEM, WORKSPACE, told, now=datetime.now(UTC))
    said = words(signed_in(ADMIN, "strategy"))
    assert "pillars: test/model" in said
    assert "$0.0013" in said or "$0.0012" in said
    assert "written by the rules, because it does not answer" in said


def test_an_admin_approves_the_newest_version(signed_in: SignedIn, home: Home) -> None:
    app = press(signed_in(ADMIN, "strategy"), "Approve")
    assert not app.error
    assert "Approved" in words(app)
    with home.store() as store, store.unit_of_work() as uow:
        assert planning.strategy_decisions(uow, SYSTEM, WORKSPACE)[-1].verdict is Verdict.APPROVED
