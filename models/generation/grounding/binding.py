"""Which value a number in a sentence can be: its noun, its metric, what it is about, and observed or proposed."""

from __future__ import annotations

import re

from models.domain.social import Platform
from models.generation.grounding.cues import family, metrics_named, misfit
from models.generation.grounding.finding import Found
from models.generation.grounding.line import DATED, Line
from models.generation.grounding.problem import Kind
from models.generation.grounding.subject import fold
from models.generation.grounding.value import Value
from models.generation.grounding.vocabulary import WEEKDAYS

_WEEKLY = re.compile(r"(?:posts?|times|articles?|videos?|e-?mails?|reels?)? ?(?:a|per|each|every) week")
_PIECES = re.compile(r"posts?|articles?|videos?|e-?mails?|reels?|times")
_NOUNS: dict[str, re.Pattern[str]] = {
    "posts": re.compile(r"posts?|articles?|videos?|e-?mails?|reels?"),
    "posts_measured": re.compile(r"(?:measured )?posts?|articles?|videos?|e-?mails?|reels?"),
    "posts_per_week": re.compile(rf"{_WEEKLY.pattern}|{_PIECES.pattern}"),
    "median_engagements": re.compile(r"(?:public )?engagements?"),
}
_OTHER_PERIOD = re.compile(r"(?:a|per|each|every) (?:day|month|year)\b")
_PROPOSED = re.compile(
    r"(?<!\w)(?:plans?|planned|calendar|aim(?:s|ing)?|targets?|goals?|propos\w+|keep (?:to|at)|go (?:from|to|up|down)|move|bring|"
    r"start with|rais(?:e|ing)|lift|lower|reduce|increase|cut|set|should|recommend\w*|suggest\w*|next|to)(?!\w)",
    re.IGNORECASE,
)
_OBSERVED = re.compile(
    r"(?<!\w)(?:today(?:['’]s)?|now|current(?:ly)?|present(?:ly)?|so far|is|are|was|has|have|collects?|publishes|published|posts|"
    r"gets?|gives?|baseline|from|observed|data|history|on record|keeps? up|up from|down from)(?!\w)",
    re.IGNORECASE,
)
_FROM = re.compile(r"\bfrom\s(?:\w+\s){0,3}$", re.IGNORECASE)
_TO = re.compile(r"\bfrom\b[^.;]*\bto\s(?:\w+\s){0,2}$", re.IGNORECASE)
_DUE = re.compile(r"\b(?:by|until|before|due(?: on)?)\s$", re.IGNORECASE)
_AS_OF = re.compile(r"\b(?:up to|until|as of|as at|to|on|through|of|dated|by)\s$", re.IGNORECASE)

Conflict = tuple[Kind, str]


def conflict(line: Line, token: Found, value: Value, *, proposals: bool) -> Conflict | None:
    """Why the token cannot be this value although the renderer could have written it; None when it can.

    `proposals` says that proposed values are in play, so that today's number and the planned one must be told apart.
    """
    before = line.text[: token.start - line.start]
    near = line.part(line.segment(token.start))
    if token.kind is Kind.DATE:
        return _date(value, before)
    if token.kind in DATED:
        return None if value.role == "proposed" else _subject(line, token, value, slot_token=True)
    if value.role == "rule":
        return _rule(token, value)
    if (noun := _noun(token, value, line.text)) is not None:
        return noun
    if wrong := misfit(value.subject.metric, near, line.text, before):
        return Kind.METRIC, wrong
    if proposals and (wrong := _role(value, near, before, line.text)):
        return Kind.METRIC, wrong
    return _subject(line, token, value)


def about_missing(line: Line, token: Found, value: Value) -> bool:
    """Whether a sentence that says something is missing can speak of this value."""
    named = metrics_named(line.text)
    if named and family(value.subject.metric) not in named:
        return False
    return _subject(line, token, value) is None


def _date(value: Value, before: str) -> Conflict | None:
    if value.subject.metric == "due":
        return (
            None if _DUE.search(before) else (Kind.DATE, "it is the day a goal is due, and the sentence says otherwise")
        )
    if _AS_OF.search(before) and not re.search(r"\b(?:due|before)\s$", before, re.IGNORECASE):
        return None
    return Kind.DATE, "it is the day up to which the data were read, and the sentence says otherwise"


def _rule(token: Found, value: Value) -> Conflict | None:
    nouns = {"days": "days?", "posts": "(?:measured )?posts?|", "per_week": r"(?:posts? )?a week|"}.get(value.unit, "")
    if re.fullmatch(nouns, token.unit):
        return None
    return Kind.UNIT, f"the rule counts {value.unit.replace('_', ' ')}"


def _noun(token: Found, value: Value, sentence: str) -> Conflict | None:
    if token.kind is not Kind.NUMBER:
        return None
    metric = value.subject.metric
    pattern = _NOUNS.get(metric)
    if pattern is not None:
        if token.unit and not pattern.fullmatch(token.unit):
            return Kind.UNIT, f"“{token.unit}” is not what it counts"
        if metric == "posts_per_week" and _OTHER_PERIOD.search(sentence):
            return Kind.UNIT, "it is a number of posts a week, and the sentence names another period"
        return None
    if family(metric) == "rate" or value.unit in ("ratio", "percentile", "percent"):
        return Kind.UNIT, "it is a percentage"
    if (
        token.unit
        and token.unit.rstrip("s") not in metric.replace("_", " ")
        and token.unit.rstrip("s") != value.unit.rstrip("s")
    ):
        return Kind.UNIT, f"“{token.unit}” is not what it counts"
    return None


