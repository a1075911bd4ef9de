"""The stored usage ledger of writers: append-only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.sql import Select

from models.domain.usage import ModelUsage, Outcome
from models.store.session import Session
from models.store.tables import ai_usage


class UsageRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, usage: ModelUsage) -> None:
        self._session.write(
            insert(ai_usage).values(
                id=usage.id, workspace_id=usage.workspace_id, at=usage.at, task=usage.task, tier=usage.tier,
                provider=usage.provider, model=usage.model, outcome=usage.outcome.value, cache_hit=usage.cache_hit,
                latency_ms=usage.latency_ms, tokens_in=usage.tokens_in, tokens_out=usage.tokens_out,
                tokens_cached=usage.tokens_cached, cost_microusd=usage.cost_microusd, input_hash=usage.input_hash,
                prompt_version=usage.prompt_version, artefact_kind=usage.artefact_kind, artefact_id=usage.artefact_id,
            )
        )  # fmt: skip

    def of_workspace(self, workspace_id: str) -> list[ModelUsage]:
        """Oldest first."""
        return self._rows(select(ai_usage).where(ai_usage.c.workspace_id == workspace_id))

    def since(self, workspace_id: str, at: datetime) -> list[ModelUsage]:
        """Calls from that instant on, oldest first."""
        return self._rows(select(ai_usage).where(ai_usage.c.workspace_id == workspace_id, ai_usage.c.at >= at))

    def _rows(self, query: Select[Any]) -> list[ModelUsage]:
        return [
            ModelUsage(
                id=row.id, workspace_id=row.workspace_id, at=row.at, task=row.task, tier=row.tier, provider=row.provider,
                model=row.model, outcome=Outcome(row.outcome), cache_hit=row.cache_hit, latency_ms=row.latency_ms,
                tokens_in=row.tokens_in, tokens_out=row.tokens_out, tokens_cached=row.tokens_cached,
                cost_microusd=row.cost_microusd, input_hash=row.input_hash, prompt_version=row.prompt_version,
                artefact_kind=row.artefact_kind, artefact_id=row.artefact_id,
            )
            for row in self._session.rows(query.order_by(ai_usage.c.at, ai_usage.c.id))
        ]  # fmt: skip
