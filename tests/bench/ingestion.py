"""A 180-day backfill of six accounts against the sandbox, and the same endpoint loaded by dlt, in one run.

    python tests/bench/ingestion.py [--posts 20000]

Prints one JSON object: seconds, rows, rows a second and peak memory of the backfill (read, land, load into the warehouse),
what a second run asks for, and posts a second of one account beside dlt (REST source into DuckDB). The sandbox runs in a
process of its own, so that neither side pays for it. All data is synthetic.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from connectors.ingestion import collect_stream  # noqa: E402
from connectors.rhythms import rhythm, window  # noqa: E402
from connectors.sandbox.control import SandboxControl  # noqa: E402
from connectors.sandbox.server import RunningSandbox  # noqa: E402
from connectors.warehouse.database import Warehouse  # noqa: E402
from connectors.warehouse.landing import LandingStore  # noqa: E402
from models.domain.connection import ConnectedAccount, Vendor  # noqa: E402
from models.ports import Stream  # noqa: E402
from tests.contract.platforms.kit import connect, connection_of, sign_in  # noqa: E402

ROUNDS = 3
"""Both sides are measured in turn this often, and the best of each counts: other work on the machine slows either."""
SOCIAL = (Vendor.FACEBOOK, Vendor.INSTAGRAM, Vendor.LINKEDIN, Vendor.X, Vendor.TIKTOK, Vendor.YOUTUBE)
_SERVER = """
import sys
sys.path.insert(0, {root!r})
from connectors.sandbox.server import running_sandbox
from connectors.sandbox.world import World
from models.domain.connection import Vendor
with running_sandbox(World(posts=dict.fromkeys(Vendor, {each}))) as sandbox:
    for vendor in {vendors!r}:
        sandbox.world.history(Vendor(vendor))
    print(sandbox.url, flush=True)
    sys.stdin.read()
