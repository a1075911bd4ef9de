"""Native exports that were cut short, opened and saved in a spreadsheet, or are something else: said, and nothing lost."""

from __future__ import annotations

import csv
import io
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
WHOLE = sorted(path.name for path in EXPORTS.glob("*.csv"))
Import = Callable[..., ImportSummary]


@pytest.fixture
def run(tmp_path: Path) -> Import:
    """Writes the content as a file and imports it into a landing folder of its own."""
    imports = iter(range(1_000_000))

    def call(content: bytes | str, name: str = "export.csv", **arguments: Any) -> ImportSummary:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        landing = LandingStore(tmp_path / f"landing{next(imports)}")
        summary = import_path(
            str(path), workspace_id="w", landing=landing, landed_at=NOW, observed_at=READ,
            **{"account": "acme", "platform": "facebook" if name.startswith("viewers") else None, **arguments},
        )  # fmt: skip
        rows = summary.contents + summary.readings + summary.rows_rejected + summary.repeated + summary.skipped
        assert summary.rows_read == rows
        return summary

    return call


def readings(summary: ImportSummary) -> set[tuple[Any, ...]]:
    rows = pl.read_parquet(summary.path).filter(pl.col("kind") == "observation")
    return set(rows.select("entity_id", "metric", "period_start", "value", "source_line").rows())


def text_of(name: str) -> str:
    raw = (EXPORTS / name).read_bytes()
    return raw.decode("utf-16" if raw.startswith(b"\xff\xfe") else "utf-8-sig")


@pytest.mark.parametrize("name", WHOLE)
def test_a_file_cut_anywhere_says_so_and_keeps_its_whole_rows(run: Import, name: str) -> None:
    """Every reading of a cut file is one of the whole file, but for the last line, and then a note or a rejection says it."""
    raw = (EXPORTS / name).read_bytes()
    whole = readings(run(raw, name))
    refusals: list[str] = []
    empty = 0
    for cut in range(60, len(raw) - 1, 61):
        try:
            summary = run(raw[:cut], name)
        except ImportRefused as refused:
            refusals.append(str(refused))
            continue
        stray = {line for *_, line in readings(summary) - whole}
        warned = any("does not end with a line break" in note for note in summary.notes)
        empty += "The file has a header and no rows below it." in summary.notes
        assert len(stray) <= 1
        assert not stray or warned
        if raw[:cut].rstrip(b"\x00")[-1:] not in b"\r\n":
            assert warned or summary.rejected
    assert refusals or empty, "a file cut inside its header must be refused, or said to have no rows"
    assert not [sentence for sentence in refusals if "\n" in sentence]


def test_a_row_cut_in_the_middle_is_set_aside_with_its_line(run: Import) -> None:
    text = text_of("instagram_posts.csv")
    summary = run(text[: text.index("IG reel,,Lifetime,900")])
    assert (summary.contents, summary.rows_rejected) == (2, 1)
    assert summary.examples[0].source_line == 5
    assert "points to a line that was cut off" in summary.examples[0].reason


def test_a_file_cut_inside_a_character_keeps_the_rows_before_it(run: Import) -> None:
    raw = (EXPORTS / "instagram_posts.csv").read_bytes()
    summary = run(raw[: raw.index("𝓢".encode()) + 2])
    assert (summary.contents, summary.rows_rejected) == (1, 1)
    assert "ends in the middle of a character" in summary.examples[0].reason


def test_ids_rounded_by_a_spreadsheet_are_refused_with_the_reason(run: Import) -> None:
    text = text_of("facebook_posts.csv")
    for number in range(1, 6):
        text = text.replace(f"12215800000000000{number},100064000000001", "1.22158E+17,100064000000001")
    summary = run(text)
    assert (summary.contents, summary.rows_rejected) == (0, 5)
    assert "was rounded by a spreadsheet, so the post cannot be told any more" in summary.examples[0].reason


def test_ids_whose_last_digits_became_zeros_are_refused_too(run: Import) -> None:
    text = text_of("instagram_posts.csv")
    for number in range(1, 4):
        text = text.replace(f"1790000000000000{number},", "17900000000000000,")
    summary = run(text)
    assert summary.contents == 0
    assert "ends in zeros as every long id of this file does" in summary.examples[0].reason


