"""Whatever the facts are, what generation writes is valid, grounded and deterministic."""

from __future__ import annotations

import math
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.domain.brand import BrandProfile
from models.domain.snapshot import Snapshot
from models.domain.social import Platform
from models.domain.strategy import Strategy, StrategyDocument
from models.domain.workspace import Plan, Workspace
from models.generation.calendar import plan_calendar
from models.generation.drafts import write_drafts
from models.generation.evidence import claims, references, unsupported_numbers, verify
from models.generation.limits import check_text
from models.generation.strategy import write_strategy
from models.generation.voice import phrase_pattern
from tests.unit.generation.snapshots import (
    AS_OF,
    StoredFacts,
    make_competitor,
    make_format,
    make_platform,
    make_slot,
    make_snapshot,
    make_topic,
)

# Values as marts give them (nine decimals), missing ones included; a NaN stands for a broken aggregate.
counts = st.none() | st.integers(0, 3).map(float) | st.integers(0, 5000).map(float)
ratios = st.none() | st.floats(0, 1).map(lambda value: round(value, 9)) | st.just(math.nan)
paces = st.none() | st.floats(0, 80).map(lambda value: round(value, 9))
medians = st.none() | st.floats(0, 1e7)
words = st.text(max_size=60) | st.sampled_from(
    ["otters", "covid-19", "18f", "{a}", "<b>", "İstanbul", "日本", "x" * 99]
)
rates = st.sampled_from([None, "engagement_rate_by_reach", "engagement_rate_by_views", "rate_nobody_knows"])
platforms = st.sampled_from(list(Platform))


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    own = draw(st.lists(platforms, unique=True, max_size=5))
    slots = draw(st.lists(st.tuples(platforms, st.integers(1, 7), st.integers(0, 23)), unique=True, max_size=25))
    formats = draw(st.lists(st.tuples(platforms, words), unique=True, max_size=4))
    rivals = draw(st.lists(st.tuples(words, platforms), unique=True, max_size=4))
    topics = draw(st.lists(words, max_size=9))
    return make_snapshot(
        platforms=[
            make_platform(p, draw(counts), draw(paces), draw(medians), draw(rates), draw(ratios)) for p in own
        ],
        topics=[
            make_topic(
                topic, draw(counts), draw(ratios), draw(counts), draw(ratios), draw(ratios),
                draw(st.lists(words, max_size=3)), key=str(number),
            )
            for number, topic in enumerate(topics)
        ],
        formats=[
            make_format(p, kind, draw(counts), draw(counts), draw(ratios), key=str(number))
            for number, (p, kind) in enumerate(formats)
        ],
        slots=[make_slot(p, day, hour, draw(counts), draw(ratios)) for p, day, hour in slots],
        competitors=[
            make_competitor(name, p, draw(paces), draw(medians), key=str(number))
            for number, (name, p) in enumerate(rivals)
        ],
    )  # fmt: skip


@st.composite
def brands(draw: st.DrawFn) -> BrandProfile:
    phrases = st.lists(words | st.sampled_from(["comments", "the", "example", "Our view", "in the end"]), max_size=4)
    return BrandProfile(
        workspace_id="river-trust",
        description=draw(words),
        audience=draw(words),
        tone=draw(st.sampled_from(["", "warm", "formal and short"])),
        banned_phrases=tuple(draw(phrases)),
        required_phrases=tuple(draw(phrases)),
        links=tuple(
            draw(
                st.lists(
                    st.sampled_from(["https://example.org/a1", "example.org", "no link", "http://x.y"]), max_size=3
                )
            )
        ),
    )


quick = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kathmandu")


def stored(document: StrategyDocument) -> Strategy:
    return Strategy(
        id="s1", workspace_id="river-trust", version=1, created_at=AS_OF, created_by="system", document=document
    )  # fmt: skip