"""


@contextmanager
def sandbox_process(posts_each: int) -> Iterator[str]:
    """A sandbox in another process; gives its address."""
    code = _SERVER.format(root=str(ROOT), each=posts_each, vendors=[v.value for v in SOCIAL])
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.communicate(input="", timeout=20)


def backfill(url: str, home: Path) -> dict[str, Any]:
    """Reads 180 days of every stream of six accounts, lands and loads them; then runs again a day later."""
    sandbox = RunningSandbox(url, None, None)  # type: ignore[arg-type]
    control = SandboxControl(url)
    accounts = {vendor: sign_in(sandbox, vendor) for vendor in SOCIAL}
    landing, warehouse = LandingStore(home / "landing"), Warehouse(home / "warehouse.duckdb")
    through: dict[tuple[Vendor, Stream], Any] = {}
    first = _round(sandbox, control, accounts, landing, warehouse, through)
    control.advance(timedelta(days=1))
    second = _round(sandbox, control, accounts, landing, warehouse, through)
    return {"backfill": first, "a_day_later": second}


def _round(
    sandbox: RunningSandbox,
    control: SandboxControl,
    accounts: dict[Vendor, ConnectedAccount],
    landing: LandingStore,
    warehouse: Warehouse,
    through: dict[tuple[Vendor, Stream], Any],
) -> dict[str, Any]:
    started, cpu = time.perf_counter(), time.process_time()
    told: dict[str, Any] = {"posts": 0, "readings": 0, "by_account": {}}
    for vendor, account in accounts.items():
        at = time.perf_counter()
        connector = connect(sandbox, vendor, account, sleep=time.sleep)
        posts = 0
        oldest = None
        for stream in connector.streams:
            now = control.now()
            since, until = window(
                rhythm(vendor, stream), through=through.get((vendor, stream)), now=now, backfill=timedelta(days=180)
            )
            found = collect_stream(
                connection_of(vendor, account),
                connector,
                stream,
                since=since,
                until=until,
                landing=landing,
                landed_at=now,
            )
            if found.error is not None:
                raise found.error
            through[(vendor, stream)] = until
            told["readings"] += found.observations
            posts += found.contents
            oldest = min(oldest or since, since)
        told["posts"] += posts
        told["by_account"][vendor.value] = {
            "posts": posts, "seconds": round(time.perf_counter() - at, 2), "since": str(oldest.date() if oldest else None),
        }  # fmt: skip
    read = time.perf_counter()
    warehouse.load(landing.batches(known=warehouse.loaded_ids()))
    rows = told["posts"] + told["readings"]
    seconds = time.perf_counter() - started
    return {
        **told, "rows": rows, "seconds": round(seconds, 2), "seconds_loading": round(time.perf_counter() - read, 2),
        "cpu_seconds": round(time.process_time() - cpu, 2), "rows_per_second": round(rows / seconds),
        "peak_rss_mib": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }  # fmt: skip


def beside_dlt(url: str, home: Path) -> dict[str, Any]:
    """Posts a second of one X account: ours (content and every metric, landed and loaded) and dlt's (the rows as they come)."""
    sandbox = RunningSandbox(url, None, None)  # type: ignore[arg-type]
    home.mkdir()
    account = sign_in(sandbox, Vendor.X)
    control = SandboxControl(url)
    now = control.now()
    since = now - timedelta(days=180)
    landing, warehouse = LandingStore(home / "landing-x"), Warehouse(home / "warehouse-x.duckdb")
    started = time.perf_counter()
    found = collect_stream(
        connection_of(Vendor.X, account), connect(sandbox, Vendor.X, account), Stream.POSTS, since=since, until=now,
        landing=landing, landed_at=now,
    )  # fmt: skip
    warehouse.load(landing.batches())
    ours = found.contents / (time.perf_counter() - started)

    import dlt
    from dlt.sources.rest_api import rest_api_source

    started = time.perf_counter()
    source = rest_api_source({
        "client": {
            "base_url": f"{url}/x/2/",
            "auth": {"type": "bearer", "token": account.credential.access_token},
            "paginator": {"type": "cursor", "cursor_path": "meta.next_token", "cursor_param": "pagination_token"},
        },
        "resources": [{
            "name": "tweets",
            "endpoint": {
                "path": f"users/{account.account_id}/tweets", "data_selector": "data",
                "params": {
                    "max_results": 100, "start_time": since.strftime("%Y-%m-%dT%H:%M:%SZ"),
                    "post.fields": "created_at,public_metrics",
                },
            },
        }],
    })  # fmt: skip
    pipeline = dlt.pipeline(
        "bench",
        destination=dlt.destinations.duckdb(str(home / "dlt.duckdb")),
        dataset_name="x",
        pipelines_dir=str(home / "dlt"),
    )
    pipeline.run(source)
    theirs_seconds = time.perf_counter() - started
    with pipeline.sql_client() as client:
        rows = client.execute_sql("select count(*) from tweets")
    count = int(rows[0][0]) if rows else 0
    theirs = count / theirs_seconds
    return {
        "posts": found.contents, "posts_of_dlt": count, "ours_posts_per_second": round(ours),
        "ours_observations": found.observations, "dlt_posts_per_second": round(theirs),
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--posts", type=int, default=20_000, help="posts of all six accounts together")
    chosen = parser.parse_args()
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    with tempfile.TemporaryDirectory() as folder, sandbox_process(chosen.posts // len(SOCIAL)) as url:
        home = Path(folder)
        told = backfill(url, home)
        rounds = [beside_dlt(url, home / f"round-{number}") for number in range(ROUNDS)]
        best = {side: max(r[f"{side}_posts_per_second"] for r in rounds) for side in ("ours", "dlt")}
        ratio = best["ours"] / best["dlt"]
        rows_a_post = 1 + rounds[0]["ours_observations"] / rounds[0]["posts"]
        speeds = {f"{side}_posts_per_second": speed for side, speed in best.items()}
        print(
            json.dumps(
                {
                    **told,
                    "beside_dlt": {
                        **rounds[0],
                        **speeds,
                        "ratio_of_posts": round(ratio, 2),
                        "ratio_of_rows": round(ratio * rows_a_post, 2),
                    },
                }
            )
        )


if __name__ == "__main__":
    main()
