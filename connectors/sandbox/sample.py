"""A synthetic brand's exports for the demo: ordinary files that go through the ordinary import.

Nothing here was observed. The brand, its competitors and every number are made up from a seed, and say so in their
names. The truth behind the numbers is stated in `EFFECTS` and `phrases.TOPICS`, so that a test can ask whether the
product finds it. One readings file per platform carries several readings of each post (column `read_at`), taken at
midnight UTC around the ages that posts are compared at (24 h, 72 h, 7 d, 28 d).
"""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from connectors.sandbox.phrases import ARTICLES, COMPETITOR_ARTICLES, TOPICS, SampleTopic

BRAND = "Sample Brand (synthetic)"
RSS_COMPETITOR = "Northlight Outfitters (synthetic)"
CSV_COMPETITOR = "Cairn and Co (synthetic)"
ZONE = "Europe/Berlin"
DAYS = 180
READING_DAYS = (1, 2, 3, 4, 7, 8, 28, 29)
"""Readings are taken at these midnights after publishing, and at the end of the history."""
MISSING_SHARE = 0.02


@dataclass(frozen=True)
class SampleFile:
    """A file or folder to import, with the arguments of `connectors.files.importer.import_path`."""

    path: Path
    mapping: Path | None
    platform: str | None
    competitor: str | None
    observed_at: datetime | None


@dataclass(frozen=True)
class Effects:
    """Multipliers of a post's final engagement. Hours are local to `ZONE`; weekdays count from 1 = Monday."""

    hours: dict[int, float]
    weekdays: dict[int, float]
    formats: dict[str, float]


EFFECTS = Effects(
    hours={7: 0.95, 9: 0.85, 12: 1.1, 15: 0.8, 18: 1.5, 20: 1.25},
    weekdays={1: 0.95, 2: 1.2, 3: 1.0, 4: 1.3, 5: 0.9, 6: 0.8, 7: 0.85},
    formats={"video": 1.35, "reel": 1.45, "carousel": 1.2, "photo": 1.0, "link": 0.7, "text": 0.8, "short": 1.1},
)


@dataclass(frozen=True)
class _Platform:
    """`base` is the median of reactions at 28 days; the other metrics are multiples of reactions. `half_hours` is the
    age at which half of the final numbers are reached."""

    name: str
    posts: int
    base: float
    half_hours: float
    followers: int
    formats: tuple[str, ...]
    metrics: dict[str, float]


_PLATFORMS = (
    _Platform("facebook", 72, 85, 14, 18_400, ("photo", "video", "link"),
              {"reactions": 1, "comments": 0.12, "shares": 0.09, "views": 38, "reach": 27, "clicks": 0.9}),
    _Platform("instagram", 85, 240, 11, 26_900, ("photo", "carousel", "reel"),
              {"reactions": 1, "comments": 0.05, "shares": 0.07, "saves": 0.1, "views": 19, "reach": 13}),
    _Platform("linkedin", 60, 48, 26, 6_150, ("text", "photo", "link"),
              {"reactions": 1, "comments": 0.14, "shares": 0.06, "impressions": 41, "reach": 26, "clicks": 1.4}),
    _Platform("x", 112, 22, 6, 9_300, ("text", "photo", "link"),
              {"reactions": 1, "comments": 0.16, "shares": 0.22, "saves": 0.08, "impressions": 64}),
    _Platform("tiktok", 45, 310, 20, 14_200, ("video",),
              {"reactions": 1, "comments": 0.04, "shares": 0.06, "views": 17}),
    _Platform("youtube", 26, 95, 60, 7_800, ("video", "short"),
              {"reactions": 1, "comments": 0.11, "shares": 0.05, "views": 24, "impressions": 210,
               "watch_time_hours": 0.9, "average_view_duration_seconds": 0}),
)  # fmt: skip


@dataclass(frozen=True)
class _Post:
    id: str
    published_at: datetime
    topic: SampleTopic
    format: str
    text: str
    finals: dict[str, float]
    half_hours: float


