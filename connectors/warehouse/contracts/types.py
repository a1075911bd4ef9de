"""DuckDB types of contracted columns, and columns that several marts share."""

from __future__ import annotations

Columns = dict[str, str]
"""Column names and their DuckDB types, in order."""

V, D, B, I = "VARCHAR", "DOUBLE", "BIGINT", "INTEGER"
TZ, TS, DATE, BOOL = "TIMESTAMP WITH TIME ZONE", "TIMESTAMP", "DATE", "BOOLEAN"

POST_KEY = {"workspace_id": V, "platform": V, "account_id": V, "post_id": V}
RATES = {
    "engagement_rate_by_reach": D,
    "engagement_rate_by_impressions": D,
    "engagement_rate_by_views": D,
    "engagement_rate_by_followers": D,
}
