"""Files of the demo: a made-up competitor's export and the made-up brand's own articles.

Nothing here was observed. The brand's own numbers come from the sandbox's accounts; these files show the other way in, the
ordinary import. The export carries several readings of each post (column `read_at`), taken at midnight UTC after 2, 7 and 28
days, and two faults of real exports, so that the quarantine has something to show.
"""

from __future__ import annotations

import csv
import math
import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import yaml

from connectors.sandbox.audience import grown
from connectors.sandbox.phrases import ARTICLES, TOPICS, SampleTopic

BRAND = "Sample Brand (synthetic)"
RSS_COMPETITOR = "Northlight Outfitters (synthetic)"
CSV_COMPETITOR = "Cairn and Co (synthetic)"
ZONE = "Europe/Berlin"
DAYS = 180
POSTS = 120
READING_DAYS = (2, 7, 28)
"""Readings are taken at these midnights after publishing, and at the end of the history."""
_BASE = 130.0
"""Median of reactions at 28 days; the other metrics are multiples of reactions."""
_HALF_HOURS = 12.0
_RATIOS = {"reactions": 1.0, "comments": 0.1, "shares": 0.11}


@dataclass(frozen=True)
class SampleFile:
    """A file or folder to import, with the arguments of `connectors.files.importer.import_path`."""

    path: Path
    mapping: Path | None
    platform: str | None
    competitor: str | None
    observed_at: datetime | None


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
    """Writes the files for the `DAYS` days before `end` (a UTC day that has begun) and says how to import them.

    The same `end` and `seed` give the same bytes.
    """
    directory.mkdir(parents=True, exist_ok=True)
    last = datetime(end.year, end.month, end.day, tzinfo=UTC)
    rng = random.Random(f"{seed}:competitors")
    rows = _damaged(list(_readings(_posts(last, rng), last)))
    return [_readings_file(directory, rows), _blog_folder(directory, last)]


def _posts(last: datetime, rng: random.Random) -> list[_Post]:
    """Posts spread evenly over the history, with final values (at 28 days) drawn around the base."""
    posts: list[_Post] = []
    zone = ZoneInfo(ZONE)
    first = (last - timedelta(days=DAYS)).date()
    for number in range(POSTS):
        day = first + timedelta(days=int((number + rng.random()) * (DAYS - 1) / POSTS))
        local = datetime(day.year, day.month, day.day, rng.randrange(7, 22), rng.randrange(0, 60), tzinfo=zone)
        topic = rng.choice(TOPICS)
        level = _BASE * math.exp(rng.gauss(0, 0.35)) * topic.effect
        posts.append(
            _Post(
                id=f"facebook-{rng.randrange(10**11, 10**12)}",
                published_at=local.astimezone(UTC),
                topic=topic,
                format=rng.choice(("photo", "link")),
                text=rng.choice(topic.sentences).format(n=rng.choice((3, 5, 6, 8, 12, 15, 20, 30))),
                finals={name: level * ratio * math.exp(rng.gauss(0, 0.12)) for name, ratio in _RATIOS.items()},
                half_hours=_HALF_HOURS * math.exp(rng.gauss(0, 0.15)),
            )
        )
    return sorted(posts, key=lambda post: (post.published_at, post.id))


def _readings(posts: Iterable[_Post], last: datetime) -> Iterator[dict[str, str]]:
    """One row per post and reading, values never falling."""
    for post in posts:
        midnight = datetime(*post.published_at.timetuple()[:3], tzinfo=UTC)
        moments = {midnight + timedelta(days=day) for day in READING_DAYS} | {last}
        for moment in sorted(m for m in moments if post.published_at < m <= last):
            share = grown((moment - post.published_at).total_seconds() / 3600, post.half_hours)
            yield {
                "post_id": post.id,
                "published": post.published_at.astimezone(ZoneInfo(ZONE)).strftime("%Y-%m-%d %H:%M"),
                "type": post.format,
                "text": post.text,
                "tags": ", ".join(post.topic.hashtags),
                "link": f"https://cairn.example/{post.id}",
                "read_at": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
                **{metric: f"{int(final * share):,}" for metric, final in post.finals.items()},
            }


def _damaged(rows: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    """The rows with two faults of real exports, so that the quarantine has something to show: an id that a spreadsheet
    rounded, and a cell that is no number."""
    rows[10]["comments"] = "n/a"
    yield from rows
    yield {**rows[-1], "post_id": "1.22158E+17"}


def _readings_file(directory: Path, rows: Iterator[dict[str, str]]) -> SampleFile:
    path = directory / "sample-competitor-facebook.csv"
    _write_csv(path, ("post_id", "published", "type", "text", "tags", "link", "read_at", *_RATIOS), rows)
    mapping = directory / "sample-competitor-facebook.yaml"
    _write_mapping(mapping, {
        "name": "Synthetic facebook readings",
        "source": "sample_competitor_facebook",
        "platform": "facebook",
        "account": {"fixed": "cairn-and-co-facebook", "name": CSV_COMPETITOR},
        "id": "post_id",
        "time": {"column": "published", "zone": ZONE, "formats": ["%Y-%m-%d %H:%M"]},
        "body": "text",
        "url": "link",
        "content_type": "type",
        "tags": "tags",
        "metrics": {metric: metric for metric in _RATIOS},
        "observed_at": {"column": "read_at", "formats": ["iso"]},
    })  # fmt: skip
    return SampleFile(path, mapping, "facebook", CSV_COMPETITOR, None)


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
