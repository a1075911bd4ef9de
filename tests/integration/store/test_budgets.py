"""Budgets under concurrency, the usage they leave, kept answers, manifests and provider keys, on both engines."""

from __future__ import annotations

import subprocess
import sys
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.vault import Vault, master_keys
from models.domain.ai import Manifest, Tokens
from models.domain.usage import Outcome
from models.domain.workspace import SYSTEM
from models.errors import Forbidden, InvalidInput, NotFound
from models.routing.purse import Call, KeptAnswer
from models.services import answers, budgets, providers
from models.services.purse import StoredAnswers, StoredPurse
from models.store.database import Store

ROOT = Path(__file__).resolve().parents[3]
CALL = Call("draft", "standard", "openai", "m", Outcome.WRITTEN, 1.5, 700, Tokens(100, 20))


def purse_of(store: Store, now: datetime, default: int | None = None) -> StoredPurse:
    return StoredPurse(store, "natgeo", default, lambda: now)


def test_what_is_reserved_is_gone_until_it_is_settled(store: Store, brand, now: datetime) -> None:
    purse = purse_of(store, now, default=1_000)
    first = purse.reserve(800)
    assert first is not None
    assert purse.left() == 200
    assert purse.reserve(201) is None
    purse.settle(first, CALL)
    assert purse.left() == 300
    assert purse.reserve(300) is not None
    assert purse.reserve(1) is None


def test_a_call_whose_cost_nobody_told_counts_at_the_most_until_the_month_ends(store: Store, brand, now) -> None:
    purse = purse_of(store, now, default=1_000)
    purse.settle(purse.reserve(800), replace(CALL, outcome=Outcome.FAILED, cost_microusd=None))
    assert purse.left() == 200
    with store.unit_of_work() as uow:
        month = budgets.spending(uow, brand.viewer, "natgeo", default_microusd=1_000, now=now)
    assert (month.spent, month.held, month.lines[0].failed, month.lines[0].cost_microusd) == (0, 800, 1, None)
    assert purse_of(store, now + timedelta(days=31), default=1_000).left() == 1_000


def test_the_month_is_that_of_the_workspace_and_of_the_reservation(store: Store, brand) -> None:
    """The workspace is in UTC. A call over midnight counts in the month whose budget it was taken of."""
    last = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    reservation = purse_of(store, last, default=1_000).reserve(900)
    after = purse_of(store, last + timedelta(minutes=2), default=1_000)
    assert after.left() == 1_000
    assert after.reserve(1_000) is not None
    after.settle(reservation, CALL)
    assert after.left() == 0
    assert purse_of(store, last, default=1_000).left() == 300


def test_a_budget_of_its_own_wins_and_none_lifts_the_limit(store: Store, brand, now: datetime) -> None:
    purse = purse_of(store, now, default=1_000)
    for own, left in ((5, 5), (0, 0), (None, None)):
        with store.unit_of_work() as uow:
            budgets.set_budget(uow, brand.admin, "natgeo", own, now=now)
        assert purse.left() == left
    assert purse.reserve(10**9) is not None
    with store.unit_of_work() as uow:
        with pytest.raises(InvalidInput, match="between 0 and"):
            budgets.set_budget(uow, brand.admin, "natgeo", -1, now=now)
        with pytest.raises(Forbidden, match="set up model providers and budgets"):
            budgets.set_budget(uow, brand.editor, "natgeo", 1, now=now)
        with pytest.raises(Forbidden, match="call models"):
            budgets.reserve(uow, brand.admin, "natgeo", 1, default_microusd=None, now=now)


def test_a_workspace_spends_nothing_of_another(store: Store, make_brand: Callable, now: datetime) -> None:
    make_brand("natgeo"), make_brand("other")
    other = StoredPurse(store, "other", 1_000, lambda: now)
    reservation = other.reserve(1_000)
    purse = purse_of(store, now, default=1_000)
    assert purse.left() == 1_000
    purse.settle(reservation, CALL)
    assert (purse.left(), other.left()) == (300, 0)


