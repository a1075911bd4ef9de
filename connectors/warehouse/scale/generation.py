"""Landing files of an installation that never was: as many readings as asked, in the product's own layout and rhythm.

Seven platforms with the metrics the registry knows of them; every post is read once a day for thirty days and once a week
up to its ninety-third, and each reading brings its description along. One workspace holds a fifth of everything, the others
fewer and fewer. Some readings arrive late, some twice, some are revised downwards, some have no value. The same number of
rows gives the same files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb

from connectors.warehouse.atomic import replacing
from connectors.warehouse.landing import LandedBatch
from connectors.warehouse.schema import LANDING
from connectors.warehouse.sqltext import SESSION, literal
from models.metrics.registry import registry

SOURCE = "api_bench"
START = datetime(2024, 6, 3, tzinfo=UTC)
DAYS = 540
"""Days of history; the day that is added is the one after them."""
AGES = (*range(1, 31), *range(37, 94, 7))
"""Days after publishing on which a post is read."""
LARGEST = 0.2
"""The first workspace's share of all posts."""
PUBLIC = ("reactions", "comments", "shares", "views")
"""What is seen of a competitor's posts."""
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "UTC", "Australia/Sydney")
ROWS_IN_BATCH = 15_000
"""Readings of a usual batch; batches of the largest workspace hold more."""


