"""Contracted columns of the marts about audiences, followers and e-mail campaigns."""

from __future__ import annotations

from connectors.warehouse.contracts.types import Columns

# fmt: off
CONTRACTS: dict[str, Columns] = {
}
