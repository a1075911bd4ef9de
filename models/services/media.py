"""Requests for pictures, videos and recordings: people ask, the system's worker takes, starts and ends them.

The intent is committed before the call (`begin_media`), so that no request is ever started twice: a worker that dies after
it leaves a job of unknown outcome. What was made is a file of the workspace; only a person puts it into a draft.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import datetime

from models.domain.ai import ImageRequest, Manifest, ModelSpec, SpeechRequest, VideoRequest
from models.domain.assets import Asset
from models.domain.media import CARD, LEASE, LOCAL, PATIENCE, MediaJob, MediaState, Request, modality_of, plain
from models.domain.workspace import Principal
from models.errors import Conflict, InvalidInput, NotFound
from models.services._recording import new_id, record
from models.services._wording import clean, clean_line
from models.services.policy import INSTALLATION, Action, policy
from models.store.unit_of_work import UnitOfWork

MOST_PROMPT = 4_000
MOST_SPEECH = 20_000
MOST_SECONDS = 30
_OPEN = tuple(state for state in MediaState if state.is_open)
_LOST = "The work was being asked for when the worker stopped, so it may have been made and charged"
_FIND_OUT = "look at the provider's own list before you ask again."


@policy(Action.REQUEST_MEDIA)
def request_media(
    uow: UnitOfWork, principal: Principal, workspace_id: str, request: Request, *, provider: str = "", model: str = "",
    draft_id: str | None = None, now: datetime,
) -> MediaJob:  # fmt: skip
    """Queues a request. While an equal one is under way, that one is returned, so a double click asks once.

    `provider` and `model` choose who makes it; empty means the cheapest that is set up, and for a picture without a
    description the card renderer. Raises `InvalidInput` for an empty
    or too long text, `NotFound` for a draft of another workspace.
    """
    asked = _checked(request)
    if isinstance(asked, ImageRequest) and not asked.prompt:
        provider = CARD
    if draft_id is not None and uow.drafts.workspace_of(draft_id) != workspace_id:
        raise NotFound(f"Draft {draft_id!r} is not in this workspace: check its id.")
    uow.workspaces.get(workspace_id, lock=True)
    found = plain(asked)
    for waiting in uow.media.of_workspace(workspace_id, states=_OPEN):
        same = (dict(waiting.request), waiting.draft_id) == (found, draft_id)
        if same and provider in ("", waiting.provider) and model in ("", waiting.model):
            return waiting
    job = MediaJob(
        new_id(), workspace_id, modality_of(asked), found, MediaState.QUEUED, principal.user_id, now, now, now,
        provider=clean_line(provider, "The provider", limit=60, required=False),
        model=clean_line(model, "The model", limit=200, required=False), draft_id=draft_id, chosen=bool(provider),
    )  # fmt: skip
    uow.media.add(job)
    record(uow, principal, workspace_id, "media.requested", job.id, now, modality=job.modality.value)
    return job


@policy(Action.VIEW_DRAFTS)
def list_media(
    uow: UnitOfWork, principal: Principal, workspace_id: str, *, draft_id: str | None = None
) -> list[MediaJob]:
    """The workspace's requests, or those of one draft, newest first."""
    return uow.media.of_workspace(workspace_id, draft_id=draft_id)


@policy(Action.RUN_JOBS, INSTALLATION)
def recover_media(uow: UnitOfWork, principal: Principal, *, now: datetime) -> list[MediaJob]:
    """Takes over what stopped workers left: jobs before their call are queued again, those within it are of unknown outcome.

    What is made on this machine costs nothing, so it is queued again.
    """
    found = []
    while (job := uow.media.due((MediaState.CLAIMED, MediaState.STARTING), now)) is not None:
        harmless = job.state is MediaState.CLAIMED or job.provider in LOCAL
        if harmless and now - job.created_at < PATIENCE:
            left = replace(job, state=MediaState.QUEUED, due_at=now, message="")
        elif harmless:
            left = replace(job, state=MediaState.FAILED, message="It could not be made within a day: ask for it again.")
        else:
            left = replace(job, state=MediaState.UNKNOWN, message=f"{_LOST}; {_FIND_OUT}")
        found.append(_put(uow, principal, left, now))
    return found


