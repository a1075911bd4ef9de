"""Generation with a real language model behind the providers' SDKs: complete, in shape, counted, and free the second time.

The model has 135 million parameters and writes nonsense, so most of what it says is refused; what is asserted is that the
result is whole whatever it says, and that what was refused is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from models.domain.usage import JobKind, Outcome
from models.domain.workspace import SYSTEM
from models.generation.grounding.document import check_document
from models.generation.limits import check_text
from models.generation.rules import WRITER
from models.generation.strategy import decide
from models.routing.router import Router
from models.services import answers, calendar, drafts, jobs, onboarding
from models.settings import Settings
from models.store.database import open_store
from orchestration.authoring import Reports
from orchestration.jobs import report
from orchestration.runs import GenerateReport, build, generate
from orchestration.writing import Writer
from tests.local_ai.language_model import NAME

from .conftest import LANDED, World

pytestmark = pytest.mark.long
"""A model of this size needs minutes for a strategy and a week of drafts."""
START = datetime.now(UTC).date() + timedelta(days=14)


def usage(world: World) -> list[Any]:
    with open_store(world.settings.store_url) as store, store.unit_of_work() as uow:
        return [call for call in uow.usage.of_workspace("magazine") if call.provider != "rules"]


@pytest.fixture(scope="module", params=["openai", "anthropic"])
def world(request: pytest.FixtureRequest, new_world: Callable[[], World], local_ai: str) -> World:
    """One built workspace whose installation has a compatible endpoint: OpenAI's or Anthropic's SDK speaks to it."""
    home = new_world().settings.home
    settings = Settings(
        home=home, compatible_protocol=request.param, compatible_local=True, compatible_models=f"premium={NAME}",
        compatible_base_url=f"{local_ai}/v1" if request.param == "openai" else local_ai, compatible_api_key="any",
        _env_file=None,
    )  # fmt: skip
    made = World(settings)
    made.add_workspace("magazine")
    made.land("magazine", "first", posts=12)
    build(made.settings)
    return made


@pytest.fixture(scope="module")
def made(world: World) -> GenerateReport:
    return generate(world.settings, "magazine", weeks=1, start=START)


def test_everything_is_there_and_keeps_its_limits(world: World, made: GenerateReport) -> None:
    assert made.strategy_version == 1
    assert made.entries_added > 0
    assert made.drafts_added >= made.entries_added
    assert made.evidence_checked > 0
    with open_store(world.settings.store_url) as store, store.unit_of_work() as uow:
        planned = calendar.list_entries(uow, SYSTEM, "magazine")
        written = drafts.list_drafts(uow, SYSTEM, "magazine")
    assert all(entry.brief for entry in planned)
    for draft in written:
        texts = [draft.version.text, *(variant.text for variant in draft.version.variants)]
        assert all(check_text(draft.platform, text) == [] for text in texts)


def test_the_strategy_holds_no_number_that_its_facts_do_not_give(world: World, made: GenerateReport) -> None:
    writer = Writer(world.stores, "magazine", now=LANDED)
    document = writer.strategy().document
    with open_store(world.settings.store_url) as store, store.unit_of_work() as uow:
        brand = onboarding.get_brand_profile(uow, SYSTEM, "magazine")
    snapshot = writer._facts.snapshot("magazine")
    writer.close()
    assert check_document(document, decide(snapshot, brand).facts) == ()


def test_what_a_model_could_not_write_is_told_with_the_reason(world: World, made: GenerateReport) -> None:
    with open_store(world.settings.store_url) as store, store.unit_of_work() as uow:
        newest = uow.strategies.latest("magazine")
        assert newest is not None
        told = answers.manifests_of(uow, SYSTEM, "magazine", "strategy", newest.id)[0]
    by_rules = [part for part, who in told.parameters.items() if who == WRITER]
    assert {line.split(":")[0] for line in told.fallbacks} >= set(by_rules)
    assert told.prompt_version
    assert newest.document.writer == told.writer


def test_every_call_is_in_the_ledger_with_its_tokens(world: World, made: GenerateReport) -> None:
    calls = usage(world)
    assert {call.task for call in calls} >= {"strategy", "calendar", "draft"}
    assert all(call.provider.endswith("-compatible") and call.model == NAME for call in calls)
    answered = [call for call in calls if call.outcome is Outcome.WRITTEN]
    assert answered
    assert all(call.tokens_in and call.tokens_out and call.latency_ms > 0 for call in answered)
    assert all(call.input_hash and call.prompt_version for call in calls)


def test_the_same_inputs_again_make_no_call(world: World, made: GenerateReport) -> None:
    before = len(usage(world))
    again = generate(world.settings, "magazine", weeks=1, start=START)
    assert (again.changed, again.entries_added, again.drafts_added) == (False, 0, 0)
    assert len(usage(world)) == before


def test_a_lost_strategy_is_written_again_from_kept_answers(world: World, made: GenerateReport) -> None:
    """What was answered is kept: without the stored result and without a model to ask, the same questions give it again."""
    writer = Writer(world.stores, "magazine", now=LANDED + timedelta(hours=1))
    before = usage(world)
    author, stored = writer._author(), writer.strategy()
    assert isinstance(author.generator, Router)
    nobody = replace(author, generator=replace(author.generator, models=()))
    again = nobody.strategy(writer._facts.snapshot("magazine"))
    new = usage(world)[len(before) :]
    writer.close()
    assert again.document == stored.document
    assert NAME in again.document.writer
    assert new
    assert all(call.cache_hit and call.outcome is Outcome.WRITTEN for call in new)


def test_a_job_shows_what_is_being_written(world: World, made: GenerateReport) -> None:
    with open_store(world.settings.store_url) as store, store.unit_of_work() as uow:
        jobs.request_job(uow, SYSTEM, "magazine", JobKind.REWRITE, {"draft_id": "x"}, now=LANDED)
        job = jobs.claim_job(uow, SYSTEM, now=LANDED)
        assert job is not None
        draft = drafts.list_drafts(uow, SYSTEM, "magazine")[0]
    seen: list[str] = []

    def say(text: str) -> None:
        seen.append(text)
        report(world.stores, job.id, text)

    writer = Writer(world.stores, "magazine", now=LANDED, say=Reports(say, seconds=0.2))
    changed = writer.rewrite_draft(draft.id, "Write about the harbour")
    writer.close()
    assert changed.version.number == draft.version.number + 1
    assert changed.version.text != draft.version.text
    assert seen
    with open_store(world.settings.store_url) as store, store.unit_of_work() as uow:
        assert uow.jobs.get(job.id).progress == seen[-1][-4_000:]  # type: ignore[union-attr]
        told = answers.manifests_of(uow, SYSTEM, "magazine", "draft", draft.id)
    assert "Write about the harbour" in {one.feedback for one in told}
    assert len(told) == 2
    assert replace(told[0], feedback="") != told[1] or told[0].input_hash != told[1].input_hash