def test_ids_of_x_are_read_from_the_links(run: Import) -> None:
    text = text_of("x_content_2026-10-31.csv")
    for post in ("1978000000000000001", "1978000000000000017"):
        text = text.replace(f"{post},", "1.978E+18,", 1)
    summary = run(text)
    ids = pl.read_parquet(summary.path).filter(pl.col("kind") == "content")["entity_id"].to_list()
    assert ids == ["1978000000000000001", "1978000000000000017"]
    assert "Ids that a spreadsheet rounded are read from the links of their posts." in summary.notes


def published(summary: ImportSummary) -> list[str]:
    rows = pl.read_parquet(summary.path).filter(pl.col("kind") == "content").sort("source_line")
    return [at.astimezone(UTC).isoformat()[:10] for at in rows["published_at"]]


@pytest.mark.parametrize(
    ("spelling", "words"),
    [
        ("10.03.2026 08:31", "are read month first"),
        ("2026-03-10 08:31:00", "are read with day and month changed back"),
        ("10/3/2026 8:31", None),
        ("10/3/26 8:31", None),
    ],
)
def test_dates_a_spreadsheet_rewrote_follow_the_certain_dates(run: Import, spelling: str, words: str | None) -> None:
    text = (
        text_of("instagram_posts.csv")
        .replace("10/03/2026 08:31", spelling)
        .replace("11/01/2026 01:30", "10/13/2026 01:30")
    )
    summary = run(text)
    assert published(summary)[0] == "2026-10-03"
    assert [note for note in summary.notes if words and words in note] or words is None


def test_dates_that_could_be_two_days_are_refused_not_guessed(run: Import) -> None:
    text = text_of("instagram_posts.csv").replace("10/03/2026 08:31", "10.03.2026 08:31")
    text = text.replace("10/13/2026 19:00", "11.04.2026 19:00").replace("11/01/2026 01:30", "01.10.2026 01:30")
    summary = run(text)
    assert (summary.contents, summary.rows_rejected) == (0, 3)
    assert "'10.03.2026 08:31' could be 03 October or 10 March 2026" in summary.examples[0].reason


def test_a_whole_file_in_day_first_dates_is_read_so(run: Import) -> None:
    text = text_of("instagram_posts.csv").replace("10/03/2026 08:31", "03.10.2026 08:31")
    text = text.replace("10/13/2026 19:00", "13.10.2026 19:00").replace("11/01/2026 01:30", "01.10.2026 01:30")
    assert published(run(text)) == ["2026-10-03", "2026-10-14", "2026-10-01"]


def test_a_windows_spreadsheet_with_semicolons_is_read(run: Import) -> None:
    """What a German spreadsheet makes of a file: semicolons, Windows-1252, dots between thousands."""
    text = (
        "Video title;Video link;Post time;Total likes;Total comments;Total shares;Total views\r\n"
        "Grüße vom Gipfel;https://www.tiktok.com/@summit.synthetic/video/7420000000000000001;13.10.2026 18:30;1.205;3;1;18.400\r\n"
        "Fünf Knoten;https://www.tiktok.com/@summit.synthetic/video/7420000000000000002;03.10.2026 18:30;80;0;0;950\r\n"
    )
    summary = run(text.encode("cp1252"))
    rows = pl.read_parquet(summary.path).filter(pl.col("kind") == "content")
    assert rows["body"].to_list() == ["Grüße vom Gipfel", "Fünf Knoten"]
    assert published(summary) == ["2026-10-13", "2026-10-03"]
    values = {(post, metric): value for post, metric, _, value, _ in readings(summary)}
    assert values["7420000000000000001", "views"] == 18400
    assert values["7420000000000000001", "reactions"] == 1205
    assert values["7420000000000000002", "views"] == 950
    assert any("Windows-1252" in note for note in summary.notes)
    assert any("comma as decimal sign" in note for note in summary.notes)


def test_a_comma_file_of_windows_is_read_and_one_of_unknown_bytes_refused(run: Import) -> None:
    text = text_of("tiktok_content_other.csv").replace("Month in words", "Grüße").replace("\n", "\r\n")
    assert run(text.encode("cp1252")).contents == 2
    with pytest.raises(ImportRefused, match="is not UTF-8 text: byte 0xFC"):
        run(text.encode("cp1252").replace(b"Month in digits", "Knöpfe".encode()))