def _role(value: Value, near: str, before: str, sentence: str) -> str:
    if _TO.search(before):
        return (
            "" if value.role == "proposed" else "after “from … to” stands what is proposed, and it is what was observed"
        )
    if _FROM.search(before) and re.search(r"\bto\b", sentence[len(before) :]):
        return "" if value.role == "observed" else "after “from” stands what was observed, and it is what is proposed"
    proposed, observed = _PROPOSED.search(near), _OBSERVED.search(near)
    if value.role == "proposed":
        if proposed or (not observed and _PROPOSED.search(sentence)):
            return ""
        return "it is proposed, and the sentence reads as if it had been observed"
    if (
        proposed
        and not observed
        and re.match(r"(?:plan|calendar|aim|target|goal|propos|keep|start with)", proposed[0].lower())
    ):
        return "it was observed, and the sentence reads as if it were planned"
    return ""


def _subject(line: Line, token: Found, value: Value, *, slot_token: bool = False) -> Conflict | None:
    for check in (_platform, _topic, _owner, _content_type):
        if wrong := check(line, token, value):
            return Kind.SUBJECT, wrong
    if value.subject.weekday is not None and not slot_token:
        return _slot(line, value)
    return None


def _platform(line: Line, token: Found, value: Value) -> str:
    wanted = value.subject.platform
    if wanted is None:
        local = line.local("platform", token)
        return f"it is about all channels and the sentence says {_label(min(local))}" if local else ""
    keys = line.keys("platform", token)
    if not keys:
        return f"it is about {wanted.label} and the sentence does not say so"
    return "" if keys[0] == wanted.value else f"it is about {wanted.label} and the sentence says {_label(keys[0])}"


def _topic(line: Line, token: Found, value: Value) -> str:
    wanted = value.subject.topic
    if not wanted:
        named = [m for m in line.mentions if m.dimension == "topic" and m.key in line.local("topic", token)]
        for mention in named:
            left = line.text[max(0, mention.start - line.start - 12) : mention.start - line.start]
            if re.search(r"(?:\b(?:about|on|for|of|topic)\s[“\"']?|[“\"])$", left):
                return f"it is about all topics and the sentence says {mention.key}"
        return ""
    keys = line.keys("topic", token)
    if not keys:
        return f"it is about {wanted} and the sentence does not say so"
    return "" if keys[0] == fold(wanted) else f"it is about {wanted} and the sentence names another topic"


def _owner(line: Line, token: Found, value: Value) -> str:
    named = [m for m in line.mentions if m.dimension == "owner"]
    local = line.local("owner", token)
    rivals = {m.key for m in named if m.key != "own"}
    if not value.subject.rival:
        # "71% of the brand's own": the owner may stand on either side of an own number
        return (
            "it is the brand's own and the sentence says it is a competitor's" if local and "own" not in local else ""
        )
    if not rivals:
        return "it is about competitors and the sentence does not say so"
    wanted = fold(value.subject.name) if value.subject.name else "rivals"
    keys = line.keys("owner", token)
    nearest = keys[0] if keys else ""
    if nearest == "own" and local == {"own"}:
        return "it is about competitors and the sentence says it is the brand's own"
    if nearest == "own" and "own" in local:
        nearest = next((key for key in local if key != "own"), nearest)
    if value.subject.name:
        others = rivals - {wanted, "rivals"}
        if nearest == wanted or (nearest in ("rivals", "own") and wanted in rivals) or (rivals == {"rivals"}):
            return ""
        return f"it is {value.subject.name}'s and the sentence says otherwise" if others or nearest == "own" else ""
    return (
        "" if "rivals" in rivals and not (local - {"rivals", "own"}) else "it is about all tracked competitors together"
    )


def _content_type(line: Line, token: Found, value: Value) -> str:
    wanted = value.subject.content_type
    if not wanted:
        return ""
    keys = line.keys("content_type", token)
    if not keys:
        return f"it is about posts of type {wanted} and the sentence does not say so"
    return "" if keys[0] == fold(wanted) else f"it is about posts of type {wanted} and the sentence names another type"


def _slot(line: Line, value: Value) -> Conflict | None:
    subject = value.subject
    days = [f.text[:3].lower() for f in line.found if f.kind is Kind.WEEKDAY]
    clocks = [f for f in line.found if f.kind is Kind.TIME]
    assert subject.weekday is not None
    if re.search(r"\bfullest\b", line.text):
        return None
    hour_shown = [shown for shown in value.shown if shown.kind is Kind.TIME]
    if days and WEEKDAYS[subject.weekday - 1][:3].lower() not in days:
        return Kind.SUBJECT, "it is about another weekday"
    if clocks and not any(clock.text == shown.text or value.shows(clock) for clock in clocks for shown in hour_shown):
        return Kind.SUBJECT, "it is about another hour"
    return None


def _label(key: str) -> str:
    return Platform(key).label
