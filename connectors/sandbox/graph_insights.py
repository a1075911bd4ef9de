"""Insights of Meta's vendors in the sandbox: days that end at Pacific midnight, and rows in the vendor's shape."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.sandbox.graph import told

PACIFIC = ZoneInfo("America/Los_Angeles")


def day_end(day: date) -> datetime:
    """The instant at which a day of the vendor ends: midnight in Los Angeles after it (07:00 or 08:00 UTC)."""
    return datetime.combine(day + timedelta(days=1), time(), PACIFIC)


def days(since: datetime, until: datetime) -> Iterator[date]:
    """Days that end in `(since, until]`."""
    day = since.astimezone(PACIFIC).date() - timedelta(days=1)
    while day_end(day) <= until:
        if day_end(day) > since:
            yield day
        day += timedelta(days=1)


def daily(node: str, name: str, values: list[tuple[date, Any]], period: str = "day") -> dict[str, Any]:
    rows = [{"value": value, "end_time": told(day_end(day))} for day, value in values]
    return insight(node, name, period, values=rows)


def lifetime(node: str, name: str, value: Any) -> dict[str, Any]:
    return insight(node, name, "lifetime", values=[{"value": value}])


def insight(node: str, name: str, period: str, **content: Any) -> dict[str, Any]:
    title = name.replace("_", " ").capitalize()
    return {
        "name": name,
        "period": period,
        **content,
        "title": title,
        "description": f"{title} ({period})",
        "id": f"{node}/insights/{name}/{period}",
    }
