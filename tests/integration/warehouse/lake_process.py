"""What a writer and a reader of the lake do, each in a process of its own; arguments: role, url, home, workspace, seconds."""

from __future__ import annotations

import json
import sys
import time
from datetime import timedelta
from pathlib import Path

from connectors.warehouse.engines import open_warehouse
from connectors.warehouse.landing import LandedBatch
from models.settings import Settings
from tests.integration.orchestration.conftest import LANDED, World


def write(world: World, url: str, workspace: str, seconds: float) -> dict[str, int]:
    """Lands and loads batches, each load with the batch before it again. The time counts from the first that is there."""
    warehouse = open_warehouse(url, world.settings.warehouse_dir)
    landed: list[LandedBatch] = []
    until = None
    while until is None or time.monotonic() < until:
        number = len(landed)
        landed.append(
            world.land(
                workspace, f"{workspace}-{number:04d}", posts=5, landed_at=LANDED + timedelta(minutes=number),
                likes=lambda index, n=number: float(n + index),
            )
        )  # fmt: skip
        loaded = warehouse.load(landed[-2:])
        assert loaded == 1, f"{loaded} batches loaded instead of 1"
        until = until or time.monotonic() + seconds
    return {"batches": len(landed)}


def read(world: World, url: str, seconds: float) -> dict[str, int]:
    """Reads whole batches only: the rows there are those that the list of batches promises, in one snapshot."""
    warehouse = open_warehouse(url, world.settings.warehouse_dir)
    reads = most = 0
    until = None
    while until is None or time.monotonic() < until:
        with warehouse.connect(read_only=True) as connection:
            connection.begin()
            promised = connection.execute("select count(*), coalesce(sum(observations), 0) from raw.batch").fetchone()
            there = connection.execute("select count(*) from raw.metric_observation").fetchone()
            connection.commit()
        assert promised is not None
        assert there is not None
        assert promised[1] == there[0], f"{there[0]} rows instead of {promised[1]}"
        assert promised[0] >= most, "batches were lost"
        most, reads = promised[0], reads + 1
        until = until or time.monotonic() + seconds
    return {"reads": reads, "batches": most}


def main(role: str, url: str, home: str, workspace: str, seconds: str) -> None:
    world = World(Settings(home=Path(home), _env_file=None))  # type: ignore[call-arg]
    told = write(world, url, workspace, float(seconds)) if role == "write" else read(world, url, float(seconds))
    print(json.dumps(told))


if __name__ == "__main__":
    main(*sys.argv[1:])