@quick
@given(snapshots(), brands())
def test_any_snapshot_gives_a_valid_grounded_strategy(snapshot: Snapshot, brand: BrandProfile) -> None:
    document = write_strategy(snapshot, brand)
    assert StrategyDocument.model_validate_json(document.model_dump_json()) == document or any(
        fact.value is not None and math.isnan(fact.value) for fact in document.evidence
    )
    assert write_strategy(snapshot, brand).model_dump_json() == document.model_dump_json()

    shares = [pillar.share_proposed.value for pillar in document.pillars]
    assert len(shares) <= 5
    assert not shares or round(math.fsum(shares), 9) == 1.0
    assert all(round(share * 20, 9) == round(share * 20) >= 1 for share in shares)
    assert all(1 <= item.posts_per_week.value <= 14 for item in document.cadence)
    assert len(document.summary) in range(3, 7)
    per_platform = Counter(slot.platform for slot in document.slots)
    for item in document.cadence:
        assert per_platform[item.platform] == math.ceil(item.posts_per_week.value)
        assert (
            len({(s.weekday, s.hour) for s in document.slots if s.platform is item.platform})
            == per_platform[item.platform]
        )
    for goal in document.goals:
        assert goal.target.value > (document.fact(goal.baseline_fact_id).value or 0)

    held = [fact.id for fact in document.evidence]
    assert len(set(held)) == len(held)
    assert set(held) == set(references(document))
    for said in claims(document):
        assert unsupported_numbers(said, document) == []
        assert said.text
        assert not set("{}<>|") & set(said.text)
        assert "nan" not in said.text.split()
        assert set(said.fact_ids) <= set(held)
    for text in [*document.abstentions, *(d.posts_per_week.rule for d in document.cadence)]:
        assert not set("{}<>|") & set(text)
    broken = {fact.id for fact in document.evidence if fact.value is not None and math.isnan(fact.value)}
    assert {mismatch.fact_id for mismatch in verify(document, StoredFacts(snapshot))} == broken


@quick
@given(
    snapshots(),
    brands(),
    st.sampled_from(ZONES),
    st.dates(date(2025, 1, 1), date(2028, 12, 31)),
    st.integers(1, 12),
)  # fmt: skip
def test_any_strategy_gives_a_calendar_inside_its_weeks_and_drafts_inside_the_limits(
    snapshot: Snapshot, brand: BrandProfile, zone: str, start: date, weeks: int
) -> None:
    document = write_strategy(snapshot, brand)
    strategy = stored(document)
    workspace = Workspace("river-trust", "River Trust", zone, Plan.STUDIO, AS_OF)
    entries = plan_calendar(strategy, workspace, start=start, weeks=weeks)
    assert entries == plan_calendar(strategy, workspace, start=start, weeks=weeks)
    assert len({entry.id for entry in entries}) == len({entry.slot_at for entry in entries}) == len(entries)
    posts = Counter(platform for entry in entries for platform in entry.platforms)
    for item in document.cadence:
        assert posts[item.platform] == math.floor(item.posts_per_week.value * weeks + 0.5)
    for entry in entries:
        assert entry.slot_at.tzinfo is UTC
        assert start <= entry.slot_at.astimezone(workspace.tz).date() < start + timedelta(weeks=weeks)
        assert set(entry.fact_ids) <= {fact.id for fact in document.evidence}
    for pillar in document.pillars:
        planned = sum(entry.pillar == pillar.name for entry in entries)
        assert abs(planned - pillar.share_proposed.value * len(entries)) < 1

    banned = [pattern for phrase in brand.banned_phrases if (pattern := phrase_pattern(phrase)) is not None]
    for entry in entries[:3]:
        now = datetime(2026, 11, 22, tzinfo=UTC)
        written = write_drafts(entry, strategy, brand, workspace, now=now)
        assert written == write_drafts(entry, strategy, brand, workspace, now=now)
        for draft in written:
            texts = [draft.version.text, *(variant.text for variant in draft.version.variants)]
            assert len(set(texts)) == 3
            for text in texts:
                assert check_text(draft.platform, text) == []
                assert not any(pattern.search(text) for pattern in banned)
