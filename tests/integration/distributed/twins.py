"""One home with two warehouses over the same raw rows: the embedded one, and Spark's over landing files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from connectors.warehouse.database import Warehouse
from connectors.warehouse.engines import open_warehouse
from connectors.warehouse.marts import MARTS
from connectors.warehouse.schema import LANDING, LOADED, RAW
from models.settings import Settings
from orchestration.dbt_runner import invoke
from tests.integration.transforms.raw_rows import Raw

_EXAMPLES = 3


@dataclass(frozen=True)
class Twins:
    home: Path
    url: str

    def warehouse(self, url: str) -> Warehouse:
        settings = self.settings(url)
        return open_warehouse(settings.warehouse_url, settings.warehouse_dir)

    def settings(self, url: str) -> Settings:
        return Settings(home=self.home, warehouse_url=url)

    def lay_out(self, raws: Iterable[Raw]) -> None:
        """Writes the rows into the embedded warehouse, from there into landing files, and the rest into Spark's file."""
        embedded, spark = self.warehouse(""), self.warehouse(self.url)
        with embedded.connect() as connection:
            for raw in raws:
                raw.write(connection)
            _complete(connection)
            _land(connection, self.home / "landing")
        with spark.connect() as connection:
            connection.execute(f"attach '{embedded.path}' as embedded (read_only)")
            for table in RAW.keys() - set(LOADED.values()):
                connection.execute(f"insert into raw.{table} by name select * from embedded.raw.{table}")
        with spark.connect():
            pass  # the views see the landing files

    def build(self, select: Sequence[str] = ()) -> None:
        """Builds seeds and models in both, without the tests of data and code, which are the embedded build's."""
        arguments = [
            "build",
            "--exclude-resource-type",
            "test",
            "unit_test",
            *(["--select", *select] if select else []),
        ]
        for url in ("", self.url):
            outcome = invoke(self.settings(url), arguments, target=self.home / "target")
            assert outcome.success, f"{url or 'DuckDB'}: {outcome.reason()}"

    def differences(self, marts: Iterable[str] = tuple(MARTS)) -> list[str]:
        """What tells the two warehouses' marts apart, to the last row and bit: nothing, if all is well."""
        found: list[str] = []
        with (
            self.warehouse("").connect(read_only=True) as ours,
            self.warehouse(self.url).connect(read_only=True) as theirs,
        ):
            for mart in marts:
                columns = ", ".join(f'cast("{name}" as {kind}) as "{name}"' for name, kind in MARTS[mart].items())
                query = f"select {columns} from marts.{mart}"
                one, two = ours.execute(query).to_arrow_table(), theirs.execute(query).to_arrow_table()
                found += [f"{mart}: {text}" for text in _differences(one, two)]
        return found

    def workspaces(self) -> list[str]:
        with self.warehouse("").connect(read_only=True) as connection:
            return [w for (w,) in connection.execute("select workspace_id from raw.workspace order by 1").fetchall()]


def _differences(one: object, two: object) -> list[str]:
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.register("one", one)
        connection.register("two", two)
        told = []
        for name, mine, other in (("only DuckDB has", "one", "two"), ("only Spark has", "two", "one")):
            rows = connection.execute(f"select * from {mine} except all select * from {other}").fetchall()
            if rows:
                told.append(f"{name} {len(rows)} rows, such as {rows[:_EXAMPLES]}")
        return told


def _complete(connection: duckdb.DuckDBPyConnection) -> None:
    """Gives each batch that rows name a row of its own: hand-written rows may go without, landing files may not."""
    everything = " union ".join(
        f"select workspace_id, batch_id, observed_at, {'source' if 'source' in RAW[table] else 'null'} as source from raw.{table}"
        for table in LOADED.values()
    )
    connection.execute(
        f"""
        insert into raw.batch by name
        select workspace_id, batch_id, coalesce(max(source), 'csv') as source, max(observed_at) as observed_at,
            max(observed_at) as landed_at
        from ({everything}) as named
        where not exists (
            select 1 from raw.batch as known where known.workspace_id = named.workspace_id and known.batch_id = named.batch_id
        )
        group by workspace_id, batch_id
        """
    )
    for table in ("content", "rejection"):
        connection.execute(
            f"update raw.{table} as r set source = known.source from raw.batch as known "
            "where known.workspace_id = r.workspace_id and known.batch_id = r.batch_id"
        )


def _land(connection: duckdb.DuckDBPyConnection, landing: Path) -> None:
    """The rows of each batch as its landing file; those with rows in quarantine also where accepted rows lie."""
    rows = []
    for kind, table in LOADED.items():
        there = set(RAW[table]) - {"source"}
        listed = [f"r.{name}" if name in there else f"cast(null as {t}) as {name}" for name, t in LANDING.items()]
        listed = [
            {"kind": f"'{kind}' as kind", "source": "known.source"}.get(n, s)
            for n, s in zip(LANDING, listed, strict=True)
        ]
        rows.append(
            f"select {', '.join(listed)} from raw.{table} as r inner join raw.batch as known "
            "on r.workspace_id = known.workspace_id and r.batch_id = known.batch_id"
        )
    connection.execute(f"create temp table landed as {' union all '.join(rows)}")
    batches = connection.execute(
        "select distinct workspace_id, source, batch_id, exists (select 1 from raw.quarantine as q where "
        "q.workspace_id = b.workspace_id and q.source = b.source and q.batch_id = b.batch_id) from raw.batch as b"
    ).fetchall()
    accepted = landing.with_name("warehouse") / "spark" / "accepted"
    for number, (workspace, source, batch, aside) in enumerate(batches):
        for root in (landing, accepted) if aside else (landing,):
            folder = root / workspace / source
            folder.mkdir(parents=True, exist_ok=True)
            connection.execute(
                f"copy (select * from landed where workspace_id = ? and source = ? and batch_id = ?) "
                f"to '{folder}/{number}.parquet' (format parquet)",
                [workspace, source, batch],
            )
