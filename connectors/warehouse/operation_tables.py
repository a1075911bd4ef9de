"""Raw tables that are snapshots of the operational store."""

from __future__ import annotations

OPERATION_TABLES: dict[str, dict[str, str]] = {}
