"""The real files beside the project: every row accounted for, and numbers recounted with DuckDB."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from connectors.files.importer import ImportSummary, import_path
from connectors.warehouse.landing import LandingStore
from models.errors import ImportRefused

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def landing(tmp_path: Path) -> LandingStore:
    return LandingStore(tmp_path / "landing")


def run(path: Path, landing: LandingStore, **arguments: str) -> ImportSummary:
    summary = import_path(str(path), workspace_id="w", landing=landing, landed_at=NOW, **arguments)  # type: ignore[arg-type]
    accounted = summary.contents + summary.readings + summary.rows_rejected + summary.repeated + summary.skipped
    assert summary.rows_read == accounted
    return summary


@pytest.mark.parametrize(
    ("page", "rows", "posts", "repeated"),
    [("natgeo", 1272, 1271, 1), ("instagram", 952, 951, 1), ("mlb", 1142, 1142, 0), ("ign", 3967, 3966, 1)],
)
def test_facebook_pages(
    shared_data: Path, landing: LandingStore, page: str, rows: int, posts: int, repeated: int
) -> None:
    path = shared_data / "facebook_pages" / f"{page}_facebook_statuses.csv"
    summary = run(path, landing)
    assert (summary.rows_read, summary.contents, summary.repeated, summary.rejected) == (rows, posts, repeated, 0)
    assert summary.observations == 9 * posts
    stored = duckdb.execute(
        "select count(distinct entity_id), sum(value) filter (metric = 'reactions') from read_parquet(?)",
        [str(summary.path)],
    ).fetchone()
    counted = duckdb.execute(
        "select count(*), sum(num_reactions::double) from (select distinct * from read_csv(?, all_varchar = true))",
        [str(path)],
    ).fetchone()
    assert stored == counted
    assert pl.read_parquet(summary.path)["account_name"].drop_nulls().unique().to_list() == [page]


def test_facebook_live(shared_data: Path, landing: LandingStore) -> None:
    summary = run(shared_data / "facebook_live" / "Live.csv", landing)
    assert (summary.rows_read, summary.contents, summary.repeated, summary.rejected) == (7050, 6997, 51, 2)
    assert [(r.source_line, r.column) for r in summary.examples] == [(1700, "status_id"), (1731, "status_id")]
    contents = pl.read_parquet(summary.path).filter(pl.col("kind") == "content")
    assert contents["account_id"].n_unique() == 9
    # In the file's own order every page's posts run from new to old, apart from one pair.
    steps = contents.sort("source_line").select(
        (pl.col("published_at") > pl.col("published_at").shift(1).over("account_id")).sum()
    )
    assert steps.item() <= 1


def test_youtube_studio(shared_data: Path, landing: LandingStore) -> None:
    path = shared_data / "youtube_studio" / "Aggregated_Metrics_By_Video.csv"
    summary = run(path, landing)
    assert (summary.rows_read, summary.contents, summary.skipped, summary.rejected) == (224, 223, 1, 0)
    frame = pl.read_parquet(summary.path)
    total = frame.filter(pl.col("metric") == "views")["value"].sum()
    names = {name.replace("\u00ad", ""): name for name in duckdb.read_csv(str(path), all_varchar=True).columns}
    counted = duckdb.execute(
        f"""select sum("{names["Video views"]}"::double) from read_csv(?, all_varchar = true)
            where "{names["Video"]}" <> 'Total'""",
        [str(path)],
    ).fetchone()
    assert counted == (total,)
    # A numbered series tells how the doubtful dates are to be read: its parts appeared in this order.
    episodes = frame.filter(pl.col("title").str.contains(r"KNN EP\. \d+")).with_columns(
        pl.col("title").str.extract(r"KNN EP\. (\d+)").cast(int).alias("episode")
    )
    recent = episodes.filter(pl.col("episode") >= 4).sort("episode")["published_at"]
    assert len(recent) > 10
    assert recent.is_sorted()


@pytest.mark.parametrize(("blog", "articles", "rejected"), [("18f", 503, 1), ("dvc", 149, 0), ("ember", 440, 0)])
def test_blogs(shared_data: Path, landing: LandingStore, blog: str, articles: int, rejected: int) -> None:
    summary = run(shared_data / "blogs" / blog, landing)
    assert (summary.contents, summary.rejected) == (articles, rejected)
    contents = pl.read_parquet(summary.path).filter(pl.col("kind") == "content")
    assert contents["entity_id"].n_unique() == articles
    assert contents["body"].null_count() <= 2
    assert contents["title"].null_count() == 0


@pytest.mark.parametrize(("feed", "entries"), [("feed1.atom", 2), ("feed2.rss", 1), ("feed.json", 25)])
def test_feeds(shared_data: Path, landing: LandingStore, feed: str, entries: int) -> None:
    assert run(shared_data / "feeds" / feed, landing).contents == entries


@pytest.mark.parametrize(
    ("name", "trait"),
    [
        ("dataset_Facebook.csv", ""),
        ("dataset_Facebook1.csv", "column 'Category' holds codes (1, 2, 3) instead of names"),
        ("dataset_Facebook2_endcomma.csv", "every line ends in a separator, which makes an unnamed empty column"),
        ("dataset_Facebook2_semicolon.csv", "its cells are separated by a semicolon instead of a comma"),
        ("dataset_Facebook_error.csv", "line 15 'Post Month' = '&', line 16 'Post Month' = '-', line 17"),
    ],
)
def test_undated_exports_each_have_their_own_sentence(
    shared_data: Path, landing: LandingStore, name: str, trait: str
) -> None:
    with pytest.raises(ImportRefused) as refused:
        run(shared_data / "facebook_uci" / name, landing)
    message = str(refused.value)
    assert message.startswith(f"{name} has no publish date and no post id")
    assert "'Post Month', 'Post Weekday' and 'Post Hour' are not a date" in message
    assert trait in message
    assert ("also," in message) == bool(trait)
    assert landing.batches("w") == []