@policy(Action.RUN_JOBS, INSTALLATION)
def claim_media(uow: UnitOfWork, principal: Principal, *, now: datetime) -> MediaJob | None:
    """Takes the job that has been due longest, for `LEASE`; None when none is due. No two callers get the same one."""
    job = uow.media.due((MediaState.QUEUED, MediaState.RUNNING), now)
    if job is None:
        return None
    state = MediaState.CLAIMED if job.state is MediaState.QUEUED else MediaState.RUNNING
    return _put(uow, principal, replace(job, state=state, due_at=now + LEASE), now)


@policy(Action.RUN_JOBS, INSTALLATION)
def anything_due(uow: UnitOfWork, principal: Principal, *, now: datetime) -> bool:
    """Whether a worker would have something to do."""
    waiting = (MediaState.QUEUED, MediaState.RUNNING, MediaState.CLAIMED, MediaState.STARTING)
    return uow.media.due(waiting, now, lock=False) is not None


@policy(Action.RUN_JOBS, INSTALLATION)
def begin_media(
    uow: UnitOfWork, principal: Principal, job: MediaJob, spec: ModelSpec, *, reservation: str | None = None,
    now: datetime,
) -> MediaJob:  # fmt: skip
    """Commits that the next call asks the model for it. Raises `Conflict` when another worker has the job meanwhile."""
    stored = _held(uow, job, MediaState.CLAIMED, MediaState.STARTING)
    begun = replace(
        stored, state=MediaState.STARTING, provider=spec.provider, model=spec.name, reservation=reservation,
        due_at=now + LEASE, message="",
    )  # fmt: skip
    return _put(uow, principal, begun, now)


@policy(Action.RUN_JOBS, INSTALLATION)
def started_media(
    uow: UnitOfWork, principal: Principal, job: MediaJob, work: str, *, due_at: datetime, now: datetime
) -> MediaJob:
    """Keeps the provider's id of a video that it took. A late answer is welcome: it resolves an unknown outcome."""
    stored = _held(uow, job, MediaState.STARTING, MediaState.UNKNOWN)
    return _put(uow, principal, replace(stored, state=MediaState.RUNNING, work=work, due_at=due_at, message=""), now)


@policy(Action.RUN_JOBS, INSTALLATION)
def progress_media(
    uow: UnitOfWork, principal: Principal, job: MediaJob, share: float | None, message: str, *, due_at: datetime,
    now: datetime,
) -> MediaJob:  # fmt: skip
    """Writes how far a video is, and when it is asked after again."""
    stored = _held(uow, job, MediaState.RUNNING)
    return _put(uow, principal, replace(stored, share=share, message=message, due_at=due_at), now)


@policy(Action.RUN_JOBS, INSTALLATION)
def postpone_media(
    uow: UnitOfWork, principal: Principal, job: MediaJob, message: str, *, due_at: datetime, now: datetime
) -> MediaJob:
    """Queues a job again of which it is proven that nothing was made."""
    stored = _held(uow, job, MediaState.CLAIMED, MediaState.STARTING)
    again = replace(
        stored, state=MediaState.QUEUED, due_at=due_at, message=message, reservation=None,
        provider=stored.provider if stored.chosen else "", model=stored.model if stored.chosen else "",
    )  # fmt: skip
    return _put(uow, principal, again, now)


