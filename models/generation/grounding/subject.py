"""What a fact is about, read from its id, and what a sentence says it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass

from models.domain.evidence import Fact
from models.domain.social import Platform
from models.metrics.registry import registry


@dataclass(frozen=True)
class Subject:
    """A metric of something. Empty fields mean "of all": a topic's fact is over all platforms.

    `metric` is `posts`, `posts_measured`, `posts_per_week`, `median_engagements`, `share`, `percentile`, a rate's id, or
    what a fact of another kind calls itself. `rival` says that it is others' and not the brand's own; `name` is the
    competitor's, empty for the tracked ones together.
    """

    metric: str = ""
    platform: Platform | None = None
    topic: str = ""
    rival: bool = False
    name: str = ""
    content_type: str = ""
    weekday: int | None = None
    hour: int | None = None

    @property
    def group(self) -> tuple[str, bool, bool, bool, bool]:
        """Subjects of one group can be ranked against each other: the same metric of the same kind of thing."""
        return (self.metric, bool(self.topic), self.rival, bool(self.content_type), self.weekday is not None)


_PLATFORMS = {platform.value: platform for platform in Platform}
_SLOT = re.compile(r"slot\.([a-z]+)\.([1-7])\.(\d\d)\.(\w+)")


def subject_of(fact: Fact) -> Subject:
    """The subject by the ids that `connectors.warehouse.facts` makes; another id is read part by part."""
    parts = fact.id.split(".")
    if match := _SLOT.fullmatch(fact.id):
        return Subject(match[4], _PLATFORMS.get(match[1]), weekday=int(match[2]), hour=int(match[3]))
    if parts[0] == "topic" and len(parts) == 3:
        name = _topic_name(parts[1], fact.label)
        if parts[2] == "competitor_share":
            return Subject("share", topic=name, rival=True)
        return Subject(parts[2], topic=name)
    if parts[0] == "format" and len(parts) == 4:
        return Subject(parts[3], _PLATFORMS.get(parts[1]), content_type=_plain(parts[2]))
    if parts[0] == "competitor" and len(parts) == 4:
        return Subject(parts[3], _PLATFORMS.get(parts[2]), rival=True, name=_competitor_name(parts[1], fact.label))
    if len(parts) == 2 and parts[1] in _PLATFORMS:
        return Subject(parts[0], _PLATFORMS[parts[1]])
    platform = next((_PLATFORMS[part] for part in parts if part in _PLATFORMS), None)
    return Subject(parts[-1] if parts[-1] not in _PLATFORMS else parts[0], platform)


def is_rate(metric: str) -> bool:
    """Whether a metric is one of the registry's rates, or calls itself a rate."""
    return metric in registry().rates or metric.endswith("_rate") or "_rate_by_" in metric


def _plain(part: str) -> str:
    return part.split("~")[0].replace("_", " ")


_TOPIC_LABELS = (
    re.compile(r"Posts on (.+) with a value at \d+ days"),
    re.compile(r"Percentile of posts on (.+) at \d+ days"),
    re.compile(r"Share of (.+) among (?:competitors' )?posts that have a topic"),
    re.compile(r"Posts on (.+)"),
)
_COMPETITOR_LABELS = (
    re.compile(r"Posts per week of (.+) on [\w-]+"),
    re.compile(r"Median public engagements of a post of (.+) on [\w-]+"),
)


def _topic_name(part: str, label: str) -> str:
    return _labelled(label, _TOPIC_LABELS) or _plain(part)


def _competitor_name(part: str, label: str) -> str:
    return _labelled(label, _COMPETITOR_LABELS) or _plain(part)


def _labelled(label: str, patterns: tuple[re.Pattern[str], ...]) -> str:
    return next((match[1] for pattern in patterns if (match := pattern.fullmatch(label))), "")


@dataclass(frozen=True)
class Mention:
    """A thing that a sentence names, at (start, end)."""

    start: int
    end: int
    dimension: str
    """`platform`, `topic`, `owner`, `content_type`."""
    key: str
    """A platform's value, a folded name, `own` or `rivals`."""


