"""Who may do what: one table of role × action, deny by default, enforced by a decorator on every service function.

The role is read from the store at every call, in the same transaction as what the call does, so a changed role acts at
the next call. Something in a workspace of which the principal is not a member is answered as if it did not exist.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from models.domain.approval import Draft
from models.domain.brand import BrandProfile
from models.domain.strategy import StrategyDocument
from models.domain.workspace import Principal, Role
from models.errors import Forbidden, NotFound
from models.store.unit_of_work import UnitOfWork

P = ParamSpec("P")
R = TypeVar("R")


class Action(StrEnum):
    """What a service function does, said so that it completes "Your role does not let you …"."""

    CREATE_WORKSPACE = "create a workspace"
    DELETE_WORKSPACE = "delete the workspace"
    VIEW_WORKSPACE = "see the workspace"
    LIST_USERS = "list the users of the installation"
    MANAGE_MEMBERS = "manage members"
    MANAGE_COMPETITORS = "manage competitors"
    MANAGE_BRAND = "change the brand profile"
    STUDY_BRAND = "study the brand"
    VIEW_PLAN = "see strategies and the calendar"
    SAVE_PLAN = "save strategies, calendars and drafts"
    APPROVE_STRATEGY = "approve a strategy"
    REVISE_STRATEGY = "ask for another strategy"
    MOVE_SLOT = "move a calendar slot"
    VIEW_DRAFTS = "see drafts"
    EDIT_DRAFT = "edit a draft"
    SUBMIT_DRAFT = "submit a draft for review"
    APPROVE_DRAFT = "approve a draft"
    REQUEST_CHANGES = "ask for changes"
    REJECT_DRAFT = "reject a draft"
    VIEW_JOBS = "see jobs"
    REQUEST_JOB = "request a job"
    REQUEST_MEDIA = "ask for pictures, videos and recordings"
    RUN_JOBS = "run jobs"
    VIEW_CONNECTIONS = "see connected accounts"
    MANAGE_CONNECTIONS = "connect or disconnect accounts"
    READ_CREDENTIALS = "read the credential of an account"
    COLLECT = "collect from connected accounts"
    VIEW_OUTBOX = "see what goes out"
    DECIDE_OUTCOME = "decide on posts that failed or whose outcome is unknown"
    PREPARE_POSTS = "prepare approved posts"
    PUBLISH = "publish approved posts"
    ANALYSE_OPERATIONS = "read all plans, drafts and posts for analysis"
    RECORD_USAGE = "record what writers were called for"
    MANAGE_MODELS = "set up model providers and budgets"
    VIEW_USAGE = "see which models are set up and what they cost"
    READ_MODEL_KEYS = "read the key of a model provider"
    CALL_MODELS = "call models on the workspace's budget"
    REUSE_ANSWERS = "use an answer that was kept"
    EXPORT_WORKSPACE = "export the workspace"
    RESTORE_WORKSPACE = "restore a workspace from an export"
    SAVE_QUERY = "keep queries"


_READERS = frozenset({Role.ADMIN, Role.EDITOR, Role.VIEWER})
_EDITORS = frozenset({Role.ADMIN, Role.EDITOR})
_ADMINS = frozenset({Role.ADMIN})
_SYSTEM_ONLY: frozenset[Role] = frozenset()

POLICY: dict[Action, frozenset[Role]] = {
    Action.CREATE_WORKSPACE: _ADMINS,
    Action.DELETE_WORKSPACE: _ADMINS,
    Action.VIEW_WORKSPACE: _READERS,
    Action.LIST_USERS: _SYSTEM_ONLY,
    Action.MANAGE_MEMBERS: _ADMINS,
    Action.MANAGE_COMPETITORS: _ADMINS,
    Action.MANAGE_BRAND: _ADMINS,
    Action.STUDY_BRAND: _EDITORS,
    Action.VIEW_PLAN: _READERS,
    Action.SAVE_PLAN: _EDITORS,
    Action.APPROVE_STRATEGY: _ADMINS,
    Action.REVISE_STRATEGY: _EDITORS,
    Action.MOVE_SLOT: _EDITORS,
    Action.VIEW_DRAFTS: _READERS,
    Action.EDIT_DRAFT: _EDITORS,
    Action.SUBMIT_DRAFT: _EDITORS,
    Action.APPROVE_DRAFT: _ADMINS,
    Action.REQUEST_CHANGES: _EDITORS,
    Action.REJECT_DRAFT: _ADMINS,
    Action.VIEW_JOBS: _READERS,
    Action.REQUEST_JOB: _EDITORS,
    Action.REQUEST_MEDIA: _EDITORS,
    Action.RUN_JOBS: _SYSTEM_ONLY,
    Action.VIEW_CONNECTIONS: _READERS,
    Action.MANAGE_CONNECTIONS: _ADMINS,
    Action.READ_CREDENTIALS: _SYSTEM_ONLY,
    Action.COLLECT: _SYSTEM_ONLY,
    Action.VIEW_OUTBOX: _READERS,
    Action.DECIDE_OUTCOME: _ADMINS,
    Action.PREPARE_POSTS: _SYSTEM_ONLY,
    Action.PUBLISH: _SYSTEM_ONLY,
    Action.ANALYSE_OPERATIONS: _SYSTEM_ONLY,
    Action.RECORD_USAGE: _SYSTEM_ONLY,
    Action.MANAGE_MODELS: _ADMINS,
    Action.VIEW_USAGE: _READERS,
    Action.READ_MODEL_KEYS: _SYSTEM_ONLY,
    Action.CALL_MODELS: _SYSTEM_ONLY,
    Action.REUSE_ANSWERS: _SYSTEM_ONLY,
    Action.EXPORT_WORKSPACE: _ADMINS,
    Action.RESTORE_WORKSPACE: _ADMINS,
    Action.SAVE_QUERY: _EDITORS,
}
"""Roles that may take each action; the system may take all. An action that is not here is nobody's."""

