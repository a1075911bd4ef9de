"""Reading the account's posts, numbers and followers.

Public numbers come with the timeline. Those that only the account may see are asked for apart and only for posts of the
last 30 days, so that a refusal costs nothing else. Every number is a lifetime counter at the moment of reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from connectors.http import Effect
from connectors.paging import Trail
from connectors.readings import Account, number
from connectors.social.x.client import Allowance, XClient
from connectors.social.x.errors import problem_kind
from connectors.social.x.names import MEDIA_EXPANSION, MEDIA_FIELDS, POST_FIELDS, PRIVATE_FIELDS, PRIVATE_METRICS
from connectors.social.x.posts import (
    content,
    media_types,
    moment,
    observation,
    private_observations,
    public_observations,
    stamp,
)
from models.domain.content import Observation, ObservationState, Record
from models.errors import PermissionMissing, Rejected, Transient

PAGE = 100
"""The most posts that a page of the timeline and one lookup by ids hold (X OpenAPI)."""
PRIVATE_AGE = timedelta(days=30)
"""How long X tells the numbers that only the account may see (X docs, metrics)."""


def timeline(
    client: XClient, account_id: str, *, since: datetime | None = None, until: datetime | None = None
) -> Iterator[dict[str, Any]]:
    """Pages of the account's posts in `[since, until)`, newest first; without bounds all that X lists.

    Raises `Transient` for a page that has neither posts nor the words that there are none: it must not look like the end.
    """
    parameters = {
        "max_results": str(PAGE), "expansions": MEDIA_EXPANSION, "media.fields": ",".join(MEDIA_FIELDS),
    }  # fmt: skip
    if since is not None:
        parameters["start_time"] = stamp(since)
    if until is not None:
        parameters["end_time"] = stamp(until)
    trail = Trail(client)
    while True:
        page = client.read_posts(Allowance.TIMELINE, f"/2/users/{account_id}/tweets", POST_FIELDS, parameters)
        meta = page.get("meta")
        if not isinstance(page.get("data"), list) and not (isinstance(meta, dict) and meta.get("result_count") == 0):
            raise client.unreadable(Effect.READ, "a page of posts had no posts and did not say that there are none")
        yield page
        token = meta.get("next_token") if isinstance(meta, dict) else None
        if not token:
            return
        trail.step(str(token))
        parameters["pagination_token"] = str(token)


def rows_of(page: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The posts of an answer that can be named."""
    data = page.get("data")
    return [row for row in data if isinstance(row, dict) and row.get("id")] if isinstance(data, list) else []


def post_records(client: XClient, account: Account, *, since: datetime, until: datetime) -> Iterator[Record]:
    """Records and observations of the posts published in `[since, until)`."""
    refused: ObservationState | None = None
    # Seconds are the finest X takes: one more is asked for and what is too late is left out here.
    for page in timeline(client, account.id, since=since, until=until + timedelta(seconds=1)):
        kinds = media_types(page)
        rows = [row for row in rows_of(page) if _inside(row, since, until)]
        for row in rows:
            yield content(row, kinds, account)
            yield from public_observations(row, account)
        young = [row for row in rows if _told_privately(row, until)]
        old = [row for row in rows if not _told_privately(row, until)]
        yield from _without_value(old, ObservationState.UNAVAILABLE, account)
        if refused is None and young:
            try:
                yield from _private(client, young, account)
                continue
            except PermissionMissing:
                refused = ObservationState.UNSUPPORTED
            except Rejected as error:
                named = PRIVATE_FIELDS[0] in error.cause
                refused = ObservationState.RETIRED if named else ObservationState.UNSUPPORTED
        if refused is not None:
            yield from _without_value(young, refused, account)


def _private(client: XClient, rows: Sequence[Mapping[str, Any]], account: Account) -> Iterator[Observation]:
    """The private numbers of up to 100 posts in one call; a post that X refuses or no longer has is without a value."""
    ids = ",".join(str(row["id"]) for row in rows)
    answer = client.read_posts(Allowance.LOOKUP, "/2/tweets", (*PRIVATE_FIELDS, "created_at"), {"ids": ids})
    read = {str(row["id"]): row for row in rows_of(answer)}
    states = dict(_missing(answer.get("errors")))
    for row in rows:
        post_id = str(row["id"])
        if post_id in read and post_id not in states:
            yield from private_observations({**row, **read[post_id]}, account)
        else:
            yield from _without_value([row], states.get(post_id, ObservationState.UNAVAILABLE), account)


def _missing(errors: object) -> Iterator[tuple[str, ObservationState]]:
    """Which posts X says it left out beside those it gave, and as what that counts."""
    for problem in errors if isinstance(errors, list) else ():
        if isinstance(problem, dict) and (post_id := problem.get("resource_id") or problem.get("value")):
            unreadable = problem_kind(problem) in ("not-authorized-for-resource", "disallowed-resource")
            yield str(post_id), ObservationState.UNSUPPORTED if unreadable else ObservationState.UNAVAILABLE


def _without_value(
    rows: Iterable[Mapping[str, Any]], state: ObservationState, account: Account
) -> Iterator[Observation]:
    for row in rows:
        for metric in PRIVATE_METRICS:
            yield observation(row, metric, None, account, state)


def _inside(row: Mapping[str, Any], since: datetime, until: datetime) -> bool:
    at = moment(row.get("created_at"))
    return at is None or since <= at < until


def _told_privately(row: Mapping[str, Any], now: datetime) -> bool:
    at = moment(row.get("created_at"))
    return at is not None and now - at <= PRIVATE_AGE


def account_records(client: XClient, account: Account) -> Iterator[Record]:
    """The number of followers now."""
    found = client.json(
        Allowance.PROFILE, "GET", "/2/users/me", effect=Effect.READ, params={"user.fields": "public_metrics"}
    )
    user = found.get("data")
    if not isinstance(user, dict):
        raise client.error(Transient, "X did not describe the account", "it is tried again")
    if str(user.get("id")) != account.id:
        raise client.error(
            PermissionMissing, "the token belongs to another account", "connect this account again, signed in as it"
        )
    counts = user.get("public_metrics")
    yield account.now("followers", number(counts.get("followers_count")) if isinstance(counts, dict) else None)
