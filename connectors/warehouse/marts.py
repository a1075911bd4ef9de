"""The contracted marts: the one place where Python names mart tables and columns.

`MARTS` maps a mart's name to its columns and their DuckDB types, in order. A contract test holds it against dbt's
manifest; serving files carry exactly these tables. Grain and column documentation live beside the dbt models.
"""

from __future__ import annotations

# fmt: off
V, D, B, I = "VARCHAR", "DOUBLE", "BIGINT", "INTEGER"
TZ, TS, DATE, BOOL = "TIMESTAMP WITH TIME ZONE", "TIMESTAMP", "DATE", "BOOLEAN"

_POST_KEY = {"workspace_id": V, "platform": V, "account_id": V, "post_id": V}
_RATES = {
    "engagement_rate_by_reach": D,
    "engagement_rate_by_impressions": D,
    "engagement_rate_by_views": D,
    "engagement_rate_by_followers": D,
}

MARTS: dict[str, dict[str, str]] = {
    "mart_posts": {
        "workspace_id": V, "platform": V, "account_id": V, "account_name": V, "post_id": V,
        "content_type": V, "title": V, "body": V, "url": V,
        "published_at": TZ, "published_local": TS, "published_date": DATE, "local_weekday": I, "local_hour": I,
        "observed_at": TZ, "age_hours": D, "topic": V,
        "impressions": D, "reach": D, "views": D, "reactions": D, "comments": D, "shares": D, "saves": D, "clicks": D,
        "watch_time_hours": D, "engagements_public": D, "engagements_full": D,
        **_RATES,
        "engagements_public_28d": D, "basis_28d": V, "percentile_28d": D,
    },
    "mart_post_metrics": {
        **_POST_KEY, "metric": V, "unit": V, "value": D, "state": V,
        "observed_at": TZ, "first_observed_at": TZ, "readings": B, "changes": B,
    },
    "mart_post_metrics_at_age": {
        **_POST_KEY, "metric": V, "age_hours": I, "value": D, "basis": V,
        "reading_before_hours": D, "reading_after_hours": D,
    },
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
        **_RATES,
        "coverage_by_reach": D, "coverage_by_impressions": D, "coverage_by_views": D, "coverage_by_followers": D,
    },
    "mart_formats": {
        "workspace_id": V, "platform": V, "content_type": V, "posts": B, "share": D,
        "posts_measured": B, "shrunk_percentile_28d": D,
    },
    "mart_posting_times": {
        "workspace_id": V, "platform": V, "local_weekday": I, "local_hour": I, "posts": B,
        "posts_measured": B, "shrunk_percentile_28d": D,
    },
    "mart_content_topics": {
        "workspace_id": V, "topic": V, "keywords": V, "posts": B, "share": D,
        "posts_measured": B, "shrunk_percentile_28d": D,
        "first_published_at": TZ, "last_published_at": TZ, "competitor_posts": B, "competitor_share": D,
    },
    "mart_post_topics": {
        "workspace_id": V, "owner": V, "platform": V, "account_id": V, "post_id": V,
        "topic": V, "weight": D, "is_primary": BOOL,
    },
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
    "mart_freshness": {
        "workspace_id": V, "source": V, "owner": V, "batches": B, "contents": B, "observations": B,
        "rejections": B, "first_observed_at": TZ, "last_observed_at": TZ,
    },
    "mart_rejections": {
        "workspace_id": V, "batch_id": V, "source": V, "source_file": V, "source_line": B,
        "column_name": V, "reason": V, "raw": V,
    },
    "mart_metrics": {
        "workspace_id": V, "metric": V, "name": V, "unit": V, "kind": V, "time_basis": V,
        "additive_posts": BOOL, "additive_days": BOOL, "additive_accounts": BOOL, "documentation": V,
    },
}
