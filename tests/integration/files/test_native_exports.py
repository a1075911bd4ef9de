"""One synthetic file per native layout: recognised, every quirk read right, and nothing twice."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import xlwt

from connectors.files.importer import ImportSummary, import_path
from connectors.warehouse.landing import LandingStore
from models.errors import ImportRefused

EXPORTS = Path(__file__).resolve().parents[2] / "fixtures" / "exports"
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
READ = datetime(2026, 11, 1, 12, tzinfo=UTC)
PAGE, PROFILE = "100064000000001", "17841400000000001"
HANDLE = "summit.synthetic"
Import = Callable[..., ImportSummary]


@pytest.fixture
def landing(tmp_path: Path) -> LandingStore:
    return LandingStore(tmp_path / "landing")


@pytest.fixture
def run(landing: LandingStore) -> Import:
    """Imports a fixture by name, or a path, holding the summary to its sums."""

    def call(name: str | Path, **arguments: Any) -> ImportSummary:
        path = name if isinstance(name, Path) else EXPORTS / name
        arguments = {"observed_at": READ, **arguments}
        summary = import_path(str(path), workspace_id="w", landing=landing, landed_at=NOW, **arguments)
        rows = summary.contents + summary.readings + summary.rows_rejected + summary.repeated + summary.skipped
        assert summary.rows_read == rows
        parts = (summary.observations_new, summary.observations_known, summary.observations_changed)
        assert summary.observations == sum(part or 0 for part in parts)
        return summary

    return call


def linkedin(path: Path, *, impressions: int = 4100) -> Path:
    """A page's content export as LinkedIn writes it: two sheets with a sentence above each header."""
    book = xlwt.Workbook()
    sheets: dict[str, list[tuple[Any, ...]]] = {
        "Metrics": [
            ("Daily totals of the page Summit Outdoor (synthetic), in UTC",),
            (
                "Date", "Impressions (organic)", "Impressions (sponsored)", "Impressions (total)",
                "Unique impressions (organic)", "Clicks (organic)", "Clicks (sponsored)", "Clicks (total)",
                "Engagement rate (total)",
            ),
            ("10/25/2026", 900, 100, 1000, 640, 30, 2, 32, 0.051),
            ("10/26/2026", 40, 0, 40, 31, 1, "", "", 0.02),
        ],
        "All posts": [
            ("Posts of the page Summit Outdoor (synthetic) and their lifetime numbers",),
            (
                "Post title", "Post link", "Post type", "Campaign name", "Posted by", "Created date", "Audience",
                "Impressions", "Views", "Clicks", "Click through rate (CTR)", "Likes", "Comments", "Reposts", "Follows",
                "Engagement rate", "Content Type",
            ),
            (
                "We are hiring, twice", "https://www.linkedin.com/feed/update/urn:li:activity:7250000000000000001",
                "Organic", "", "A. Synthetic", "10/14/2026", "All followers", impressions, "", 88, 0.0215, 51, 4, 3, 2,
                0.035, "Article",
            ),
            (
                "A film", "https://www.linkedin.com/posts/summit_film-ugcPost-7250000000000000002-aBcD", "Organic", "",
                "A. Synthetic", "10/03/2026", "All followers", 900, 410, 7, 0.0078, 12, 0, 1, 0, 0.02, "Video",
            ),
            ("No link", "", "Organic", "", "A. Synthetic", "10/02/2026", "All followers", 9, "", 0, 0, 0, 0, 0, 0, 0, ""),
        ],
        "Notes": [("Nothing to import here",)],
    }  # fmt: skip
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for line, row in enumerate(rows):
            for column, value in enumerate(row):
                sheet.write(line, column, value)
    book.save(str(path))
    return path


def numbers(summary: ImportSummary) -> dict[tuple[str, str], float | None]:
    """(entity, metric) → value; of an account's days, the entity is the day in UTC."""
    rows = pl.read_parquet(summary.path).filter(pl.col("kind") == "observation")
    return {
        (str(r["period_start"].date()) if r["entity_type"] == "account" else r["entity_id"], r["metric"]): r["value"]
        for r in rows.iter_rows(named=True)
    }


def contents(summary: ImportSummary) -> list[dict[str, Any]]:
    return pl.read_parquet(summary.path).filter(pl.col("kind") == "content").to_dicts()


def instants(summary: ImportSummary) -> list[str]:
    return [row["published_at"].astimezone(UTC).isoformat()[:16] for row in contents(summary)]


