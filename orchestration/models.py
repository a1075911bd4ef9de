"""The models of a workspace, put together: its own keys and the installation's, its budget, its kept answers.

`text_generator(stores, store, workspace_id)` is what writes; None when nothing is set up, and the rule-based writer serves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from models.domain.spending import ProviderAccess
from models.domain.workspace import SYSTEM

if TYPE_CHECKING:
    from models.routing.health import Health
    from models.routing.router import Router
    from models.services.purse import StoredPurse
    from models.store.database import Store
    from orchestration.resources import Stores

RECENT = timedelta(minutes=30)
"""How far back the ledger says how models fare."""


def provider_access(stores: Stores, store: Store, workspace_id: str) -> Mapping[str, ProviderAccess]:
    """What the workspace reaches, by provider: its own set-ups before the installation's.

    One of its own without a key has the installation's, unless it has an address of its own: no key goes to an address
    that it was not given for.
    """
    from models.services import providers

    with store.unit_of_work() as uow:
        own = providers.provider_access(uow, SYSTEM, workspace_id, cipher=stores.cipher(store))
    known = stores.settings.provider_access()
    for access in own:
        theirs = known.get(access.provider)
        if theirs is not None and not access.key and not access.base_url:
            access = replace(access, key=theirs.key, base_url=theirs.base_url)
        known[access.provider] = access
    return known


def purse_of(stores: Stores, store: Store, workspace_id: str) -> StoredPurse:
    """The workspace's budget and ledger."""
    from models.services.purse import StoredPurse

    return StoredPurse(store, workspace_id, stores.settings.ai_monthly_budget, stores.now)


def text_generator(stores: Stores, store: Store, workspace_id: str) -> Router | None:
    """The router over all text models that the workspace reaches; None when no provider of texts is set up for it.

    It works as long as `store` is open. Raises `NoModel` when providers are set up and none of their models can be built.
    """
    from connectors.ai.offering import text_models
    from models.errors import NoModel
    from models.routing.choice import Rules
    from models.routing.router import ROUTER, Router
    from models.services.purse import StoredAnswers

    offering = text_models(provider_access(stores, store, workspace_id), today=stores.now().date())
    if not offering.models:
        if offering.problems:
            raise NoModel(
                ROUTER,
                cause="no model that is set up can be called: " + " ".join(offering.problems.values()).rstrip("."),
                next_step=f"see fabric ai providers --workspace {workspace_id}",
            )
        return None
    return Router(
        offering.models, purse_of(stores, store, workspace_id), StoredAnswers(store, workspace_id, stores.now),
        _health(stores, store, workspace_id), Rules(allow_unpriced=stores.settings.ai_allow_unpriced),
        patience=stores.settings.model_patience, now=stores.now,
    )  # fmt: skip


def _health(stores: Stores, store: Store, workspace_id: str) -> Health:
    """How the workspace's models fare: kept for the life of the process, begun with what the ledger says of late."""
    from models.services import budgets

    health, fresh = _kept_health(stores.settings.store_url, workspace_id)
    if fresh:
        fresh.clear()
        with store.unit_of_work() as uow:
            health.learn(budgets.recent_calls(uow, SYSTEM, workspace_id, since=stores.now() - RECENT))
    return health


@lru_cache(maxsize=256)
def _kept_health(store_url: str, workspace_id: str) -> tuple[Health, list[bool]]:
    """One for each store and workspace, with a mark that is there until it has learnt from the ledger."""
    from models.routing.health import Health

    return Health(), [True]
