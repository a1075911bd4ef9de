"""Plan & usage: the month against the budget, providers without their keys, and the budget for admins."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from connectors.vault import Vault, master_keys
from models.domain.ai import Tokens
from models.domain.usage import Outcome
from models.domain.workspace import SYSTEM
from models.routing.purse import Call
from models.services import budgets, providers
from models.services.purse import StoredPurse
from models.store.database import Store, open_store
from tests.app.home import ADMIN, EDITOR, EMPTY, VIEWER, WORKSPACE, Home

SignedIn = Callable[..., AppTest]


@pytest.fixture
def store(home: Home) -> Store:
    return open_store(f"sqlite:///{home.path / 'fabric.db'}")


def now() -> datetime:
    return datetime.now(UTC)


def words(app: AppTest) -> str:
    kinds = (app.title, app.markdown, app.caption, app.code, app.success, app.subheader)
    return "\n".join(str(element.value) for kind in kinds for element in kind).replace("\\", "")


def metric(app: AppTest, label: str) -> str:
    return str(next(m for m in app.metric if m.label == label).value).replace("\\", "")


@pytest.mark.parametrize("email", [ADMIN, EDITOR, VIEWER])
@pytest.mark.parametrize("workspace", [WORKSPACE, EMPTY])
def test_it_opens_for_each_role_and_says_who_may_change_the_budget(
    signed_in: SignedIn, email: str, workspace: str
) -> None:
    app = signed_in(email, "usage", workspace=workspace)
    assert not app.exception
    assert not app.error
    assert [t.value for t in app.title] == ["Plan & usage"]
    assert ("Save budget" in {b.label for b in app.button}) == (email == ADMIN)
    assert ("An admin of this workspace can change" in words(app)) == (email != ADMIN)
    assert metric(app, "Left of the budget") == "$20.00"
    assert f"fabric ai set openai --workspace {workspace}" in words(app)


def test_the_month_is_told_by_task_and_model(signed_in: SignedIn, store: Store) -> None:
    purse = StoredPurse(store, WORKSPACE, None, now)
    purse.settle(None, Call("draft", "draft", "openai", "m", Outcome.WRITTEN, 1.0, 1_500_000, Tokens(100, 20)))
    purse.settle(None, Call("draft", "draft", "openai", "m", Outcome.WRITTEN, 0.0, 0, cache_hit=True))
    purse.settle(purse.reserve(500_000), Call("image", "draft", "other", "p", Outcome.FAILED, 1.0, None))
    app = signed_in(VIEWER, "usage")
    table = app.dataframe[0].value
    assert table["Cost"].tolist()[0] == 1.5
    assert table["Cost"].isna().tolist() == [False, True]
    assert table["Kept answers"].tolist() == [1, 0]
    assert metric(app, f"Spent in {now():%B}") == "$1.50"
    assert metric(app, "Left of the budget") == "$18.00"
    assert metric(app, "Answered without a call") == "1 of 3"


def test_an_admin_sets_the_budget(signed_in: SignedIn, store: Store) -> None:
    app = signed_in(ADMIN, "usage")
    app.number_input(key="budget-amount").set_value(7.5)
    next(b for b in app.button if b.label == "Save budget").click().run()
    assert "The budget is saved" in words(app)
    assert metric(app, "Left of the budget") == "$7.50"
    app.checkbox(key="budget-unlimited").check()
    next(b for b in app.button if b.label == "Save budget").click().run()
    assert metric(app, "Left of the budget") == "no limit"
    with store.unit_of_work() as uow:
        month = budgets.spending(uow, SYSTEM, WORKSPACE, default_microusd=20_000_000, now=now())
    assert (month.limit, month.own_limit) == (None, True)


def test_a_set_up_provider_shows_with_its_models_and_never_its_key(
    signed_in: SignedIn, store: Store, home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store.unit_of_work() as uow:
        providers.set_provider(
            uow, SYSTEM, WORKSPACE, "openai", key="sk-very-secret", models={"draft": "tiny"},
            cipher=Vault(store, master_keys("", home.path)), now=now(),
        )  # fmt: skip
    monkeypatch.setenv("FABRIC_ELEVENLABS_API_KEY", "el-very-secret")
    app = signed_in(VIEWER, "usage")
    table = app.dataframe[-1].value
    assert table["Provider"].tolist() == ["elevenlabs", "openai"]
    assert table["Set up by"].tolist() == ["the installation", "this workspace"]
    assert table["Models"].tolist()[1].startswith("tiny, ")
    shown = words(app) + "".join(str(frame.value.to_dict()) for frame in app.dataframe)
    assert "very-secret" not in shown
