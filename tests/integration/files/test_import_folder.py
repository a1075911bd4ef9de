"""Markdown folders through the importer."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from connectors.files.importer import ImportSummary, import_path
from connectors.warehouse.landing import LandingStore
from models.errors import ImportRefused

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def run(folder: Path, landing: LandingStore, **arguments: object) -> ImportSummary:
    return import_path(str(folder), workspace_id="w", landing=landing, landed_at=NOW, **arguments)  # type: ignore[arg-type]


FILES = {
    "2020-01-02-first.md": "---\ntitle: First\nauthor: Ann\ntags: [a, b]\npermalink: https://b.example/first\n---\n# First\n\nText.\n",
    "deep/second.md": '+++\ntitle = "Second"\ndate = 2020-02-03\nauthors = ["Bob"]\n+++\nMore.\n',
    "third.md": "---\ntitle: Third\ndate: Tue Mar 03 2020 10:00:00 GMT+0100 (CET)\n---\nText {{< x >}}here.\n",
    "draft.md": "---\ntitle: D\ndate: 2020-01-01\ndraft: true\n---\nx\n",
    "broken.md": "---\ntitle: B\ntags:\n- a\n- b\t\tc: [\n---\nx\n",
    "README.md": "# About\n\nNo date here.\n",
    ".git/notes.md": "hidden",
}


def test_articles_drafts_and_faults(tmp_path: Path) -> None:
    summary = run(write(tmp_path / "blog", FILES), LandingStore(tmp_path / "l"))
    assert (summary.rows_read, summary.contents, summary.skipped, summary.rejected) == (6, 3, 1, 2)
    assert summary.observed_at == datetime(2020, 3, 3, 9, tzinfo=UTC)
    frame = pl.read_parquet(summary.path)
    articles = frame.filter(pl.col("kind") == "content").sort("entity_id")
    assert articles["entity_id"].to_list() == ["2020-01-02-first", "deep/second", "third"]
    assert articles["platform"].unique().to_list() == ["web"]
    assert articles["title"].to_list() == ["First", "Second", "Third"]
    assert articles["url"].to_list() == ["https://b.example/first", None, None]
    assert articles["tags"].to_list() == ['["a", "b"]', "[]", "[]"]
    assert articles["body"].to_list() == ["First\n\nText.", "More.", "Text here."]
    assert articles["account_id"].unique().to_list() == ["blog"]
    refused = frame.filter(pl.col("kind") == "rejection").sort("source_file")
    assert refused["source_file"].to_list() == ["blog/README.md", "blog/broken.md"]
    assert refused["source_line"].to_list() == [None, 5]


def test_the_same_folder_adds_nothing_and_a_changed_one_does(tmp_path: Path) -> None:
    landing = LandingStore(tmp_path / "l")
    folder = write(tmp_path / "blog", FILES)
    assert not run(folder, landing).already_known
    assert run(folder, landing).already_known
    write(folder, {"2020-05-01-new.md": "New text"})
    again = run(folder, landing)
    assert (again.already_known, again.contents) == (False, 4)


def test_a_competitors_blog(tmp_path: Path) -> None:
    summary = run(write(tmp_path / "blog", FILES), LandingStore(tmp_path / "l"), competitor="Rival & Co")
    articles = pl.read_parquet(summary.path).filter(pl.col("kind") == "content")
    assert articles["owner"].unique().to_list() == ["competitor"]
    assert articles["account_id"].unique().to_list() == ["rival-co"]
    assert articles["account_name"].unique().to_list() == ["Rival & Co"]


def test_a_folder_without_markdown_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="holds no Markdown files"):
        run(write(tmp_path / "data", {"a.csv": "x,y\n1,2\n"}), LandingStore(tmp_path / "l"))
