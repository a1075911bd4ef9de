"""Stored brand profiles and tracked competitors."""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update

from models.domain.brand import BrandProfile, Competitor
from models.store.session import Session
from models.store.tables import brand_profiles, competitors


class BrandProfileRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, workspace_id: str) -> BrandProfile | None:
        row = self._session.row(select(brand_profiles).where(brand_profiles.c.workspace_id == workspace_id))
        if row is None:
            return None
        return BrandProfile(
            workspace_id=row.workspace_id,
            description=row.description,
            audience=row.audience,
            tone=row.tone,
            banned_phrases=tuple(row.banned_phrases),
            required_phrases=tuple(row.required_phrases),
            links=tuple(row.links),
        )

    def put(self, profile: BrandProfile) -> None:
        """Stores the profile in place of the former one."""
        values = {
            "description": profile.description,
            "audience": profile.audience,
            "tone": profile.tone,
            "banned_phrases": list(profile.banned_phrases),
            "required_phrases": list(profile.required_phrases),
            "links": list(profile.links),
        }
        statement = update(brand_profiles).where(brand_profiles.c.workspace_id == profile.workspace_id).values(values)
        if not self._session.write(statement):
            self._session.write(insert(brand_profiles).values(workspace_id=profile.workspace_id, **values))


class CompetitorRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, competitor: Competitor) -> None:
        self._session.write(
            insert(competitors).values(
                workspace_id=competitor.workspace_id, id=competitor.id, name=competitor.name
            )
        )  # fmt: skip

    def get(self, workspace_id: str, competitor_id: str) -> Competitor | None:
        query = select(competitors).where(competitors.c.workspace_id == workspace_id, competitors.c.id == competitor_id)
        row = self._session.row(query)
        return None if row is None else Competitor(row.workspace_id, row.id, row.name)

    def of_workspace(self, workspace_id: str) -> list[Competitor]:
        """By id."""
        query = select(competitors).where(competitors.c.workspace_id == workspace_id).order_by(competitors.c.id)
        return [Competitor(row.workspace_id, row.id, row.name) for row in self._session.rows(query)]

    def remove(self, workspace_id: str, competitor_id: str) -> bool:
        """True if it was tracked."""
        statement = delete(competitors).where(
            competitors.c.workspace_id == workspace_id, competitors.c.id == competitor_id
        )
        return self._session.write(statement) == 1
