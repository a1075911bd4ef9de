"""Raw rows written by hand: what a test puts into the warehouse before dbt builds it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import duckdb

from connectors.warehouse.schema import RAW

AT_ONCE = 200
"""Rows of one insert: thousands of single ones take minutes."""


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Raw:
    """Collects raw rows of one workspace and writes them in the order, or the reverse order, they were given."""

    def __init__(self, workspace: str, zone: str) -> None:
        self.workspace = workspace
        self.tables: dict[str, list[dict[str, Any]]] = {name: [] for name in RAW}
        self.tables["workspace"].append({"name": workspace, "zone": zone, "plan": "studio", "synthetic": True})

    def batch(self, batch_id: str, seen: datetime, source: str = "csv", rejections: int = 0) -> None:
        self.tables["batch"].append(
            {"batch_id": batch_id, "source": source, "source_file": f"{batch_id}.csv", "observed_at": seen,
             "landed_at": seen, "contents": 1, "observations": 1, "rejections": rejections, "path": batch_id}
        )  # fmt: skip

    def post(self, batch_id: str, seen: datetime, post: str, published: datetime | None, **more: Any) -> None:
        row = {"batch_id": batch_id, "source": "csv", "platform": "facebook", "account_id": "a1", "account_name": "Acme",
               "owner": "own", "entity_type": "post", "entity_id": post, "content_type": "link", "title": post,
               "published_at": published, "tags": "[]", "payload": "{}", "observed_at": seen, "source_line": 1}  # fmt: skip
        self.tables["content"].append(row | more)

    def reading(self, batch_id: str, seen: datetime, post: str, metric: str, value: float | None, **more: Any) -> None:
        row = {"batch_id": batch_id, "platform": "facebook", "account_id": "a1", "account_name": "Acme", "owner": "own",
               "entity_type": "post", "entity_id": post, "metric": metric, "period_end": seen, "value": value,
               "state": "observed" if value is not None else "unavailable", "observed_at": seen,
               "source_line": 1}  # fmt: skip
        self.tables["metric_observation"].append(row | more)

    def topic(self, post: str, topic: str, *, primary: bool = True, **more: Any) -> None:
        row = {"owner": "own", "platform": "facebook", "account_id": "a1", "entity_id": post, "topic": topic,
               "weight": 1.0, "is_primary": primary, "method": "m"}  # fmt: skip
        self.tables["content_topic"].append(row | more)
        if topic not in {row["topic"] for row in self.tables["topic"]}:
            self.tables["topic"].append({"topic": topic, "keywords": topic, "method": "m"})

    def write(
        self, connection: duckdb.DuckDBPyConnection, workspace: str | None = None, *, reverse: bool = False
    ) -> None:
        for table, rows in self.tables.items():
            columns = list(RAW[table])
            ordered = [{"workspace_id": workspace or self.workspace, **row} for row in rows]
            ordered = ordered[::-1] if reverse else ordered
            one = f"({', '.join('?' * len(columns))})"
            for start in range(0, len(ordered), AT_ONCE):
                part = ordered[start : start + AT_ONCE]
                connection.execute(
                    f"insert into raw.{table} values {', '.join([one] * len(part))}",
                    [row.get(column) for row in part for column in columns],
                )
