"""Queries that analysts keep for their workspace."""

from __future__ import annotations

from datetime import datetime

from models.domain.analysis import SavedQuery
from models.domain.workspace import Principal
from models.errors import InvalidInput, NotFound
from models.services._recording import new_id, record
from models.services._wording import clean_line
from models.services.policy import QUERY, Action, policy
from models.store.unit_of_work import UnitOfWork

MOST_QUERIES = 500
LONGEST_SQL = 20_000


@policy(Action.SAVE_QUERY)
def save_query(
    uow: UnitOfWork, principal: Principal, workspace_id: str, name: str, sql: str, *, now: datetime
) -> SavedQuery:
    """Keeps a query under a name; one of that name is replaced."""
    called = clean_line(name, "The query's name", limit=100)
    text = sql.strip()
    if not text or len(text) > LONGEST_SQL:
        raise InvalidInput(f"A query to keep has between 1 and {LONGEST_SQL:,} characters: this one has {len(text):,}.")
    known = uow.queries.of_workspace(workspace_id)
    same = next((query for query in known if query.name.casefold() == called.casefold()), None)
    if same is None and len(known) >= MOST_QUERIES:
        raise InvalidInput(f"{MOST_QUERIES} queries are kept already: delete one that nobody needs first.")
    kept = SavedQuery(same.id if same else new_id(), workspace_id, called, text, principal.user_id, now)
    uow.queries.put(kept)
    record(uow, principal, workspace_id, "query.saved", kept.id, now)
    return kept


@policy(Action.VIEW_WORKSPACE)
def list_queries(uow: UnitOfWork, principal: Principal, workspace_id: str) -> list[SavedQuery]:
    """The workspace's kept queries, by name."""
    return uow.queries.of_workspace(workspace_id)


@policy(Action.SAVE_QUERY, QUERY)
def delete_query(uow: UnitOfWork, principal: Principal, query_id: str, *, now: datetime) -> None:
    """Forgets a kept query."""
    query = uow.queries.get(query_id)
    if query is None:
        raise NotFound(f"Query {query_id!r} is not kept: list the queries again.")
    uow.queries.remove(query_id)
    record(uow, principal, query.workspace_id, "query.deleted", query_id, now)
