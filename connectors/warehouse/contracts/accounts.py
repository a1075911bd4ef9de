"""Contracted columns of the marts about accounts, platforms, formats and times."""

from __future__ import annotations

from connectors.warehouse.contracts.types import BOOL, DATE, RATES, TZ, B, Columns, D, I, V

# fmt: off
PERFORMANCE: Columns = {
    "posts": B, "posts_with_engagement": B, "posts_with_views": B, "posts_with_impressions": B,
    "engagements_public": D, "engagements_full": D, "reactions": D, "comments": D, "shares": D, "saves": D,
    "clicks": D, "views": D, "impressions": D, "watch_time_hours": D, "median_engagements_public": D,
    "engagement_rate_by_reach": D, "coverage_by_reach": D, "engagement_rate_by_impressions": D,
    "coverage_by_impressions": D, "engagement_rate_by_views": D, "coverage_by_views": D,
    "engagement_rate_by_followers": D, "coverage_by_followers": D, "average_view_duration_seconds": D,
    "posts_with_average_view_duration_seconds": B, "average_percentage_viewed": D,
    "posts_with_average_percentage_viewed": B, "completion_rate": D, "posts_with_completion_rate": B,
    "mean_percentile_28d": D, "posts_measured": B,
}
"""Aggregates of own posts; `performance_of_posts` in transforms/macros/performance.sql."""
AT_7_DAYS: Columns = {
    "engagements_public_7d": D, "posts_with_engagements_public_7d": B, "engagements_public_7d_change": D,
    "views_7d": D, "posts_with_views_7d": B, "views_7d_change": D, "impressions_7d": D,
    "posts_with_impressions_7d": B, "impressions_7d_change": D,
}
"""What weekly marts add: values at 7 days of age and their change."""
ACCOUNT_NUMBERS = (
    "account_views", "account_impressions", "account_engagements", "account_clicks", "profile_views",
    "followers_gained", "followers_lost", "account_video_views", "account_watch_time_hours",
    "account_estimated_revenue_usd", "emails_requested",
)
"""Numbers of whole accounts by day that may be added over days and accounts."""
WEEKLY: Columns = {"week": DATE, "is_complete": BOOL, **PERFORMANCE, **AT_7_DAYS}


def _counted(prefix: str) -> Columns:
    """Each number of the account with the count of readings it is the sum of."""
    return {column: kind for name in ACCOUNT_NUMBERS for column, kind in ((name, D), (f"{prefix}_{name}", B))}


CONTRACTS: dict[str, Columns] = {
    "mart_account_daily": {
        "workspace_id": V, "platform": V, "account_id": V, "account_name": V, "day": DATE,
        "posts": B, "posts_with_engagement": B, "engagements_public": D,
        "reactions": D, "comments": D, "shares": D, "views": D, "impressions": D, "followers": D,
        "engagements_full": D, "saves": D, "clicks": D, "watch_time_hours": D, "account_reach": D,
        **dict.fromkeys(ACCOUNT_NUMBERS, D),
        "metrics_asked": B, "metrics_told": B, "numbers_read_at": TZ, "hours_after_day": D,
    },
    "mart_account_weekly": {
        "workspace_id": V, "platform": V, "account_id": V, "account_name": V, **WEEKLY, **_counted("days_with"),
        "account_views_change": D, "account_impressions_change": D, "account_engagements_change": D,
        "profile_views_change": D, "followers": D,
    },
    "mart_platform_daily": {
        "workspace_id": V, "platform": V, "day": DATE, "accounts": B, **PERFORMANCE, **_counted("accounts_with"),
    },
    "mart_platform_weekly": {"workspace_id": V, "platform": V, **WEEKLY, **_counted("days_with")},
    "mart_format_performance": {"workspace_id": V, "platform": V, "content_type": V, **WEEKLY},
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
