"""Reading CSV: encodings, delimiters, physical lines, and one sentence for what is no CSV."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.files.tabular import column_key, open_table
from models.errors import ImportRefused


def table_of(tmp_path: Path, content: bytes, name: str = "a.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_delimiters(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = delimiter.join(("Post id", "Text", "Views")) + "\r\n" + delimiter.join(("a1", "Grüße", "3")) + "\r\n"
    table = open_table(table_of(tmp_path, text.encode(encoding)))
    assert table.columns == ("Post id", "Text", "Views")
    assert [(row.line, row.cells) for row in table.rows()] == [(2, ["a1", "Grüße", "3"])]


def test_soft_hyphens_marks_and_case_do_not_matter() -> None:
    assert column_key("\ufeffImpres\u00adsions  CLICK-through\u00a0rate (%)") == "impressions click-through rate (%)"


def test_a_separator_line_before_the_header(tmp_path: Path) -> None:
    table = open_table(table_of(tmp_path, b"sep=;\r\na;b\r\n1;2,5\r\n"))
    assert (table.delimiter, table.columns) == (";", ("a", "b"))
    assert [(row.line, row.cells) for row in table.rows()] == [(3, ["1", "2,5"])]


def test_lines_are_physical_lines_of_the_file(tmp_path: Path) -> None:
    content = b'id,text\r\n1,"two\r\nlines"\r\n\r\n2,"three\n\nlines"\n3,x\n'
    rows = list(open_table(table_of(tmp_path, content)).rows())
    assert [row.line for row in rows] == [2, 4, 5, 8]
    assert rows[1].blank


def test_a_row_of_another_width_is_a_problem_not_a_guess(tmp_path: Path) -> None:
    rows = list(open_table(table_of(tmp_path, b"a,b,c\n1,2,3,4\n1,2\n1,2,3,,\n")).rows())
    assert [row.problem is None for row in rows] == [False, False, True]
    assert "4 cells where the header has 3" in str(rows[0].problem)


def test_an_open_quote_is_named_with_the_lines_it_swallows(tmp_path: Path) -> None:
    rows = list(open_table(table_of(tmp_path, b'a,b\n1,2\n3,"open\n4,5\n6,7\n')).rows())
    assert rows[0].problem is None
    assert rows[1].problem == "a quote that is never closed swallows lines 3 to 5"
    assert len(rows) == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
        (b"\x89PNG\r\n\x1a\n0000", "is a PNG image"),
        (b"PK\x03\x04....", "such as an Excel workbook"),
        (b"\x00\x01\x02\x03" * 50, "is a binary file"),
        (b"just one line of prose\nand another\n", "has no comma, semicolon or tab"),
    ],
)
def test_what_is_no_csv_is_one_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(ImportRefused, match=words) as refused:
        open_table(table_of(tmp_path, content))
    assert str(refused.value).startswith("a.csv")
    assert "\n" not in str(refused.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match=r"nowhere\.csv does not exist"):
        open_table(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("before", [1, 40_000])
def test_a_wrong_encoding_names_byte_offset_and_line(tmp_path: Path, mark: bytes, before: int) -> None:
    content = mark + b"id,text\n" + b"1,abc\n" * before + "2,Grüße\n".encode("latin-1")
    table = open_table(table_of(tmp_path, content))
    with pytest.raises(ImportRefused) as refused:
        list(table.rows())
    offset = content.index(b"\xfc")
    assert f"byte 0xFC at offset {offset:,} (line {before + 2})" in str(refused.value)


def test_progress_ends_at_the_file_size(tmp_path: Path) -> None:
    path = table_of(tmp_path, b"a,b\n" + b"1,2\n" * 50_000)
    seen: list[int] = []
    list(open_table(path).rows(seen.append))
    assert seen == sorted(seen)
    assert seen[-1] == path.stat().st_size
