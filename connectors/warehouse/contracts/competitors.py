"""Contracted columns of the marts about competitors."""

from __future__ import annotations

from connectors.warehouse.contracts.types import BOOL, DATE, TZ, B, Columns, D, I, V

# fmt: off
CONTRACTS: dict[str, Columns] = {
    "mart_competitor_content": {
        "workspace_id": V, "competitor": V, "platform": V, "account_id": V, "post_id": V, "content_type": V,
        "title": V, "body": V, "url": V, "published_at": TZ, "published_date": DATE, "topic": V, "reactions": D,
        "comments": D, "shares": D, "views": D, "engagements_public": D, "observed_at": TZ, "age_hours": D,
        "reactions_state": V, "comments_state": V, "shares_state": V, "views_state": V, "followers_at_publish": D,
        "engagements_public_24h": D, "engagements_public_72h": D, "engagements_public_7d": D,
        "engagements_public_28d": D, "basis_28d": V, "percentile_28d": D, "own_brand": BOOL,
    },
    "mart_competitor_performance": {
        "workspace_id": V, "competitor": V, "platform": V, "account_id": V, "week": DATE, "posts": B,
        "posts_measured": B, "coverage": D, "engagements_public": D, "median_engagements_public": D,
        "posts_measured_7d": B, "median_engagements_public_7d": D, "posts_measured_28d": B,
        "median_engagements_public_28d": D, "followers": D,
    },
    "mart_share_of_voice": {
        "workspace_id": V, "platform": V, "month": DATE, "competitors": V, "observed_whole": BOOL, "own_posts": B,
        "competitor_posts": B, "share_of_posts": D, "competitors_measured": V, "own_posts_measured": B,
        "competitor_posts_measured": B, "own_coverage": D, "competitor_coverage": D, "own_engagements_public": D,
        "competitor_engagements_public": D, "share_of_engagements": D,
    },
    "mart_share_of_voice_by_account": {
        "workspace_id": V, "platform": V, "month": DATE, "owner": V, "account_id": V, "account_name": V,
        "observed_whole": BOOL, "competitors": V, "posts": B, "share_of_posts": D, "posts_measured": B, "coverage": D,
        "engagements_public": D, "competitors_measured": V, "share_of_engagements": D,
    },
    "mart_benchmark": {
        "workspace_id": V, "owner": V, "account_name": V, "platform": V, "posts": B,
        "first_published_at": TZ, "last_published_at": TZ, "posts_per_week": D,
        "posts_with_engagement": B, "median_engagements_public": D,
    },
    "mart_benchmark_like_for_like": {
        "workspace_id": V, "platform": V, "scope": V, "competitors": V, "measure": V, "window_from": DATE,
        "window_to": DATE, "age_hours": I, "own_posts": B, "competitor_posts": B, "own_upper_bounds": B,
        "competitor_upper_bounds": B, "own_mean": D, "competitor_mean": D, "own_median": D, "competitor_median": D,
        "comparable": BOOL, "reason": V, "difference": D, "ratio": D, "own_posts_with_followers": B,
        "competitor_posts_with_followers": B, "own_per_1000_followers": D, "competitor_per_1000_followers": D,
    },
    "mart_breakout_posts": {
        "workspace_id": V, "owner": V, "platform": V, "account_id": V, "account_name": V, "post_id": V, "title": V,
        "url": V, "published_at": TZ, "week": DATE, "engagements_public": D, "age_hours": I, "basis": V,
        "set_weeks": I, "set_posts": B, "set_mean": D, "set_deviation": D, "z": D,
    },
    "mart_breakout_coverage": {
        "workspace_id": V, "owner": V, "platform": V, "account_id": V, "account_name": V, "posts": B,
        "posts_judged": B, "coverage": D, "breakouts": B, "largest_z": D,
    },
}
