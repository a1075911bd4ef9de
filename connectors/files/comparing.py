"""How much of a landed batch is news: its readings beside the newest ones landed before from the same source.

Two readings speak of the same thing when account, entity, metric and, for numbers of a day, the day are the same. DuckDB
compares the landing files themselves, so nothing is held in memory and nothing is copied.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from models.metrics.registry import registry


@dataclass(frozen=True)
class News:
    """Readings of a batch: `new` speak of something never read before, `same` repeat the newest value, `changed` differ
    from it. A blank is a reading too: blank after blank is the same."""

    new: int = 0
    same: int = 0
    changed: int = 0


_QUERY = """
with readings as (
    select
        filename = $fresh as is_fresh,
        platform || chr(31) || account_id || chr(31) || entity_type || chr(31) || entity_id || chr(31) || metric
            || chr(31) || coalesce(case when metric in (select unnest($periods)) then epoch_us(period_start)::varchar end, '')
            as subject,
        value, observed_at, source_line
    from read_parquet($files, filename = true)
    where kind = 'observation'
),
before as (
    select subject, arg_max({'value': value}, observed_at).value as value from readings where not is_fresh group by subject
),
fresh as (
    select subject, arg_max({'value': value}, observed_at).value as value, count(*) as readings
    from readings where is_fresh group by subject
)
select
    coalesce(sum(readings) filter (before.subject is null), 0)::bigint,
    coalesce(sum(readings) filter (before.subject is not null and fresh.value is not distinct from before.value), 0)::bigint,
    coalesce(sum(readings) filter (before.subject is not null and fresh.value is distinct from before.value), 0)::bigint
from fresh left join before using (subject)
"""


def compare(fresh: Path, earlier: list[Path]) -> News | None:
    """The news in a landing file beside earlier ones, or None where one of them cannot be read."""
    periods = [metric.id for metric in registry().metrics.values() if metric.time_basis == "period"]
    files = [str(fresh), *(str(path) for path in earlier)]
    with duckdb.connect() as connection:
        try:
            row = connection.execute(_QUERY, {"fresh": str(fresh), "files": files, "periods": periods}).fetchone()
        except duckdb.Error:
            return None
    return News(*row) if row else News()


def earlier_files(fresh: Path) -> list[Path]:
    """The other landing files of the same workspace and source."""
    return sorted(path for path in fresh.parent.glob("*.parquet") if path != fresh)
