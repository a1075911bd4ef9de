"""X's posts and profile in the sandbox: create, delete, look up, timeline."""

from __future__ import annotations

import base64
import bisect
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from connectors.sandbox import x_speech as said
from connectors.sandbox.ledger import fingerprint
from connectors.sandbox.world import Post, World
from connectors.sandbox.x_speech import Speech
from models.domain.connection import Vendor
from models.generation.x_length import link_spans, weighted_length

DUPLICATE_DAYS = timedelta(days=7)
CREATE_KEYS = frozenset(
    ("text", "media", "poll", "reply", "reply_settings", "quote_tweet_id", "made_with_ai", "paid_partnership", "nullcast",
     "geo", "for_super_followers_only", "card_uri", "community_id", "direct_message_deep_link", "edit_options",
     "share_with_followers")
)  # fmt: skip
_KINDS = {"tweet_image": "photo", "tweet_gif": "gif", "tweet_video": "video"}
_TIMELINE_PARAMETERS = (
    "max_results", "pagination_token", "start_time", "end_time", "since_id", "until_id", "exclude", "expansions",
    "media.fields", "user.fields", "poll.fields", "place.fields",
)  # fmt: skip
_LOOKUP_PARAMETERS = ("ids", "expansions", "media.fields", "user.fields", "poll.fields", "place.fields")


async def create(world: World, request: Request) -> Response:
    """POST /2/tweets."""
    words = said.speech(world)
    try:
        body = json.loads(await request.body())
    except ValueError:
        body = None
    if not isinstance(body, dict):
        return said.invalid(words, {}, "Requests with bodies must be JSON objects.")
    if unknown := sorted(set(body) - CREATE_KEYS):
        return said.invalid(
            words, {name: [str(body[name])] for name in unknown}, f"[{unknown[0]}] is not defined in the schema"
        )
    text = body.get("text", "")
    ids = (body.get("media") or {}).get("media_ids", [])
    if not isinstance(text, str) or (not text.strip() and not ids):
        return said.invalid(words, {"text": [str(text)]}, "Request must contain text or media.")
    if weighted_length(text) > 280:
        return said.forbidden("Your Tweet text is too long.")
    stored = world.objects(Vendor.X, "media")
    ready = [
        m for i in ids if (m := stored.get(str(i))) and m["state"] == "succeeded" and m["expires"] > world.clock.now()
    ]
    if len(ready) != len(ids) or len(ids) > 4 or (len(ids) > 1 and any(m["category"] != "tweet_image" for m in ready)):
        return said.invalid(words, {"media.media_ids": [str(i) for i in ids]}, "Your media IDs are invalid.")
    if (refused := _capped(world, words)) is not None:
        return refused
    media = [m["sha256"] for m in ready]
    mark = fingerprint(text, media)
    if _is_duplicate(world, mark):
        return said.forbidden("You are not allowed to create a Tweet with duplicate content.")
    kind = _KINDS[ready[0]["category"]] if ready else "link" if link_spans(text) else "text"
    post = world.publish(Vendor.X, kind=kind, text=text, media=media)
    _marks(world)[mark] = {"id": post.id}
    row, _ = said.post_row(world, words, post, ())
    return JSONResponse({"data": row}, 201)


def _marks(world: World) -> dict[str, dict[str, Any]]:
    """The newest post by what it says and shows; drawn from the history once."""
    marks = world.objects(Vendor.X, "marks")
    if not marks:
        marks.update({fingerprint(post.text, post.media): {"id": post.id} for post in world.history(Vendor.X)})
    return marks


def _is_duplicate(world: World, mark: str) -> bool:
    """Whether a post of the last days that still exists says and shows the same."""
    known = _marks(world).get(mark)
    post = world.post(Vendor.X, known["id"]) if known else None
    return post is not None and world.clock.now() - post.published_at < DUPLICATE_DAYS


def _capped(world: World, words: Speech) -> Response | None:
    """The plan's own cap on posts, where a test set one: counts down and then refuses."""
    cap = said.setting(world, "cap")
    if "posts" not in cap:
        return None
    if cap["posts"] <= 0:
        return said.problem(
            429, "UsageCapExceeded", "Usage cap exceeded: Daily product cap", words.problems + "usage-capped",
            period="Daily", scope="Product",
        )  # fmt: skip
    cap["posts"] -= 1
    return None


async def delete(world: World, request: Request) -> Response:
    """DELETE /2/tweets/{id}."""
    words = said.speech(world)
    post_id = request.path_params["id"]
    if not world.delete(Vendor.X, post_id):
        found = said.missing(words, "id", post_id)
        return said.problem(404, found.pop("title"), found.pop("detail"), found.pop("type"), **found)
    return JSONResponse({"data": {"deleted": True}})


async def lookup(world: World, request: Request) -> Response:
    """GET /2/tweets?ids=: posts that exist in `data`, the others in `errors`, all with status 200."""
    words = said.speech(world)
    fields, refused = _asked(world, words, request, _LOOKUP_PARAMETERS)
    if refused is not None:
        return refused
    ids = [i for i in request.query_params.get("ids", "").split(",") if i]
    if not 1 <= len(ids) <= 100 or not all(i.isdigit() and len(i) <= 19 for i in ids):
        return said.invalid(words, {"ids": ids[:3]}, f"The number of values in the `ids` query parameter list [{len(ids)}] is not between 1 and 100")  # fmt: skip
    posts = {i: world.post(Vendor.X, i) for i in ids}
    errors = [said.missing(words, "ids", i) for i, post in posts.items() if post is None]
    return _answer(world, words, request, [post for post in posts.values() if post], fields, errors, {})


