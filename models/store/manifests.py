"""Stored manifests of artefacts: append-only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select

from models.domain.ai import Manifest
from models.store.ai_tables import manifests as table
from models.store.session import Session


class ManifestRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, manifest_id: str, workspace_id: str, manifest: Manifest, at: datetime) -> None:
        document = asdict(manifest)
        kind, artefact_id = document.pop("artefact_kind"), document.pop("artefact_id")
        self._session.write(
            insert(table).values(
                id=manifest_id,
                workspace_id=workspace_id,
                artefact_kind=kind,
                artefact_id=artefact_id,
                at=at,
                manifest=document,
            )
        )

    def of_artefact(self, workspace_id: str, artefact_kind: str, artefact_id: str) -> list[Manifest]:
        """Newest first."""
        query = (
            select(table)
            .where(
                table.c.workspace_id == workspace_id,
                table.c.artefact_kind == artefact_kind,
                table.c.artefact_id == artefact_id,
            )
            .order_by(table.c.at.desc(), table.c.id)
        )
        return [_manifest(dict(row._mapping)) for row in self._session.rows(query)]

    def made_by(self, workspace_id: str) -> list[tuple[str, str, str]]:
        """(input hash, kind, id) of every artefact that a request of a model made, in that order."""
        query = select(table).where(table.c.workspace_id == workspace_id)
        found = {
            (row.manifest["input_hash"], row.artefact_kind, row.artefact_id)
            for row in self._session.rows(query)
            if row.manifest["input_hash"]
        }
        return sorted(found)


def _manifest(row: Mapping[str, Any]) -> Manifest:
    document = dict(row["manifest"])
    document["fallbacks"] = tuple(document["fallbacks"])
    return Manifest(artefact_kind=row["artefact_kind"], artefact_id=row["artefact_id"], **document)
