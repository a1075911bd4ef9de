"""Content of a competitor that is no longer tracked stays in the marts: they know what was observed, not who is tracked."""

from __future__ import annotations

from typing import Any


def test_content_of_a_competitor_that_nobody_tracks_is_served(built: Any) -> None:
    served = built.rows(
        "select competitor, post_id, engagements_public from marts.mart_competitor_content "
        "where workspace_id = 'bakery' order by post_id"
    )
    assert served == [("Rival", "theirs", 10.0)]
    tables = built.rows("select table_name from information_schema.tables where table_schema = 'raw'")
    assert not [name for (name,) in tables if "competitor" in name], (
        "the warehouse must not depend on the list of tracked ones"
    )
