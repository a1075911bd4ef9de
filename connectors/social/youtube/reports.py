"""Reports of the YouTube Analytics API v2: tables read by header name, a refused metric left out alone.

One unknown metric refuses a whole report (HTTP 400, "Unknown identifier (x) given in field parameters.metrics"). Then each
metric is asked by itself once, and what was refused is not asked again in this run.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from connectors.social.youtube.channel import Channel
from models.domain.content import ObservationState
from models.errors import PermissionMissing, Rejected

KIND = "youtubeAnalytics#resultTable"
Row = dict[str, Any]


class Reports:
    """The reports of one channel during one collection. `refused` says which metrics were refused and how."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self.refused: dict[str, ObservationState] = {}

    def table(
        self, metrics: Sequence[str], start: date, end: date, *, dimensions: Sequence[str] = (), filters: str = ""
    ) -> list[Row]:
        """The rows of a report over whole Pacific days, both included; refused metrics are missing from them.

        Raises `VendorError` for everything but a refusal of metrics.
        """
        wanted = [metric for metric in metrics if metric not in self.refused]
        if not wanted:
            return []
        try:
            return self._ask(wanted, start, end, dimensions, filters)
        except PermissionMissing:
            self.refused.update(dict.fromkeys(wanted, ObservationState.UNAVAILABLE))
            return []
        except Rejected as refusal:
            if len(wanted) == 1:
                self.refused[wanted[0]] = state_of(refusal)
                return []
        merged: dict[tuple[Any, ...], Row] = {}
        for metric in wanted:
            for row in self.table([metric], start, end, dimensions=dimensions, filters=filters):
                merged.setdefault(tuple(row.get(name) for name in dimensions), {}).update(row)
        return list(merged.values())

    def _ask(
        self, metrics: Sequence[str], start: date, end: date, dimensions: Sequence[str], filters: str
    ) -> list[Row]:
        asked = {
            "ids": f"channel=={self._channel.id}",
            "startDate": start.isoformat(),
            "endDate": end.isoformat(),
            "metrics": ",".join(metrics),
            "dimensions": ",".join(dimensions),
            "filters": filters,
        }
        return rows_of(
            self._channel.read("analytics", "reports", KIND, **{name: value for name, value in asked.items() if value})
        )


def rows_of(table: dict[str, Any]) -> list[Row]:
    """The rows by header name; none when the report leaves `rows` out."""
    names = [str(header.get("name")) for header in table.get("columnHeaders") or [] if isinstance(header, dict)]
    return [dict(zip(names, row, strict=False)) for row in table.get("rows") or [] if isinstance(row, list)]


def state_of(refusal: Rejected) -> ObservationState:
    """A documented metric that the interface does not know any more is retired; any other refusal is not supported."""
    return ObservationState.RETIRED if "Unknown identifier" in refusal.cause else ObservationState.UNSUPPORTED
