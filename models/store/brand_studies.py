"""Stored studies of a brand: append-only versions, numbered from 1 per workspace and kind."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, insert, select

from models.domain.brand_study import BrandStudy, BusinessProfile, StudyKind, VoiceProfile
from models.store.ai_tables import brand_studies as table
from models.store.session import Session

_DOCUMENTS: dict[StudyKind, type[BusinessProfile] | type[VoiceProfile]] = {
    StudyKind.BUSINESS: BusinessProfile,
    StudyKind.VOICE: VoiceProfile,
}


class BrandStudyRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, study: BrandStudy) -> None:
        """Raises `Conflict` when the version number is taken."""
        self._session.write(
            insert(table).values(
                id=study.id,
                workspace_id=study.workspace_id,
                kind=study.kind.value,
                version=study.version,
                at=study.at,
                by=study.by,
                input_hash=study.input_hash,
                document=study.document.model_dump(mode="json"),
            ),
            conflict=f"Version {study.version} of the {study.kind} profile was saved by someone else: read it again.",
        )

    def latest(self, workspace_id: str, kind: StudyKind) -> BrandStudy | None:
        found = self.of_workspace(workspace_id, kind, limit=1)
        return found[0] if found else None

    def of_workspace(self, workspace_id: str, kind: StudyKind, *, limit: int | None = None) -> list[BrandStudy]:
        """Newest version first."""
        query = select(table).where(table.c.workspace_id == workspace_id, table.c.kind == kind.value)
        return [_study(row) for row in self._session.rows(query.order_by(table.c.version.desc()).limit(limit))]


def _study(row: Row[Any]) -> BrandStudy:
    kind = StudyKind(row.kind)
    return BrandStudy(
        id=row.id,
        workspace_id=row.workspace_id,
        kind=kind,
        version=row.version,
        at=row.at,
        by=row.by,
        input_hash=row.input_hash,
        document=_DOCUMENTS[kind].model_validate(row.document),
    )
