"""App and pipeline at once: pages are read while builds publish new versions."""

from __future__ import annotations

import shutil
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.warehouse import pages
from connectors.warehouse.reader import ServingReader

READS = 200
HEADER = "status_id,status_message,link_name,status_type,status_link,status_published,num_reactions,num_comments,num_shares,num_likes,num_loves,num_wows,num_hahas,num_sads,num_angrys"


def export(path: Path, turn: int) -> Path:
    """A page's export in which every number has grown since the last turn; the name carries its date."""
    rows = [
        f"77_{post},Synthetic post {post},,photo,,2026-10-{post:02d} 09:00:00,{turn + post},{turn},{turn},0,0,0,0,0,0"
        for post in range(1, 29)
    ]
    path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
    return path


@pytest.mark.long
def test_two_hundred_page_reads_during_builds(demo: Any, tmp_path: Path) -> None:
    """0 lock errors, 0 mixed versions, and the readers do see more than one version."""
    finished, _ = demo
    fabric = replace(finished, home=Path(shutil.copytree(finished.home, tmp_path / "home")))
    failures: list[str] = []
    building = threading.Event()
    building.set()

    def build_in_a_loop() -> None:
        try:
            for turn in range(1, 4):
                path = export(tmp_path / f"pages_2026-11-0{turn}.csv", turn)
                fabric.run("import", str(path), "-w", "sample")
                fabric.run("build")
        except AssertionError as error:
            failures.append(str(error))
        finally:
            building.clear()

    builder = threading.Thread(target=build_in_a_loop)
    reader = ServingReader(fabric.home / "serving")
    builder.start()
    versions: list[str] = []
    reads = 0
    while building.is_set() or reads < READS:
        with reader.open("sample") as snapshot:
            told = snapshot.scalar("select version from serving_info")
            posts = pages.count_posts(snapshot, pages.PostFilter())
            covered = pages.coverage(snapshot).posts
            daily = snapshot.scalar("select sum(posts) from mart_account_daily")
            fresh = snapshot.scalar("select max(last_observed_at) from mart_freshness")
        assert told == snapshot.version
        assert posts == covered == daily
        assert fresh == snapshot.as_of
        if not versions or versions[-1] != told:
            versions.append(told)
        reads += 1
        time.sleep(0.1)  # the builds need the processor as well
    builder.join()
    print(f"{reads} reads over {len(versions)} versions while 3 builds ran")
    assert failures == []
    assert reads >= READS
    assert len(set(versions)) == len(versions) >= 3
