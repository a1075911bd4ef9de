"""What a site's robots.txt allows (RFC 9309), read by protego: linear in the length of rules, wildcards included.

4xx means that everything is allowed, 5xx and silence that nothing is; a copy serves for 24 hours, and longer only while
the site cannot be asked; at most 500 KiB are read.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from connectors.addresses import parse_address
from connectors.competitors.fetching import AGENT, Fetcher
from connectors.competitors.pace import Pace
from connectors.competitors.state import RobotsCopy, RobotsVerdict
from connectors.decoding import Bounds
from models.errors import ImportRefused

MAX_AGE = timedelta(hours=24)
BOUNDS = Bounds(500 * 1024, seconds=30.0, cut=True)


class Robots:
    """The rules of every site that one run meets. `copies` is kept by the caller and brought up to date here."""

    def __init__(self, fetcher: Fetcher, pace: Pace, copies: dict[str, RobotsCopy], *, now: datetime) -> None:
        self._fetcher = fetcher
        self._pace = pace
        self._copies = copies
        self._now = now
        self._parsed: dict[str, Any] = {}
        self._asked: set[str] = set()

    def allows(self, url: str) -> bool:
        """Whether the page may be read. Raises `ImportRefused` for what is no web address."""
        copy = self._copy(url)
        if copy.verdict is not RobotsVerdict.RULES:
            return copy.verdict is RobotsVerdict.ALLOW
        return bool(self._rules(url).can_fetch(url, AGENT))

    def refusal(self, url: str) -> str | None:
        """Why the page may not be read, as one sentence; None when it may."""
        if self.allows(url):
            return None
        if self._copy(url).verdict is RobotsVerdict.DISALLOW:
            return f"{url} was not read: the site's robots.txt could not be read, which forbids all; it is tried again."
        return f"{url} was not read: the site's robots.txt does not allow it; use another address of the competitor."

    def delay(self, url: str) -> float | None:
        """The Crawl-delay in seconds that the site asks for, if any."""
        copy = self._copy(url)
        found = self._rules(url).crawl_delay(AGENT) if copy.verdict is RobotsVerdict.RULES else None
        return float(found) if found is not None and found >= 0 else None

    def sitemaps(self, url: str) -> list[str]:
        """The sitemaps that the site names."""
        copy = self._copy(url)
        return list(self._rules(url).sitemaps) if copy.verdict is RobotsVerdict.RULES else []

    def _rules(self, url: str) -> Any:
        from protego import Protego

        origin = parse_address(url).origin
        if origin not in self._parsed:
            self._parsed[origin] = Protego.parse(self._copies[origin].text)
        return self._parsed[origin]

    def _copy(self, url: str) -> RobotsCopy:
        origin = parse_address(url).origin
        known = self._copies.get(origin)
        if known is not None and (self._now - known.fetched_at < MAX_AGE or origin in self._asked):
            return known
        self._asked.add(origin)
        self._pace.wait(origin)
        found = self._ask(origin)
        if (
            found.verdict is RobotsVerdict.DISALLOW
            and known is not None
            and known.verdict is not RobotsVerdict.DISALLOW
        ):
            return known
        self._copies[origin] = found
        self._parsed.pop(origin, None)
        return found

    def _ask(self, origin: str) -> RobotsCopy:
        try:
            fetched = self._fetcher.get(f"{origin}/robots.txt", bounds=BOUNDS)
        except ImportRefused:
            return RobotsCopy(fetched_at=self._now, verdict=RobotsVerdict.DISALLOW)
        if fetched.status == 200:
            text = fetched.content.decode("utf-8-sig", "replace")
            return RobotsCopy(fetched_at=self._now, verdict=RobotsVerdict.RULES, text=text)
        missing = 400 <= fetched.status < 500
        return RobotsCopy(fetched_at=self._now, verdict=RobotsVerdict.ALLOW if missing else RobotsVerdict.DISALLOW)
