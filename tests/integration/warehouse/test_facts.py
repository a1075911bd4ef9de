"""Facts: values equal to their own queries, ids that stay, nothing invented where nothing was observed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from connectors.warehouse.database import Warehouse
from connectors.warehouse.facts import ServedFacts
from connectors.warehouse.marts import MARTS
from connectors.warehouse.reader import ServingReader
from connectors.warehouse.serving import publish
from models.domain.evidence import Fact
from models.domain.snapshot import Snapshot
from models.domain.social import Platform
from models.errors import InvalidInput
from models.ports import FactSource

HOSTILE = "O'Brien \"; drop table mart_posts; -- {x}"


@pytest.fixture
def source(warehouse: Warehouse, tmp_path: Path) -> FactSource:
    publish(warehouse, tmp_path / "serving", "acme")
    publish(warehouse, tmp_path / "serving", "other")
    return ServedFacts(ServingReader(tmp_path / "serving"))


def facts_of(thing: Any) -> list[Fact]:
    """Every fact anywhere inside a snapshot."""
    if isinstance(thing, Fact):
        return [thing]
    if isinstance(thing, tuple):
        return [fact for item in thing for fact in facts_of(item)]
    if is_dataclass(thing):
        return [fact for field in fields(thing) for fact in facts_of(getattr(thing, field.name))]
    return []


def test_every_query_gives_its_value_again(source: FactSource) -> None:
    snapshot = source.snapshot("acme")
    facts = facts_of(snapshot)
    assert len(facts) == 2 * 3 + 1 + 3 * 5 + 2 * 3 + 3 * 2 + 2 * 2
    assert {fact.id: source.rerun("acme", fact) for fact in facts} == {fact.id: fact.value for fact in facts}
    for fact in facts:
        assert fact.mart in MARTS
        assert f" from {fact.mart} where workspace_id = 'acme' and " in fact.query
        assert fact.as_of == snapshot.as_of
        assert not set("{}|") & set(fact.id)
    assert len({fact.id for fact in facts}) == len(facts)
    assert any(fact.value is None for fact in facts)


def test_platforms_add_accounts_up_and_take_the_best_covered_rate(source: FactSource) -> None:
    facebook, web = source.snapshot("acme").platforms
    assert facebook.platform is Platform.FACEBOOK
    assert (facebook.posts.id, facebook.posts.value, facebook.posts.unit) == ("posts.facebook", 8.0, "posts")
    assert facebook.posts_per_week.value == pytest.approx(5.223456789, abs=1e-12)
    # 1, 2, 10, 17, 26, 37, 50: seven posts have engagements, the one without counts as missing
    assert (facebook.median_engagements.value, facebook.median_engagements.n) == (17.0, 7)
    assert facebook.rate is not None
    assert (facebook.rate_id, facebook.rate.n) == ("engagement_rate_by_views", 8)
    assert facebook.rate.value == pytest.approx(36 / (8 * 37), abs=1e-9)
    assert (web.platform, web.posts.value, web.rate_id, web.rate) == (Platform.WEB, 2.0, None, None)
    assert (web.posts_per_week.value, web.median_engagements.value, web.median_engagements.n) == (None, None, 0)


def test_topics_formats_slots_and_competitors(source: FactSource) -> None:
    snapshot = source.snapshot("acme")
    assert [(t.topic, t.percentile.value) for t in snapshot.topics] == [
        ("climate", 0.61),
        ("ocean", 0.55),
        ("it's", None),
    ]
    climate, ocean, odd = snapshot.topics
    assert (climate.share.id, climate.share.value, climate.share.n) == ("topic.climate.share", 0.5, 5)
    assert (ocean.keywords, ocean.competitor_share.value) == (("ocean", "sea"), 0.1)
    assert climate.competitor_share.value is None
    assert odd.posts.query.endswith("topic = 'it''s'")
    assert [(f.content_type, f.percentile.value, f.posts_measured.value) for f in snapshot.formats] == [
        ("video", 0.7, 5.0), ("photo", 0.4, 3.0),
    ]  # fmt: skip
    assert [(s.weekday, s.hour, s.percentile.value, s.percentile.n) for s in snapshot.slots] == [
        (3, 18, 0.66, 4), (1, 9, 0.52, 2), (7, 0, None, 0),
    ]  # fmt: skip
    hostile, rival = snapshot.competitors
    assert (hostile.name, hostile.posts_per_week.value, hostile.median_engagements.n) == (HOSTILE, 12.5, 38)
    assert source.rerun("acme", hostile.posts_per_week) == 12.5
    assert (rival.name, rival.posts_per_week.value) == ("Rival", None)


def test_ids_and_values_do_not_depend_on_the_version(
    source: FactSource, warehouse: Warehouse, tmp_path: Path, execute: Callable[[str], None]
) -> None:
    before = source.snapshot("acme")
    execute("update marts.mart_posts set title = 'changed' where workspace_id = 'acme'")
    publish(warehouse, tmp_path / "serving", "acme")
    assert source.snapshot("acme") == before
    execute("update marts.mart_content_topics set posts = posts + 1 where workspace_id = 'acme'")
    publish(warehouse, tmp_path / "serving", "acme")
    assert source.snapshot("acme").id != before.id


def test_names_that_differ_have_ids_that_differ(source: FactSource, warehouse: Warehouse, tmp_path: Path,
                                                execute: Callable[[str], None]) -> None:  # fmt: skip
    for name in ("sea ice", "sea-ice", "sea_ice", "seaice", "sea.ice", "Sea ice"):
        execute(f"insert into marts.mart_content_topics (workspace_id, topic, posts) values ('acme', '{name}', 1)")
    publish(warehouse, tmp_path / "serving", "acme")
    ids = [topic.posts.id for topic in source.snapshot("acme").topics]
    assert len(set(ids)) == len(ids) == 9
    assert "topic.sea_ice.posts" in ids


def test_a_subject_that_is_gone_is_missing_and_other_statements_are_refused(
    source: FactSource, warehouse: Warehouse, tmp_path: Path, execute: Callable[[str], None]
) -> None:
    snapshot: Snapshot = source.snapshot("acme")
    fact = snapshot.topics[0].share
    execute("delete from marts.mart_content_topics where workspace_id = 'acme' and topic = 'climate'")
    publish(warehouse, tmp_path / "serving", "acme")
    assert source.rerun("acme", fact) is None
    assert source.rerun("other", fact) is None
    for query in ("drop table mart_posts", "select 1; select 2", "select posts, share from mart_content_topics"):
        with pytest.raises(InvalidInput):
            source.rerun("acme", replace(fact, query=query))
