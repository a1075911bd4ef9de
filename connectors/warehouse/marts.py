"""The contracted marts: the one place where Python names mart tables and columns.

`MARTS` maps a mart's name to its columns and their DuckDB types, in order; `connectors.warehouse.contracts` lists them by
area. A contract test holds it against dbt's manifest; serving files carry exactly these tables. Grain and column
documentation live beside the dbt models.
"""

from __future__ import annotations

from connectors.warehouse.contracts import accounts, audience, competitors, operations, posts, quality, topics
from connectors.warehouse.contracts.types import Columns

MARTS: dict[str, Columns] = {
    **posts.CONTRACTS,
    **accounts.CONTRACTS,
    **audience.CONTRACTS,
    **topics.CONTRACTS,
    **competitors.CONTRACTS,
    **operations.CONTRACTS,
    **quality.CONTRACTS,
}
