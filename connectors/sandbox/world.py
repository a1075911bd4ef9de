"""The sandbox's state: accounts with a history, posts made through the connectors, and everything half-made.

History is drawn from the seed when an account is first looked at. What connectors publish is added to it and, where a
journal is given, survives a restart. All of it runs on one event loop; other threads only read.
"""

from __future__ import annotations

import bisect
import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.sandbox import audience
from connectors.sandbox.ai_studio import Studio
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import Faults
from connectors.sandbox.ledger import Entry, Ledger, fingerprint
from connectors.sandbox.phrases import TOPICS
from connectors.sandbox.tokens import Tokens
from models.domain.connection import Vendor

BRAND = "Sample Brand (synthetic)"
DAYS = 180
POSTS = {
    Vendor.FACEBOOK: 72, Vendor.INSTAGRAM: 85, Vendor.LINKEDIN: 60, Vendor.X: 112, Vendor.TIKTOK: 45, Vendor.YOUTUBE: 26,
}  # fmt: skip
"""Posts of each account's history unless told otherwise."""
_EPOCH_MS = {Vendor.X: 1_288_834_974_657, Vendor.TIKTOK: 1_262_304_000_000}


@dataclass(frozen=True)
class Account:
    """One account of the sandbox. `user_id` is the person who may act for it."""

    vendor: Vendor
    id: str
    name: str
    handle: str
    user_id: str = "1000000001"


@dataclass
class Post:
    """One post. `media` are SHA-256 of files in order; `extra` is what only its vendor knows (kind of product, category)."""

    vendor: Vendor
    account_id: str
    id: str
    kind: str
    text: str
    published_at: datetime
    level: audience.Level
    title: str = ""
    link: str = ""
    media: tuple[str, ...] = ()
    duration_seconds: float | None = None
    deleted: bool = False
    native: bool = True
    """False for what came in through a connector."""
    extra: dict[str, str] = field(default_factory=dict)


ACCOUNTS: dict[Vendor, Account] = {
    Vendor.FACEBOOK: Account(Vendor.FACEBOOK, "104500000000001", BRAND, "samplebrand"),
    Vendor.INSTAGRAM: Account(Vendor.INSTAGRAM, "17841400000000001", BRAND, "samplebrand"),
    Vendor.LINKEDIN: Account(Vendor.LINKEDIN, "90000001", BRAND, "sample-brand"),
    Vendor.X: Account(Vendor.X, "1500000000000000001", BRAND, "samplebrand"),
    Vendor.TIKTOK: Account(Vendor.TIKTOK, "-000sampleBrandOpenId", BRAND, "samplebrand"),
    Vendor.YOUTUBE: Account(Vendor.YOUTUBE, "UCsampleBrand00000000000", BRAND, "@samplebrand"),
}


