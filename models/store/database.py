"""The operational store: users, workspaces, plans, drafts, approvals, jobs and events."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Engine

from models.store.engine import make_engine
from models.store.schema import ensure_schema
from models.store.unit_of_work import UnitOfWork


class Store:
    """An open store, safe to share between threads; each takes its own unit of work."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def unit_of_work(self) -> UnitOfWork:
        """`with store.unit_of_work() as uow: …; uow.commit()`: rolled back unless committed."""
        return UnitOfWork(self._engine)

    def close(self) -> None:
        """Closes the pooled connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(url: str) -> Store:
    """Opens the store at a URL, makes it if absent and migrates it to this version's schema.

    Raises `InvalidInput` for a URL that cannot be used or reached, `StoreCorrupt` for a file that cannot be read.
    """
    engine = make_engine(url)
    try:
        ensure_schema(engine)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine)
