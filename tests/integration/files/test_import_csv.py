"""CSV files through the importer into real landing files: nothing lost, nothing twice, nothing invented."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from connectors.files.importer import ImportSummary, import_path
from connectors.warehouse.landing import LandingStore
from models.errors import ImportRefused

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
HEADER = "status_id,status_message,link_name,status_type,status_link,status_published,num_reactions,num_comments,num_shares\n"
Import = Callable[..., ImportSummary]


@pytest.fixture
def landing(tmp_path: Path) -> LandingStore:
    return LandingStore(tmp_path / "landing")


@pytest.fixture
def run(landing: LandingStore, tmp_path: Path) -> Import:
    """Writes the text as a file and imports it, holding every summary to its sum."""

    def call(content: str | bytes, name: str = "page_facebook_statuses.csv", **arguments: Any) -> ImportSummary:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        summary = import_path(str(path), workspace_id="w", landing=landing, landed_at=NOW, **arguments)
        accounted = summary.contents + summary.readings + summary.rows_rejected + summary.repeated + summary.skipped
        assert summary.rows_read == accounted
        return summary

    return call


def row(post: str, day: int, reactions: str = "5", text: str = "Hello") -> str:
    return f'{post},"{text}",Link,photo,https://f.example/{post},2016-03-{day:02d} 10:00:00,{reactions},1,2\n'


def landed(summary: ImportSummary, kind: str) -> pl.DataFrame:
    return pl.read_parquet(summary.path).filter(pl.col("kind") == kind)


def mapping_file(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return path


MINE = "name: Mine\nsource: mine\nplatform: instagram\nid: id\ntime: {column: at}\nmetrics: {likes: reactions}\n"


def test_a_row_becomes_content_and_observations(run: Import) -> None:
    summary = run(HEADER + row("7_1", 1) + row("7_2", 2, "", "two\nlines"))
    assert (summary.rows_read, summary.contents, summary.observations) == (2, 2, 6)
    contents = landed(summary, "content")
    assert contents["account_id"].to_list() == ["7", "7"]
    assert contents["account_name"].to_list() == ["page", "page"]
    assert contents["source_line"].to_list() == [2, 3]
    assert contents["body"].to_list() == ["Hello", "two\nlines"]
    assert contents["owner"].unique().to_list() == ["own"]
    numbers = landed(summary, "observation").filter(pl.col("metric") == "reactions")
    assert numbers["value"].to_list() == [5.0, None]
    assert numbers["state"].to_list() == ["observed", "unavailable"]
    assert numbers["period_start"].to_list() == contents["published_at"].to_list()
    assert numbers["period_end"].to_list() == [summary.observed_at] * 2


def test_zero_is_kept(run: Import) -> None:
    numbers = landed(run(HEADER + row("7_1", 1, "0")), "observation")
    assert numbers.filter(pl.col("metric") == "reactions")["value"].to_list() == [0.0]


def test_the_fixed_clock_of_the_page_files(run: Import) -> None:
    text = HEADER + row("7_1", 1) + row("7_2", 20)
    hours = [at.hour for at in landed(run(text), "content")["published_at"].dt.convert_time_zone("UTC")]
    assert hours == [15, 15]


def test_the_same_file_adds_nothing(run: Import, landing: LandingStore) -> None:
    text = HEADER + row("7_1", 1) + row("7_1", 1) + row("x", 1)
    first, second = run(text), run(text)
    assert (first.already_known, second.already_known) == (False, True)
    assert second.batch_id == first.batch_id
    assert (second.rows_read, second.contents, second.rejected, second.repeated) == (3, 1, 1, 1)
    assert len(landing.batches("w")) == 1


def test_changed_numbers_make_another_batch(run: Import, landing: LandingStore) -> None:
    first = run(HEADER + row("7_1", 1, "5"), "a_facebook_statuses.csv")
    second = run(HEADER + row("7_1", 1, "6"), "a_facebook_statuses.csv")
    assert first.batch_id != second.batch_id
    assert len(landing.batches("w")) == 2


@pytest.mark.parametrize(
    "other", [{"competitor": "Rival"}, {"account": "Main"}, {"observed_at": datetime(2026, 1, 1, tzinfo=UTC)}]
)
def test_what_decides_the_meaning_decides_the_batch(run: Import, other: dict[str, Any]) -> None:
    text = HEADER + row("7_1", 1)
    assert run(text).batch_id != run(text, **other).batch_id


def test_a_later_copy_with_a_date_in_its_name_is_a_new_reading(run: Import) -> None:
    text = HEADER + row("7_1", 1)
    first, second = run(text, "p_2016-04-01.csv"), run(text, "p_2016-05-01.csv")
    assert first.batch_id != second.batch_id
    assert first.observed_at == datetime(2016, 4, 2, 4, 59, 59, tzinfo=UTC)
    assert first.observed_from == "the date in the file's name"


def test_when_the_numbers_were_read(run: Import) -> None:
    text = HEADER + row("7_1", 1) + row("7_2", 3)
    assert run(text).observed_at == datetime(2016, 3, 3, 15, tzinfo=UTC)
    given = datetime(2016, 3, 9, tzinfo=UTC)
    assert run(text, observed_at=given).observed_at == given
    # A name's date before the newest row is no export date.
    assert run(text, "p_2016-03-02.csv").observed_at == datetime(2016, 3, 3, 15, tzinfo=UTC)


def test_file_time_is_the_last_resort(run: Import, tmp_path: Path) -> None:
    mapping = mapping_file(tmp_path, MINE)
    path = tmp_path / "own.csv"
    path.write_text("id,at,likes\na1,2020-01-01,3\n", encoding="utf-8")
    os.utime(path, (1_600_000_000, 1_600_000_000))
    summary = import_path(
        str(path), workspace_id="w", landing=LandingStore(tmp_path / "l"), landed_at=NOW, mapping=mapping
    )
    assert summary.observed_at == datetime.fromtimestamp(1_600_000_000, UTC)


def test_bad_rows_and_cells_are_set_aside_with_their_place(run: Import) -> None:
    text = (
        HEADER + row("7_1", 1) + row("1.22E+17", 2) + row("7_2", 2, "dezember") + row("nounderscore", 3)
        + row("7_3", 4).replace("2016-03-04 10:00:00", "4 March") + "7_4,x\n" + row("7_5", 5).replace("2016", "2036")
    )  # fmt: skip
    summary = run(text)
    assert (summary.contents, summary.rows_rejected, summary.rejected) == (2, 5, 6)
    refused = landed(summary, "rejection").sort("source_line")
    assert refused["source_line"].to_list() == [3, 4, 5, 6, 7, 8]
    assert refused["column_name"].to_list() == [
        "status_id", "num_reactions", "status_id", "status_published", None, "status_published",
    ]  # fmt: skip
    reasons = refused["reason"].to_list()
    assert "rounded by a spreadsheet" in reasons[0]
    assert reasons[1] == "'dezember' is not a number"
    assert "cells where the header has 9" in reasons[4]
    assert "after the numbers were read" in reasons[5]
    assert refused["raw"].to_list()[1] == "dezember"
    # The rest of the row with the bad cell is there.
    assert landed(summary, "observation").filter(pl.col("entity_id") == "7_2")["metric"].to_list() == [
        "comments", "shares",
    ]  # fmt: skip


def test_repeated_rows_are_counted_and_contradictions_refused(run: Import) -> None:
    summary = run(HEADER + row("7_1", 1, "5") + row("7_1", 1, "5") + row("7_1", 1, "6"))
    assert (summary.contents, summary.repeated, summary.rows_rejected) == (1, 1, 1)
    assert "stands in line 2 already" in summary.examples[0].reason


def test_strict_refuses_the_file_and_stores_nothing(run: Import, landing: LandingStore) -> None:
    text = HEADER + row("7_1", 1) + row("7_2", 2, "many")
    with pytest.raises(ImportRefused, match=r"0 of 2 rows and 1 cells .* line 3, column 'num_reactions': 'many'"):
        run(text, strict=True)
    assert landing.batches("w") == []
    assert run(HEADER + row("7_1", 1), strict=True).contents == 1


def test_a_broken_encoding_stores_nothing(run: Import, landing: LandingStore) -> None:
    content = (HEADER + row("7_1", 1)).encode() + row("7_2", 2, text="Grüße").encode("latin-1")
    with pytest.raises(ImportRefused, match=r"byte 0xFC at offset \d+ \(line 3\)"):
        run(content)
    assert landing.batches("w") == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"platform": "myspace"}, "Platform 'myspace' is not known: use one of facebook"),
        ({"platform": "x"}, "is read as 'Facebook page posts' of Facebook, not of X"),
        ({"mapping": Path("/nowhere/m.yaml")}, "does not exist"),
    ],
)
def test_arguments_that_cannot_work(run: Import, arguments: dict[str, Any], words: str) -> None:
    with pytest.raises(ImportRefused, match=words):
        run(HEADER + row("7_1", 1), **arguments)


def test_a_mapping_that_does_not_fit_names_both_sides(run: Import, tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"lacks what mapping 'Mine' names: 'likes'; its columns are 'id', 'at'"):
        run("id,at\n1,2020-01-01\n", "own.csv", mapping=mapping_file(tmp_path, MINE))
    with pytest.raises(ImportRefused, match="has 2 columns named 'likes'"):
        run("id,at,likes,Likes\n1,2020-01-01,1,2\n", "own.csv", mapping=mapping_file(tmp_path, MINE))


def test_an_unknown_layout_names_its_columns_and_the_way_on(run: Import) -> None:
    with pytest.raises(
        ImportRefused, match=r"columns are 'when' and 'what': run fabric import --suggest-mapping u\.csv"
    ):
        run("when,what\n2020-01-01,a\n", "u.csv")


def test_own_mapping_with_readings_per_row(run: Import, tmp_path: Path) -> None:
    text = MINE + "observed_at: {column: read, formats: [iso]}\nbody: text\nmissing_values: ['-']\n"
    rows = (
        "id,at,read,text,likes\na1,2020-01-01,2020-01-02,x,1\na1,2020-01-01,2020-01-03,x,-\n"
        "a1,2020-01-01,2020-01-04,edited,3\na1,2020-01-01,2020-01-04,edited,3\n"
    )
    summary = run(rows, "own.csv", mapping=mapping_file(tmp_path, text))
    assert (summary.contents, summary.readings, summary.repeated, summary.observations) == (2, 1, 1, 3)
    numbers = landed(summary, "observation")
    assert numbers["value"].to_list() == [1.0, None, 3.0]
    assert [at.day for at in numbers["observed_at"]] == [2, 3, 4]
    assert summary.observed_at == datetime(2020, 1, 4, tzinfo=UTC)
    assert landed(summary, "content")["body"].to_list() == ["x", "edited"]


def test_account_readings_make_no_content(run: Import, tmp_path: Path) -> None:
    text = (
        "name: F\nsource: f\nplatform: instagram\nentity: account\naccount: {fixed: acme, name: Acme}\n"
        "metrics: {followers: followers}\nobserved_at: {column: day, formats: [iso]}\n"
    )
    summary = run('day,followers\n2020-01-01,"1,200"\n2020-01-02,\n', "f.csv", mapping=mapping_file(tmp_path, text))
    assert (summary.contents, summary.readings, summary.observations) == (0, 2, 2)
    numbers = landed(summary, "observation")
    assert numbers["entity_type"].to_list() == ["account"] * 2
    assert numbers["entity_id"].to_list() == ["acme"] * 2
    assert numbers["value"].to_list() == [1200.0, None]
    assert numbers["period_start"].to_list() == [None, None]


def test_youtube_studio_as_studio_writes_it(run: Import) -> None:
    text = (
        "\ufeffContent,Video title,Video publish time,Duration,Views,Average view duration,Impres\u00adsions,"
        "Impressions click-through rate (%)\r\n"
        'Total,,,,"12,400",0:03:25,"1,000,000",3.1\r\n'
        'abcDEF12345,"A, title","Sep 14, 2026",205,"12,400",0:03:25,"1,000,000",\r\n'
    )
    summary = run(text, "Table data.csv", account="UC1")
    assert (summary.rows_read, summary.contents, summary.skipped) == (2, 1, 1)
    content = landed(summary, "content")
    assert content["url"].item() == "https://www.youtube.com/watch?v=abcDEF12345"
    assert content["account_id"].item() == "UC1"
    values = dict(landed(summary, "observation").select("metric", "value").iter_rows())
    assert values == {
        "views": 12400.0, "average_view_duration_seconds": 205.0, "impressions": 1_000_000.0,
        "impressions_click_through_rate": None,
    }  # fmt: skip


def test_a_competitor_keeps_the_accounts_own_id(run: Import) -> None:
    content = landed(run(HEADER + row("7_1", 1), competitor="Rival & Co"), "content")
    assert (content["owner"].item(), content["account_id"].item(), content["account_name"].item()) == (
        "competitor", "7", "Rival & Co",
    )  # fmt: skip


def test_the_vendors_row_is_kept_whole(run: Import) -> None:
    text = HEADER.replace("num_shares", "num_shares,,num_odd,num_odd") + row("7_1", 1).replace("\n", ",extra,1,2\n")
    payload = landed(run(text), "content")["payload"].item()
    for part in ('"column#10": "extra"', '"num_odd": "1"', '"num_odd#12": "2"', '"num_reactions": "5"'):
        assert part in payload


def test_progress_runs_to_the_end_once(run: Import) -> None:
    seen: list[tuple[int, int]] = []
    run(
        HEADER + "".join(row(f"7_{n}", 1) for n in range(5_000)),
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1] > 100_000
    assert len(seen) > 4
