"""A platform's own export beside the warehouse: the rows of both, ready to be compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from models.domain.content import ContentRecord, EntityType, Observation, ObservationState, Owner, Record
from models.errors import InvalidInput
from models.insight.reconciliation import Reading
from models.metrics.registry import registry

if TYPE_CHECKING:
    import duckdb

    from connectors.warehouse.database import Warehouse

_DAY_HOURS = 26
"""A number of an account that speaks of more hours than a day of 25 does not speak of one day."""


@dataclass
class Sides:
    """Both records of the same numbers; `published` are the publish instants of posts on both sides, theirs first.

    `lag_hours`: how much earlier than the export our readings of posts were taken, at the median; None without posts.
    """

    theirs: list[Reading] = field(default_factory=list)
    ours: list[Reading] = field(default_factory=list)
    published: list[tuple[datetime, datetime]] = field(default_factory=list)
    posts: int = 0
    posts_known: int = 0
    lag_hours: float | None = None


@dataclass
class _Export:
    """What an export says: posts by id with address and publish time, and observed values."""

    posts: dict[str, ContentRecord] = field(default_factory=dict)
    values: list[Observation] = field(default_factory=list)


def sides(
    warehouse: Warehouse,
    workspace_id: str,
    zone: ZoneInfo,
    records: Iterable[Record],
    *,
    observed_at: datetime,
    account: str | None = None,
) -> Sides:
    """The export's rows and ours of the same posts, accounts, days and metrics.

    Posts meet by id, by the last part of a compound id, or by address; of our readings the one nearest to the export's
    instant counts. Days are days in `zone`. Raises `InvalidInput` when the export holds no number, or when its account
    cannot be told from several of ours.
    """
    export = _read(records)
    if not export.values:
        raise InvalidInput(
            "The file holds no number that could be compared: see fabric import --dry-run for what it holds."
        )
    found = Sides(posts=len(export.posts))
    platforms = {str(value.platform) for value in export.values}
    metrics = sorted({value.metric for value in export.values})
    with warehouse.connect(read_only=True) as connection:
        ours = _our_posts(connection, workspace_id, platforms, account)
        known = _meeting(export, ours)
        found.posts_known = len(known)
        found.published = [
            (theirs, ours[mine]["published_at"])
            for post, mine in sorted(known.items())
            if (theirs := export.posts[post].published_at) is not None and ours[mine]["published_at"] is not None
        ]
        _posts(connection, workspace_id, platforms, zone, export, known, ours, observed_at, account, found)
        _days(connection, workspace_id, platforms, zone, export, metrics, observed_at, account, found)
    return found


def _read(records: Iterable[Record]) -> _Export:
    export = _Export()
    for record in records:
        if isinstance(record, ContentRecord) and record.entity_type is EntityType.POST:
            export.posts[record.entity_id] = record
        elif isinstance(record, Observation) and record.state is ObservationState.OBSERVED:
            export.values.append(record)
    return export


def _rows(connection: duckdb.DuckDBPyConnection, sql: str, parameters: list[Any]) -> list[dict[str, Any]]:
    result = connection.execute(sql, parameters)
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _our_posts(
    connection: duckdb.DuckDBPyConnection, workspace_id: str, platforms: set[str], account: str | None
) -> dict[str, dict[str, Any]]:
    """Our own posts by id: url and publish time of the newest version."""
    rows = _rows(
        connection,
        """
        select entity_id, url, published_at from raw.content
        where workspace_id = $1 and platform in (select unnest($2)) and owner = $3 and entity_type = 'post'
            and ($4::varchar is null or account_id = $4::varchar)
        qualify row_number() over (
            partition by platform, account_id, entity_id order by observed_at desc, batch_id desc, source_line desc
        ) = 1
        order by entity_id
        """,
        [workspace_id, sorted(platforms), Owner.OWN.value, account],
    )
    return {row["entity_id"]: row for row in rows}


def _meeting(export: _Export, ours: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Their post id → ours. A short form that several of our posts share meets none of them."""
    short: dict[str, list[str]] = {}
    for mine, row in ours.items():
        for name in {mine.rpartition("_")[2], _address(row["url"])} - {"", None}:
            short.setdefault(str(name), []).append(mine)
    known = {}
    for post, record in export.posts.items():
        if post in ours:
            known[post] = post
            continue
        for name in (post.rpartition("_")[2], _address(record.url)):
            if name and len(short.get(name, ())) == 1:
                known[post] = short[name][0]
                break
    return known


def _address(url: str | None) -> str | None:
    """An address without scheme, www, query and closing slash."""
    if not url:
        return None
    bare = url.split("://")[-1].split("?")[0].split("#")[0].rstrip("/")
    return bare.removeprefix("www.").lower()