@dataclass(frozen=True)
class Size:
    """How much is made: posts over all workspaces, and into how many spans of time each workspace's batches divide."""

    workspaces: int
    posts: int
    spans: int

    @classmethod
    def of(cls, rows: int, workspaces: int | None = None) -> Size:
        """The size that gives about `rows` readings; between 4 and 50 workspaces where none are asked for."""
        spaces = workspaces or max(4, min(50, rows // 200_000))
        own, rival = _metrics_per_post()
        posts = max(spaces * 10, round(rows / (len(AGES) * (0.85 * own + 0.15 * rival))))
        return cls(spaces, posts, max(4, min(36, rows // (spaces * ROWS_IN_BATCH))))

    def share(self, workspace: int) -> float:
        """The part of all posts that a workspace has, the first being the largest."""
        if workspace == 0:
            return LARGEST
        weights = [float((place + 2) ** -0.7) for place in range(self.workspaces - 1)]
        return (1 - LARGEST) * weights[workspace - 1] / sum(weights)


def workspace_ids(size: Size) -> list[str]:
    return [f"bench-{number:03d}" for number in range(size.workspaces)]


def zone_of(workspace: int) -> str:
    return ZONES[workspace % len(ZONES)]


def generate(root: Path, size: Size) -> Iterator[LandedBatch]:
    """Writes the batches of the whole history below `root`, one workspace after another."""
    length = timedelta(days=DAYS) / size.spans
    with _made(size) as connection:
        for number, workspace in enumerate(workspace_ids(size)):
            for span in range(size.spans):
                yield from _land(
                    connection, root, number, workspace, START + span * length, START + (span + 1) * length
                )


def generate_day(root: Path, size: Size) -> Iterator[LandedBatch]:
    """Writes one batch a workspace with what is read on the day after the history."""
    begin = START + timedelta(days=DAYS)
    with _made(size) as connection:
        for number, workspace in enumerate(workspace_ids(size)):
            yield from _land(connection, root, number, workspace, begin, begin + timedelta(days=1))


def _metrics() -> list[tuple[str, str]]:
    """Platform and metric of everything that is read of posts."""
    known = registry()
    return sorted({(f.platform, f.metric) for f in known.fields if known.metrics[f.metric].entity == "post"})


def _metrics_per_post() -> tuple[float, float]:
    """Metrics of an own post and of a competitor's, in the mean over platforms."""
    listed = _metrics()
    platforms = {platform for platform, _ in listed}
    public = [name for _, name in listed if name in PUBLIC]
    return len(listed) / len(platforms), len(public) / len(platforms)


def _made(size: Size) -> duckdb.DuckDBPyConnection:
    """A database in memory with every post to come; small beside the readings, which are written span by span."""
    connection = duckdb.connect()
    connection.execute(f"{SESSION}; set memory_limit = '1GB'; set preserve_insertion_order = false")
    connection.execute("create table measured (platform varchar, metric varchar, public boolean)")
    connection.executemany("insert into measured values (?, ?, ?)", [(p, m, m in PUBLIC) for p, m in _metrics()])
    connection.execute("create table ages (days integer)")
    connection.executemany("insert into ages values (?)", [(age,) for age in AGES])
    connection.execute("create table posts as " + _POSTS.format(workspace=0, count=0, **_CONSTANTS))
    for number in range(size.workspaces):
        count = max(10, round(size.posts * size.share(number)))
        connection.execute("insert into posts " + _POSTS.format(workspace=number, count=count, **_CONSTANTS))
    return connection


_CONSTANTS = {"start": literal(START.isoformat()), "days": DAYS + 1}

_POSTS = """
select
    {workspace} as workspace,
    platform,
    case when rival then 'competitor' else 'own' end as owner,
    platform || case when rival then '-rival' else '-brand' end || (1 + draw % 2)::varchar as account_id,
    'post-' || lpad(number::varchar, 9, '0') as entity_id,
    timestamptz {start} + to_microseconds((hash({workspace}, number, 'at') % ({days} * 86400000000::ubigint))::bigint) as published_at,
    100 + draw % 10000 as size,
    draw
from (
    select number, platforms.platform, hash({workspace}, number) % 1000003 as draw,
        platforms.platform <> 'email' and hash({workspace}, number, 'rival') % 100 < 15 as rival
    from range({count}) as numbers (number)
    inner join (
        select platform, row_number() over (order by platform) - 1 as place, count(*) over () as platforms
        from (select distinct platform from measured)
    ) as platforms on number % platforms.platforms = platforms.place
)
"""

_READINGS = """
with due as (
    select posts.*, ages.days,
        -- a workspace reads all its posts at one time of the day
        date_trunc('day', posts.published_at) + to_days(ages.days) + interval 6 hour
            + to_minutes(posts.workspace * 7 % 60) as observed_at
    from posts cross join ages
    where posts.workspace = {workspace} and posts.published_at between {begin} - interval 130 day and {end}
),

drawn as (
    select due.*, measured.metric, hash(due.entity_id, due.days, measured.metric, {workspace}) as luck
    from due
    inner join measured on due.platform = measured.platform and (due.owner = 'own' or measured.public)
    where due.observed_at >= {begin} - interval 31 day and due.observed_at < {end}
),

grown as (
    select drawn.*,
        case when luck % 100 = 1 then null
            else floor(size * (1 + hash(metric) % 40) / 20.0 * days / (days + 2.0) * case when luck % 1000 = 2 then 0.9 else 1 end)
        end as value,
        -- one in a thousand is revised; one in 300 comes in thirty days late, one in 500 comes in twice
        luck % 300 = 3 as late,
        luck % 500 = 4 as again
    from drawn
),

arrived as (
    select * from grown where not late and observed_at >= {begin}
    union all
    select * from grown where (late or again) and observed_at + interval 30 day between {begin} and {end} - interval 1 microsecond
),

descriptions as (
    select platform, owner, account_id, entity_id, published_at, observed_at, days, draw
    from due where observed_at >= {begin} and observed_at < {end}
),

accounts as (
    select distinct platform, owner, account_id from posts where workspace = {workspace}
),

counted as (
    select accounts.*, unnest(range({begin}, {end}, interval 1 day)) + interval 6 hour as observed_at
    from accounts
)

select 'observation' as kind, (1 + luck % 1000000)::bigint as source_line, observed_at, platform, account_id, owner, 'post' as entity_type,
    entity_id, null as content_type, null as title, null as body, null as url, null::timestamptz as published_at, null as tags,
    null as payload, metric, null::timestamptz as period_start, observed_at as period_end, value,
    case when value is null then 'unavailable' else 'observed' end as state
from arrived
union all
select 'observation', null, observed_at, platform, account_id, owner, 'account', account_id, null, null, null, null, null, null, null,
    'followers', null, observed_at, 1000 + hash(account_id) % 9000 + date_diff('day', timestamptz {start}, observed_at), 'observed'
from counted
union all
select 'content', 1 + days, observed_at, platform, account_id, owner, 'post', entity_id,
    ['image', 'video', 'link'][1 + (draw % 3)::bigint], 'Post ' || entity_id || ' of ' || account_id,
    repeat('What the brand has to say on ' || ['bread', 'cake', 'coffee', 'tea'][1 + (draw % 4)::bigint] || '. ', 4),
    'https://example.org/' || entity_id, published_at, '[]', '{{}}', null, null, null, null, null
from descriptions
"""


def _land(
    connection: duckdb.DuckDBPyConnection, root: Path, number: int, workspace: str, begin: datetime, end: datetime
) -> Iterator[LandedBatch]:
    """One batch with what a workspace reads between two instants; nothing when it reads nothing."""
    bounds = {"begin": f"timestamptz {literal(begin.isoformat())}", "end": f"timestamptz {literal(end.isoformat())}"}
    connection.execute(
        "create or replace temp table arriving as "
        + _READINGS.format(workspace=number, **bounds, start=_CONSTANTS["start"])
    )
    counts = dict(connection.execute("select kind, count(*) from arriving group by kind").fetchall())
    if not counts:
        return
    batch_id = hashlib.sha256(f"{workspace} {begin}".encode()).hexdigest()[:32]
    batch = LandedBatch(
        workspace_id=workspace,
        source=SOURCE,
        batch_id=batch_id,
        observed_at=end,
        landed_at=end,
        source_file="fabric bench scale",
        path=root / workspace / SOURCE / f"{batch_id}.parquet",
        contents=counts.get("content", 0),
        observations=counts.get("observation", 0),
        rejections=0,
        written=True,
    )
    same = {"workspace_id": workspace, "batch_id": batch_id, "source": SOURCE, "source_file": batch.source_file}
    columns = {name: f"null::{kind}" for name, kind in LANDING.items()}
    columns |= {name: f"{name}::{LANDING[name]}" for name in _COLUMNS}
    columns |= {name: literal(value) for name, value in same.items()}
    columns["account_name"] = "account_id"
    footer = {name: literal(str(value)) for name, value in _footer(batch).items()}
    with replacing(batch.path) as temporary:
        connection.execute(
            f"copy (select {', '.join(f'{sql} as {name}' for name, sql in columns.items())} from arriving)"  # noqa: S608
            f" to {literal(str(temporary))} (format parquet, compression zstd,"
            f" kv_metadata {{{', '.join(f'{name}: {value}' for name, value in footer.items())}}})"
        )
    yield batch


_COLUMNS = (
    "kind", "source_line", "observed_at", "platform", "account_id", "owner", "entity_type", "entity_id", "content_type",
    "title", "body", "url", "published_at", "tags", "payload", "metric", "period_start", "period_end", "value", "state",
)  # fmt: skip


def _footer(batch: LandedBatch) -> dict[str, str | int]:
    return {
        "workspace_id": batch.workspace_id,
        "source": batch.source,
        "batch_id": batch.batch_id,
        "source_file": batch.source_file,
        "observed_at": batch.observed_at.isoformat(),
        "landed_at": batch.landed_at.isoformat(),
        "contents": batch.contents,
        "observations": batch.observations,
        "rejections": batch.rejections,
    }
