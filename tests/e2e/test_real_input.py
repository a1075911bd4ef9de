"""The main job on real input: two workspaces from files to approved-able drafts, and numbers re-computed from the files.

`natgeo`: a Facebook page with three others as competitors. `18f`: a blog and a YouTube Studio export, two blogs as
competitors. The files stand beside the project; without them these tests are skipped.
"""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from .conftest import observed


def pages(shared_data: Path, name: str) -> Path:
    return shared_data / "facebook_pages" / f"{name}_facebook_statuses.csv"


def import_all(fabric: Any, data: Path) -> list[dict[str, Any]]:
    """Both workspaces' imports; returns the summaries."""
    calls = [
        ("natgeo", pages(data, "natgeo"), None),
        ("natgeo", pages(data, "npr"), "npr"),
        ("natgeo", pages(data, "theguardian"), "theguardian"),
        ("natgeo", pages(data, "nytimes"), "nytimes"),
        ("18f", data / "blogs" / "18f", None),
        ("18f", data / "blogs" / "dvc", "dvc"),
        ("18f", data / "blogs" / "ember", "ember"),
        ("18f", data / "youtube_studio" / "Aggregated_Metrics_By_Video.csv", None),
    ]
    summaries = []
    for workspace, path, competitor in calls:
        extra = ("--competitor", competitor) if competitor else ()
        summaries += fabric.json("import", str(path), "--workspace", workspace, *extra)["imported"]
    return summaries


@pytest.fixture(scope="module")
def world(new_installation: Callable[[str], Any], shared_data: Path) -> dict[str, Any]:
    """One installation with both workspaces imported and built."""
    fabric = new_installation("real")
    fabric.run("workspace", "create", "natgeo", "--zone", "America/New_York")
    fabric.run("workspace", "create", "18f", "--zone", "America/New_York")
    imported = import_all(fabric, shared_data)
    built = fabric.json("build")
    return {"fabric": fabric, "imported": imported, "built": built}


@pytest.fixture
def facebook(shared_data: Path) -> Callable[[str, str], Any]:
    """The single value of an expression over one page's file, each post once."""

    def compute(name: str, expression: str) -> Any:
        query = f"""
            with posts as (
                select *, num_reactions::double + num_comments::double + num_shares::double as engagements
                from read_csv(?, all_varchar = true, header = true)
                qualify row_number() over (partition by status_id order by status_published desc) = 1
            )
            select {expression} from posts"""
        row = duckdb.execute(query, [str(pages(shared_data, name))]).fetchone()
        assert row is not None
        return row[0]

    return compute


def test_nothing_is_lost_between_file_and_summary(world: dict[str, Any]) -> None:
    for summary in world["imported"]:
        accounted = sum(summary[part] for part in ("contents", "readings", "rows_rejected", "repeated", "skipped"))
        assert summary["rows_read"] == accounted, summary


def test_post_count_equals_the_file(world: dict[str, Any], facebook: Callable[[str, str], Any]) -> None:
    assert world["fabric"].value("natgeo", "select count(*) from mart_posts") == facebook("natgeo", "count(*)")


def test_sum_of_shares_equals_the_file(world: dict[str, Any], facebook: Callable[[str, str], Any]) -> None:
    shown = world["fabric"].value("natgeo", "select sum(shares) from mart_posts")
    assert shown == facebook("natgeo", "sum(num_shares::double)")


def test_competitor_median_equals_the_file(world: dict[str, Any], facebook: Callable[[str, str], Any]) -> None:
    query = "select median_engagements_public from mart_benchmark where account_name = 'nytimes'"
    assert world["fabric"].value("natgeo", query) == facebook("nytimes", "median(engagements)")


def test_posts_of_a_local_day_equal_the_file(world: dict[str, Any], facebook: Callable[[str, str], Any]) -> None:
    """The file's clock stands at UTC−5 all year; the workspace's day of 2016-03-13 has 23 hours."""
    local = "timezone('America/New_York', timezone('Etc/GMT+5', status_published::timestamp))::date"
    for day in ("2016-03-13", "2016-06-01"):
        shown = world["fabric"].value("natgeo", f"select sum(posts) from mart_account_daily where day = date '{day}'")
        assert shown == facebook("natgeo", f"count(*) filter (where {local} = date '{day}')"), day