READS = frozenset({
    Action.VIEW_WORKSPACE, Action.LIST_USERS, Action.VIEW_PLAN, Action.VIEW_DRAFTS, Action.VIEW_JOBS,
    Action.VIEW_CONNECTIONS, Action.READ_CREDENTIALS, Action.VIEW_OUTBOX, Action.PREPARE_POSTS,
    Action.ANALYSE_OPERATIONS, Action.EXPORT_WORKSPACE, Action.VIEW_USAGE, Action.READ_MODEL_KEYS, Action.REUSE_ANSWERS,
})  # fmt: skip
"""Actions that change nothing and therefore take no lock."""


@dataclass(frozen=True)
class Scope:
    """How the first argument after the principal leads to the workspace whose roles count.

    `find` gives the workspace id, or None when there is no such thing. A `noun` of None means the whole installation.
    """

    noun: str | None
    find: Callable[[UnitOfWork, Any], str | None]
    may_be_empty: bool = False
    """An empty sequence is let through: it concerns nobody's workspace."""


def _existing(uow: UnitOfWork, workspace_id: str) -> str | None:
    return workspace_id if uow.workspaces.get(workspace_id) else None


def _of_document(uow: UnitOfWork, document: StrategyDocument) -> str | None:
    return _existing(uow, document.workspace_id)


def _of_profile(uow: UnitOfWork, profile: BrandProfile) -> str | None:
    return _existing(uow, profile.workspace_id)


def _of_drafts(uow: UnitOfWork, drafts: Sequence[Draft]) -> str | None:
    return _existing(uow, drafts[0].workspace_id)


