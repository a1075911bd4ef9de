"""Stored answers of models, kept so that an equal request makes no call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from models.store.ai_tables import ai_answers as table
from models.store.session import Session


class AnswerRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, workspace_id: str, input_hash: str) -> Mapping[str, Any] | None:
        """`input_hash, provider, model, prompt_version` and `answer`, which is JSON."""
        row = self._session.row(
            select(table).where(table.c.workspace_id == workspace_id, table.c.input_hash == input_hash)
        )
        return None if row is None else dict(row._mapping)

    def put(self, workspace_id: str, input_hash: str, at: datetime, values: Mapping[str, Any]) -> None:
        """Keeps the answer (`provider, model, prompt_version, answer`) in place of a former one."""
        if not self._session.insert_new(
            table, {"workspace_id": workspace_id, "input_hash": input_hash, "at": at, **values}
        ):
            self._session.write(
                update(table)
                .where(table.c.workspace_id == workspace_id, table.c.input_hash == input_hash)
                .values(at=at, **values)
            )
