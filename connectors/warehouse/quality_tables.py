"""Raw tables that the quality gate writes."""

from __future__ import annotations

QUALITY_TABLES: dict[str, dict[str, str]] = {}