def test_facebook_posts(run: Import) -> None:
    summary = run("facebook_posts.csv")
    assert (summary.layout, summary.contents, summary.rows_rejected) == ("Facebook posts (Meta Business Suite)", 4, 1)
    first, reel, text, _ = contents(summary)
    assert (first["account_id"], first["account_name"]) == (PAGE, "Summit Outdoor (synthetic)")
    # The caption stands in Title where Description is blank, and is then no title.
    assert (first["title"], first["body"]) == (None, "Pack light, walk far")
    assert (reel["title"], reel["body"]) == ("Reel of the ridge", "New boots… ½ price™\nsecond line")
    assert "𝗡𝗲𝘄 𝗯𝗼𝗼𝘁𝘀" in reel["payload"]
    assert text["body"] == 'Text, with "quotes"'
    assert instants(summary)[0] == "2026-10-03T15:31"
    values = numbers(summary)
    assert values[first["entity_id"], "views"] == 12400
    assert values[reel["entity_id"], "views"] is None
    assert values[text["entity_id"], "views"] == 0
    assert values[reel["entity_id"], "watch_time_hours"] == 2
    assert values[reel["entity_id"], "average_view_duration_seconds"] == 11.5
    assert {metric for _, metric in values} == {
        "views", "reach", "reactions", "comments", "shares", "clicks", "watch_time_hours",
        "average_view_duration_seconds",
    }  # fmt: skip
    assert "choose Lifetime when exporting" in summary.examples[0].reason
    assert summary.notes == (
        "The check sum 'Reactions, Comments and Shares' does not hold in 1 row: line 6 says 31 where its parts add up to "
        "30; the parts are stored as they stand.",
    )


def test_facebook_posts_split_into_organic_and_boosted(run: Import) -> None:
    summary = run("facebook_posts_split.csv")
    values = numbers(summary)
    assert values["122158000000000011", "views"] == 1250
    assert values["122158000000000012", "views"] is None
    assert "reach" not in {metric for _, metric in values}
    assert "Reach from Organic posts" in summary.recognised[0].left
    assert summary.notes == ()


@pytest.mark.parametrize("case", [str.upper, str.lower, lambda text: text.replace("Views", "Vie\u00adws")])
def test_columns_are_found_in_any_case_and_with_soft_hyphens(
    run: Import, tmp_path: Path, case: Callable[[str], str]
) -> None:
    header, rest = (EXPORTS / "facebook_posts.csv").read_text(encoding="utf-8-sig").split("\n", 1)
    path = tmp_path / "any.csv"
    path.write_text(f"{case(header)}\n{rest}", encoding="utf-8")
    assert numbers(run(path))["122158000000000001", "views"] == 12400


def test_facebook_daily_series(run: Import) -> None:
    summary = run("facebook_follows.csv", account=PAGE)
    rows = pl.read_parquet(summary.path).filter(pl.col("kind") == "observation")
    assert rows["metric"].unique().to_list() == ["followers_gained"]
    assert rows["value"].to_list() == [12.0, 0.0, None, 1204.0]
    assert rows["entity_type"].unique().to_list() == ["account"]
    first = rows.row(0, named=True)
    # A day of Meta ends at Pacific midnight.
    assert first["period_start"].astimezone(UTC).isoformat() == "2026-10-01T07:00:00+00:00"
    assert first["period_end"].astimezone(UTC).isoformat() == "2026-10-02T07:00:00+00:00"
    assert first["observed_at"] == READ
    assert "below the line 'Facebook follows'" in summary.recognised[0].why


