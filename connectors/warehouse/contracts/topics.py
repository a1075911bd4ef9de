"""Contracted columns of the marts about what content is about."""

from __future__ import annotations

from connectors.warehouse.contracts.accounts import WEEKLY
from connectors.warehouse.contracts.types import BOOL, TZ, B, Columns, D, V

# fmt: off
CONTRACTS: dict[str, Columns] = {
    "mart_content_topics": {
        "workspace_id": V, "topic": V, "keywords": V, "posts": B, "share": D,
        "posts_measured": B, "shrunk_percentile_28d": D,
        "first_published_at": TZ, "last_published_at": TZ, "competitor_posts": B, "competitor_share": D,
    },
    "mart_post_topics": {
        "workspace_id": V, "owner": V, "platform": V, "account_id": V, "post_id": V,
        "topic": V, "weight": D, "is_primary": BOOL,
    },
    "mart_pillar_performance": {"workspace_id": V, "platform": V, "pillar": V, **WEEKLY},
}
