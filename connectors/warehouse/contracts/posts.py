"""Contracted columns of the marts about own posts: their newest values, and values at equal ages."""

from __future__ import annotations

from connectors.warehouse.contracts.types import DATE, POST_KEY, RATES, TS, TZ, Columns, D, I, V

# fmt: off
CONTRACTS: dict[str, Columns] = {
    "mart_posts": {
        "workspace_id": V, "platform": V, "account_id": V, "account_name": V, "post_id": V,
        "content_type": V, "title": V, "body": V, "url": V,
        "published_at": TZ, "published_local": TS, "published_date": DATE, "local_weekday": I, "local_hour": I,
        "observed_at": TZ, "age_hours": D, "topic": V,
        "impressions": D, "reach": D, "views": D, "reactions": D, "comments": D, "shares": D, "saves": D, "clicks": D,
        "watch_time_hours": D, "engagements_public": D, "engagements_full": D,
        **RATES,
        "engagements_public_28d": D, "basis_28d": V, "percentile_28d": D,
    },
    "mart_post_metrics": {
        **POST_KEY, "metric": V, "unit": V, "value": D, "state": V,
        "observed_at": TZ, "first_observed_at": TZ,
    },
    "mart_post_metrics_at_age": {
        **POST_KEY, "metric": V, "age_hours": I, "value": D, "basis": V,
        "reading_before_hours": D, "reading_after_hours": D,
    },
}
