"""Removing a workspace's files: landing, raw rows and serving versions."""

from __future__ import annotations

import shutil
from pathlib import Path

from connectors.warehouse.database import Warehouse


def remove_workspace(landing: Path, warehouse: Warehouse, serving: Path, workspace_id: str) -> None:
    """Deletes what the workspace has on disk. Its rows leave the marts with the next build.

    Landing goes first, so that a build started meanwhile cannot bring the rows back.
    """
    shutil.rmtree(landing / workspace_id, ignore_errors=True)
    if warehouse.exists():
        warehouse.delete_workspace(workspace_id)
    shutil.rmtree(serving / workspace_id, ignore_errors=True)
