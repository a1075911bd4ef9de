"""Contracted columns of the marts about competitors."""

from __future__ import annotations

from connectors.warehouse.contracts.types import DATE, TZ, B, Columns, D, V

# fmt: off
CONTRACTS: dict[str, Columns] = {
    "mart_competitor_content": {
        "workspace_id": V, "competitor": V, "platform": V, "account_id": V, "post_id": V,
        "content_type": V, "title": V, "body": V, "url": V, "published_at": TZ, "published_date": DATE, "topic": V,
        "reactions": D, "comments": D, "shares": D, "views": D, "engagements_public": D, "observed_at": TZ,
    },
    "mart_benchmark": {
        "workspace_id": V, "owner": V, "account_name": V, "platform": V, "posts": B,
        "first_published_at": TZ, "last_published_at": TZ, "posts_per_week": D,
        "posts_with_engagement": B, "median_engagements_public": D,
    },
}
