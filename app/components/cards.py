"""The overview's five cards, worked out from its frames without Streamlit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from app.charts.template import label
from app.components import numbers
from app.reading import PERIOD_DAYS, SPARK_WEEKS, OverviewData
from models.domain.approval import Draft, DraftStatus
from models.metrics.registry import registry

VERSUS = "vs previous 28 days"
_FOLLOWER_READING_DAYS = 7
_EXPOSURES = ("views", "impressions", "reach")


@dataclass(frozen=True)
class Card:
    """`value` as shown; `explanation` holds the exact value, how it came about, or why it is missing."""

    label: str
    value: str
    explanation: str
    delta: str | None = None
    delta_description: str | None = None
    spark: tuple[float, ...] = ()
    judged: bool = True
    """Whether up is good and down is bad; a card without a judgement stays grey."""


def exposure_card(data: OverviewData, last_day: date) -> Card:
    """Views, impressions or median reach: the one observed for most posts of the period."""
    rows = {r["metric"]: r for r in data.exposure_now.to_dicts()}
    before = {r["metric"]: r for r in data.exposure_before.to_dicts()}
    posts = data.posts_now
    metric = max(_EXPOSURES, key=lambda m: (rows[m]["observed"], -_EXPOSURES.index(m)))
    if rows[metric]["observed"] == 0:
        return _engagements_card(data, last_day)
    column = "median" if metric == "reach" else "total"
    value, previous = rows[metric][column], before[metric][column]
    names = {"views": "Views", "impressions": "Impressions", "reach": "Median reach per post"}
    explanation = (
        f"{numbers.exact(value)} over {rows[metric]['observed']} of {posts} posts published in the 28 days to "
        f"{numbers.day(last_day)}. Counts as last observed; newer posts are still growing."
    )
    if metric == "reach":
        explanation += " Reach is never added up: the same person may see several posts."
    spark: tuple[float, ...] = ()
    if metric != "reach":
        spark = trailing_run(_by_week(data.weeks, metric), last_day)
    return Card(
        names[metric],
        numbers.short(value),
        explanation,
        delta=_relative(value, previous),
        delta_description=VERSUS if _relative(value, previous) else None,
        spark=spark,
    )


def _engagements_card(data: OverviewData, last_day: date) -> Card:
    """Public engagements in place of views and reach, where the sources carry none of those."""
    instead = "No view, impression or reach count was observed for these posts, so engagements stand here."
    now = _last_weeks(data.weeks, last_day, 0)
    if now.drop_nulls("engagements").height == 0:
        reason = "No post was published in these 28 days." if data.posts_now == 0 else "No engagement count either."
        return Card("Views or reach", numbers.MISSING, f"{reason} {instead}" if data.posts_now else reason)
    value = float(now["engagements"].sum())
    previous: float | None = None
    before = _last_weeks(data.weeks, last_day, 1).drop_nulls("engagements")
    if before.height:
        previous = float(before["engagements"].sum())
    delta = _relative(value, previous)
    return Card(
        "Engagements",
        numbers.short(value),
        f"{numbers.exact(value)} over {now['posts_with_engagement'].sum()} of {data.posts_now} posts published in the 28 days "
        f"to {numbers.day(last_day)}, as last observed; newer posts are still growing. {instead}",
        delta=delta,
        delta_description=VERSUS if delta else None,
        spark=trailing_run(_by_week(data.weeks, "engagements"), last_day),
    )


def _last_weeks(weeks: pl.DataFrame, last_day: date, periods_back: int) -> pl.DataFrame:
    """The four weeks of one 28-day period, counted back from the last day."""
    end = last_day - timedelta(days=PERIOD_DAYS * periods_back)
    return weeks.filter(pl.col("week_end").is_between(end - timedelta(days=PERIOD_DAYS - 7), end))


def rate_card(data: OverviewData, last_day: date) -> Card:
    """The best-covered engagement rate: Σ engagements ÷ Σ denominator over posts that have both."""
    now = data.rates_now.to_dicts()
    if not now or now[0]["value"] is None:
        return Card(
            "Engagement rate",
            numbers.MISSING,
            "No post was published in these 28 days."
            if data.posts_now == 0
            else "No post of these 28 days has both engagements and a reach, impression, view or follower count to divide by.",
        )
    row = now[0]
    before = {r["rate"]: r["value"] for r in data.rates_before.to_dicts()}.get(row["rate"])
    rate = registry().rates[row["rate"]]
    delta = None if before is None else numbers.signed_points(row["value"] - before)
    return Card(
        f"ER by {rate.denominator}",
        numbers.percent(row["value"]),
        f"{rate.name}: {numbers.exact(row['numerator'])} engagements ÷ {numbers.exact(row['denominator'])} over "
        f"{row['posts_with_rate']} of {row['posts']} posts of the 28 days to {numbers.day(last_day)}. {rate.documentation}",
        delta=delta,
        delta_description=VERSUS if delta else None,
        spark=trailing_run({r["week_end"]: r["value"] for r in data.rate_weeks.to_dicts()}, last_day),
    )


def followers_card(data: OverviewData, last_day: date) -> Card:
    """Followers of the largest account; accounts are never added up."""
    newest = (
        data.followers.group_by("platform", "account_id", maintain_order=True).last()
        if data.followers.height
        else data.followers
    )
    if newest.height == 0:
        return Card(
            "Followers", numbers.MISSING, "No follower count was observed: the imported files do not carry one."
        )
    top = newest.sort(["followers", "platform", "account_id"], descending=[True, False, False]).row(0, named=True)
    mine = data.followers.filter((pl.col("platform") == top["platform"]) & (pl.col("account_id") == top["account_id"]))
    readings: dict[date, float] = dict(zip(mine["day"].to_list(), mine["followers"].to_list(), strict=True))
    start = last_day - timedelta(days=PERIOD_DAYS)
    then = _reading_at(readings, start)
    delta = None if then is None else numbers.signed_count(top["followers"] - then)
    others = "; ".join(
        f"{label(r['platform'])} {r['account_name'] or r['account_id']}: {numbers.exact(r['followers'])}"
        for r in newest.to_dicts()
        if (r["platform"], r["account_id"]) != (top["platform"], top["account_id"])
    )
    weeks = {
        last_day - timedelta(weeks=n): _reading_at(readings, last_day - timedelta(weeks=n)) for n in range(SPARK_WEEKS)
    }
    return Card(
        f"Followers, {label(top['platform'])}",
        numbers.short(top["followers"]),
        f"{numbers.exact(top['followers'])} on {numbers.day(top['day'])}, {top['account_name'] or top['account_id']}. "
        "Accounts are not added up: the same person may follow several." + (f" Others: {others}." if others else ""),
        delta=delta,
        delta_description=VERSUS if delta else None,
        spark=trailing_run(weeks, last_day),
    )


def posts_card(data: OverviewData, last_day: date, first_post: date | None) -> Card:
    """Posts published. The change is absent when the earlier period was not wholly observed."""
    observed_before = first_post is not None and first_post <= last_day - timedelta(days=2 * PERIOD_DAYS - 1)
    delta = numbers.signed_count(data.posts_now - data.posts_before) if observed_before else None
    weeks = _by_week(data.weeks, "posts")
    if first_post is not None:
        # Inside the observed history a week without a row is a week in which nothing was published.
        weeks = {
            end: weeks.get(end, 0.0)
            for end in (last_day - timedelta(weeks=n) for n in range(SPARK_WEEKS))
            if end - timedelta(days=6) >= first_post
        }
    return Card(
        "Posts",
        numbers.short(data.posts_now),
        f"{numbers.exact(data.posts_now)} posts published in the 28 days to {numbers.day(last_day)}.",
        delta=delta,
        delta_description=VERSUS if delta else None,
        spark=trailing_run(weeks, last_day),
        judged=False,
    )


def approvals_card(drafts: Sequence[Draft], moment: datetime, zone: ZoneInfo) -> Card:
    """Drafts that wait for a decision, with how many are late or due within seven days of `moment`."""
    waiting = [d for d in drafts if d.status is DraftStatus.IN_REVIEW]
    late = sum(d.slot_at < moment for d in waiting)
    soon = sum(moment <= d.slot_at < moment + timedelta(days=7) for d in waiting)
    due = min((d.slot_at for d in waiting if d.slot_at >= moment), default=None)
    said = ", ".join(
        text
        for text in (f"{late} past their slot" if late else "", f"{soon} due within 7 days" if soon else "")
        if text
    )
    return Card(
        "Open approvals",
        numbers.short(len(waiting)),
        f"{len(waiting)} drafts are in review" + (f"; the next slot is {numbers.instant(due, zone)}." if due else "."),
        delta=said or (f"next {numbers.day(due.astimezone(zone).date())}" if due else None),
        judged=False,
    )


def trailing_run(values: dict[date, float | None] | dict[date, float], last_day: date) -> tuple[float, ...]:
    """The newest unbroken run of weekly values, at least three long: a sparkline must not bridge a gap."""
    run: list[float] = []
    for back in range(SPARK_WEEKS):
        value = values.get(last_day - timedelta(weeks=back))
        if value is None:
            break
        run.append(float(value))
    return tuple(reversed(run)) if len(run) >= 3 else ()


def _by_week(weeks: pl.DataFrame, column: str) -> dict[date, float]:
    summed: dict[date, float] = {}
    for row in weeks.drop_nulls(column).to_dicts():
        summed[row["week_end"]] = summed.get(row["week_end"], 0.0) + float(row[column])
    return summed


def _relative(value: float | None, previous: float | None) -> str | None:
    """The relative change, absent when either end is missing or the earlier one is 0."""
    if value is None or not previous:
        return None
    return numbers.signed_percent(value / previous - 1)


def _reading_at(readings: dict[date, float], day: date) -> float | None:
    """The newest reading of the 7 days to `day`."""
    for back in range(_FOLLOWER_READING_DAYS):
        if (value := readings.get(day - timedelta(days=back))) is not None:
            return value
    return None
