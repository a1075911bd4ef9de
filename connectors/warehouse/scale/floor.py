"""What the database itself needs for the same rows: the floor that building the models is compared with.

Each floor is one statement over the loaded readings that writes one table, as a model does, and is dropped again.
"""

from __future__ import annotations

import time

from connectors.warehouse.database import Warehouse
from connectors.warehouse.sqltext import literal

BRACKETS = """
select
    readings.workspace_id, readings.platform, readings.account_id, readings.entity_id, readings.metric,
    case
        when readings.age <= 24 then 0 when readings.age <= 72 then 1 when readings.age <= 168 then 2
        when readings.age <= 672 then 3 else 4
    end as bracket,
    max(readings.observed_at) as last_observed_at, max_by(readings.value, readings.observed_at) as last_value,
    min(readings.observed_at) as first_observed_at, min_by(readings.value, readings.observed_at) as first_value
from (
    select received.*, (epoch_us(received.observed_at) - epoch_us(posts.published_at)) / 3.6e9 as age
    from raw.metric_observation as received
    inner join intermediate.int_post_versions as posts
        on received.workspace_id = posts.workspace_id and received.platform = posts.platform
        and received.account_id = posts.account_id and received.entity_id = posts.post_id
    where received.entity_type = 'post'
) as readings
group by
    readings.workspace_id, readings.platform, readings.account_id, readings.entity_id, readings.metric, bracket
"""
"""The group-by of the heaviest model, int_post_reading_brackets, with any of several readings of one instant."""

LATEST = """
select workspace_id, platform, account_id, entity_id, metric, max_by(value, observed_at) as value
from raw.metric_observation
group by workspace_id, platform, account_id, entity_id, metric
"""
"""The newest value of each metric of each post, and nothing else."""


def floor_seconds(warehouse: Warehouse, statement: str, *, memory: str) -> float:
    """Seconds of one floor under the models' settings; the readings must be loaded and int_post_versions be built."""
    with warehouse.connect() as connection:
        connection.execute(
            f"set preserve_insertion_order = false; set memory_limit = {literal(memory)}; set threads = 2"
        )
        started = time.perf_counter()
        connection.execute(f"create table main.bench_floor as {statement}")
        connection.execute("checkpoint")
        seconds = time.perf_counter() - started
        connection.execute("drop table main.bench_floor")
    return seconds
