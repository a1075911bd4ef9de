"""Mapping files: what loads, and one sentence for what does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.files.mapping import load_mapping, parse_mapping, shipped_mappings
from models.errors import ImportRefused

GOOD = "name: A\nsource: a\nplatform: x\nid: id\ntime: {column: t}\nmetrics: {likes: reactions}\n"


def test_the_shipped_mappings_load_and_can_be_recognised() -> None:
    shipped = {mapping.source: mapping for mapping in shipped_mappings()}
    assert set(shipped) == {
        "facebook_pages", "facebook_live", "youtube_studio", "facebook_posts", "facebook_daily", "facebook_audience",
        "instagram_posts", "instagram_daily", "instagram_audience", "x_content", "x_account", "x_video",
        "tiktok_studio", "linkedin_page", "mailchimp_campaigns",
    }  # fmt: skip
    assert all(mapping.recognise for mapping in shipped.values())


def test_comments_and_order_do_not_change_the_digest() -> None:
    lines = GOOD.splitlines()
    assert parse_mapping(GOOD, "a").digest == parse_mapping("# note\n" + "\n".join(reversed(lines)), "a").digest
    assert parse_mapping(GOOD, "a").digest != parse_mapping(GOOD.replace("reactions", "comments"), "a").digest


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("name: [", "not valid YAML at line"),
        ("- a\n", "not a YAML mapping"),
        (GOOD + "colour: red\n", "colour: Extra inputs are not permitted"),
        (GOOD.replace("reactions", "applause"), "'applause' is not in the registry; use one of: account_"),
        (GOOD.replace("platform: x", "platform: myspace"), "platform: Input should be 'facebook'"),
        (GOOD.replace("{column: t}", "{column: t, zone: Mars/Base}"), "'Mars/Base' is not an IANA time zone"),
        (GOOD.replace("id: id\n", ""), "a mapping of posts needs id and time"),
        (GOOD.replace("{column: t}", "{column: t, formats: [yyyy]}"), "'yyyy' is not a strptime pattern"),
        (GOOD + "account: {name_from_file: '('}\n", "name_from_file is not a pattern"),
        (GOOD.replace("id: id\ntime: {column: t}\n", "entity: account\n"), "needs observed_at"),
        (GOOD + "account: {pattern: '@(.+)'}\n", "pattern needs a column"),
        (GOOD + "id_from: {column: link, pattern: 'video'}\n", "pattern needs one group in parentheses"),
        (GOOD + "day: {column: t}\n", "day belongs to a mapping of an account"),
        (GOOD.replace("id: id\n", "entity: audience\n"), "a mapping of an audience needs id"),
        (GOOD.replace("name: A", "name: !!python/object:os.system A"), "not valid YAML"),
    ],
)
def test_a_bad_mapping_is_one_sentence(text: str, words: str) -> None:
    with pytest.raises(ImportRefused) as refused:
        parse_mapping(text, "mine.yaml")
    assert words in str(refused.value)
    assert str(refused.value).startswith("Mapping mine.yaml")


def test_digests_of_the_first_layouts_stay_so_that_their_batches_do() -> None:
    """Pinned: a landed batch's id holds its mapping's digest, and a new field of the format must not change it."""
    shipped = {mapping.source: mapping.digest[:12] for mapping in shipped_mappings()}
    assert shipped["facebook_pages"] == "86e712c9ce66"
    assert shipped["facebook_live"] == "f9a523280d59"
    assert shipped["youtube_studio"] == "3f056a5a3a8d"
    assert parse_mapping(GOOD, "a").digest[:12] == "66ca6b1fb583"


def test_a_missing_mapping_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="does not exist"):
        load_mapping(tmp_path / "none.yaml")
