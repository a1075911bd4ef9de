"""One new day of data, with a model: what the day says nothing about is not asked for again.

The model is a script behind the real router, so that which parts are asked for can be counted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.ai.offering import Offering
from models.domain.ai import Modality, ModelSpec, TextAnswer, TextRequest, Tier, Tokens
from models.domain.content import Owner
from models.domain.usage import Outcome
from models.generation.rules import WRITER
from models.store.database import open_store
from orchestration.runs import build, generate
from tests.unit.generation.writers.scripted import statements

from .conftest import LANDED, OBSERVED, World

START = datetime.now(UTC).date() + timedelta(days=14)
DAY = timedelta(days=1)
POST = "Seals rest on the rocks when the tide is low, and nobody needs to hurry them along the shore today."
TITLES = {"t1": "Close to nature", "t2": "Along the shore", "t3": "Under the trees"}


class Model:
    """Keeps to every prompt, so nothing is asked twice for being wrong; counts what it was asked for."""

    spec = ModelSpec("openai-compatible", "scripted", Modality.TEXT, Tier.PREMIUM, usd_in=1.0, usd_out=1.0)

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()

    def generate(self, request: TextRequest[Any], on_text: Callable[[str], None] | None = None) -> TextAnswer[Any]:
        self.asked[request.prompt_version.rsplit("-", 1)[0]] += 1
        value = request.answer.model_validate(self._fields(request))
        return TextAnswer(value, self.spec.provider, self.spec.name, Tokens(100, 50), 0.1, cost_microusd=150)

    def _fields(self, request: TextRequest[Any]) -> dict[str, Any]:
        kind = request.answer.__name__
        said = statements(request)
        if kind == "PillarsAnswer":
            return {
                "pillars": [
                    {
                        "topic": topic,
                        "title": TITLES[topic],
                        "about": f"Posts that show {TITLES[topic].lower()}.",
                        "rationale": [said[topic]],
                    }
                    for topic in list(said)[:3]
                ]
            }
        if kind == "RolesAnswer":
            return {
                "roles": [
                    {"platform": key, "role": "Where readers meet", "rationale": [text]} for key, text in said.items()
                ]
            }
        if kind == "SummaryAnswer":
            return {"points": [{"point": key, "sentences": [text]} for key, text in said.items()]}
        if kind == "BriefsAnswer":
            keys = re.findall(r"^- (e\d+):", request.prompt, re.MULTILINE)
            words = ("morning", "noon", "evening", "night", "spring", "summer", "autumn", "winter", "rain", "wind")
            return {
                "briefs": [
                    {"entry": key, "brief": f"Show the shore in the {word}."}
                    for key, word in zip(keys, words, strict=False)
                ]
            }
        return {"text": POST, "variants": []}


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Model:
    made = Model()
    monkeypatch.setattr("connectors.ai.offering.text_models", lambda access, *, today: Offering((made,), {}))
    return made


def drafts_of(world: World, name: str) -> int:
    with open_store(world.settings.store_url) as store, store.unit_of_work() as uow:
        return len(uow.drafts.of_workspace(name))


def test_one_new_day_asks_only_for_what_it_changes(new_world: Callable[[], World], model: Model) -> None:
    world = new_world()
    for name in ("magazine", "radio"):
        world.add_workspace(name)
        world.land(name, "own-1")
    world.land("magazine", "rival-1", posts=12, owner=Owner.COMPETITOR)
    build(world.settings)
    for name in ("magazine", "radio"):
        first = generate(world.settings, name, weeks=1, start=START)
        assert first.drafts_added > 0, name
    assert model.asked["strategy_pillars"] == model.asked["strategy_roles"] == 2
    with open_store(world.settings.store_url) as store, store.unit_of_work() as uow:
        newest = uow.strategies.latest("magazine")
        assert newest is not None
        assert newest.document.writer != WRITER
    drafts = drafts_of(world, "magazine")

    model.asked.clear()
    for name in ("magazine", "radio"):
        assert not generate(world.settings, name, weeks=1, start=START).changed
    assert model.asked == {}

    # A day of a competitor: topics are weighed against it, roles of the brand's own channels are not.
    world.land(
        "magazine", "rival-2", posts=14, owner=Owner.COMPETITOR, landed_at=LANDED + DAY, observed_at=OBSERVED + DAY
    )
    build(world.settings)
    report = generate(world.settings, "magazine", weeks=1, start=START)
    assert report.strategy_version == 2
    assert not generate(world.settings, "radio", weeks=1, start=START).changed
    assert model.asked["strategy_pillars"] == 1
    assert model.asked["strategy_roles"] == 0
    # Posts that are planned stay planned, and what is written stays written.
    assert set(model.asked) <= {"strategy_pillars", "strategy_summary", "calendar", "draft"}
    assert (report.entries_added, report.drafts_added) == (0, 0)
    assert drafts_of(world, "magazine") == drafts
    with open_store(world.settings.store_url) as store, store.unit_of_work() as uow:
        calls = [call for call in uow.usage.of_workspace("magazine") if call.provider == model.spec.provider]
    kept = [call for call in calls if call.cache_hit]
    assert [call.prompt_version.rsplit("-", 1)[0] for call in kept] == ["strategy_roles"]
    assert all(call.outcome is Outcome.WRITTEN for call in kept)

    # A day of the brand's own changes what roles rest on too.
    model.asked.clear()
    world.land("magazine", "own-2", posts=26, landed_at=LANDED + 2 * DAY, observed_at=OBSERVED + 2 * DAY)
    build(world.settings)
    assert generate(world.settings, "magazine", weeks=1, start=START).strategy_version == 3
    assert model.asked["strategy_roles"] == 1
