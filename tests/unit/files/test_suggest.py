"""Draft mappings: guessed from words and values, loadable, and honest where they guess."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.files.binding import bind
from connectors.files.mapping import parse_mapping
from connectors.files.suggest import suggest_mapping
from connectors.files.tabular import open_table
from models.domain.social import Platform
from models.errors import ImportRefused

INSTAGRAM = (
    "Post ID,Account ID,Account username,Description,Publish time,Permalink,Post type,Views,Reach,Likes,Shares,Comments,Saves,Odd\n"
    '17900000000000001,1784,summit,"Hello, you",10/03/2026 08:31,https://a.example/1,IG image,"12,400",9000,120,3,4,7,x\n'
    "17900000000000002,1784,summit,Two,10/13/2026 08:31,https://a.example/2,IG reel,2400,900,20,3,1,,y\n"
)


def write(tmp_path: Path, text: str, name: str) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_draft_names_id_time_metrics_and_fits_its_file(tmp_path: Path) -> None:
    path = write(tmp_path, INSTAGRAM, "instagram.csv")
    text = suggest_mapping(path)
    mapping = parse_mapping(text, "draft")
    assert mapping.platform is Platform.INSTAGRAM
    assert mapping.id == ("Post ID",)
    assert mapping.time is not None
    assert mapping.time.formats == ("%m/%d/%Y %H:%M",)
    assert {column: spec.metric for column, spec in mapping.metrics.items()} == {
        "Views": "views", "Reach": "reach", "Likes": "reactions", "Shares": "shares", "Comments": "comments",
        "Saves": "saves",
    }  # fmt: skip
    assert (mapping.body, mapping.url, mapping.content_type) == (("Description",), ("Permalink",), ("Post type",))
    assert '"Odd"' in text.split("Columns without a guess")[1]
    bind(mapping, open_table(path))


@pytest.mark.parametrize(
    "text",
    [
        'when;what\n"Sun, Dec 14, 2025";hello\n',
        "Video link,Post time,Total views\nhttps://t.example/1,2026-10-03,1.2K\n",
        'a "quoted" name,b: c,#d\n1,2,3\n',
        "x,y\n",
    ],
)
def test_every_draft_loads(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text, "unknown.csv")
    bind_errors = "NAME OF THE COLUMN"
    mapping = parse_mapping(suggest_mapping(path), "draft")
    if mapping.time is not None and bind_errors not in mapping.time.column[0]:
        bind(mapping, open_table(path))


def test_an_ambiguous_date_is_marked(tmp_path: Path) -> None:
    path = write(tmp_path, "post id,date,likes\nabcde1,03/04/2026,1\nabcde2,05/06/2026,2\n", "u.csv")
    assert "day and month may be the other way round" in suggest_mapping(path)


def test_a_file_without_any_date_gets_no_draft(tmp_path: Path) -> None:
    path = write(tmp_path, "Type,Post Month,Post Hour,Likes\nPhoto,12,3,4\nPhoto,12,4,5\n", "undated.csv")
    with pytest.raises(ImportRefused, match="has no publish date"):
        suggest_mapping(path)


def test_a_known_layout_needs_no_draft(tmp_path: Path) -> None:
    path = write(tmp_path, 'Video,Video title,Video publish time,Views\na,b,"Sep 14, 2026",3\n', "yt.csv")
    text = suggest_mapping(path)
    assert "needs no mapping" in text
    assert parse_mapping(text, "draft").source == "youtube_studio"
