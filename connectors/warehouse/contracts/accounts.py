"""Contracted columns of the marts about accounts, platforms, formats and times."""

from __future__ import annotations

from connectors.warehouse.contracts.types import DATE, RATES, B, Columns, D, I, V

# fmt: off
CONTRACTS: dict[str, Columns] = {
    "mart_account_daily": {
        "workspace_id": V, "platform": V, "account_id": V, "account_name": V, "day": DATE,
        "posts": B, "posts_with_engagement": B, "engagements_public": D,
        "reactions": D, "comments": D, "shares": D, "views": D, "impressions": D, "followers": D,
    },
    "mart_rates_daily": {
        "workspace_id": V, "platform": V, "account_id": V, "day": DATE, "rate": V,
        "posts": B, "posts_with_rate": B, "numerator": D, "denominator": D, "value": D,
    },
    "mart_platform_breakdown": {
        "workspace_id": V, "platform": V, "month": DATE, "posts": B, "posts_with_engagement": B,
        "engagements_public": D, "median_engagements_public": D, "views": D, "impressions": D,
        **RATES,
        "coverage_by_reach": D, "coverage_by_impressions": D, "coverage_by_views": D, "coverage_by_followers": D,
    },
    "mart_formats": {
        "workspace_id": V, "platform": V, "content_type": V, "posts": B, "share": D,
        "posts_measured": B, "shrunk_percentile_28d": D,
    },
    "mart_posting_times": {
        "workspace_id": V, "platform": V, "local_weekday": I, "local_hour": I, "posts": B, "posts_measured": B,
        "shrunk_percentile_28d": D, "mean_percentile_28d": D, "variance_percentile_28d": D,
        "platform_posts_without_hour": B,
    },
}
