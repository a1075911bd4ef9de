"""Which value a number in a sentence can be: its noun, its metric, what it is about, and observed or proposed."""

from __future__ import annotations

import re

from models.domain.social import Platform
from models.generation.grounding.cues import barred, family, is_named, metrics_named, misfit, rates_named
from models.generation.grounding.finding import Found, find
from models.generation.grounding.line import DATED, Line
from models.generation.grounding.problem import Kind
from models.generation.grounding.subject import fold
from models.generation.grounding.value import Value

_WEEKLY = re.compile(r"weekly posts?|(?:posts?|times|articles?|videos?|e-?mails?|reels?)? ?(?:a|per|each|every) week")
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
_OF_THEM = re.compile(r"\s(?:of (?:them|these|those)|there|here)\b")
_FROM = re.compile(r"\bfrom\s(?:\w+\s){0,3}$", re.IGNORECASE)
_TO = re.compile(r"\bfrom\b[^;]{0,60}\bto\s(?:\w+\s){0,2}$", re.IGNORECASE)
_DUE = re.compile(r"\b(?:by|until|before|due(?: on)?)\s$", re.IGNORECASE)
_AS_OF = re.compile(r"\b(?:up to|until|as of|as at|to|on|through|of|dated|by)\s$", re.IGNORECASE)

_TOPIC_PLACE = re.compile(
    r"[“\"]([^”\"]{2,60})[”\"]|\b[Pp]osts? about (?!it\b|this|that|the\b|them|these|those|its|their|our|what|how|why|a\b|an\b|your)([^,.;:“\"(]{3,40})"
)
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
        return _subject(line, token, value, slot_token=True)
    if value.role == "rule":
        return _rule(token, value, near)
    if (noun := _noun(token, value, line.text)) is not None:
        return noun
    said = f"{line.previous} {line.text}" if _OF_THEM.match(line.text[token.end - line.start :]) else line.text
    if wrong := misfit(value.subject.metric, near, said, before):
        return Kind.METRIC, wrong
    if proposals and (wrong := _role(value, near, before, line.text)):
        return Kind.METRIC, wrong
    return _subject(line, token, value)


def about_missing(line: Line, token: Found, value: Value) -> bool:
    """Whether a sentence that says something is missing can speak of this value."""
    named = metrics_named(line.text[: token.start - line.start] + line.text[token.end - line.start :])
    rates = [(kind, denominator) for _, _, kind, denominator in rates_named(line.text)]
    if rates and not any(is_named(value.subject.metric, *rate) for rate in rates):
        return False
    if barred(value.subject.metric, line.text) or (named and family(value.subject.metric) not in named):
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


def _rule(token: Found, value: Value, near: str) -> Conflict | None:
    if value.unit == "ratio" and barred("posts_per_week", near):
        return Kind.METRIC, "the step it limits is one of posts a week"
    nouns = {"days": "days?", "posts": "(?:measured )?posts?|", "per_week": "a week"}.get(value.unit, "")
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
        return f"it is about all channels and the sentence says {Platform(min(local)).label}" if local else ""
    named = line.reading("platform", token)
    if named is None:
        return f"it is about {wanted.label} and the sentence does not say so"
    other = named.key != wanted.value
    return f"it is about {wanted.label} and the sentence says {Platform(named.key).label}" if other else ""


def _topic(line: Line, token: Found, value: Value) -> str:
    wanted = value.subject.topic
    if not wanted:
        named = [m for m in line.mentions if m.dimension == "topic" and m.key in line.local("topic", token)]
        for mention in named:
            left = line.text[max(0, mention.start - line.start - 12) : mention.start - line.start]
            if re.search(r"(?:\b(?:about|on|for|of|topic)\s[“\"']?|[“\"])$", left):
                return f"it is about all topics and the sentence says {mention.key}"
        return ""
    if stranger := _unknown_topic(line):
        return f"it is about {wanted} and the sentence says {stranger}"
    return _said(line, token, "topic", wanted, wanted)


