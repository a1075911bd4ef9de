"""A strategy in the words of a model that can write English: what passes is its own, and no number of the rules is lost.

The model has 1.5 billion parameters and runs on this machine (dependency group `larger-llm`, 1.1 GB). What it says is not
asserted, only that something of it stands and that all of it holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from models.domain.workspace import SYSTEM
from models.generation.evidence import cited
from models.generation.grounding.document import check_document
from models.generation.reading import as_text
from models.generation.strategy import decide, document_of
from models.services import answers, onboarding
from models.settings import Settings
from models.store.database import open_store
from orchestration.runs import build
from orchestration.writing import Writer
from tests.conftest import free_port
from tests.local_ai import language_model
from tests.local_ai.server import running_local_ai
from tests.local_ai.weights import LARGER

from .conftest import LANDED, World

pytestmark = [pytest.mark.long, pytest.mark.timeout(1800)]


@pytest.fixture
def endpoint() -> Iterator[str]:
    if not language_model.installed(LARGER):
        pytest.skip("the dependency group larger-llm is not installed: it carries the larger language model")
    with running_local_ai(free_port(), LARGER.name) as address:
        yield address


def test_words_are_the_models_and_numbers_the_rules(endpoint: str, new_world: Callable[[], World]) -> None:
    settings = Settings(
        home=new_world().settings.home, compatible_protocol="openai", compatible_local=True, model_patience=10,
        compatible_models=f"premium={LARGER.name}", compatible_base_url=f"{endpoint}/v1", compatible_api_key="any",
        _env_file=None,
    )  # fmt: skip
    world = World(settings)
    world.add_workspace("magazine")
    world.land("magazine", "first", posts=12)
    build(world.settings)
    writer = Writer(world.stores, "magazine", now=LANDED)
    written = writer.save_strategy()
    snapshot = writer._facts.snapshot("magazine")
    writer.close()
    with open_store(settings.store_url) as store, store.unit_of_work() as uow:
        plan = decide(snapshot, onboarding.get_brand_profile(uow, SYSTEM, "magazine"))
        told = answers.manifests_of(uow, SYSTEM, "magazine", "strategy", written.id)[0]
    by_rules, document = document_of(plan), written.document
    print(as_text(written, told))
    assert LARGER.name in document.writer
    assert check_document(document, plan.facts) == ()
    ours = {claim.template for claim in by_rules.summary} | {
        role.rationale.template for role in by_rules.platform_roles
    }
    said = [*document.summary, *(role.rationale for role in document.platform_roles)]
    assert any(claim.template not in ours for claim in said)
    for claim, rules in zip(document.summary, by_rules.summary, strict=True):
        if not {fact for fact in cited(rules.template) if fact.startswith("topic.")}:  # topics are the model's choice
            assert set(cited(rules.template)) <= set(cited(claim.template))
