"""Contracted columns of the marts about audiences, followers, e-mail campaigns and restated numbers."""

from __future__ import annotations

from connectors.warehouse.contracts.types import BOOL, DATE, TZ, B, Columns, D, V

# fmt: off
CONTRACTS: dict[str, Columns] = {
    "mart_followers": {
        "workspace_id": V, "platform": V, "account_id": V, "account_name": V, "owner": V, "followers": D,
        "valid_from": TZ, "valid_to": TZ, "followers_change": D, "readings": B, "last_reading_at": TZ,
        "first_seen_at": TZ, "last_seen_at": TZ, "is_current": BOOL,
    },
    "mart_followers_daily": {
        "workspace_id": V, "platform": V, "account_id": V, "account_name": V, "owner": V, "day": DATE,
        "is_observed": BOOL, "followers": D, "reading_at": TZ, "followers_change": D, "days_between": B,
        "followers_gained": D, "followers_gained_state": V, "followers_lost": D, "followers_lost_state": V,
        "followers_last_known": D, "last_known_day": DATE,
    },
    "mart_audience": {
        "workspace_id": V, "platform": V, "account_id": V, "account_name": V, "owner": V, "day": DATE,
        "dimension": V, "segment": V, "reading_at": TZ, "followers": D, "followers_state": V,
        "share_percent": D, "share_percent_state": V, "segment_rank": B, "share_of_dimension": D,
        "dimension_followers": D, "account_followers": D, "share_of_account": D, "dimension_coverage": D,
        "is_newest": BOOL,
    },
    "mart_email_campaigns": {
        "workspace_id": V, "platform": V, "account_id": V, "account_name": V, "post_id": V, "title": V, "url": V,
        "topic": V, "published_at": TZ, "published_date": DATE, "last_read_at": TZ, "emails_sent": D, "bounces": D,
        "delivered": D, "emails_delivered": D, "opens": D, "machine_opens": D, "confirmed_opens": D, "clicks": D,
        "unique_clicks": D, "unsubscribes": D, "spam_complaints": D, "forwards": D, "raw_open_rate": D,
        "confirmed_open_rate": D, "corrected_open_rate": D, "click_rate": D, "click_to_open_rate": D,
        "click_to_confirmed_open_rate": D, "bounce_rate": D, "unsubscribe_rate": D, "complaint_rate": D,
        "opens_24h": D, "opens_24h_basis": V, "confirmed_opens_24h": D, "unique_clicks_24h": D,
        "unique_clicks_24h_basis": V, "raw_open_rate_24h": D, "confirmed_open_rate_24h": D, "click_rate_24h": D,
        "opens_72h": D, "opens_72h_basis": V, "confirmed_opens_72h": D, "unique_clicks_72h": D,
        "unique_clicks_72h_basis": V, "raw_open_rate_72h": D, "confirmed_open_rate_72h": D, "click_rate_72h": D,
    },
    "mart_email_funnel": {
        "workspace_id": V, "platform": V, "account_id": V, "account_name": V, "period": V, "period_start": DATE,
        "campaigns": B, "emails_sent": D, "bounces": D, "delivered": D, "opens": D, "machine_opens": D,
        "confirmed_opens": D, "clicks": D, "unique_clicks": D, "unsubscribes": D, "spam_complaints": D,
        "raw_open_rate": D, "coverage_raw_open_rate": D, "confirmed_open_rate": D,
        "coverage_confirmed_open_rate": D, "corrected_open_rate": D, "coverage_corrected_open_rate": D,
        "click_rate": D, "coverage_click_rate": D, "click_to_open_rate": D, "coverage_click_to_open_rate": D,
        "click_to_confirmed_open_rate": D, "coverage_click_to_confirmed_open_rate": D, "bounce_rate": D,
        "coverage_bounce_rate": D, "unsubscribe_rate": D, "coverage_unsubscribe_rate": D, "complaint_rate": D,
        "coverage_complaint_rate": D,
    },
    "mart_restatements": {
        "workspace_id": V, "owner": V, "platform": V, "account_id": V, "entity_type": V, "entity_id": V, "metric": V,
        "kind": V, "period_start": TZ, "period_end": TZ, "value_before": D, "seen_before": TZ, "value_after": D,
        "seen_after": TZ, "difference": D, "ratio": D, "revision": B,
    },
}