def test_threads_never_take_more_than_there_is(store: Store, brand, now: datetime) -> None:
    """Eight threads reserve and settle over and over; what is spent and set aside is never more than the budget."""
    limit, purse = 50_000, purse_of(store, now, default=50_000)

    def work(seed: int) -> int:
        most = 0
        for turn in range(12):
            amount = 700 + (seed * 131 + turn * 977) % 900
            reservation = purse.reserve(amount)
            with store.unit_of_work() as uow:
                month = budgets.spending(uow, SYSTEM, "natgeo", default_microusd=limit, now=now)
            most = max(most, month.spent)
            if reservation is not None:
                purse.settle(reservation, replace(CALL, cost_microusd=amount - turn))
        return most

    with ThreadPoolExecutor(8) as threads:
        seen = list(threads.map(work, range(8)))
    with store.unit_of_work() as uow:
        month = budgets.spending(uow, SYSTEM, "natgeo", default_microusd=limit, now=now)
    assert max(seen) <= limit
    assert month.held == 0
    assert limit - 1_600 < month.spent <= limit, "the budget is used up but for less than one call"


_TAKER = """
import sys
from datetime import datetime
from models.services.purse import StoredPurse
from models.store.database import open_store
with open_store(sys.argv[1]) as store:
    now = datetime.fromisoformat(sys.argv[2])
    purse = StoredPurse(store, "natgeo", 1_000, lambda: now)
    purse.left()
    print("ready", flush=True)
    input()
    print("took" if purse.reserve(1_000) else "nothing", flush=True)
"""


