"""What the quality gate says about one landed batch, and how that is kept in the warehouse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import duckdb

from connectors.warehouse.judging import JUDGED, judged_columns, register_batches, register_registry
from connectors.warehouse.landing import LandedBatch
from connectors.warehouse.schema import LANDING, LOADED, RAW
from models.domain.quality import Severity

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class RuleResult:
    """One rule on the rows of one kind (`content`, `observation`, or `batch` for rules about the whole)."""

    kind: str
    rule: str
    column: str
    severity: Severity
    rows_checked: int
    rows_failed: int
    examples: str = ""


@dataclass(frozen=True)
class Verdict:
    """`refused` says why the batch must not load, None when it may. `failing` holds the combinations of judged columns
    whose rows are left out: `kind`, the judged columns, `rule`, `column_name` and `rank` (the first rule broken counts)."""

    batch: LandedBatch
    refused: str | None
    results: tuple[RuleResult, ...]
    failing: pl.DataFrame | None = None
    rows_left_out: int = 0

    @property
    def warnings(self) -> tuple[RuleResult, ...]:
        return tuple(r for r in self.results if r.severity is Severity.WARNING and r.rows_failed)


@dataclass(frozen=True)
class LoadedVolume:
    """How much a loaded batch held: `rows` of content and readings."""

    workspace_id: str
    source: str
    source_file: str
    batch_id: str
    observed_at: datetime
    landed_at: datetime
    rows: int


def stamp(batch: LandedBatch) -> str:
    """Changes when the landing file is replaced."""
    found = batch.path.stat()
    return f"{found.st_size}-{found.st_mtime_ns}"


def refused_stamps(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Key → stamp of the batches that were refused as a whole."""
    return dict(
        connection.execute(
            "select concat_ws('/', workspace_id, source, batch_id), stamp from raw.refused_batch"
        ).fetchall()
    )


def keep_results(connection: duckdb.DuckDBPyConnection, verdict: Verdict) -> None:
    """Replaces what is known of the batch's checks; inside the caller's transaction."""
    import polars as pl

    batch = verdict.batch
    key = [batch.workspace_id, batch.source, batch.batch_id]
    for table in ("quality_result", "refused_batch"):
        connection.execute(
            f"delete from raw.{table} where workspace_id = ? and source = ? and batch_id = ?",  # noqa: S608
            key,
        )
    results = pl.DataFrame(
        [
            (batch.workspace_id, batch.batch_id, batch.source, batch.source_file, r.kind, r.rule, r.column,
             r.severity.value, r.rows_checked, r.rows_failed, r.examples, batch.observed_at, batch.landed_at)
            for r in verdict.results
        ],
        schema=list(RAW["quality_result"]), orient="row",
    )  # fmt: skip
    connection.register("incoming_results", results)
    connection.execute("insert into raw.quality_result by name select * from incoming_results")
    connection.unregister("incoming_results")
    if verdict.refused is not None:
        connection.execute(
            "insert into raw.refused_batch values (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                batch.workspace_id, batch.batch_id, batch.source, batch.source_file, verdict.refused, stamp(batch),
                batch.observed_at, batch.landed_at,
            ],
        )  # fmt: skip


def set_aside(connection: duckdb.DuckDBPyConnection, verdict: Verdict) -> Mapping[str, int]:
    """Puts the rows of the failing combinations into `raw.quarantine`, and their numbers in the file into the temporary
    table `left_out`. Gives how many rows of each kind there are."""
    batch = verdict.batch
    register_registry(connection)
    register_batches(connection, [batch])
    connection.register("failing", verdict.failing)
    same = " and ".join(f"j.{column} is not distinct from f.{column}" for column in ("kind", *JUDGED))
    connection.execute(
        f"""
        create or replace temp table left_out as
        select j.file_row_number, j.kind, min_by(f.rule, f.rank) as rule, min_by(f.column_name, f.rank) as column_name
        from (
            select r.file_row_number, r.kind, {judged_columns()}
            from read_parquet($1, filename = true, file_row_number = true) as r
            inner join judged_batch as b on r.filename = b.path
        ) as j inner join failing as f on {same}
        group by j.file_row_number, j.kind
        """,  # noqa: S608
        [str(batch.path)],
    )
    connection.unregister("failing")
    # The row as it came, without the vendor's payload, which stays in the landing file; a row of another workspace is
    # named and not shown. Text for the value: JSON knows no infinity.
    shown = ", ".join(
        f"'{c}': {_text(c)}" for c in LANDING if c not in {"payload", "batch_id", "source", "source_file"}
    )
    connection.execute(
        f"""
        insert into raw.quarantine
        select $2, $3, $4, $5, r.source_line, r.kind, l.rule, l.column_name,
            case when l.rule = 'belongs_to_batch' then '' else cast(json_merge_patch('{{}}', to_json({{{shown}}})) as varchar) end,
            $6
        from read_parquet($1, file_row_number = true) as r inner join left_out as l using (file_row_number)
        order by r.file_row_number
        """,  # noqa: S608
        [str(batch.path), batch.workspace_id, batch.batch_id, batch.source, batch.source_file, batch.observed_at],
    )
    return dict(connection.execute("select kind, count(*) from left_out group by kind").fetchall())


def _text(column: str) -> str:
    return "cast(r.value as varchar)" if column == "value" else f"r.{column}"


def copy_rows(connection: duckdb.DuckDBPyConnection, batch: LandedBatch, *, without_left_out: bool) -> list[int]:
    """Copies a landing file's rows into the raw tables; how many of each kind of `LOADED`."""
    counts: list[int] = []
    where = "kind = ? and workspace_id = ?"
    source = "read_parquet(?)"
    if without_left_out:
        source = "read_parquet(?, file_row_number = true)"
        where += " and file_row_number not in (select file_row_number from left_out)"
    for kind, table in LOADED.items():
        columns = ", ".join(RAW[table])
        row: Any = connection.execute(
            f"insert into raw.{table} select {columns} from {source} where {where}",  # noqa: S608
            [str(batch.path), kind.value, batch.workspace_id],
        ).fetchone()
        counts.append(row[0] if row else 0)
    return counts