def test_a_series_of_an_unknown_metric_names_the_known_ones(run: Import, tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    text = (EXPORTS / "facebook_follows.csv").read_text(encoding="utf-16").replace("Facebook follows", "Moon phases")
    path.write_text(text, encoding="utf-16")
    with pytest.raises(
        ImportRefused, match=r"series .* with 'Moon phases' above its header, .* 'Content interactions'"
    ):
        run(path, account=PAGE)


def test_two_files_of_viewers_disagree_and_both_are_kept(run: Import, landing: LandingStore) -> None:
    with pytest.raises(ImportRefused, match="give --platform facebook or --platform instagram"):
        run("viewers_a.csv", account=PAGE)
    first = run("viewers_a.csv", account=PAGE, platform="facebook")
    second = run("viewers_b.csv", account=PAGE, platform="facebook")
    assert (numbers(first)["2026-10-01", "account_reach"], numbers(second)["2026-10-01", "account_reach"]) == (310, 297)
    assert (second.observations_new, second.observations_known, second.observations_changed) == (0, 1, 1)
    assert len(landing.batches("w")) == 2


def test_a_series_says_its_platform_in_the_name_of_its_file(run: Import, tmp_path: Path) -> None:
    path = Path(shutil.copy(EXPORTS / "viewers_a.csv", tmp_path / "Instagram viewers.csv"))
    assert run(path, account=PROFILE).source == "instagram_daily"


def test_facebook_audience_in_percent(run: Import) -> None:
    summary = run("facebook_audience.csv", account=PAGE)
    assert numbers(summary) == {
        ("age_gender=18-24.F", "audience_share"): 5.1, ("age_gender=18-24.M", "audience_share"): 4.4,
        ("age_gender=25-34.F", "audience_share"): 20.3, ("age_gender=25-34.M", "audience_share"): 18.2,
        ("age_gender=65+.F", "audience_share"): 0.7, ("age_gender=65+.M", "audience_share"): None,
        ("city=Berlin, Germany", "audience_share"): 9.1, ("city=Vienna, Austria", "audience_share"): 7.0,
        ("country=DE", "audience_share"): 41.2, ("country=GB", "audience_share"): 6.3,
        ("country=CI", "audience_share"): 0.4, ("page=Trail Times (synthetic)", "audience_share"): 2.1,
        ("page=Peak Post (synthetic)", "audience_share"): 1.9,
    }  # fmt: skip
    assert pl.read_parquet(summary.path)["entity_type"].unique().to_list() == ["audience"]
    assert "'Interests by moon phase' (line 16), 'Facebook follows' (line 24)" in summary.notes[0]


def test_instagram_audience_in_fractions(run: Import) -> None:
    values = numbers(run("instagram_audience.csv", account=PROFILE))
    assert values["age_gender=25-34.F", "audience_share"] == pytest.approx(20.3)
    assert values["country=AT", "audience_share"] == pytest.approx(17)
    assert len(values) == 6


def test_instagram_posts(run: Import) -> None:
    summary = run("instagram_posts.csv")
    first, second, third = contents(summary)
    assert (first["account_id"], first["content_type"]) == (PROFILE, "IG image")
    assert first["body"] == "Dawn, above the clouds\n#hiking"
    assert second["body"] == "Summit day"
    assert third["body"] is None
    # 3 October is month first; 1 November 01:30 occurs twice in Pacific time and is taken as the first.
    assert instants(summary) == ["2026-10-03T15:31", "2026-10-14T02:00", "2026-11-01T08:30"]
    values = numbers(summary)
    assert values[first["entity_id"], "views"] == 12400
    assert values[first["entity_id"], "follows"] == 4
    assert values[second["entity_id"], "saves"] is None


def test_x_content(run: Import) -> None:
    summary = run("x_content_2026-10-31.csv", observed_at=None)
    assert summary.observed_at == datetime(2026, 10, 31, 23, 59, 59, tzinfo=UTC)
    first = contents(summary)[0]
    assert (first["account_id"], first["account_name"]) == ("summitsynth", "SummitSynth")
    assert instants(summary) == ["2026-10-25T00:00", "2026-10-26T00:00"]
    values = numbers(summary)
    post = "1978000000000000001"
    assert {metric: value for (entity, metric), value in values.items() if entity == post} == {
        "impressions": 4021, "reactions": 31, "saves": 2, "follows": 1, "comments": 4, "shares": 6, "profile_visits": 9,
        "clicks": 3,
    }  # fmt: skip
    assert values["1978000000000000017", "profile_visits"] is None
    assert any("days and no times of day" in note for note in summary.notes)


def test_x_account_overview_is_no_posts(run: Import) -> None:
    summary = run("x_account_overview.csv", account="summitsynth")
    assert (summary.contents, summary.readings) == (0, 2)
    values = numbers(summary)
    assert values["2026-10-25", "account_impressions"] == 5100
    assert values["2026-10-25", "followers_lost"] == 1
    assert values["2026-10-26", "account_video_views"] is None
    assert "Not taken, for want of a metric: 'Likes', 'Bookmarks'" in summary.notes[0]


def test_x_video_overview_below_its_preamble(run: Import) -> None:
    values = numbers(run("x_video_overview.csv", account="summitsynth"))
    assert values == {
        ("2026-10-25", "account_video_views"): 350, ("2026-10-25", "account_watch_time_hours"): 0.5,
        ("2026-10-25", "account_estimated_revenue_usd"): 0.42, ("2026-10-26", "account_video_views"): 0,
        ("2026-10-26", "account_watch_time_hours"): 0, ("2026-10-26", "account_estimated_revenue_usd"): 0,
    }  # fmt: skip


def test_tiktok_content(run: Import) -> None:
    summary = run("tiktok_content.csv")
    assert (summary.contents, summary.skipped, summary.rows_rejected) == (2, 1, 1)
    assert summary.examples[0].reason == "the row has no link, and so no id"
    first, second = contents(summary)
    assert (first["entity_id"], first["account_id"]) == ("7420000000000000001", HANDLE)
    values = numbers(summary)
    assert values[first["entity_id"], "reactions"] == 1200
    assert values[first["entity_id"], "views"] == 18400
    assert values[first["entity_id"], "completion_rate"] == 38
    assert values[first["entity_id"], "average_view_duration_seconds"] == 12
    assert values[second["entity_id"], "views"] == 1_100_000
    assert values[second["entity_id"], "average_view_duration_seconds"] == 11.5
    # 86:40 and 5200 seconds are the same play time.
    hours = [values[row["entity_id"], "watch_time_hours"] for row in (first, second)]
    assert hours == [pytest.approx(5200 / 3600)] * 2
    assert values[second["entity_id"], "saves"] is None


def test_tiktok_content_with_the_other_column_names(run: Import) -> None:
    summary = run("tiktok_content_other.csv")
    assert instants(summary) == ["2026-09-14T00:00", "2026-10-20T09:05"]
    assert [row["content_type"] for row in contents(summary)] == ["video", "photo"]
    values = numbers(summary)
    assert values["7420000000000000003", "reactions"] == 44
    assert values["7420000000000000003", "completion_rate"] == pytest.approx(31)


@pytest.mark.parametrize(
    ("name", "impressions", "hours"),
    [("youtube_studio.csv", 200_000, 640.1), ("youtube_studio_dots.csv", 200_000, 640.1)],
)
def test_youtube_studio_in_two_number_styles(run: Import, name: str, impressions: int, hours: float) -> None:
    summary = run(name, account="UCsynthetic")
    assert (summary.contents, summary.skipped, summary.rejected) == (2, 1, 0)
    values = numbers(summary)
    assert values["synthVid001", "impressions"] == impressions
    assert values["synthVid001", "watch_time_hours"] == hours
    assert values["synthVid001", "views"] == (1250 if "dots" in name else 12400)
    assert values["synthVid002", "impressions_click_through_rate"] is None


def test_linkedin_page(run: Import, tmp_path: Path) -> None:
    summary = run(linkedin(tmp_path / "acme_content.xls"), account="12345")
    assert summary.layout == "LinkedIn page metrics by day and LinkedIn posts (page content)"
    assert (summary.contents, summary.readings, summary.rows_rejected) == (2, 2, 1)
    posts = contents(summary)
    assert [row["entity_id"] for row in posts] == [
        "urn:li:activity:7250000000000000001", "urn:li:ugcPost:7250000000000000002",
    ]  # fmt: skip
    assert instants(summary) == ["2026-10-14T00:00", "2026-10-03T00:00"]
    assert [row["content_type"] for row in posts] == ["Article", "Video"]
    values = numbers(summary)
    assert values["urn:li:activity:7250000000000000001", "impressions"] == 4100
    assert values["urn:li:activity:7250000000000000001", "views"] is None
    assert values["2026-10-25", "account_impressions"] == 1000
    assert values["2026-10-26", "account_clicks"] is None
    assert "Sheets without a known layout, not taken: 'Notes'." in summary.notes
    assert {row.source_file for row in summary.examples} == {"acme_content.xls, All posts"}


def test_mailchimp_campaigns(run: Import) -> None:
    summary = run("mailchimp_campaigns.csv", account="us21-synthetic", zone="Europe/Berlin")
    assert [row["title"] for row in contents(summary)] == ["Snow, at last", "Larch gold"]
    assert instants(summary) == ["2026-10-03T08:00", "2026-09-05T08:00"]
    values = numbers(summary)
    assert {metric: value for (entity, metric), value in values.items() if entity == "a1b2c3d4e5"} == {
        "emails_sent": 12400, "emails_delivered": 12300, "bounces": 100, "opens": 4920, "unique_clicks": 615,
        "clicks": 800, "unsubscribes": 12, "spam_complaints": 1,
    }  # fmt: skip
    assert values["f6a7b8c9d0", "clicks"] is None


NEEDS_ACCOUNT = [
    "facebook_follows.csv", "facebook_audience.csv", "instagram_audience.csv", "x_account_overview.csv",
    "x_video_overview.csv", "mailchimp_campaigns.csv",
]  # fmt: skip


@pytest.mark.parametrize("name", NEEDS_ACCOUNT)
def test_a_file_that_tells_no_account_asks_for_it(run: Import, landing: LandingStore, name: str) -> None:
    with pytest.raises(
        ImportRefused, match="does not say which account it is of: give the account's id or handle with"
    ):
        run(name)
    assert landing.batches("w") == []
    assert run(name, account="acme").rows_read > 0


@pytest.mark.parametrize("name", [*sorted(path.name for path in EXPORTS.glob("*.csv")), "linkedin.xls"])
def test_a_second_import_changes_nothing(run: Import, landing: LandingStore, tmp_path: Path, name: str) -> None:
    path = linkedin(tmp_path / name) if name.endswith(".xls") else EXPORTS / name
    arguments = {"account": "acme"} | ({"platform": "facebook"} if name.startswith("viewers") else {})
    first, second = run(path, **arguments), run(path, **arguments)
    assert (first.already_known, second.already_known) == (False, True)
    assert (first.observations_new, second.observations_new) == (first.observations, 0)
    assert (second.observations_known, second.observations_changed) == (first.observations, 0)
    assert [batch.batch_id for batch in landing.batches("w")] == [first.batch_id]


def test_a_later_export_is_a_new_reading_beside_the_old_one(run: Import, landing: LandingStore, tmp_path: Path) -> None:
    text = (EXPORTS / "instagram_posts.csv").read_text(encoding="utf-8")
    early, late = tmp_path / "ig_2026-11-05.csv", tmp_path / "ig_2026-11-12.csv"
    early.write_text(text, encoding="utf-8")
    late.write_text(text.replace(",840,", ",905,").replace(",7,\n", ",7,0\n"), encoding="utf-8")
    first, second = run(early, observed_at=None), run(late, observed_at=None)
    assert first.observed_at is not None
    assert second.observed_at is not None
    assert (second.observed_at - first.observed_at).days == 7
    assert (second.observations_new, second.observations_changed) == (0, 2)
    post = ("17900000000000001", "reactions")
    # A lifetime total: the later one stands as it was exported, no difference, and the earlier one stays.
    assert (numbers(first)[post], numbers(second)[post]) == (840, 905)
    assert len(landing.batches("w")) == 2


def test_without_a_date_in_the_name_the_files_own_time_counts(run: Import, tmp_path: Path) -> None:
    path = Path(shutil.copy(EXPORTS / "instagram_posts.csv", tmp_path / "posts.csv"))
    written = datetime(2026, 11, 9, 8, tzinfo=UTC)
    os.utime(path, (written.timestamp(), written.timestamp()))
    summary = run(path, observed_at=None)
    assert (summary.observed_at, summary.observed_from) == (written, "the file's own time")


def test_a_day_that_was_not_over_is_said(run: Import) -> None:
    summary = run("x_account_overview.csv", account="s", observed_at=datetime(2026, 10, 26, 15, tzinfo=UTC))
    assert "The newest day, 2026-10-26, was not over when the numbers were read." in summary.notes
    later = run("x_account_overview.csv", account="s", observed_at=datetime(2026, 10, 25, 15, tzinfo=UTC))
    assert (later.readings, later.rows_rejected) == (1, 1)
    assert "begins after the numbers were read" in later.examples[0].reason


def test_an_earlier_landing_file_that_cannot_be_read_is_said(run: Import, tmp_path: Path) -> None:
    first = run("instagram_posts.csv")
    first.path.write_bytes(b"not parquet")
    changed = tmp_path / "other.csv"
    text = (EXPORTS / "instagram_posts.csv").read_text(encoding="utf-8")
    changed.write_text(text.replace(",840,", ",841,"), encoding="utf-8")
    summary = import_path(
        str(changed), workspace_id="w", landing=LandingStore(tmp_path / "landing"), landed_at=NOW, observed_at=READ
    )
    assert summary.contents == 3
    assert summary.observations_new is None
    assert "an earlier landing file of this source cannot be read" in summary.notes[-1]