def test_two_processes_cannot_both_take_the_last_cent(store: Store, store_url: str, brand, now: datetime) -> None:
    takers = [
        subprocess.Popen(
            [sys.executable, "-c", _TAKER, store_url, now.isoformat()],
            cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(3)
    ]  # fmt: skip
    for taker in takers:
        assert taker.stdout is not None
        assert taker.stdout.readline() == "ready\n"
    for taker in takers:
        assert taker.stdin is not None
        taker.stdin.write("\n")
        taker.stdin.flush()
    said = sorted(taker.communicate(timeout=60)[0].strip() for taker in takers)
    assert said == ["nothing", "nothing", "took"]


STEPS = st.lists(
    st.tuples(st.sampled_from(["reserve", "settle", "unknown", "kill"]), st.integers(0, 700)), min_size=1, max_size=25
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_no_order_of_steps_exceeds_the_budget(store: Store, brand, now: datetime, steps: list[tuple[str, int]]) -> None:
    """A cost never exceeds what was set aside for it, in any order of calls that end, end unknown or never end."""
    month = now + timedelta(days=31 * (zlib.crc32(repr(steps).encode()) % 1_000))
    purse = purse_of(store, month, default=1_000)
    spent_before = 1_000 - (purse.left() or 0)
    open_calls: list[tuple[str, int]] = []
    billed = spent_before
    for step, amount in steps:
        if step == "reserve":
            reservation = purse.reserve(amount)
            if reservation is not None:
                open_calls.append((reservation, amount))
        elif open_calls:
            reservation, most = open_calls.pop(amount % len(open_calls))
            cost = min(amount, most)
            billed += cost  # the provider bills all the same
            if step != "kill":
                purse.settle(reservation, replace(CALL, cost_microusd=None if step == "unknown" else cost))
        assert billed + sum(most for _, most in open_calls) <= 1_000
        assert (purse.left() or 0) >= 0


def test_the_month_is_told_by_task_and_model(store: Store, brand, now: datetime) -> None:
    purse = purse_of(store, now)
    for call in (
        CALL,
        replace(CALL, cost_microusd=0, cache_hit=True, tokens=Tokens()),
        replace(CALL, task="strategy", cost_microusd=9_000),
    ):
        purse.settle(None, call)
    with store.unit_of_work() as uow:
        month = budgets.spending(uow, brand.viewer, "natgeo", default_microusd=None, now=now)
    assert [(line.task, line.calls, line.cache_hits, line.cost_microusd, line.tokens_in) for line in month.lines] == [
        ("strategy", 1, 0, 9_000, 100), ("draft", 2, 1, 700, 100),
    ]  # fmt: skip
    assert (month.spent, month.limit, month.left) == (9_700, None, None)


def test_an_answer_is_kept_for_its_workspace_only(store: Store, make_brand: Callable, now: datetime) -> None:
    make_brand("natgeo"), make_brand("other")
    kept = StoredAnswers(store, "natgeo", lambda: now)
    for words in ("one", "two"):
        kept.keep(KeptAnswer("hash", "openai", "m", "p1", {"text": words}))
    assert kept.find("hash") == KeptAnswer("hash", "openai", "m", "p1", {"text": "two"})
    assert StoredAnswers(store, "other", lambda: now).find("hash") is None


def test_manifests_come_back_newest_first(store: Store, brand, now: datetime) -> None:
    made = Manifest(
        "draft", "d1", "openai/m", "s1", "p1", "hash", {"tone": "calm"}, 700, {"limits": ""}, ("slot: cut",)
    )
    revised = replace(made, feedback="Shorter", cost_microusd=None)
    with store.unit_of_work() as uow:
        answers.record_manifest(uow, SYSTEM, "natgeo", made, now=now)
        answers.record_manifest(uow, SYSTEM, "natgeo", revised, now=now + timedelta(hours=1))
        assert answers.manifests_of(uow, brand.viewer, "natgeo", "draft", "d1") == [revised, made]
        assert answers.manifests_of(uow, brand.viewer, "natgeo", "draft", "d2") == []


@pytest.fixture
def vault(store: Store, tmp_path: Path) -> Vault:
    return Vault(store, master_keys("", tmp_path))


def test_a_key_leaves_the_store_for_the_system_only(store: Store, brand, vault: Vault, now: datetime) -> None:
    with store.unit_of_work() as uow:
        providers.set_provider(
            uow, brand.admin, "natgeo", "openai", key="sk-secret", models={"draft": "small"}, cipher=vault, now=now
        )
        (listed,) = providers.list_providers(uow, brand.viewer, "natgeo")
        assert (listed.provider, listed.has_key, listed.models) == ("openai", True, {"draft": "small"})
        (access,) = providers.provider_access(uow, SYSTEM, "natgeo", cipher=vault)
        assert access.key == "sk-secret"
        assert "sk-secret" not in repr(access) + repr(listed) + repr(uow.providers.of_workspace("natgeo"))
        for principal in (brand.admin, brand.editor, brand.viewer):
            with pytest.raises(Forbidden, match="read the key"):
                providers.provider_access(uow, principal, "natgeo", cipher=vault)
        with pytest.raises(Forbidden, match="set up model providers"):
            providers.set_provider(uow, brand.editor, "natgeo", "openai", key="x", cipher=vault, now=now)


def test_a_key_stays_when_only_the_models_change_and_goes_with_the_provider(store, brand, vault, now) -> None:
    with store.unit_of_work() as uow:
        providers.set_provider(uow, brand.admin, "natgeo", "openai", key="sk-1", cipher=vault, now=now)
        changed = providers.set_provider(
            uow, brand.admin, "natgeo", "openai", key=None, base_url="https://ai.example/v1/", cipher=vault, now=now
        )
        assert (changed.has_key, changed.base_url) == (True, "https://ai.example/v1")
        assert providers.provider_access(uow, SYSTEM, "natgeo", cipher=vault)[0].key == "sk-1"
        cleared = providers.set_provider(uow, brand.admin, "natgeo", "openai", key="", cipher=vault, now=now)
        assert not cleared.has_key
        providers.remove_provider(uow, brand.admin, "natgeo", "openai", now=now)
        with pytest.raises(NotFound, match="no set-up of its own for openai"):
            providers.remove_provider(uow, brand.admin, "natgeo", "openai", now=now)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"provider": "Open AI"}, "no provider's name"),
        ({"base_url": "ftp://ai.example"}, "written as https"),
        ({"base_url": "https://me:secret@ai.example"}, "written as https"),
        ({"models": {"best": "m"}}, "no tier"),
        ({"key": "sk with space"}, "copy it again"),
    ],
)
def test_what_cannot_be_a_set_up_is_refused(store, brand, vault, now, given: dict, says: str) -> None:
    asked = {"provider": "openai", "key": "sk", **given}
    provider = asked.pop("provider")
    with store.unit_of_work() as uow, pytest.raises(InvalidInput, match=says) as refused:
        providers.set_provider(uow, brand.admin, "natgeo", provider, cipher=vault, now=now, **asked)
    assert "secret" not in str(refused.value)
    assert "sk with" not in str(refused.value)
