"""The words by which a sentence says what a number counts, and the words that say it counts something else."""

from __future__ import annotations

import re

from models.generation.grounding.subject import is_rate
from models.metrics.registry import registry

_STRONG = {
    "posts": r"on record|posts in all|posts in total|published so far|in the archive|to date",
    "posts_per_week": r"(?:a|per|each|every) week|weekly|rhythm|pace|cadence|how often|(?:more|less) often|as often|frequen\w+|keeps? up|tempo",
    "posts_measured": r"read from|readings?|measured|based on|judg\w+|rests? on|resting on|fullest|with a value|sample|stands? behind|evidence of",
    "median_engagements": r"median|typical",
    "rate": r"rates?",
    "share": r"share|part of|takes up|makes up|gives?|given|of what|of (?:(?:its|their|our|all|the brand['’]s|the) )?(?:posts|output|content|calendar)|devot\w+|mix|weight",
    "percentile": r"(?:better|worse|ahead|above|below|behind|stronger|weaker)\b[^.%]{0,24}\b(?:than|of)|outperform\w*|beats?|percentile|surpass\w*|outdo\w*",
}
_WEAK = {
    "posts": r"posts?|articles?|videos?|e-?mails?|on record|published|history",
    "posts_measured": r"posts?",
    "posts_per_week": r"publishes|posts|output",
    "median_engagements": r"engagements?",
    "share": r"of|plan|calendar|has|gets",
    "percentile": r"than|ahead of|better|above",
}
_BARRED = {
    "posts": r"(?:a|per|each|every) (?:week|day|month)|weekly|daily|measured|readings?",
    "posts_measured": r"(?:a|per|each|every) (?:week|day|month)|weekly|daily",
    "posts_per_week": r"in all|in total|altogether|(?:a|per|each|every) (?:day|month|year)|daily|monthly|read from|on record|median|(?:engagement|click|click-through|open|bounce) rate",
    "median_engagements": r"in total|total|in all|altogether|combined|sum|average|mean|(?:a|per|each|every) (?:week|day|month)|likes|views|clicks|impressions",
    "rate": r"in total|total|number of|count|median (?:[a-z-]+ )?rate",
    "share": r"rate|better on average than",
    "percentile": r"rate|share|in total",
}
_COMPILED = {
    id(table): {name: re.compile(rf"(?<![\w-])(?:{body})(?![\w])", re.IGNORECASE) for name, body in table.items()}
    for table in (_STRONG, _WEAK, _BARRED)
}
_LEFT_OF_PERCENTILE = re.compile(
    r"(?:(?:better|stronger|worse|weaker)[^.;%]{0,24}than|(?:ahead|in front) of|above|below|behind|(?:under|out)performs?|beats?|surpass(?:es)?|outdo(?:es)?)(?: only)?\s*$",
    re.IGNORECASE,
)
_OF_ALL = re.compile(r"(?:\d\s+of|\bout of) (?:the |its |their |our )?$")
_RATE_NAMES = re.compile(r"([a-z-]+(?: [a-z-]+)?) rates?(?: by (reach|impressions|views|followers))?", re.IGNORECASE)
_RATE_KINDS = (
    "engagement", "click-through", "raw open", "confirmed open", "corrected open", "open", "click-to-open", "click", "bounce",
    "unsubscribe", "complaint", "conversion", "growth", "completion", "skip",
)  # fmt: skip


def family(metric: str) -> str:
    """The metric's name in the tables here: all rates are `rate`."""
    return "rate" if is_rate(metric) else metric


def misfit(metric: str, near: str, sentence: str, before: str) -> str:
    """Why a number cannot be this metric's by the words around it, or an empty text.

    `near` is the number's part of the sentence, `before` what stands left of the number in it.
    """
    name = family(metric)
    if name not in _STRONG and name not in _WEAK:
        return ""
    if _OF_ALL.search(before) and name in ("posts", "posts_measured"):
        return "" if name == "posts" else "after “of” stands the whole, and it is the part with a reading"
    if barred(metric, near):
        return f"the words around it speak of something else than {spoken(metric)}"
    if name == "rate" and (wrong := _other_rate(metric, near)):
        return wrong
    if name in ("share", "rate") and _LEFT_OF_PERCENTILE.search(before):
        return f"it stands where the posts that are outdone are told, and it is {spoken(metric)}"
    if name == "percentile" and not _outdone(before, near):
        return "it says how many of the other posts are outdone, and the sentence says something else"
    if _has(_STRONG, name, near) or name == "percentile":
        return ""
    if any(_has(_STRONG, other, near) for other in _STRONG if other != name):
        return f"the words around it speak of something else than {spoken(metric)}"
    if _has(_WEAK, name, near) and name != "posts_per_week" and name != "median_engagements":
        return ""
    if _has(_STRONG, name, sentence):
        return ""
    return f"the sentence does not say that it is {spoken(metric)}"


def _outdone(before: str, near: str) -> bool:
    """Whether a percentage is told as posts outdone: after such a word, or as a second one with no word of its own."""
    if _LEFT_OF_PERCENTILE.search(before) or "percentile" in near.lower():
        return True
    first = any(_LEFT_OF_PERCENTILE.search(before[: match.start()]) for match in re.finditer(r"\d+%", before))
    return first and not _has(_STRONG, "share", near) and not _has(_STRONG, "rate", near)


def barred(metric: str, near: str) -> bool:
    """Whether the words say that something else is counted, whatever else they say."""
    name = family(metric)
    return _has(_BARRED, name, _RATE_NAMES.sub("rate", near) if name == "median_engagements" else near)


def metrics_named(text: str) -> set[str]:
    """The metrics that a text clearly names, rates as `rate`."""
    return {name for name in _STRONG if _has(_STRONG, name, text)}


def rates_named(text: str) -> list[tuple[int, int, str, str]]:
    """The rates that a text names by kind: (start, end, kind, denominator), both as the registry's ids write them."""
    found = []
    for match in _RATE_NAMES.finditer(text):
        if kind := _rate_kind(match[1]):
            found.append((match.start(1), match.end(), kind, (match[2] or "").lower()))
    return found


def is_named(metric: str, kind: str, denominator: str) -> bool:
    """Whether a rate's id fits the name."""
    return kind in metric and (not denominator or f"_by_{denominator}" in metric)


def spoken(metric: str) -> str:
    """The metric in a marketer's words."""
    known = {
        "posts": "a number of posts", "posts_measured": "a number of posts with a reading", "share": "a share of the posts",
        "posts_per_week": "posts a week", "median_engagements": "the median (a typical post's) engagements",
        "percentile": "the part of the brand's own posts that are outdone", "as_of": "the day of the data", "due": "a due date",
    }  # fmt: skip
    if metric in registry().rates:
        return f"the {registry().rates[metric].name.lower()}"
    return known.get(metric, metric.replace("_", " "))


def _has(table: dict[str, str], name: str, text: str) -> bool:
    pattern = _COMPILED[id(table)].get(name)
    return pattern is not None and pattern.search(text) is not None


def _other_rate(metric: str, near: str) -> str:
    named = rates_named(near)
    if named and not any(is_named(metric, kind, denominator) for _, _, kind, denominator in named):
        return f"the sentence names another rate than {spoken(metric)}"
    return ""


def _rate_kind(words: str) -> str:
    said = words.lower()
    kind = next((k for k in _RATE_KINDS if said == k or said.endswith(f" {k}")), "")
    return kind.replace("-", "_").replace(" ", "_")