@policy(Action.RUN_JOBS, INSTALLATION)
def finish_media(
    uow: UnitOfWork, principal: Principal, job: MediaJob, asset: Asset, *, cost_microusd: int | None, note: str = "",
    now: datetime,
) -> MediaJob:  # fmt: skip
    """Stores the facts of the file that was made with its manifest, and ends the job. Ending it twice with the same file changes nothing."""
    stored = uow.media.get(job.id, lock=True)
    if stored is not None and stored.state is MediaState.DONE and stored.asset_id == asset.id:
        return stored
    stored = _held(uow, job, MediaState.STARTING, MediaState.RUNNING, MediaState.UNKNOWN)
    if asset.workspace_id != stored.workspace_id:
        raise InvalidInput("The file is of another workspace than the request: store it for its own.")
    if uow.assets.add_new(asset):
        record(uow, principal, asset.workspace_id, "asset.added", asset.id, now, media=asset.kind.value)
    made_of = json.dumps([stored.modality.value, dict(stored.request)], sort_keys=True, ensure_ascii=False)
    manifest = Manifest(
        "asset", asset.id, f"{stored.provider}/{stored.model}", parameters={"media": stored.modality.value},
        input_hash=hashlib.sha256(made_of.encode()).hexdigest(), cost_microusd=cost_microusd,
    )  # fmt: skip
    uow.manifests.add(new_id(), stored.workspace_id, manifest, now)
    done = replace(
        stored, state=MediaState.DONE, asset_id=asset.id, cost_microusd=cost_microusd, share=1.0, message=note
    )
    return _put(uow, principal, done, now)


@policy(Action.RUN_JOBS, INSTALLATION)
def end_media(
    uow: UnitOfWork, principal: Principal, job: MediaJob, state: MediaState, message: str, *, now: datetime
) -> MediaJob:
    """Ends a job without a file, as failed or unknown, with a sentence for the person who asked."""
    if state not in (MediaState.FAILED, MediaState.UNKNOWN):
        raise InvalidInput(f"A request without a file ends as failed or unknown, not as {state.value}.")
    return _put(uow, principal, replace(_held(uow, job, *_OPEN), state=state, message=message), now)


def _held(uow: UnitOfWork, job: MediaJob, *states: MediaState) -> MediaJob:
    """The stored job, locked, when it still is as its worker left it, or when its outcome is unknown and may be here."""
    stored = uow.media.get(job.id, lock=True)
    if stored is None:
        raise NotFound(f"Request {job.id!r} does not exist: its workspace may have been deleted.")
    taken_over = stored.state is not MediaState.UNKNOWN and stored.updated_at != job.updated_at
    if stored.state not in states or taken_over:
        raise Conflict(f"Request {job.id!r} is {stored.state.value}: another worker has taken it over.")
    return stored


def _put(uow: UnitOfWork, principal: Principal, job: MediaJob, now: datetime) -> MediaJob:
    changed = replace(job, updated_at=now)
    before = uow.media.get(job.id)
    uow.media.put(changed)
    if before is None or before.state is not job.state:
        record(uow, principal, job.workspace_id, f"media.{job.state.value}", job.id, now)
    return changed


def _checked(request: Request) -> Request:
    """The request with cleaned texts. Raises `InvalidInput`."""
    if isinstance(request, SpeechRequest):
        return replace(request, text=clean(request.text, "The text to speak", limit=MOST_SPEECH))
    if isinstance(request, VideoRequest):
        if not 1 <= request.seconds <= MOST_SECONDS:
            raise InvalidInput(f"A video has between 1 and {MOST_SECONDS} seconds: choose another length.")
        width, _, height = request.ratio.partition(":")
        if not (
            width.isascii() and width.isdigit() and height.isascii() and height.isdigit() and int(width) and int(height)
        ):
            raise InvalidInput(f"{request.ratio!r} is no ratio: write width:height, such as 9:16.")
        return replace(request, prompt=clean(request.prompt, "The description", limit=MOST_PROMPT))
    if request.title:
        lines = tuple(clean_line(line, "A line of the card", limit=240, required=False) for line in request.lines)
        title = clean_line(request.title, "The card's title", limit=300)
        return replace(request, title=title, lines=tuple(filter(None, lines)), prompt=clean(request.prompt, "The description", limit=MOST_PROMPT, required=False))  # fmt: skip
    return replace(request, prompt=clean(request.prompt, "The description", limit=MOST_PROMPT))
