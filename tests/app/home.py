"""A synthetic installation for the app's tests: a served workspace with a plan, an empty one, and one person per role.

The marts are written straight from the column lists of `connectors.warehouse.marts` and published by the real publisher; the
operational store is filled through the services.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from connectors.warehouse.database import Warehouse
from connectors.warehouse.marts import MARTS
from connectors.warehouse.serving import publish
from models.domain.approval import Draft, DraftStatus, DraftVersion, Variant
from models.domain.calendar import CalendarEntry
from models.domain.evidence import Fact
from models.domain.social import Platform
from models.domain.strategy import (
    Cadence,
    Claim,
    Decision,
    Pillar,
    PlatformRole,
    SlotAdvice,
    Strategy,
    StrategyDocument,
)
from models.domain.workspace import SYSTEM, Role
from models.metrics.registry import registry
from models.services import onboarding, planning
from models.store.database import Store, open_store
from tests.app.outgoing import fill_outgoing
from tests.app.quality_rows import RHYTHMLESS, quality_marts, troubled_sources
from tests.app.rival_rows import rival_marts

WORKSPACE, EMPTY = "harbour", "quiet-bay"
ZONE = ZoneInfo("Europe/Berlin")
ADMIN, EDITOR, VIEWER = "ana@example.org", "ed@example.org", "vi@example.org"
HOSTILE = "<script>alert(1)</script> [win](javascript:alert(2)) :red[shout] **bold** <img src=x onerror=alert(3)>"
TOPICS = ("Boat building", "Harbour tours", "Seafood recipes", "Weather notes")
_TITLES = {
    "Boat building": ("Steaming oak planks for the new hull", "How a keel is laid", "Three joints every builder needs"),
    "Harbour tours": ("Ten minutes around the old harbour", "The tide that empties the basin", "Where the seals rest"),
    "Seafood recipes": ("Mackerel on charcoal", "A winter chowder for six", "What to do with too many mussels"),
    "Weather notes": ("Reading clouds before a trip", "Why fog came three days in a row", "The wind of next week"),
}
_ACCOUNTS = {
    "youtube": ("UC-harbour", "Harbour Films", ("video", "short")),
    "instagram": ("ig-harbour", "harbour.boats", ("reel", "photo", "carousel")),
    "linkedin": ("li-harbour", "Harbour Boatyard", ("post", "article")),
}


@dataclass(frozen=True)
class Home:
    """Where the installation is and what it holds. `moment` is when it was made; `connections` are ids by their name in
    `tests.app.outgoing.ACCOUNTS`."""

    path: Path
    moment: datetime
    as_of: datetime
    posts: int
    drafts: tuple[str, ...]
    connections: Mapping[str, str]

    @property
    def store_url(self) -> str:
        return f"sqlite:///{self.path / 'fabric.db'}"

    def store(self) -> Store:
        return open_store(self.store_url)


def make_home(path: Path, *, moment: datetime) -> Home:
    """Fills an empty directory. `moment` is taken as now: the calendar starts after it, the numbers end the day before."""
    path.mkdir(parents=True, exist_ok=True)
    as_of = (moment - timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    marts = _marts(as_of)
    warehouse = path / "warehouse" / "fabric.duckdb"
    _write(warehouse, marts)
    served = publish(Warehouse(warehouse), path / "serving", WORKSPACE)
    with open_store(f"sqlite:///{path / 'fabric.db'}") as store, store.unit_of_work() as uow:
        onboarding.create_workspace(
            uow, SYSTEM, name="Harbour Boatyard", zone=ZONE.key, workspace_id=WORKSPACE, synthetic=True, now=moment
        )
        onboarding.create_workspace(uow, SYSTEM, name="Quiet Bay", workspace_id=EMPTY, now=moment)
        for email, name, role in ((ADMIN, "Ana", Role.ADMIN), (EDITOR, "Ed", Role.EDITOR), (VIEWER, "Vi", Role.VIEWER)):
            for workspace in (WORKSPACE, EMPTY):
                onboarding.add_member(uow, SYSTEM, workspace, email=email, name=name, role=role, now=moment)
        strategy = planning.save_strategy(
            uow, SYSTEM, _document(served.version, as_of, len(marts["mart_posts"])), now=moment
        )
        entries, drafts = _plan(strategy, moment)
        planning.save_calendar(uow, SYSTEM, strategy.id, entries, now=moment)
        planning.save_drafts(uow, SYSTEM, drafts, now=moment)
        connected = fill_outgoing(store, path, strategy, moment=moment)
    return Home(path, moment, as_of, len(marts["mart_posts"]), tuple(d.id for d in drafts), connected)


def _marts(as_of: datetime) -> dict[str, list[dict[str, Any]]]:
    chance = random.Random(11)
    posts = [p for platform in _ACCOUNTS for p in _posts(platform, as_of, chance)]
    posts[3]["title"], posts[3]["body"] = HOSTILE, HOSTILE
    posts[3]["url"] = "javascript:alert(4)"
    for platform in _ACCOUNTS:
        own = sorted(
            (p for p in posts if p["platform"] == platform and p["engagements_public_28d"] is not None),
            key=lambda p: p["engagements_public_28d"],
        )
        for rank, row in enumerate(own):
            row["percentile_28d"] = rank / (len(own) - 1)
    return {
        "mart_posts": posts,
        "mart_post_metrics": [m for p in posts for m in _metrics(p)],
        "mart_post_metrics_at_age": [a for p in posts for a in _ages(p)],
        "mart_account_daily": _daily(posts, as_of),
        "mart_rates_daily": _rates(posts),
        "mart_freshness": [
            _fresh("youtube_studio", as_of - timedelta(days=12), 40), _fresh("instagram_export", as_of, 0), _fresh("linkedin_export", as_of, 0),
            *troubled_sources(WORKSPACE, as_of),
        ],
        **quality_marts(WORKSPACE, HOSTILE, as_of),
        **rival_marts(WORKSPACE, posts, TOPICS, as_of),
        "mart_rejections": [
            {
                "workspace_id": WORKSPACE, "batch_id": "b1", "source": "youtube_studio", "source_file": "Table data.csv",
                "source_line": n, "column_name": "Views", "reason": "not a number: 'n/a'", "raw": "n/a",
            }
            for n in (12, 40)
        ],
        "mart_metrics": [
            {
                "workspace_id": WORKSPACE, "metric": m.id, "version": m.version, "name": m.name, "unit": m.unit,
                "kind": m.kind, "time_basis": m.time_basis, "entity": m.entity, "additive_posts": m.additive_posts, "additive_days": m.additive_days,
                "additive_accounts": m.additive_accounts, "documentation": m.documentation,
            }
            for m in registry().metrics.values()
        ],
    }  # fmt: skip


def _posts(platform: str, as_of: datetime, chance: random.Random) -> list[dict[str, Any]]:
    account, name, formats = _ACCOUNTS[platform]
    every = {"youtube": 4, "instagram": 3, "linkedin": 6}[platform]
    rows = []
    for n in range(300 // every):
        published = (as_of - timedelta(days=n * every + 1)).replace(hour=chance.choice((7, 11, 16)))
        topic = TOPICS[(n + len(platform)) % len(TOPICS)]
        size = (
            chance.lognormvariate(0, 0.6)
            * {"youtube": 90, "instagram": 240, "linkedin": 35}[platform]
            * (1.6 if topic == "Boat building" else 1)
        )
        reactions, comments, shares = round(size), round(size * 0.12), round(size * 0.08)
        # LinkedIn's export carries no engagements for every fourth post: missing, not 0.
        known = not (platform == "linkedin" and n % 4 == 0)
        engagements = float(reactions + comments + shares) if known else None
        views = float(round(size * chance.uniform(20, 40))) if platform == "youtube" else None
        reach = float(round(size * chance.uniform(8, 15))) if platform == "instagram" else None
        impressions = float(round(size * chance.uniform(15, 30))) if platform != "youtube" else None
        followers = {"youtube": 18400.0, "instagram": 41200.0, "linkedin": None}[platform]
        age = (as_of - published).total_seconds() / 3600
        local = published.astimezone(ZONE).replace(tzinfo=None)
        rows.append({
            "workspace_id": WORKSPACE, "platform": platform, "account_id": account, "account_name": name,
            "post_id": f"{platform}-{n:03d}", "content_type": formats[n % len(formats)],
            "title": chance.choice(_TITLES[topic]) if platform == "youtube" else None,
            "body": f"{chance.choice(_TITLES[topic])}. From the yard, week {n + 1}.\nAsk us anything below.",
            "url": f"https://example.org/{platform}/{n}", "published_at": published, "published_local": local,
            "published_date": local.date(), "local_weekday": local.isoweekday(), "local_hour": local.hour,
            "observed_at": as_of, "age_hours": age, "topic": topic,
            "impressions": impressions, "reach": reach, "views": views,
            "reactions": float(reactions) if known else None, "comments": float(comments) if known else None,
            "shares": float(shares) if known else None, "saves": None, "clicks": None, "watch_time_hours": None,
            "engagements_public": engagements, "engagements_full": None,
            "engagement_rate_by_reach": _ratio(engagements, reach),
            "engagement_rate_by_impressions": _ratio(engagements, impressions),
            "engagement_rate_by_views": _ratio(engagements, views),
            "engagement_rate_by_followers": _ratio(engagements, followers),
            "engagements_public_28d": None if engagements is None or age < 672 else engagements * 0.9,
            "basis_28d": None if engagements is None or age < 672 else "interpolated",
            "percentile_28d": None,
        })  # fmt: skip
    return rows


def _ratio(numerator: float | None, denominator: float | None) -> float | None:
    return None if numerator is None or not denominator else round(numerator / denominator, 9)


def _metrics(post: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for metric in ("views", "impressions", "reach", "reactions", "comments", "shares", "saves"):
        value = post[metric]
        rows.append({
            "workspace_id": WORKSPACE, "platform": post["platform"], "account_id": post["account_id"],
            "post_id": post["post_id"], "metric": metric, "unit": "count", "value": value,
            "state": "observed" if value is not None else "unavailable" if metric in {"reactions", "comments", "shares"} else "unsupported",
            "observed_at": post["observed_at"], "first_observed_at": post["published_at"],
        })  # fmt: skip
    return rows


def _ages(post: dict[str, Any]) -> list[dict[str, Any]]:
    if post["engagements_public"] is None:
        return []
    return [
        {
            "workspace_id": WORKSPACE, "platform": post["platform"], "account_id": post["account_id"],
            "post_id": post["post_id"], "metric": "engagements_public", "age_hours": hours,
            "value": post["engagements_public"] * share, "basis": "exact" if hours == 24 else "interpolated",
            "reading_before_hours": hours * 0.9, "reading_after_hours": hours * 1.2,
        }
        for hours, share in ((24, 0.4), (72, 0.6), (168, 0.75), (672, 0.9))
        if post["age_hours"] >= hours
    ]  # fmt: skip


def _daily(posts: list[dict[str, Any]], as_of: datetime) -> list[dict[str, Any]]:
    rows = []
    newest = as_of.astimezone(ZONE).date()
    start = {"youtube": 18400.0, "instagram": 41200.0}
    for platform, (account, name, _) in _ACCOUNTS.items():
        for back in range(120):
            day = newest - timedelta(days=back)
            own = [p for p in posts if p["platform"] == platform and p["published_date"] == day]
            known = [p["engagements_public"] for p in own if p["engagements_public"] is not None]
            rows.append({
                "workspace_id": WORKSPACE, "platform": platform, "account_id": account, "account_name": name, "day": day,
                "posts": len(own), "posts_with_engagement": len(known), "engagements_public": sum(known) if known else None,
                "reactions": None, "comments": None, "shares": None, "views": None, "impressions": None,
                "followers": start[platform] - back * 9 if platform in start else None,
            })  # fmt: skip
    return rows


def _rates(posts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for post in posts:
        for rate in registry().rates.values():
            denominator = {"followers": {"youtube": 18400.0, "instagram": 41200.0}.get(post["platform"])}.get(
                rate.denominator
            ) or post.get(rate.denominator)
            key = (post["platform"], post["account_id"], post["published_date"], rate.id)
            row = rows.setdefault(key, {
                "workspace_id": WORKSPACE, "platform": key[0], "account_id": key[1], "day": key[2], "rate": rate.id,
                "posts": 0, "posts_with_rate": 0, "numerator": None, "denominator": None, "value": None,
            })  # fmt: skip
            row["posts"] += 1
            if post["engagements_public"] is not None and denominator:
                row["posts_with_rate"] += 1
                row["numerator"] = (row["numerator"] or 0) + post["engagements_public"]
                row["denominator"] = (row["denominator"] or 0) + denominator
    return list(rows.values())


def _fresh(source: str, observed: datetime, rejections: int) -> dict[str, Any]:
    return {
        "workspace_id": WORKSPACE, "source": source, "owner": "own", "batches": 3, "contents": 60, "observations": 400,
        "rejections": rejections, "first_observed_at": observed - timedelta(days=200), "last_observed_at": observed,
        **RHYTHMLESS, "last_landed_at": observed,
    }  # fmt: skip


def _write(path: Path, marts: dict[str, list[dict[str, Any]]]) -> None:
    with Warehouse(path).connect() as connection:
        connection.execute("create schema if not exists marts")
        connection.execute("set TimeZone = 'UTC'")
        for mart, columns in MARTS.items():
            listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            connection.execute(f"create table marts.{mart} ({listed})")
            rows = marts.get(mart, [])
            if rows:
                _insert(connection, mart, list(columns), rows)


def _insert(connection: duckdb.DuckDBPyConnection, mart: str, columns: list[str], rows: list[dict[str, Any]]) -> None:
    """Columns that the rows do not name stay missing; a name that the mart does not have is an error."""
    named = [name for name in columns if name in rows[0]]
    assert all(set(row) == set(named) for row in rows), f"rows of {mart} name {set(rows[0]) - set(columns)}"
    frame = pl.DataFrame(
        [[row[name] for name in named] for row in rows], schema=named, orient="row", infer_schema_length=None
    )
    connection.register("incoming", frame.to_arrow())
    connection.execute(f"insert into marts.{mart} by name select * from incoming")
    connection.unregister("incoming")


def _document(snapshot_id: str, as_of: datetime, posts: int) -> StrategyDocument:
    def fact(id_: str, label: str, value: float | None, unit: str, query: str, n: int | None = None) -> Fact:
        return Fact(id_, label, value, unit, "mart_posts", query, as_of, n)

    evidence = (
        fact("posts", "own posts", float(posts), "posts", "select count(*) from mart_posts", posts),
        fact(
            "share-boats", "of posts are about boat building", 0.25, "ratio", "select 0.25 from mart_posts limit 1", 18
        ),
        fact(
            "rank-boats",
            "is where boat building lands at 28 days of age",
            0.74,
            "percentile",
            "select 0.81 from mart_posts limit 1",
            18,
        ),
        fact("views-unknown", "views on LinkedIn", None, "count", "select null from mart_posts limit 1"),
    )
    return StrategyDocument(
        workspace_id=WORKSPACE, snapshot_id=snapshot_id, as_of=as_of, writer="rules-1", summary=(),
        pillars=tuple(
            Pillar(
                name=topic, keywords=(topic.lower(),), share_now_fact_id="share-boats",
                share_proposed=Decision(value=0.4, unit="ratio", rule="shrunk rank", fact_ids=("rank-boats",)),
                performance="measured" if topic == "Boat building" else "no_evidence",
                confidence="high" if topic == "Boat building" else "low",
                rationale=Claim(template="", text="Posts about it land at the 74th percentile at 28 days of age.", fact_ids=("rank-boats",)),
            )
            for topic in TOPICS
        ),
        platform_roles=(PlatformRole(platform=Platform.YOUTUBE, role="depth", rationale=Claim(template="", text="Long watch.")),),
        cadence=(
            Cadence(
                platform=Platform.INSTAGRAM,
                posts_per_week=Decision(value=3, unit="per_week", rule="as now", fact_ids=("posts",)),
                rationale=Claim(template="", text="Keeps the rhythm the account already has.", fact_ids=("posts",)),
            ),
        ),
        slots=(
            SlotAdvice(
                platform=Platform.YOUTUBE, weekday=4, hour=17, verdict="recommend", confidence="medium",
                rationale=Claim(template="", text="Posts of Thursday afternoon rank higher.", fact_ids=("rank-boats",)),
            ),
        ),
        goals=(), abstentions=("LinkedIn has too few measured posts: it takes 5.",), evidence=evidence,
    )  # fmt: skip


def _plan(strategy: Strategy, moment: datetime) -> tuple[list[CalendarEntry], list[Draft]]:
    entries, drafts = [], []
    first: date = moment.astimezone(ZONE).date()
    for n in range(10):
        slot = datetime.combine(first + timedelta(days=1 + 2 * n), time(9 + n % 3 * 3, 30), tzinfo=ZONE).astimezone(UTC)
        topic = TOPICS[n % len(TOPICS)]
        platforms = (Platform.INSTAGRAM, Platform.X) if n % 2 == 0 else (Platform.LINKEDIN,)
        entry = CalendarEntry(
            id=f"entry-{n:02d}", workspace_id=WORKSPACE, strategy_id=strategy.id, slot_at=slot, pillar=topic,
            brief=f"Show one step of {topic.lower()} and ask for questions.", platforms=platforms,
            fact_ids=("rank-boats", "share-boats", "views-unknown"),
        )  # fmt: skip
        entries.append(entry)
        for platform in platforms:
            text = f"{_TITLES[topic][n % 3]}.\n\nWe show it step by step. What would you ask the builder?"
            if n == 1:
                text = f"{HOSTILE}\nsecond line"
            draft_id = f"draft-{n:02d}-{platform}"
            drafts.append(
                Draft(
                    id=draft_id, workspace_id=WORKSPACE, entry_id=entry.id, platform=platform,
                    status=DraftStatus.IN_REVIEW, slot_at=slot,
                    version=DraftVersion(
                        draft_id, 1, text,
                        (Variant("A", "opening", f"Did you know? {text[:120]}"), Variant("B", "length", text[:60])),
                        "system", moment,
                    ),
                )
            )  # fmt: skip
    return entries, drafts
