"""Stored facts of media files, and which draft shows which."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, insert, select

from models.domain.assets import Asset, DraftMedia
from models.domain.publishing import MediaKind
from models.store.session import Session
from models.store.tables import assets, draft_assets


class AssetRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add_new(self, asset: Asset) -> bool:
        """Stores the asset unless the workspace has it; True if it was stored."""
        return self._session.insert_new(
            assets,
            {
                "workspace_id": asset.workspace_id,
                "id": asset.id,
                "kind": asset.kind.value,
                "content_type": asset.content_type,
                "size": asset.size,
                "name": asset.name,
                "created_at": asset.created_at,
                "width": asset.width,
                "height": asset.height,
                "duration_seconds": asset.duration_seconds,
            },
        )

    def get(self, workspace_id: str, asset_id: str) -> Asset | None:
        row = self._session.row(select(assets).where(assets.c.workspace_id == workspace_id, assets.c.id == asset_id))
        return None if row is None else _asset(row)

    def of_workspace(self, workspace_id: str) -> list[Asset]:
        """Newest first."""
        query = select(assets).where(assets.c.workspace_id == workspace_id)
        return [_asset(row) for row in self._session.rows(query.order_by(assets.c.created_at.desc(), assets.c.id))]

    def of_draft(self, draft_id: str) -> list[DraftMedia]:
        """In the draft's order."""
        same = (assets.c.id == draft_assets.c.asset_id) & (assets.c.workspace_id == draft_assets.c.workspace_id)
        query = select(assets, draft_assets.c.alt_text).join(draft_assets, same)
        ordered = query.where(draft_assets.c.draft_id == draft_id).order_by(draft_assets.c.position)
        return [DraftMedia(_asset(row), row.alt_text) for row in self._session.rows(ordered)]

    def set_media(self, workspace_id: str, draft_id: str, media: Sequence[DraftMedia]) -> None:
        """Makes the media of a draft exactly these, in this order."""
        self._session.write(delete(draft_assets).where(draft_assets.c.draft_id == draft_id))
        for position, shown in enumerate(media):
            self._session.write(
                insert(draft_assets).values(
                    draft_id=draft_id, position=position, workspace_id=workspace_id, asset_id=shown.asset.id,
                    alt_text=shown.alt_text,
                )
            )  # fmt: skip


def _asset(row: Row[Any]) -> Asset:
    return Asset(
        id=row.id,
        workspace_id=row.workspace_id,
        kind=MediaKind(row.kind),
        content_type=row.content_type,
        size=row.size,
        name=row.name,
        created_at=row.created_at,
        width=row.width,
        height=row.height,
        duration_seconds=row.duration_seconds,
    )