WORKSPACE = Scope("Workspace", _existing)
STRATEGY = Scope("Strategy", lambda uow, strategy_id: uow.strategies.workspace_of(strategy_id))
ENTRY = Scope("Calendar entry", lambda uow, entry_id: uow.calendar.workspace_of(entry_id))
DRAFT = Scope("Draft", lambda uow, draft_id: uow.drafts.workspace_of(draft_id))
DOCUMENT = Scope("Workspace of the strategy", _of_document)
PROFILE = Scope("Workspace of the brand profile", _of_profile)
DRAFTS = Scope("Workspace of the drafts", _of_drafts, may_be_empty=True)
CONNECTION = Scope("Connection", lambda uow, connection_id: uow.connections.workspace_of(connection_id))
SYNC = Scope("Connection of the run", lambda uow, run: uow.connections.workspace_of(run.connection_id))
ASSET = Scope("Workspace of the asset", lambda uow, asset: _existing(uow, asset.workspace_id))
SOURCE = Scope("Source", lambda uow, source_id: uow.sources.workspace_of(source_id))
PLANNING_DATE = Scope("Planning date", lambda uow, date_id: uow.planning_dates.workspace_of(date_id))
QUERY = Scope("Query", lambda uow, query_id: uow.queries.workspace_of(query_id))
OUTGOING = Scope("Outgoing post", lambda uow, key: uow.outbox.workspace_of(key))
CLAIM = Scope("Outgoing post", lambda uow, item: uow.outbox.workspace_of(item.key))
INSTALLATION = Scope(None, lambda _uow, _value: None)
"""Not about one workspace: the strongest role that the principal has anywhere counts."""


def policy(
    action: Action, scope: Scope = WORKSPACE
) -> Callable[[Callable[Concatenate[UnitOfWork, Principal, P], R]], Callable[Concatenate[UnitOfWork, Principal, P], R]]:
    """Lets the function run only for principals whose role allows `action`; raises `Forbidden` or `NotFound` otherwise.

    A changing action is one transaction: begun here with the lock for it, committed when the function returns, rolled
    back when it raises. A reading one sees the newest committed state and leaves no transaction open.
    """

    def decorate(
        function: Callable[Concatenate[UnitOfWork, Principal, P], R],
    ) -> Callable[Concatenate[UnitOfWork, Principal, P], R]:
        parameters = list(inspect.signature(function).parameters)
        subject = parameters[2] if len(parameters) > 2 else ""

        @wraps(function)
        def guarded(uow: UnitOfWork, principal: Principal, /, *args: P.args, **kwargs: P.kwargs) -> R:
            changes = action not in READS
            if changes:
                uow.begin_write()
            elif not uow.writing:
                uow.rollback()
            try:
                _check(uow, principal, action, scope, args[0] if args else kwargs.get(subject))
                result = function(uow, principal, *args, **kwargs)
                if changes:
                    uow.commit()
            except BaseException:
                uow.rollback()
                raise
            if not uow.writing:
                uow.rollback()
            return result

        guarded.__dict__["fabric_policy"] = action
        guarded.__dict__["fabric_scope"] = scope
        return guarded

    return decorate


def public(reason: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Marks a service function that needs no role, with the reason why that is safe."""

    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        function.__dict__["fabric_public"] = reason
        return function

    return decorate


def _check(uow: UnitOfWork, principal: Principal, action: Action, scope: Scope, value: Any) -> None:
    if scope.may_be_empty and not value:
        return
    workspace_id = None if scope.noun is None else scope.find(uow, value)
    if scope.noun is not None and workspace_id is None:
        raise _not_found(uow, principal, scope, value)
    if principal.is_system:
        return
    if workspace_id is None:
        held = uow.memberships.roles_of(principal.user_id)
    else:
        role = uow.memberships.role(workspace_id, principal.user_id)
        if role is None:
            raise _not_found(uow, principal, scope, value)
        held = {role}
    allowed = POLICY.get(action, frozenset())
    if not held & allowed:
        takes = " or ".join(sorted(allowed)) or "the system itself"
        has = " and ".join(sorted(held)) or "none"
        raise Forbidden(f"Your role ({has}) does not let you {action.value}, which takes {takes}: ask an admin.")


def _not_found(uow: UnitOfWork, principal: Principal, scope: Scope, value: Any) -> NotFound:
    """The same words for what does not exist and for what is someone else's."""
    if scope is WORKSPACE:
        yours = uow.workspaces.all() if principal.is_system else uow.workspaces.of_user(principal.user_id)
        named = ", ".join(workspace.id for workspace in yours) or "none yet"
        return NotFound(f"There is no workspace {value!r} that you may use; those you may: {named}.")
    if isinstance(value, str):
        return NotFound(f"{scope.noun} {value!r} does not exist, or is not in a workspace of yours: check its id.")
    return NotFound(f"{scope.noun} does not exist, or is not yours: check its id.")
