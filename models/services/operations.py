"""What happened to plans, drafts and posts, for the warehouse; and the ledger of what writers were called for."""

from __future__ import annotations

from collections.abc import Sequence

from models.domain.operations import Operations, StrategyRow, UsageRow
from models.domain.strategy import Strategy
from models.domain.usage import ModelUsage
from models.domain.workspace import Principal
from models.errors import InvalidInput
from models.generation.costs import shared
from models.generation.ledger import recommendations_of
from models.services.policy import INSTALLATION, Action, policy
from models.store.unit_of_work import UnitOfWork


@policy(Action.ANALYSE_OPERATIONS)
def operations_of(uow: UnitOfWork, principal: Principal, workspace_id: str) -> Operations:
    """Every row of the workspace; people are user ids in it.

    What refers to something is read before it, so that a change in between leaves no row without what it refers to.
    """
    made = uow.manifests.made_by(workspace_id)
    usage = tuple(_usage(call) for call in shared(uow.usage.of_workspace(workspace_id), made))
    steps, outbox = uow.operations.publish_steps(workspace_id), uow.operations.outbox(workspace_id)
    events = uow.operations.draft_events(workspace_id)
    versions, variants = uow.operations.texts(workspace_id)
    drafts, planned = uow.operations.drafts(workspace_id), uow.operations.planned(workspace_id)
    strategies = sorted(uow.strategies.of_workspace(workspace_id), key=lambda strategy: strategy.version)
    return Operations(
        workspace_id=workspace_id,
        strategies=tuple(_strategy(strategy) for strategy in strategies),
        recommendations=tuple(row for strategy in strategies for row in recommendations_of(strategy)),
        planned=planned,
        drafts=drafts,
        versions=versions,
        variants=variants,
        draft_events=events,
        outbox=outbox,
        publish_steps=steps,
        usage=usage,
    )


@policy(Action.ANALYSE_OPERATIONS, INSTALLATION)
def operations_state(uow: UnitOfWork, principal: Principal) -> dict[str, tuple[int, int, int]]:
    """By workspace, what changes whenever a row of `operations_of` does; cheap."""
    return uow.operations.state()


@policy(Action.RECORD_USAGE)
def record_usage(uow: UnitOfWork, principal: Principal, workspace_id: str, usages: Sequence[ModelUsage]) -> None:
    """Appends calls of writers to the workspace's ledger. Raises `InvalidInput` for a call of another workspace."""
    for usage in usages:
        if usage.workspace_id != workspace_id:
            raise InvalidInput(
                f"A call for {usage.workspace_id} cannot stand in the ledger of {workspace_id}: record it there."
            )
        uow.usage.add(usage)


def _strategy(strategy: Strategy) -> StrategyRow:
    document = strategy.document
    return StrategyRow(
        strategy.id, strategy.version, strategy.created_at, strategy.created_by, document.writer, document.snapshot_id,
        document.as_of,
    )  # fmt: skip


def _usage(usage: ModelUsage) -> UsageRow:
    return UsageRow(
        usage_id=usage.id, called_at=usage.at, task=usage.task, tier=usage.tier, provider=usage.provider,
        model=usage.model, outcome=usage.outcome.value, cache_hit=usage.cache_hit, latency_ms=usage.latency_ms,
        tokens_in=usage.tokens_in, tokens_out=usage.tokens_out, tokens_cached=usage.tokens_cached,
        cost_microusd=usage.cost_microusd, input_hash=usage.input_hash, prompt_version=usage.prompt_version,
        artefact_kind=usage.artefact_kind, artefact_id=usage.artefact_id,
    )  # fmt: skip