def _posts(
    connection: duckdb.DuckDBPyConnection,
    workspace_id: str,
    platforms: set[str],
    zone: ZoneInfo,
    export: _Export,
    known: Mapping[str, str],
    ours: Mapping[str, Mapping[str, Any]],
    observed_at: datetime,
    account: str | None,
    found: Sides,
) -> None:
    def day(moment: datetime | None) -> date | None:
        return None if moment is None else moment.astimezone(zone).date()

    newest: dict[tuple[str, str], Observation] = {}
    for value in export.values:
        if value.entity_type is EntityType.POST:
            before = newest.get((value.entity_id, value.metric))
            if before is None or value.observed_at >= before.observed_at:
                newest[(value.entity_id, value.metric)] = value
    if not newest:
        return
    for (post, metric), value in newest.items():
        record = export.posts.get(post)
        at = day(record.published_at if record else value.period_start)
        found.theirs.append(Reading(known.get(post, post), metric, at, float(value.value or 0.0)))
    days = {reading.subject: reading.day for reading in found.theirs}
    first, last = min((d for d in days.values() if d), default=None), max((d for d in days.values() if d), default=None)
    rows = _rows(
        connection,
        """
        select entity_id, metric, value, observed_at from raw.metric_observation
        where workspace_id = $1 and platform in (select unnest($2)) and owner = $3 and entity_type = 'post'
            and state = 'observed' and ($5::varchar is null or account_id = $5::varchar)
        qualify row_number() over (
            partition by platform, account_id, entity_id, metric
            order by abs(epoch_us(observed_at) - epoch_us($4::timestamptz)), observed_at desc, period_end desc, batch_id desc,
                source_line desc, value
        ) = 1
        order by entity_id, metric
        """,
        [workspace_id, sorted(platforms), Owner.OWN.value, observed_at, account],
    )
    lags = []
    for row in rows:
        mine = row["entity_id"]
        at = days.get(mine) or day(ours.get(mine, {}).get("published_at"))
        # A post outside the days the export speaks of is not missing from it.
        if mine not in days and (at is None or first is None or last is None or not first <= at <= last):
            continue
        found.ours.append(Reading(mine, row["metric"], at, float(row["value"])))
        if mine in days:
            lags.append((observed_at - row["observed_at"]).total_seconds() / 3600)
    found.lag_hours = sorted(lags)[len(lags) // 2] if lags else None


def _days(
    connection: duckdb.DuckDBPyConnection,
    workspace_id: str,
    platforms: set[str],
    zone: ZoneInfo,
    export: _Export,
    metrics: list[str],
    observed_at: datetime,
    account: str | None,
    found: Sides,
) -> None:
    basis = {m: registry().metrics[m].time_basis for m in metrics if m in registry().metrics}

    def day(metric: str, start: datetime | None, end: datetime) -> date | None:
        if basis.get(metric) == "point":
            return end.astimezone(zone).date()
        if start is None or (end - start).total_seconds() > _DAY_HOURS * 3600:
            return None
        return start.astimezone(zone).date()

    theirs: dict[tuple[str, str, date], float] = {}
    for value in export.values:
        if value.entity_type is EntityType.ACCOUNT:
            at = day(value.metric, value.period_start, value.period_end)
            if at is not None:
                theirs[(value.account_id, value.metric, at)] = float(value.value or 0.0)
    if not theirs:
        return
    rows = _rows(
        connection,
        """
        select account_id, metric, period_start, coalesce(period_end, observed_at) as period_end, value
        from raw.metric_observation
        where workspace_id = $1 and platform in (select unnest($2)) and owner = $3 and entity_type = 'account'
            and state = 'observed' and metric in (select unnest($4)) and ($6::varchar is null or account_id = $6::varchar)
        qualify row_number() over (
            partition by platform, account_id, metric, period_start, case when period_start is null then period_end end
            order by abs(epoch_us(observed_at) - epoch_us($5::timestamptz)), observed_at desc, batch_id desc, source_line desc,
                value
        ) = 1
        order by account_id, metric, period_end
        """,
        [workspace_id, sorted(platforms), Owner.OWN.value, metrics, observed_at, account],
    )
    mine = _accounts({name for name, *_ in theirs}, {row["account_id"] for row in rows})
    found.theirs += [Reading(mine.get(a, a), m, at, value, of_day=True) for (a, m, at), value in sorted(theirs.items())]
    told = {at for _, _, at in theirs}
    kept: dict[tuple[str, str, date], float] = {}
    for row in rows:
        at = day(row["metric"], row["period_start"], row["period_end"])
        if at is not None and min(told) <= at <= max(told) and row["account_id"] in mine.values():
            kept[(row["account_id"], row["metric"], at)] = float(row["value"])
    found.ours += [Reading(a, m, at, value, of_day=True) for (a, m, at), value in sorted(kept.items())]


def _accounts(theirs: set[str], ours: set[str]) -> dict[str, str]:
    """Their account → ours: the same id, or the only one there is on each side."""
    same = {name: name for name in theirs & ours}
    if same or not ours:
        return same
    if len(theirs) == 1 and len(ours) == 1:
        return {next(iter(theirs)): next(iter(ours))}
    raise InvalidInput(
        f"The file's account ({', '.join(sorted(theirs))}) is none of ours ({', '.join(sorted(ours))}): "
        "say which with --account."
    )