def _said(line: Line, token: Found, dimension: str, wanted: str, spoken: str) -> str:
    named = line.reading(dimension, token)
    if named is None:
        return f"it is about {spoken} and the sentence does not say so"
    return "" if named.key == fold(wanted) else f"it is about {spoken} and the sentence names another"


def _unknown_topic(line: Line) -> str:
    """A topic that the sentence names and no fact is about: in quotation marks, or after “posts about”."""
    known = [(m.start - line.start, m.end - line.start) for m in line.mentions if m.dimension != "content_type"]
    for match in _TOPIC_PLACE.finditer(line.text):
        start, end = match.span(1) if match[1] is not None else match.span(2)
        if not any(a < end and start < b for a, b in known):
            return line.text[start:end]
    return ""


def _owner(line: Line, token: Found, value: Value) -> str:
    named = line.reading("owner", token)
    rivals = {m.key for m in line.mentions if m.dimension == "owner"} - {"own"}
    if (beside := _possessor(line, token)) and (beside == "own") == value.subject.rival:
        return "the possessor that stands before it is another's"
    if not value.subject.rival:
        # “Against 11 from them, our 7 posts”: an own number needs no owner, only not to stand in another's part
        other = named is not None and named.certain and named.key != "own" and "own" not in line.local("owner", token)
        others = [m for m in line.mentions if m.dimension == "owner"]
        other = other or (bool(others) and others[0].end <= token.start and all(m.key != "own" for m in others))
        return "it is the brand's own and the sentence says it is a competitor's" if other else ""
    if not rivals or named is None:
        return "it is about competitors and the sentence does not say so"
    if named.key == "own" and named.certain:
        return "it is about competitors and the sentence says it is the brand's own"
    if not value.subject.name:
        one = named.key not in ("rivals", "own")
        return "it is about all tracked competitors together and the sentence names one" if one else ""
    wanted = fold(value.subject.name)
    if named.key == wanted or (wanted in rivals and not named.certain):
        return ""
    unnamed = rivals == {"rivals"} and not _stranger(line, token)
    return "" if unnamed else f"it is {value.subject.name}'s and the sentence names another"


def _possessor(line: Line, token: Found) -> str:
    """Whose the number is by the word right before it: “our 7.9”, “North's 11”; empty where there is none."""
    for mention in line.mentions:
        between = line.text[mention.end - line.start : token.start - line.start]
        if mention.dimension == "owner" and mention.end <= token.start and re.fullmatch(r"(?:['’]s?)?\s*", between):
            return mention.key
    return ""


def _stranger(line: Line, token: Found) -> bool:
    """Whether a name that nobody tracks stands in the token's part of the sentence."""
    begin, end = line.segment(token.start)
    for match in re.finditer(r"(?<![\w-])[A-ZÀ-Þ][\w&'’-]+", line.part((begin, end))):
        start = begin + match.start()
        inside = any(m.start <= start < m.end for m in line.mentions) or any(
            f.start <= start < f.end for f in line.found
        )
        if start > line.start and not inside:
            return True
    return False


def _content_type(line: Line, token: Found, value: Value) -> str:
    wanted = value.subject.content_type
    return _said(line, token, "content_type", wanted, f"posts of type {wanted}") if wanted else ""


def _slot(line: Line, value: Value) -> Conflict | None:
    """The sentence, or the one before it, must name the weekday and the hour."""
    if re.search(r"\bfullest\b", line.text):
        return None
    here = [f for f in line.found if f.kind in (Kind.WEEKDAY, Kind.TIME)]
    named = here or [f for f in find(line.previous) if f.kind in (Kind.WEEKDAY, Kind.TIME)]
    for kind, what in ((Kind.WEEKDAY, "weekday"), (Kind.TIME, "hour")):
        told = [token for token in named if token.kind is kind]
        if not told:
            return Kind.SUBJECT, f"it is about one {what} and the sentence names none"
        if not any(value.shows(token) for token in told):
            return Kind.SUBJECT, f"it is about another {what}"
    return None
