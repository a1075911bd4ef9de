"""Search over an installation's own stores: the asset, the sensor that asks for it, and the command."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import dagster as dg
import pytest

from connectors.ai.factory import make_embedder
from connectors.ai.openai.embeddings import HostedEmbedder
from models.domain.ai import Modality, ModelSpec, Tier
from models.domain.retrieval import Mode, Source
from models.domain.social import Platform
from models.domain.spending import ProviderAccess
from models.domain.usage import Outcome
from models.domain.workspace import SYSTEM
from models.errors import BudgetExceeded
from models.services import approvals, drafts, onboarding
from models.settings import Settings
from orchestration.authoring import repetition
from orchestration.automation import index_sensor
from orchestration.defs.knowledge.assets import vector_index
from orchestration.partitions import workspaces_partitions
from orchestration.resources import Stores
from orchestration.searching import comparer, documents, embedder, searcher, update_index
from tests.app.home import EMPTY, WORKSPACE, Home, make_home
from tests.conftest import Installation
from tests.local_ai.vectors import EMBEDDER


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make_home(tmp_path_factory.mktemp("search") / "home", moment=datetime.now(UTC))


@pytest.fixture(scope="module")
def stores(home: Home) -> Stores:
    return Stores(Settings(home=home.path, _env_file=None))


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(workspaces_partitions.name or "", [WORKSPACE, EMPTY])
        yield instance


def run_asset(instance: dg.DagsterInstance, stores: Stores, workspace: str) -> dict[str, Any]:
    result = dg.materialize(
        [vector_index], partition_key=workspace, instance=instance, resources={"stores": stores},
        selection=[vector_index],
    )  # fmt: skip
    assert result.success
    [event] = result.asset_materializations_for_node("vector_index")
    return {name: value.value for name, value in event.metadata.items()}


def test_everything_that_search_finds_is_taken_from_the_stores(home: Home, stores: Stores) -> None:
    found = documents(stores, WORKSPACE)
    by = {source: [document for document in found if document.source is source] for source in Source}
    assert len(by[Source.OWN]) == home.posts
    assert {document.entity_id for document in by[Source.DRAFT]} > set(home.drafts)
    assert by[Source.BRIEF]
    assert {draft.family for draft in by[Source.DRAFT]} <= {brief.entity_id for brief in by[Source.BRIEF]}
    assert len({document.id for document in found}) == len(found)
    assert documents(stores, EMPTY) == []


def test_the_asset_indexes_once_and_then_what_changed(home: Home, stores: Stores, instance: dg.DagsterInstance) -> None:
    first = run_asset(instance, stores, WORKSPACE)
    assert first["documents"] == len(documents(stores, WORKSPACE))
    assert first["embedded"] > 100
    assert run_asset(instance, stores, WORKSPACE)["changed"] is False
    draft_id = home.drafts[0]
    with home.store() as store, store.unit_of_work() as uow:
        draft = drafts.get_draft(uow, SYSTEM, draft_id)
        drafts.edit_draft(
            uow, SYSTEM, draft_id, text="Penguins on the quay, of all things", variants=(),
            based_on=draft.version.number, now=home.moment + timedelta(minutes=1),
        )  # fmt: skip
    later = run_asset(instance, stores, WORKSPACE)
    assert (later["changed"], later["embedded"]) == (True, 1)
    found = searcher(stores, WORKSPACE).search(WORKSPACE, "polar birds at the harbour", mode=Mode.VECTOR)
    assert found[0].entity_id == draft_id
    copies = comparer(stores, WORKSPACE).near_duplicates(WORKSPACE, "Penguins on the quay, of all things!")
    assert [hit.entity_id for hit in copies] == [draft_id]
    assert run_asset(instance, stores, EMPTY)["documents"] == 0


def test_a_providers_embeddings_are_in_the_ledger_and_under_the_budget(
    home: Home, local_ai: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The provider is a real one on this machine; its price is made up."""
    priced = ModelSpec("openai-compatible", EMBEDDER, Modality.EMBEDDING, Tier.STANDARD, usd_in=1_000.0)

    def provider(access: ProviderAccess | None) -> HostedEmbedder:
        assert access is not None
        assert access.key == "sk-installation"
        return make_embedder("openai-compatible", model=EMBEDDER, base_url=f"{local_ai}/v1", dimension=384, spec=priced)

    monkeypatch.setattr("connectors.ai.embedding.provider_embedder", provider)
    rich, poor = (
        Stores(Settings(
            home=home.path, embedder="openai", openai_api_key="sk-installation", ai_monthly_budget_usd=dollars, _env_file=None
        ))
        for dollars in (1_000, 0.001)
    )  # fmt: skip
    vectors = embedder(rich, WORKSPACE).documents(["a quiet launch", "a loud launch"])
    assert vectors.shape == (2, 384)
    with pytest.raises(BudgetExceeded, match="FABRIC_EMBEDDER=minilm"):
        embedder(poor, WORKSPACE).queries(["a quiet launch"])
    with home.store() as store, store.unit_of_work() as uow:
        [call] = [call for call in uow.usage.of_workspace(WORKSPACE) if call.task == "embed"]
    assert (call.model, call.outcome, call.cost_microusd) == (EMBEDDER, Outcome.WRITTEN, 1_000 * (call.tokens_in or 0))
    assert call.tokens_in


