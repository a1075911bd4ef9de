"""Contracted columns of the marts about drafts, approvals, publishing, tests of variants, recommendations and the use of models."""

from __future__ import annotations

from connectors.warehouse.contracts.types import Columns

# fmt: off
CONTRACTS: dict[str, Columns] = {
}