async def timeline(world: World, request: Request) -> Response:
    """GET /2/users/{id}/tweets: newest first; `start_time` is inclusive, `end_time` is not."""
    words = said.speech(world)
    fields, refused = _asked(world, words, request, _TIMELINE_PARAMETERS)
    if refused is not None:
        return refused
    query = request.query_params
    if request.path_params["id"] != world.accounts[Vendor.X].id:
        found = said.missing(words, "id", request.path_params["id"])
        return JSONResponse({"errors": [{**found, "resource_type": "user"}]})
    size = query.get("max_results", "10")
    if not size.isdigit() or not 5 <= int(size) <= 100:
        return said.invalid(words, {"max_results": [size]}, f"The `max_results` query parameter value [{size}] is not between 5 and 100")  # fmt: skip
    try:
        since, until = _time(query.get("start_time")), _time(query.get("end_time"))
        before = _place(query.get("pagination_token"))
    except ValueError as error:
        return said.invalid(words, {"parameters": [str(error)]}, f"One of the parameters is not valid: {error}")
    after = int(query.get("since_id") or 0)
    page, more = _page(world, since, until, before, int(size))
    page = [post for post in page if int(post.id) > after]
    meta: dict[str, Any] = {"result_count": len(page)}
    if page:
        meta |= {"newest_id": page[0].id, "oldest_id": page[-1].id}
    if page and more:
        meta["next_token"] = base64.urlsafe_b64encode(f"7140:{more}".encode()).decode().rstrip("=")
    return _answer(world, words, request, page, fields, [], meta)


async def profile(world: World, request: Request) -> Response:
    """GET /2/users/me."""
    account = world.accounts[Vendor.X]
    user: dict[str, Any] = {"id": account.id, "name": account.name, "username": account.handle}
    fields = request.query_params.get("user.fields", "").split(",")
    if "public_metrics" in fields:
        user["public_metrics"] = {
            "followers_count": world.followers(Vendor.X), "following_count": 312,
            said.speech(world).posts: len(world.between(Vendor.X, None)), "listed_count": 41,
        }  # fmt: skip
    if "created_at" in fields:
        user["created_at"] = "2023-03-01T09:00:00.000Z"
    return JSONResponse({"data": user})


def _asked(world: World, words: Speech, request: Request, known: tuple[str, ...]) -> tuple[list[str], Response | None]:
    """The named fields of a post; a refusal for parameters, fields or expansions that the specification does not have."""
    allowed = (*known, words.fields_parameter)
    for name in request.query_params:
        if name not in allowed:
            return [], said.invalid(words, {name: [request.query_params[name]]}, f"The query parameter [{name}] is not one of [{','.join(sorted(allowed))}]")  # fmt: skip
    kept = words.fields - set(said.setting(world, "fields").get("retired", ()))
    for name, values in ((words.fields_parameter, kept), ("expansions", words.expansions)):
        for value in filter(None, request.query_params.get(name, "").split(",")):
            if value not in values:
                return [], said.invalid(words, {name: [value]}, f"The `{name}` query parameter value [{value}] is not one of [{','.join(sorted(values))}]")  # fmt: skip
    fields = [field for field in request.query_params.get(words.fields_parameter, "").split(",") if field]
    for field in fields:
        if field in said.setting(world, "fields").get("refused", ()):
            detail = f"Sorry, you are not authorized to access '{field}'."
            kind = words.problems + "not-authorized-for-field"
            return [], said.problem(403, "Field Authorization Error", detail, kind, field=field, resource_type="tweet")
    return fields, None


def _answer(
    world: World,
    words: Speech,
    request: Request,
    posts: list[Post],
    fields: list[str],
    errors: list[dict[str, Any]],
    meta: dict[str, Any],
) -> Response:
    rows: list[dict[str, Any]] = []
    for post in posts:
        row, refused = said.post_row(world, words, post, fields)
        rows.append(row)
        errors = errors + refused if refused else errors
    body: dict[str, Any] = {"data": rows} if rows else {}
    if "attachments.media_keys" in request.query_params.get("expansions", ""):
        media = [{"media_key": key, "type": said.media_type(key)} for post in posts for key in said.media_keys(post)]
        if media:
            body["includes"] = {"media": media}
    if errors:
        body["errors"] = errors
    if meta:
        body["meta"] = meta
    return JSONResponse(body)


def _time(text: str | None) -> datetime | None:
    if text is None:
        return None
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError(f"{text} has no time zone")
    return found.astimezone(UTC)


def _page(
    world: World, since: datetime | None, until: datetime | None, before: int | None, size: int
) -> tuple[list[Post], int]:
    """Up to `size` posts in `[since, until)`, newest first, and the place in the history where the next page ends, 0 at the
    end. Places stay what they are: new posts come behind, deleted ones are only passed over."""
    history = world.history(Vendor.X)
    end = bisect.bisect_right(history, world.clock.now(), key=lambda post: post.published_at)
    if until is not None:
        end = min(end, bisect.bisect_left(history, until, key=lambda post: post.published_at))
    first = 0 if since is None else bisect.bisect_left(history, since, key=lambda post: post.published_at)
    found: list[Post] = []
    for place in range(end if before is None else min(end, before), first, -1):
        if len(found) == size:
            return found, place
        if not history[place - 1].deleted:
            found.append(history[place - 1])
    return found, 0


def _place(token: str | None) -> int | None:
    """Where a page ends in the history, None for the first."""
    if token is None:
        return None
    mark, _, number = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().partition(":")
    if mark != "7140":
        raise ValueError("pagination_token")
    return int(number)
