"""A draft mapping for an unknown CSV, guessed from header words and sampled values, as YAML to be checked by a person.

Every guess that may be wrong carries a comment starting with CHECK; columns without a guess are listed at the end.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from connectors.files.diagnosis import is_undated, refuse_unknown
from connectors.files.layouts import match_table
from connectors.files.mapping import parse_mapping
from connectors.files.sampling import ColumnSample, take_sample
from connectors.files.tabular import Table, column_key, open_table, tables_in
from models.domain.social import Platform
from models.domain.workspace import slug
from models.metrics.registry import registry

_ID = ("post id", "video id", "tweet id", "media id", "status id", "content", "video", "id", "post link", "permalink", "video link", "link", "url")  # fmt: skip
_TIME = ("publish", "posted", "post time", "created", "sent", "date", "time")
_TITLE = ("title", "video title", "post title", "link name", "subject", "headline", "name")
_BODY = ("message", "status message", "post text", "description", "text", "caption", "body", "content")
_URL = ("permalink", "post link", "video link", "status link", "link", "url")
_TYPE = ("post type", "content type", "media type", "status type", "type", "format")
_TAGS = ("tags", "hashtags", "labels")
_ACCOUNT = ("page id", "account id", "channel id", "account username", "username", "account", "page", "channel")
_ACCOUNT_NAME = ("page name", "account name", "channel name", "account username")
_METRICS = {
    "impressions": ("impressions", "total impressions", "post impressions", "post total impressions"),
    "reach": ("reach", "total reach", "post reach", "post total reach", "unique impressions"),
    "views": ("views", "total views", "video views", "view count", "plays", "total play count"),
    "reactions": ("reactions", "likes", "total likes", "like count", "likes and reactions", "favorites"),
    "comments": ("comments", "total comments", "comment count", "comments added", "replies"),
    "shares": ("shares", "total shares", "share count", "reposts", "retweets"),
    "saves": ("saves", "saved", "bookmarks", "add to favorites", "total saves"),
    "clicks": ("clicks", "total clicks", "link clicks", "post clicks", "url clicks"),
    "dislikes": ("dislikes",),
    "watch_time_hours": ("watch time (hours)", "watch time hours"),
    "average_view_duration_seconds": ("average view duration", "average watch time", "average seconds viewed"),
    "average_percentage_viewed": ("average percentage viewed (%)", "average % viewed", "average percentage viewed"),
    "subscribers_gained": ("subscribers gained",),
    "subscribers_lost": ("subscribers lost",),
    "impressions_click_through_rate": ("impressions click-through rate (%)", "click through rate (ctr)", "ctr"),
    "estimated_revenue_usd": ("estimated revenue (usd)", "your estimated revenue (usd)", "estimated revenue"),
    "followers": ("followers", "follower count", "subscribers"),
}
_PLATFORM_WORDS = {
    Platform.X: ("tweet", "retweets", "reposts", "bookmarks"),
    Platform.YOUTUBE: ("video title", "subscribers", "watch time (hours)"),
    Platform.FACEBOOK: ("page id", "page name", "status_id", "reactions"),
    Platform.TIKTOK: ("video link", "add to favorites", "total likes"),
    Platform.LINKEDIN: ("campaign name", "posted by", "click through rate (ctr)"),
    Platform.INSTAGRAM: ("account username", "saves"),
    Platform.EMAIL: ("unique opens", "bounces", "send date"),
}


@dataclass
class _Draft:
    """The columns still free, and the YAML lines so far."""

    table: Table
    columns: dict[str, ColumnSample]
    used: set[str] = field(default_factory=set)
    lines: list[str] = field(default_factory=list)

    def pick(self, words: tuple[str, ...], *, among: set[str] | None = None) -> str | None:
        """The free column whose name comes first among `words`: equal to one, else containing it as a word."""
        free = [name for name in self.columns if name and name not in self.used and (among is None or name in among)]
        for exact in (True, False):
            for word in words:
                for name in free:
                    plain = column_key(name).replace("_", " ")
                    if plain == word or (not exact and re.search(rf"\b{re.escape(word)}", plain)):
                        self.used.add(name)
                        return name
        return None

    def add(self, line: str, comment: str | None = None) -> None:
        self.lines.append(f"{line}  # {comment}" if comment else line)


def suggest_mapping(path: Path) -> str:
    """A mapping for this file as YAML text that loads. Raises `ImportRefused` for a file that no mapping can help."""
    table = open_table(path)
    known = next((mapping for found in tables_in(path) if (mapping := match_table(found))), None)
    if known is not None:
        dumped = yaml.safe_dump(
            known.model_dump(mode="json", by_alias=True, exclude_defaults=True), sort_keys=False, allow_unicode=True
        )
        return (
            f"# {path.name} needs no mapping: it is recognised as {known.name!r}. This is the mapping used.\n{dumped}"
        )
    sample = take_sample(table)
    if is_undated(table, sample):
        raise refuse_unknown(table)
    draft = _Draft(table, dict(zip(table.columns, sample.columns, strict=True)))
    _head(draft)
    _time(draft)
    _identity(draft)
    _metrics(draft)
    _texts(draft)
    _rest(draft)
    text = "\n".join(draft.lines) + "\n"
    parse_mapping(text, f"drafted for {path.name}")
    return text


def _quoted(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _head(draft: _Draft) -> None:
    stem = draft.table.path.stem
    draft.add(f"# Drafted from {draft.table.path.name}: check every line, then import with --mapping.")
    draft.add(f"name: {_quoted(stem)}")
    draft.add(f"source: {slug(stem) or 'export'}")
    keys = " ".join(draft.table.keys)
    named = [platform for platform in Platform if len(platform) > 1 and platform.value in stem.lower()]
    scores = {p: sum(word in keys for word in words) for p, words in _PLATFORM_WORDS.items()}
    best = max(scores, key=lambda platform: scores[platform])
    guess = named[0] if named else best if scores[best] else Platform.WEB
    options = ", ".join(platform.value for platform in Platform)
    draft.add(f"platform: {guess.value}", f"CHECK: one of {options}")
    comma = sum(_reads_with_comma(column) for column in draft.columns.values())
    if comma:
        draft.add('decimal: ","', "CHECK: numbers such as 1.234,5")


def _reads_with_comma(column: ColumnSample) -> bool:
    """Whether the cells are numbers with a decimal comma, which cannot be grouped numbers with a decimal point."""
    numeric = [value for value in column.filled if re.fullmatch(r"-?[0-9][0-9.,]*", value)]
    decimal = [value for value in numeric if re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{3})*,([0-9]{1,2}|[0-9]{4,})", value)]
    return bool(decimal) and len(numeric) == len(column.filled)


def _time(draft: _Draft) -> None:
    dated = {name for name, column in draft.columns.items() if column.time_formats}
    name = draft.pick(_TIME, among=dated) or next((name for name in dated if name), None)
    draft.add("time:")
    if name is None:
        draft.add('  column: "NAME OF THE COLUMN WITH THE PUBLISH TIME"', "CHECK: no column of times was found")
        draft.add("  formats: [iso]")
        return
    draft.used.add(name)
    column = draft.columns[name]
    draft.add(f"  column: {_quoted(name)}", f"e.g. {column.filled[0]}")
    draft.add("  zone: UTC", "CHECK: the IANA zone of these times, e.g. America/New_York")
    both = column.reads_day_first_too
    draft.add(
        f"  formats: [{', '.join(_quoted(pattern) for pattern in column.time_formats)}]",
        "CHECK: day and month may be the other way round" if both else None,
    )


def _identity(draft: _Draft) -> None:
    ids = {name for name, column in draft.columns.items() if column.looks_like_id}
    links = {name for name, column in draft.columns.items() if column.filled and _are_links(column)}
    name = draft.pick(_ID, among=ids) or draft.pick(_ID, among=links) or next((n for n in ids if n), None)
    if name is None:
        first = next(name for name in draft.columns if name)
        draft.add(f"id: {_quoted(first)}", "CHECK: no column of distinct ids was found")
    else:
        draft.used.add(name)
        draft.add(f"id: {_quoted(name)}")
        if name in links:
            draft.add(f"url: {_quoted(name)}")
    account = draft.pick(_ACCOUNT)
    if account:
        draft.add("account:")
        draft.add(f"  column: {_quoted(account)}", "CHECK: the account or page a row belongs to")
        if shown := draft.pick(_ACCOUNT_NAME):
            draft.add(f"  name_column: {_quoted(shown)}")


def _are_links(column: ColumnSample) -> bool:
    return all(value.startswith(("http://", "https://")) for value in column.filled)


def _metrics(draft: _Draft) -> None:
    found: list[tuple[str, str]] = []
    for metric, words in _METRICS.items():
        for name, column in draft.columns.items():
            plain = column_key(name).replace("_", " ").removeprefix("num ")
            if plain in words and name not in draft.used and column.conversion is not None:
                draft.used.add(name)
                found.append((name, _metric(metric, column)))
                break
    if not found:
        draft.add("metrics: {}", f"CHECK: none was found; the registry knows {', '.join(sorted(registry().metrics))}")
        return
    draft.add("metrics:")
    for name, spec in found:
        draft.add(f"  {_quoted(name)}: {spec}")


def _metric(metric: str, column: ColumnSample) -> str:
    conversion = column.conversion
    if registry().metrics[metric].unit == "percent":
        fraction = conversion == "number" and all(re.fullmatch(r"0?\.[0-9]+|0|1|0\.0+", v) for v in column.filled)
        conversion = "fraction" if fraction else "percent"
        return f"{{metric: {metric}, as: {conversion}}}"
    return f"{{metric: {metric}, as: {conversion}}}" if conversion in ("compact", "duration") else metric


def _texts(draft: _Draft) -> None:
    for field_name, words in (
        ("title", _TITLE), ("body", _BODY), ("url", _URL), ("content_type", _TYPE), ("tags", _TAGS),
    ):  # fmt: skip
        texts = {
            name for name, column in draft.columns.items()
            if column.filled and column.conversion is None and (field_name == "url") == _are_links(column)
        }  # fmt: skip
        given = any(line.startswith(f"{field_name}:") for line in draft.lines)
        if not given and (name := draft.pick(words, among=texts)):
            draft.add(f"{field_name}: {_quoted(name)}")


def _rest(draft: _Draft) -> None:
    draft.add("observed_at: file_time", "or newest_row; --observed-at and a date in the file's name go before it")
    left = [name for name in draft.table.columns if name not in draft.used]
    if left:
        draft.add("# Columns without a guess; they are kept in the payload, not as metrics:")
        for name in left:
            shown = draft.columns[name].filled[:1]
            draft.add(f"#   {_quoted(name)}" + (f", e.g. {shown[0][:40]!r}" if shown else ", empty"))