_PLATFORM_WORDS = {
    Platform.FACEBOOK: r"Facebook",
    Platform.INSTAGRAM: r"Instagram",
    Platform.LINKEDIN: r"LinkedIn",
    Platform.X: r"X(?=$|[^\w-])|Twitter",
    Platform.TIKTOK: r"TikTok",
    Platform.YOUTUBE: r"YouTube",
    Platform.EMAIL: r"(?i:e-?mails?|newsletters?)",
    Platform.WEB: r"(?i:blog|website)",
}
_PLATFORM = {p: re.compile(rf"(?<![\w-])(?:{body})(?![\w-])") for p, body in _PLATFORM_WORDS.items()}
_RIVALS = re.compile(r"(?<!\w)(?:competitors?(?:'s?|’s?)?|competition|rivals?(?:'s?)?)(?!\w)", re.IGNORECASE)
_OWN = re.compile(
    r"(?<!\w)(?:the brand(?:['’]s(?: own)?)?|brand(?:['’]s)?|(?<!of )its own|our(?: own)?|ours|us|we|you|yours?|today['’]s|"
    r"at home|this account)(?!\w)",
    re.IGNORECASE,
)


def fold(name: str) -> str:
    """A name for comparing: letters and digits only, case folded."""
    return "".join(char for char in name.casefold() if char.isalnum())


def name_pattern(name: str) -> re.Pattern[str] | None:
    """Finds a name whatever its case, spacing and punctuation; None for one without a letter or digit."""
    letters = [re.escape(char) for char in name if char.isalnum()]
    body = r"[^\w]{0,3}_?".join(letters)
    return re.compile(rf"(?<!\w){body}(?!\w)", re.IGNORECASE) if letters else None


class Names:
    """The names that facts bring along, found in sentences."""

    def __init__(self, subjects: list[Subject]) -> None:
        topics = {fold(s.topic): s.topic for s in subjects if s.topic}
        rivals = {fold(s.name): s.name for s in subjects if s.name}
        kinds = {fold(s.content_type): s.content_type for s in subjects if s.content_type}
        self._patterns = [
            (dimension, key, pattern)
            for dimension, names in (("owner", rivals), ("topic", topics), ("content_type", kinds))
            for key, name in sorted(names.items(), key=lambda item: -len(item[1]))
            if (pattern := _with_plural(name) if dimension == "content_type" else name_pattern(name)) is not None
        ]

    def mentions(self, text: str) -> tuple[Mention, ...]:
        """What a sentence names, in order; a name inside a longer one of its kind, or of a topic in a competitor, is none."""
        found: list[Mention] = []
        for dimension, key, pattern in self._patterns:
            for match in pattern.finditer(text):
                if not any(
                    m.start <= match.start() and match.end() <= m.end
                    for m in found
                    if m.dimension in (dimension, "owner")
                ):
                    found.append(Mention(*match.span(), dimension, key))
        named = [m for m in found if m.dimension in ("owner", "topic")]
        for platform, pattern in _PLATFORM.items():
            found += _outside(named, [Mention(*m.span(), "platform", platform.value) for m in pattern.finditer(text)])
        found += _outside(named, [Mention(*m.span(), "owner", "rivals") for m in _RIVALS.finditer(text)])
        found += _outside(named, [Mention(*m.span(), "owner", "own") for m in _OWN.finditer(text)])
        return tuple(sorted(found, key=lambda m: m.start))

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where names stand, in which digits are no numbers."""
        return [(m.start, m.end) for m in self.mentions(text) if m.dimension in ("topic", "owner") and m.key != "own"]


def _outside(named: list[Mention], found: list[Mention]) -> list[Mention]:
    return [m for m in found if not any(n.start <= m.start and m.end <= n.end for n in named)]


def _with_plural(name: str) -> re.Pattern[str] | None:
    pattern = name_pattern(name)
    return None if pattern is None else re.compile(pattern.pattern.removesuffix(r"(?!\w)") + r"s?(?!\w)", re.IGNORECASE)
