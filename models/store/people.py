"""Stored users and their roles in workspaces."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select, update

from models.domain.workspace import Membership, Role, User
from models.store.session import Session
from models.store.tables import domain_events, memberships, users


class UserRepository:
    """E-mail addresses are stored in lower case, so that one person signs in as one user."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, user: User, created_at: datetime) -> None:
        """Raises `Conflict` when the e-mail address is taken."""
        self._session.write(
            insert(users).values(id=user.id, email=user.email.lower(), name=user.name, created_at=created_at),
            conflict=f"A user with the address {user.email} exists already.",
        )

    def get(self, user_id: str) -> User | None:
        row = self._session.row(select(users).where(users.c.id == user_id))
        return None if row is None else User(row.id, row.email, row.name)

    def by_email(self, email: str) -> User | None:
        row = self._session.row(select(users).where(users.c.email == email.lower()))
        return None if row is None else User(row.id, row.email, row.name)

    def all(self) -> list[User]:
        """By e-mail address."""
        return [User(row.id, row.email, row.name) for row in self._session.rows(select(users).order_by(users.c.email))]

    def names_in(self, workspace_id: str) -> dict[str, str]:
        """Display name by user id, of the members and of everyone who ever acted in the workspace."""
        members = select(memberships.c.user_id).where(memberships.c.workspace_id == workspace_id)
        actors = select(domain_events.c.actor).where(domain_events.c.workspace_id == workspace_id)
        query = select(users.c.id, users.c.name).where(users.c.id.in_(members.union(actors)))
        return {row.id: row.name for row in self._session.rows(query)}


class MembershipRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def role(self, workspace_id: str, user_id: str) -> Role | None:
        """The user's role in the workspace now; None for someone who is not a member."""
        query = select(memberships.c.role).where(
            memberships.c.workspace_id == workspace_id, memberships.c.user_id == user_id
        )
        row = self._session.row(query)
        return None if row is None else Role(row.role)

    def roles_of(self, user_id: str) -> set[Role]:
        """Every role that the user has in some workspace."""
        query = select(memberships.c.role).where(memberships.c.user_id == user_id).distinct()
        return {Role(row.role) for row in self._session.rows(query)}

    def put(self, membership: Membership) -> None:
        """Adds the member, or changes the role of one."""
        changed = self._session.write(
            update(memberships)
            .where(memberships.c.workspace_id == membership.workspace_id, memberships.c.user_id == membership.user_id)
            .values(role=membership.role.value)
        )
        if not changed:
            self._session.write(
                insert(memberships).values(
                    workspace_id=membership.workspace_id, user_id=membership.user_id, role=membership.role.value
                )
            )

    def remove(self, workspace_id: str, user_id: str) -> bool:
        """True if there was such a member."""
        statement = delete(memberships).where(
            memberships.c.workspace_id == workspace_id, memberships.c.user_id == user_id
        )
        return self._session.write(statement) == 1

    def members(self, workspace_id: str) -> list[tuple[User, Role]]:
        """By e-mail address."""
        query = (
            select(users.c.id, users.c.email, users.c.name, memberships.c.role)
            .join(memberships, memberships.c.user_id == users.c.id)
            .where(memberships.c.workspace_id == workspace_id)
            .order_by(users.c.email)
        )
        return [(User(row.id, row.email, row.name), Role(row.role)) for row in self._session.rows(query)]