def write_sample(directory: Path, *, end: date, seed: int = 7) -> list[SampleFile]:
    """Writes the synthetic files for the `DAYS` days before `end` (a UTC day that has begun) and says how to import them.

    The same `end` and `seed` give the same bytes.
    """
    directory.mkdir(parents=True, exist_ok=True)
    last = datetime(end.year, end.month, end.day, tzinfo=UTC)
    written: list[SampleFile] = []
    for platform in _PLATFORMS:
        rng = random.Random(f"{seed}:{platform.name}")
        posts = _posts(platform, last, rng, platform.posts, effects=True)
        rows = _readings(posts, platform, last, rng)
        if platform.name == "facebook":
            rows = _damaged(list(rows))
        written.append(_readings_file(directory, f"sample-{platform.name}", platform, rows, account=BRAND))
        written.append(_followers_file(directory, platform, last, rng))
    rng = random.Random(f"{seed}:competitors")
    rival = _Platform("facebook", 120, 130, 12, 0, ("photo", "link"), {"reactions": 1, "comments": 0.1, "shares": 0.11})
    rows = _readings(_posts(rival, last, rng, rival.posts, effects=False), rival, last, rng, days=(2, 7, 28), missing=0)
    written.append(_readings_file(directory, "sample-competitor-facebook", rival, rows, account=CSV_COMPETITOR))
    written.append(_feed_file(directory, last, rng))
    written.append(_blog_folder(directory, last))
    return written


def _posts(platform: _Platform, last: datetime, rng: random.Random, count: int, *, effects: bool) -> list[_Post]:
    """Posts spread evenly over the history, with final values (at 28 days) drawn around the stated effects."""
    posts: list[_Post] = []
    zone = ZoneInfo(ZONE)
    first = (last - timedelta(days=DAYS)).date()
    for number in range(count):
        day = first + timedelta(days=int((number + rng.random()) * (DAYS - 1) / count))
        hour = rng.choice(list(EFFECTS.hours))
        local = datetime(day.year, day.month, day.day, hour, rng.randrange(0, 60), tzinfo=zone)
        topic, kind = rng.choice(TOPICS), rng.choice(platform.formats)
        level = platform.base * math.exp(rng.gauss(0, 0.35)) * topic.effect
        if effects:
            level *= EFFECTS.hours[hour] * EFFECTS.weekdays[local.isoweekday()] * EFFECTS.formats[kind]
        finals = {name: level * ratio * math.exp(rng.gauss(0, 0.12)) for name, ratio in platform.metrics.items()}
        if "average_view_duration_seconds" in finals:
            finals["average_view_duration_seconds"] = rng.uniform(25, 45) if kind == "short" else rng.uniform(90, 260)
        posts.append(
            _Post(
                id=f"{platform.name}-{rng.randrange(10**11, 10**12)}",
                published_at=local.astimezone(UTC),
                topic=topic,
                format=kind,
                text=rng.choice(topic.sentences).format(n=rng.choice((3, 5, 6, 8, 12, 15, 20, 30))),
                finals=finals,
                half_hours=platform.half_hours * math.exp(rng.gauss(0, 0.15)),
            )
        )
    return sorted(posts, key=lambda post: (post.published_at, post.id))


def grown(age_hours: float, half_hours: float) -> float:
    """The share of a post's 28-day value that it has at an age: quick at first, then slow, about 1.02 long after."""
    young, full = (1.0 - math.pow(0.5, math.pow(hours / half_hours, 0.75)) for hours in (age_hours, 672.0))
    return young / full + 0.02 * math.log(max(age_hours, 672.0) / 672.0)


def _readings(
    posts: Iterable[_Post],
    platform: _Platform,
    last: datetime,
    rng: random.Random,
    *,
    days: tuple[int, ...] = READING_DAYS,
    missing: float = MISSING_SHARE,
) -> Iterator[dict[str, str]]:
    """One row per post and reading, values never falling, a few cells blank."""
    for post in posts:
        midnight = datetime(*post.published_at.timetuple()[:3], tzinfo=UTC)
        moments = {midnight + timedelta(days=day) for day in days} | {last}
        for moment in sorted(m for m in moments if post.published_at < m <= last):
            share = grown((moment - post.published_at).total_seconds() / 3600, post.half_hours)
            row = {
                "post_id": post.id,
                "published": post.published_at.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%d %H:%M"),
                "type": post.format,
                "text": post.text,
                "tags": ", ".join(post.topic.hashtags),
                "link": f"https://sample-brand.example/{platform.name}/{post.id}",
                "read_at": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            }
            for metric, final in post.finals.items():
                row[metric] = "" if rng.random() < missing else _cell(metric, final, share)
            yield row