def test_thousands_that_became_decimals_refuse_the_file(run: Import) -> None:
    """12,400 read as 12.4 by a spreadsheet: then 12,000 is 12 by now, and no number of the file can be trusted."""
    text = text_of("instagram_posts.csv").replace(",", ";").replace('"12;400"', "12,4").replace('"9;876"', "9,876")
    with pytest.raises(
        ImportRefused, match=r"took the comma between thousands .* 'Views' is '12,4'\), so 12,000 may stand"
    ):
        run(text)


FOREIGN = {
    "a page instead of a file": (b"<!DOCTYPE html><html><body>Sign in</body></html>", "is a web page, not an export"),
    "another table": (b"sku,price\nA1,3\n", r"has a layout that is not known; its columns are 'sku' and 'price'"),
    "json": (b'{"data": [1, 2]}\n', "is JSON but not a JSON Feed"),
    "an image": (b"\x89PNG\r\n\x1a\n0000", "is a PNG image"),
    "nothing": (b"", "is empty"),
    "a zip": (b"PK\x03\x04 and no workbook", "begins as an Excel workbook but cannot be read as one"),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_a_foreign_file_gets_its_sentence(run: Import, kind: str) -> None:
    content, words = FOREIGN[kind]
    with pytest.raises(ImportRefused, match=words) as refused:
        run(content)
    assert str(refused.value).startswith("export.csv ")


def test_a_workbook_without_a_known_sheet_names_its_sheets(run: Import, tmp_path: Path) -> None:
    book = xlwt.Workbook()
    book.add_sheet("Budget").write(0, 0, "Cost")
    book.save(str(tmp_path / "b.xls"))
    with pytest.raises(ImportRefused, match=r"without a known layout; its sheets are 'Budget'"):
        run((tmp_path / "b.xls").read_bytes(), "b.xls")


def test_a_workbook_cut_anywhere_is_refused(run: Import, tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("All posts")
    for row in range(200):
        for column in range(4):
            sheet.write(row, column, f"cell {row} {column}")
    book.save(str(tmp_path / "b.xls"))
    content = (tmp_path / "b.xls").read_bytes()
    for cut in range(700, len(content) - 1, 1_111):
        with pytest.raises(ImportRefused, match="cut short or is no workbook; download it again"):
            run(content[:cut], "b.xls")


def test_a_header_without_rows_is_said(run: Import) -> None:
    summary = run(text_of("instagram_posts.csv").split("\n", 1)[0] + "\n")
    assert summary.rows_read == 0
    assert "The file has a header and no rows below it." in summary.notes


def test_an_export_saved_as_a_workbook_keeps_texts_and_refuses_rounded_ids(run: Import, tmp_path: Path) -> None:
    """A workbook holds ids as numbers of 15 digits, and times as dates."""
    book, exact = xlwt.Workbook(), text_of("tiktok_content_other.csv")
    sheets = {"Instagram": text_of("instagram_posts.csv"), "empty": ""}
    for name, text in sheets.items():
        sheet = book.add_sheet(name)
        for line, cells in enumerate(csv.reader(io.StringIO(text))):
            for column, cell in enumerate(cells):
                sheet.write(line, column, float(cell) if cell.isdigit() else cell)
    book.save(str(tmp_path / "i.xls"))
    summary = run((tmp_path / "i.xls").read_bytes(), "i.xls")
    assert (summary.layout, summary.contents, summary.rows_rejected) == ("Instagram posts (Meta Business Suite)", 0, 3)
    assert "was rounded by a spreadsheet" in summary.examples[0].reason
    book = xlwt.Workbook()
    sheet = book.add_sheet("TikTok")
    as_date = xlwt.easyxf(num_format_str="YYYY-MM-DD HH:MM")
    for line, cells in enumerate(csv.reader(io.StringIO(exact))):
        for column, cell in enumerate(cells):
            if line and column == 2:
                sheet.write(line, column, datetime(2026, 10, line, 9, 5), as_date)  # noqa: DTZ001 - a workbook has no zone
            else:
                sheet.write(line, column, float(cell) if cell.isdigit() else cell)
    book.save(str(tmp_path / "t.xls"))
    summary = run((tmp_path / "t.xls").read_bytes(), "t.xls")
    assert published(summary) == ["2026-10-01", "2026-10-02"]
    assert {(post, value) for post, metric, _, value, _ in readings(summary) if metric == "views"} == {
        ("7420000000000000003", 900), ("7420000000000000004", 120),
    }  # fmt: skip