class World:
    """`posts` is the number of posts of each account's history, which ends at the `epoch`; those after the clock's time are
    not there yet. `journal` keeps what was published, and the epoch, over restarts."""

    def __init__(
        self,
        *,
        seed: int = 7,
        clock: Clock | None = None,
        epoch: datetime | None = None,
        posts: Mapping[Vendor, int] | None = None,
        journal: Path | None = None,
    ) -> None:
        self.seed = seed
        self.clock = clock or Clock()
        self.faults = Faults()
        self.tokens = Tokens(self.clock, seed)
        self.requests: Counter[str] = Counter()
        """Requests to each vendor, whether they were answered or not."""
        self.studios: defaultdict[str, Studio] = defaultdict(Studio)
        """Works of the makers of media, by provider."""
        self.accounts = dict(ACCOUNTS)
        self._counts = {**POSTS, **(posts or {})}
        self._journal = journal
        self._histories: dict[Vendor, list[Post]] = {}
        self._by_id: dict[tuple[Vendor, str], Post] = {}
        self._objects: dict[tuple[Vendor, str], dict[str, dict[str, Any]]] = defaultdict(dict)
        self._serial = 0
        self.epoch = epoch or self.clock.now()
        """The end of the drawn history; when the sandbox was first started, unless told otherwise."""
        self.ledger = Ledger(journal.with_suffix(".ledger.jsonl") if journal else None)
        if journal is not None:
            self._replay(journal)

    def history(self, vendor: Vendor) -> list[Post]:
        """The account's posts, oldest first, deleted ones included."""
        if vendor not in self._histories:
            self._histories[vendor] = []
            for post in self._drawn(vendor):
                self._keep(post)
        return self._histories[vendor]

    def between(self, vendor: Vendor, since: datetime | None, until: datetime | None = None) -> list[Post]:
        """Posts that exist now and were published in `[since, until)`, newest first."""
        posts = self.history(vendor)
        first = 0 if since is None else bisect.bisect_left(posts, since, key=lambda p: p.published_at)
        now = self.clock.now()
        find = bisect.bisect_left if until is not None and until <= now else bisect.bisect_right
        last = find(posts, min(until or now, now), key=lambda p: p.published_at)
        return [post for post in reversed(posts[first:last]) if not post.deleted]

    def post(self, vendor: Vendor, post_id: str) -> Post | None:
        """A post that exists, by its id."""
        self.history(vendor)
        found = self._by_id.get((vendor, post_id))
        there = found is not None and not found.deleted and found.published_at <= self.clock.now()
        return found if there else None

    def publish(
        self,
        vendor: Vendor,
        *,
        kind: str,
        text: str,
        title: str = "",
        link: str = "",
        media: Iterable[str] = (),
        duration_seconds: float | None = None,
        post_id: str | None = None,
        **extra: str,
    ) -> Post:
        """Makes a post public now, and writes the ledger."""
        now = self.clock.now()
        number = self.next_number()
        post = self._made(
            self.history(vendor), vendor, post_id or make_id(vendor, now, number), kind, text, now, title=title, link=link,
            media=tuple(media), duration_seconds=duration_seconds, native=False, extra=extra,
        )  # fmt: skip
        self._keep(post)
        self._write({"what": "post", **asdict(post)})
        self.record(vendor, post.account_id, "publish", post.id, f"{title}\n{text}" if title else text, post.media)
        return post

    def delete(self, vendor: Vendor, post_id: str) -> bool:
        """Removes a post from what the platform shows; False when there is none."""
        post = self.post(vendor, post_id)
        if post is None:
            return False
        post.deleted = True
        self._write({"what": "delete", "vendor": vendor, "id": post_id})
        self.record(vendor, post.account_id, "delete", post_id, post.text, post.media)
        return True

    def record(
        self,
        vendor: Vendor,
        account_id: str,
        action: str,
        subject_id: str,
        text: str,
        media: Iterable[str] = (),
        **detail: str,
    ) -> None:
        """Writes the ledger for what is no post (a mail campaign sent, a schedule cancelled)."""
        entry = Entry(self.clock.now(), vendor, account_id, action, subject_id, fingerprint(text, tuple(media)), detail)
        self.ledger.add(entry)

    def readings(self, post: Post) -> dict[str, float]:
        """The post's metrics as its vendor reports them now: late by the vendor's lag."""
        seen = self.clock.now() - timedelta(hours=audience.PROFILES[post.vendor].lag_hours)
        return audience.readings(post.level, post.published_at, seen)

    def account_day(self, vendor: Vendor, day: datetime) -> dict[str, float]:
        """The account's numbers of one UTC day as reported now: up to 3 % low until three days later."""
        account = self.accounts[vendor]
        numbers = audience.account_day(self.seed, vendor, account.id, day.date(), self.epoch.date())
        settled = (self.clock.now() - day) > timedelta(days=4)
        return numbers if settled else {name: float(int(value * 0.97)) for name, value in numbers.items()}

    def followers(self, vendor: Vendor, at: datetime | None = None) -> int:
        day = (at or self.clock.now()).date()
        return audience.followers(self.seed, vendor, self.accounts[vendor].id, day, self.epoch.date())

    def objects(self, vendor: Vendor, kind: str) -> dict[str, dict[str, Any]]:
        """What a vendor has half-made (containers, uploads, sessions, campaigns), by id. Lost at a restart, unless kept."""
        return self._objects[(vendor, kind)]

    def keep(self, vendor: Vendor, kind: str, object_id: str, values: dict[str, Any]) -> None:
        """Sets an object (JSON values) that survives a restart: a mail campaign that is sent or scheduled."""
        self._objects[(vendor, kind)][object_id] = values
        self._write({"what": "object", "vendor": vendor, "kind": kind, "id": object_id, "values": values})

    def next_number(self) -> int:
        self._serial += 1
        return self._serial

    def _drawn(self, vendor: Vendor) -> list[Post]:
        """The drawn history: posts spread evenly over `DAYS` days, with what they will earn."""
        rng = random.Random(f"{self.seed}:{vendor}")
        count = self._counts.get(vendor, 0)
        hours = list(audience.EFFECTS.hours)
        start = (self.epoch - timedelta(days=DAYS)).astimezone(audience.ZONE).date()
        moments = []
        for number in range(count):
            day = start + timedelta(days=int((number + rng.random()) * (DAYS - 1) / count))
            local = datetime(
                day.year,
                day.month,
                day.day,
                rng.choice(hours),
                rng.randrange(60),
                rng.randrange(60),
                tzinfo=audience.ZONE,
            )
            moments.append(local.astimezone(UTC))
        made: list[Post] = []
        for number, moment in enumerate(sorted(moments)):
            topic = rng.choice(TOPICS)
            sentence = rng.choice(topic.sentences).format(n=rng.choice((3, 5, 6, 8, 12, 15, 20, 30)))
            kind = rng.choice(audience.PROFILES[vendor].formats)
            post = self._made(
                made, vendor, make_id(vendor, moment, number), kind, f"{sentence} #{rng.choice(topic.hashtags)}", moment,
                title=sentence[:90] if vendor is Vendor.YOUTUBE else "",
                link="https://sample-brand.example/journal" if kind == "link" else "",
                duration_seconds=float(rng.randrange(12, 58) if kind in ("short", "reel") else rng.randrange(60, 600))
                if kind in ("video", "reel", "short") else None,
            )  # fmt: skip
            made.append(post)
        return made

    def _made(
        self, earlier: list[Post], vendor: Vendor, post_id: str, kind: str, text: str, at: datetime, **more: Any
    ) -> Post:
        """A post with what it will earn; `earlier` holds the account's posts before it, in order."""
        recent = len(earlier) - bisect.bisect_left(earlier, at - timedelta(hours=24), key=lambda p: p.published_at)
        level = audience.draw(self.seed, vendor, post_id, text, kind, at, recent)
        return Post(vendor, self.accounts[vendor].id, post_id, kind, text, at, level, **more)

    def _keep(self, post: Post) -> None:
        bisect.insort(self._histories[post.vendor], post, key=lambda p: p.published_at)
        self._by_id[(post.vendor, post.id)] = post

    def _write(self, event: dict[str, Any]) -> None:
        if self._journal is not None:
            with self._journal.open("a", encoding="utf-8") as handle:
                handle.write(json.dumps(event, default=str, ensure_ascii=False) + "\n")

    def _replay(self, journal: Path) -> None:
        """Takes up what an earlier process left; begins the journal with the epoch when there is none."""
        journal.parent.mkdir(parents=True, exist_ok=True)
        if not journal.exists():
            self._write({"what": "epoch", "at": self.epoch})
            return
        for line in journal.read_text(encoding="utf-8").splitlines():
            event = json.loads(line)
            match event.pop("what"):
                case "epoch":
                    self.epoch = datetime.fromisoformat(event["at"])
                case "clock":
                    self.clock.advance(timedelta(seconds=event["seconds"]))
                case "object":
                    self._objects[(Vendor(event["vendor"]), event["kind"])][event["id"]] = event["values"]
                case "delete":
                    if post := self.post(Vendor(event["vendor"]), event["id"]):
                        post.deleted = True
                case "post":
                    vendor = Vendor(event["vendor"])
                    self.history(vendor)
                    self._keep(
                        Post(**{
                            **event, "vendor": vendor, "media": tuple(event["media"]),
                            "published_at": datetime.fromisoformat(event["published_at"]),
                            "level": audience.Level(**event["level"]),
                        })
                    )  # fmt: skip
                    self._serial += 1

    def advance(self, by: timedelta) -> datetime:
        """Moves the clock, also for later processes on the same journal."""
        moved = self.clock.advance(by)
        self._write({"what": "clock", "seconds": by.total_seconds()})
        return moved


def make_id(vendor: Vendor, at: datetime, number: int) -> str:
    """An id in the vendor's form; X's and TikTok's order by time, as theirs do."""
    milliseconds = int(at.timestamp() * 1000)
    match vendor:
        case Vendor.FACEBOOK:
            return f"{ACCOUNTS[vendor].id}_{milliseconds}{number:05d}"
        case Vendor.INSTAGRAM:
            return f"178{milliseconds // 1000}{number:06d}"
        case Vendor.LINKEDIN:
            return f"urn:li:share:7{milliseconds}{number:05d}"
        case Vendor.X | Vendor.TIKTOK:
            return str(((milliseconds - _EPOCH_MS[vendor]) << 22) | (number & 0x3FFFFF))
        case Vendor.YOUTUBE:
            alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
            value = (milliseconds << 20) | (number & 0xFFFFF)
            return "".join(alphabet[(value >> (6 * place)) & 63] for place in range(11))
        case _:
            return f"{milliseconds:x}{number:05x}"