def test_engagement_rate_by_views_equals_the_export(world: dict[str, Any], shared_data: Path) -> None:
    """Σ engagements ÷ Σ views over the videos, and never the mean of rates nor the export's own total row."""
    path = shared_data / "youtube_studio" / "Aggregated_Metrics_By_Video.csv"
    names = {name.replace("\u00ad", ""): name for name in duckdb.read_csv(str(path), all_varchar=True).columns}
    parts = " + ".join(f'"{names[column]}"::double' for column in ("Likes", "Comments added", "Shares"))
    views, video = names["Video views"], names["Video"]
    expected = duckdb.execute(
        f'select sum({parts}) / sum("{views}"::double) from read_csv(?, all_varchar = true) where "{video}" <> \'Total\'',
        [str(path)],
    ).fetchone()
    assert expected is not None
    query = "select sum(numerator) / sum(denominator) from mart_rates_daily where rate = 'engagement_rate_by_views'"
    assert world["fabric"].value("18f", query) == pytest.approx(expected[0], rel=1e-12)


def test_articles_equal_the_folder(world: dict[str, Any], shared_data: Path) -> None:
    files = len(list((shared_data / "blogs" / "18f").glob("*.md")))
    stored = world["fabric"].value("18f", "select count(*) from mart_posts where platform = 'web'")
    refused = world["fabric"].value(
        "18f", "select count(distinct source_file) from mart_rejections where source_file like '%18f%'"
    )
    assert stored + refused == files


def test_generation_cites_only_what_reruns(world: dict[str, Any]) -> None:
    for workspace in ("natgeo", "18f"):
        made = world["fabric"].json("generate", "all", "--workspace", workspace, "--weeks", "2")
        assert made["evidence_checked"] > 10
        assert made["entries_added"] > 0
        assert made["drafts_added"] >= made["entries_added"]
        again = world["fabric"].json("generate", "all", "--workspace", workspace, "--weeks", "2")
        assert (again["entries_added"], again["drafts_added"]) == (0, 0)


def test_the_voices_of_both_brands_are_told_from_others_on_unseen_posts(world: dict[str, Any]) -> None:
    for workspace, single, hidden in (("natgeo", 0.8, 0.75), ("18f", 0.9, 0.85)):
        told = world["fabric"].json("brand", "study", "--workspace", workspace)
        assert told["voice"]["fit"]["single"] > single
        assert told["voice"]["fit"]["masked"] > hidden
        assert all(said["quote"] == said["text"] for said in told["business"]["statements"])
        assert world["fabric"].json("brand", "study", "--workspace", workspace)["changed"] == []


@pytest.fixture(scope="module")
def settled(world: dict[str, Any]) -> str:
    """The digest once a build has taken in the drafts that were generated: they are in the marts too."""
    digest: str = world["fabric"].json("build")["digest"]
    return digest


def test_importing_twice_changes_nothing(world: dict[str, Any], settled: str, shared_data: Path) -> None:
    summaries = import_all(world["fabric"], shared_data)
    assert [summary["already_known"] for summary in summaries] == [True] * len(summaries)
    built = world["fabric"].json("build")
    assert (built["digest"], built["changed"]) == (settled, False)


def test_rebuilt_from_landing_the_marts_are_the_same(world: dict[str, Any], settled: str) -> None:
    shutil.rmtree(world["fabric"].home / "warehouse")
    assert world["fabric"].json("build", "--from-landing")["digest"] == settled


def kill_after(process: Any, seconds: float) -> bool:
    """Kills the process outright after a while; False when it had ended by itself before."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            return False
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return True


def test_killed_in_import_and_build_the_marts_are_the_same(
    new_installation: Callable[[str], Any], world: dict[str, Any], shared_data: Path
) -> None:
    """`kill -9` during imports and during builds, at several moments, then the same commands again."""
    fabric = new_installation("killed")
    for workspace in ("natgeo", "18f"):
        fabric.run("workspace", "create", workspace, "--zone", "America/New_York")
    killed = 0
    for seconds in (0.9, 1.3, 1.8):
        killed += kill_after(
            fabric.start("import", str(pages(shared_data, "nytimes")), "-w", "natgeo", "--competitor", "nytimes"),
            seconds,
        )
    assert killed, "no import was running when the kill came"
    import_all(fabric, shared_data)
    killed = 0
    for seconds in (6, 14):
        killed += kill_after(fabric.start("build"), seconds)
    assert killed, "no build was running when the kill came"
    built = fabric.json("build")["marts"]
    for workspace in ("natgeo", "18f"):
        assert observed(built[workspace]) == observed(world["built"]["marts"][workspace])
