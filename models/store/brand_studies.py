"""Stored studies of a brand: append-only versions, numbered from 1 per workspace and kind."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, insert, select, update

from models.domain.brand_study import BrandStudy, BusinessProfile, StudyKind, VoiceProfile
from models.store.ai_tables import brand_studies as table
from models.store.session import Session
from models.store.tables import workspaces

_SETTING = "brand_site"
"""Where the address of the brand's site stands in a workspace's settings."""
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

    def site(self, workspace_id: str) -> str:
        """The start page of the brand's site; empty when none was given."""
        row = self._session.row(select(workspaces.c.settings).where(workspaces.c.id == workspace_id))
        return "" if row is None else str((row.settings or {}).get(_SETTING, ""))

    def set_site(self, workspace_id: str, url: str) -> None:
        """Keeps the address; the workspace's other settings stay."""
        row = self._session.row(select(workspaces.c.settings).where(workspaces.c.id == workspace_id))
        kept = {**((row.settings or {}) if row is not None else {}), _SETTING: url}
        self._session.write(update(workspaces).where(workspaces.c.id == workspace_id).values(settings=kept))


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