def _damaged(rows: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    """The rows with two faults of real exports, so that the quarantine has something to show: an id that a spreadsheet
    rounded, and a cell that is no number."""
    rows[10]["comments"] = "n/a"
    yield from rows
    yield {**rows[-1], "post_id": "1.22158E+17"}


def _cell(metric: str, final: float, share: float) -> str:
    if metric == "average_view_duration_seconds":
        seconds = round(final)
        return f"0:{seconds // 60:02d}:{seconds % 60:02d}"
    if metric == "watch_time_hours":
        return f"{final * share:.4f}"
    return f"{int(final * share):,}"


def _readings_file(
    directory: Path, name: str, platform: _Platform, rows: Iterator[dict[str, str]], *, account: str
) -> SampleFile:
    path = directory / f"{name}.csv"
    columns = ("post_id", "published", "type", "text", "tags", "link", "read_at", *platform.metrics)
    _write_csv(path, columns, rows)
    mapping = directory / f"{name}.yaml"
    own = account == BRAND
    _write_mapping(mapping, {
        "name": f"Synthetic {platform.name} readings",
        "source": name.replace("-", "_"),
        "platform": platform.name,
        "account": {"fixed": f"{'sample-brand' if own else 'cairn-and-co'}-{platform.name}", "name": account},
        "id": "post_id",
        "time": {"column": "published", "zone": ZONE, "formats": ["%Y-%m-%d %H:%M"]},
        "body": "text",
        "url": "link",
        "content_type": "type",
        "tags": "tags",
        "metrics": {metric: metric for metric in platform.metrics},
        "observed_at": {"column": "read_at", "formats": ["iso"]},
    })  # fmt: skip
    return SampleFile(path, mapping, platform.name, None if own else account, None)


def _followers_file(directory: Path, platform: _Platform, last: datetime, rng: random.Random) -> SampleFile:
    """A reading of the account's followers for every day, with a few days missing."""
    path, mapping = directory / f"sample-{platform.name}-followers.csv", None
    level = platform.followers * 0.86
    rows: list[dict[str, str]] = []
    for number in range(DAYS + 1):
        moment = last - timedelta(days=DAYS - number)
        level += platform.followers * 0.14 / DAYS * rng.uniform(0.2, 1.8)
        blank = rng.random() < MISSING_SHARE
        rows.append({"read_at": moment.strftime("%Y-%m-%dT%H:%M:%SZ"), "followers": "" if blank else f"{int(level):,}"})
    _write_csv(path, ("read_at", "followers"), rows)
    mapping = directory / f"sample-{platform.name}-followers.yaml"
    _write_mapping(mapping, {
        "name": f"Synthetic {platform.name} followers",
        "source": f"sample_{platform.name}_followers",
        "platform": platform.name,
        "entity": "account",
        "account": {"fixed": f"sample-brand-{platform.name}", "name": BRAND},
        "metrics": {"followers": "followers"},
        "observed_at": {"column": "read_at", "formats": ["iso"]},
    })  # fmt: skip
    return SampleFile(path, mapping, platform.name, None, None)


def _feed_file(directory: Path, last: datetime, rng: random.Random) -> SampleFile:
    """A competitor's RSS feed: public articles, no numbers."""
    items: list[str] = []
    for number in range(40):
        title, topic, summary = rng.choice(COMPETITOR_ARTICLES)
        at = last - timedelta(days=DAYS * (number + rng.random()) / 40 + 0.5)
        link = f"https://northlight.example/journal/{number:03d}"
        items.append(
            f"<item><title>{escape(title)}, part {number % 5 + 1}</title><link>{link}</link><guid>{link}</guid>"
            f"<pubDate>{format_datetime(at.replace(microsecond=0))}</pubDate><category>{escape(topic)}</category>"
            f"<description>{escape(summary)}</description></item>"
        )
    path = directory / "sample-competitor-feed.xml"
    path.write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"><channel>'
        f"<title>{escape(RSS_COMPETITOR)}</title><link>https://northlight.example/</link>"
        "<description>Synthetic feed for a demonstration</description>\n" + "\n".join(items) + "\n</channel></rss>\n",
        encoding="utf-8",
    )
    return SampleFile(path, None, None, RSS_COMPETITOR, None)


def _blog_folder(directory: Path, last: datetime) -> SampleFile:
    """The brand's own articles."""
    folder = directory / "Sample Brand blog (synthetic)"
    folder.mkdir(exist_ok=True)
    for number, (name, topic, title, text) in enumerate(ARTICLES):
        day = (last - timedelta(days=12 + 20 * number)).date()
        tags = "\n".join(f"  - {tag}" for tag in topic.split())
        front = f'---\ntitle: "{title}"\ndate: {day}\nauthors:\n  - Sample team\ntags:\n{tags}\n---\n\n'
        (folder / f"{day}-{name}.md").write_text(f"{front}# {title}\n\n{text}\n", encoding="utf-8")
    return SampleFile(folder, None, None, None, None)


def _write_csv(path: Path, columns: tuple[str, ...], rows: Iterable[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _write_mapping(path: Path, content: dict[str, object]) -> None:
    header = "# Written with the synthetic sample; nothing in the file it describes was observed.\n"
    path.write_text(header + yaml.safe_dump(content, sort_keys=False), encoding="utf-8")
