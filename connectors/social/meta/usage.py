"""The Graph API's usage headers: percent of an allowance used, and minutes until calls are taken again.

`X-App-Usage` counts an app's calls by its users; `X-Business-Use-Case-Usage` counts by page or Instagram account
(Graph API rate limiting).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.answers import Answer, Limit

_SHARES = ("call_count", "total_cputime", "total_time")


def read_limits(answer: Answer) -> Sequence[Limit]:
    """What is left of each allowance, in percent; the fullest of its three counters decides."""
    found: list[Limit] = []
    app = _decoded(answer, "x-app-usage")
    if (used := _used(app)) is not None:
        found.append(Limit("percent of the app's calls", max(0.0, 100.0 - used), 100.0))
    for entry in _business(answer):
        used = _used(entry)
        if used is not None:
            minutes = _minutes(entry)
            reset = datetime.now(UTC) + timedelta(minutes=minutes) if minutes else None
            left = 0.0 if minutes else max(0.0, 100.0 - used)
            found.append(Limit(f"percent of the {entry.get('type', 'account')} calls", left, 100.0, reset))
    return found


def minutes_to_regain(answer: Answer) -> float:
    """The longest wait that any business use case states; 0 when none does."""
    return max((_minutes(entry) for entry in _business(answer)), default=0.0)


def _business(answer: Answer) -> Iterator[Mapping[str, Any]]:
    for entries in _decoded(answer, "x-business-use-case-usage").values():
        if isinstance(entries, list):
            yield from (entry for entry in entries if isinstance(entry, dict))


def _decoded(answer: Answer, header: str) -> Mapping[str, Any]:
    try:
        found = json.loads(answer.headers.get(header, "{}"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _used(entry: Mapping[str, Any]) -> float | None:
    shares = [float(entry[name]) for name in _SHARES if isinstance(entry.get(name), int | float)]
    return max(shares, default=None)


def _minutes(entry: Mapping[str, Any]) -> float:
    minutes = entry.get("estimated_time_to_regain_access")
    return float(minutes) if isinstance(minutes, int | float) else 0.0