def test_a_draft_is_held_against_what_was_said_or_the_log_says_that_it_is_not(
    home: Home, stores: Stores, caplog: pytest.LogCaptureFixture
) -> None:
    update_index(stores, WORKSPACE, log=lambda _text: None)
    [said, *_] = [found for found in documents(stores, WORKSPACE) if found.source is Source.OWN]
    check = repetition(stores, WORKSPACE)
    assert check is not None
    assert list(check(Platform.FACEBOOK, said.text)) == ["it says nearly the same as a text of our own"]
    assert repetition(stores, "unindexed") is None
    assert caplog.text == ""

    keyless = Stores(Settings(home=home.path, embedder="openai", _env_file=None))
    assert repetition(keyless, WORKSPACE) is None
    assert f"Drafts of {WORKSPACE} are not compared" in caplog.text
    assert "has a key for OpenAI" in caplog.text


def test_the_sensor_asks_once_for_each_workspace_that_changed(
    home: Home, stores: Stores, instance: dg.DagsterInstance
) -> None:
    def tick(cursor: str | None) -> tuple[set[str], str]:
        context = dg.build_sensor_context(instance=instance, resources={"stores": stores}, cursor=cursor)
        told = index_sensor(context)
        assert isinstance(told, dg.SensorResult)
        asked = {str(request.partition_key) for request in told.run_requests or []}
        return asked, told.cursor or cursor or ""

    asked, cursor = tick(None)
    assert asked == {WORKSPACE, EMPTY}
    asked, cursor = tick(cursor)
    assert asked == set()
    with home.store() as store, store.unit_of_work() as uow:
        approvals.reject(
            uow, SYSTEM, home.drafts[1], version=1, note="Not this one", now=home.moment + timedelta(minutes=2)
        )
    asked, cursor = tick(cursor)
    assert asked == {WORKSPACE}
    with home.store() as store, store.unit_of_work() as uow:
        onboarding.create_workspace(uow, SYSTEM, name="Unknown to Dagster yet", workspace_id="new", now=home.moment)
    assert tick(cursor)[0] == set()


def test_the_command_brings_the_index_up_to_date_and_searches(home: Home, stores: Stores) -> None:
    installation = Installation(home.path)
    told = installation.run("search", "bending timber with steam", "--workspace", WORKSPACE, "--json")
    hits = json.loads(told.stdout)["hits"]
    assert "oak planks" in hits[0]["passage"] + hits[0]["title"]
    assert {"id", "source", "trust", "similarity", "score", "url", "published_at"} <= hits[0].keys()
    assert not update_index(stores, WORKSPACE, log=print).changed
    commands = [
        ("search", "--like", hits[0]["id"], "-w", WORKSPACE, "--source", "own", "--limit", "3"),
        ("search", "--duplicates", "-w", WORKSPACE, "--json"),
        ("search", "--uncovered", "-w", WORKSPACE),
        ("search", "keel", "-w", WORKSPACE, "--mode", "text", "--platform", "youtube"),
        ("search", "-w", WORKSPACE),
        ("search", "boat", "--duplicates", "-w", WORKSPACE),
        ("search", "boat"),
        ("search", "boat", "-w", "nowhere"),
    ]  # fmt: skip
    done = installation.run_many(commands)
    assert [one.returncode for one in done] == [0, 0, 0, 0, 2, 2, 2, 1]
    assert hits[0]["id"] not in done[0].stdout
    assert json.loads(done[1].stdout)["duplicates"]
    assert "nearest own text" in done[2].stdout
    assert "YouTube" in done[3].stdout or "youtube" in done[3].stdout
    assert "Give words to search for" in done[4].stderr


def test_ids_are_printed_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    """Rich would show `:x:` as a picture."""
    from orchestration.cli.output import table

    table("", ("id",), [("own:x:harbour:1",)])
    assert "own:x:harbour:1" in capsys.readouterr().out


def test_a_deleted_workspace_has_no_index(home: Home, stores: Stores) -> None:
    directory = stores.settings.vectors_dir / EMPTY
    update_index(stores, EMPTY, log=print)
    assert directory.exists()
    Installation(home.path).run("workspace", "delete", EMPTY, "--yes")
    assert not directory.exists()
