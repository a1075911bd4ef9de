"""Every service function has a policy, and the table says what the roles may do."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import models.services
from models.domain.workspace import Role
from models.services.policy import POLICY, READS, Action

ROOT = Path(__file__).resolve().parents[3]
PUBLIC = {
    "onboarding.sign_in", "onboarding.list_workspaces", "connections.renew_credential", "delivery.deliver", "delivery.resolve",
}  # fmt: skip


def _functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Public functions of the public service modules; `policy` itself is what they are held to."""
    for found in pkgutil.iter_modules(models.services.__path__):
        if found.name.startswith("_") or found.name == "policy":
            continue
        module = importlib.import_module(f"models.services.{found.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield f"{found.name}.{name}", function


FUNCTIONS = dict(_functions())


def test_the_use_cases_are_found() -> None:
    assert {"approvals.approve", "jobs.claim_job", "calendar.move_slot", "onboarding.sign_in"} <= set(FUNCTIONS)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_service_function_has_a_policy(name: str) -> None:
    function = FUNCTIONS[name]
    if name in PUBLIC:
        assert vars(function)["fabric_public"]
        return
    assert vars(function).get("fabric_policy") in POLICY, f"{name} has no policy: decorate it with @policy(Action.…)"
    assert list(inspect.signature(function).parameters)[:2] == ["uow", "principal"]


def test_only_the_named_functions_are_public() -> None:
    assert {name for name, function in FUNCTIONS.items() if "fabric_public" in vars(function)} == PUBLIC


def test_every_action_is_in_the_table_and_used() -> None:
    used = {vars(function)["fabric_policy"] for name, function in FUNCTIONS.items() if name not in PUBLIC}
    assert set(POLICY) == set(Action) == used


READERS, EDITORS, ADMINS, SYSTEM_ONLY = "admin editor viewer", "admin editor", "admin", ""
TABLE = {
    Action.CREATE_WORKSPACE: ADMINS, Action.DELETE_WORKSPACE: ADMINS, Action.VIEW_WORKSPACE: READERS,
    Action.LIST_USERS: SYSTEM_ONLY, Action.MANAGE_MEMBERS: ADMINS, Action.MANAGE_COMPETITORS: ADMINS,
    Action.MANAGE_BRAND: ADMINS, Action.STUDY_BRAND: EDITORS,
    Action.APPROVE_STRATEGY: ADMINS, Action.REVISE_STRATEGY: EDITORS, Action.VIEW_PLAN: READERS, Action.SAVE_PLAN: EDITORS, Action.MOVE_SLOT: EDITORS,
    Action.VIEW_DRAFTS: READERS, Action.EDIT_DRAFT: EDITORS, Action.SUBMIT_DRAFT: EDITORS, Action.APPROVE_DRAFT: ADMINS,
    Action.REQUEST_CHANGES: EDITORS, Action.REJECT_DRAFT: ADMINS, Action.VIEW_JOBS: READERS, Action.REQUEST_JOB: EDITORS,
    Action.REQUEST_MEDIA: EDITORS,
    Action.RUN_JOBS: SYSTEM_ONLY, Action.VIEW_CONNECTIONS: READERS, Action.MANAGE_CONNECTIONS: ADMINS,
    Action.READ_CREDENTIALS: SYSTEM_ONLY, Action.COLLECT: SYSTEM_ONLY, Action.VIEW_OUTBOX: READERS,
    Action.DECIDE_OUTCOME: ADMINS, Action.PREPARE_POSTS: SYSTEM_ONLY, Action.PUBLISH: SYSTEM_ONLY,
    Action.ANALYSE_OPERATIONS: SYSTEM_ONLY, Action.RECORD_USAGE: SYSTEM_ONLY, Action.EXPORT_WORKSPACE: ADMINS,
    Action.RESTORE_WORKSPACE: ADMINS, Action.SAVE_QUERY: EDITORS, Action.MANAGE_MODELS: ADMINS,
    Action.VIEW_USAGE: READERS, Action.READ_MODEL_KEYS: SYSTEM_ONLY, Action.CALL_MODELS: SYSTEM_ONLY,
    Action.REUSE_ANSWERS: SYSTEM_ONLY,
}  # fmt: skip


@pytest.mark.parametrize("action", list(Action))
def test_exactly_these_roles_may_take_the_action(action: Action) -> None:
    assert POLICY[action] == {Role(name) for name in TABLE[action].split()}


def test_a_stronger_role_may_all_that_a_weaker_one_may() -> None:
    for action, roles in POLICY.items():
        assert Role.VIEWER not in roles or Role.EDITOR in roles, action
        assert Role.EDITOR not in roles or Role.ADMIN in roles, action


def test_a_viewer_only_reads() -> None:
    assert {action for action, roles in POLICY.items() if Role.VIEWER in roles} <= READS


def test_an_editor_neither_approves_nor_manages() -> None:
    editor = {action for action, roles in POLICY.items() if Role.EDITOR in roles}
    assert editor - READS == {
        Action.SAVE_PLAN, Action.MOVE_SLOT, Action.EDIT_DRAFT, Action.SUBMIT_DRAFT, Action.REQUEST_CHANGES,
        Action.REQUEST_JOB, Action.REQUEST_MEDIA, Action.SAVE_QUERY, Action.STUDY_BRAND, Action.REVISE_STRATEGY,
    }  # fmt: skip


def test_nobody_outside_the_services_uses_their_private_modules() -> None:
    private = re.compile(r"models\.services(\._| import _)")
    for package in ("app", "orchestration", "connectors", "models"):
        for path in (ROOT / package).rglob("*.py"):
            if path.parent.name != "services":
                assert not private.search(path.read_text(encoding="utf-8")), path
