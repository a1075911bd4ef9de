"""The worker of media: makes the pictures and recordings that people asked for, starts their videos and asks after them.

Several workers may run at once: no two get the same job. What a job costs is set aside of the workspace's budget before
the call and written to the ledger after it.
"""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from models.domain.ai import (
    ImageRequest,
    MediaAnswer,
    Modality,
    ModelSpec,
    SpeechRequest,
    Task,
    VideoProgress,
    VideoState,
)
from models.domain.media import PATIENCE, MediaJob, MediaState
from models.domain.usage import Outcome
from models.domain.workspace import SYSTEM
from models.errors import (
    AnswerLost,
    AnswerRefused,
    BudgetExceeded,
    Conflict,
    FabricError,
    ModelBusy,
    ModelDown,
    ModelError,
    ModelKeyRefused,
    NoModel,
)
from models.routing.media import metered, piece_microusd, reserve_piece, settle_piece
from models.routing.reserving import billed
from models.services import media
from orchestration.progress import Log, silent

if TYPE_CHECKING:
    from connectors.ai.media import Makers
    from models.routing.purse import Purse
    from models.store.database import Store
    from orchestration.resources import Stores

POLL = timedelta(seconds=20)
RETRY = timedelta(minutes=2)
_TASKS = {Modality.IMAGE: Task.IMAGE, Modality.VIDEO: Task.VIDEO, Modality.SPEECH: Task.SPEECH}
_ENDINGS = {
    "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif", "video/mp4": "mp4",
    "video/quicktime": "mov", "video/webm": "webm", "audio/mpeg": "mp3", "audio/wav": "wav", "audio/ogg": "ogg",
    "audio/flac": "flac",
}  # fmt: skip
_PASSED_ON = (ModelBusy, ModelDown, ModelKeyRefused, NoModel)
"""After these nothing was made, and another model may be asked; `AnswerLost` is a `ModelDown` that is not among them."""


@dataclass(frozen=True)
class Workshop:
    """What the worker needs of an installation. `makers` and `purse` are asked by workspace."""

    stores: Stores
    store: Store
    makers: Callable[[str], Makers]
    purse: Callable[[str], Purse]
    allow_unpriced: bool = False
    log: Log = silent
    ended: list[MediaJob] = field(default_factory=list)


def anything_due(stores: Stores) -> bool:
    """Whether a worker would have something to do; reads the store only."""
    with stores.open_store() as store, store.unit_of_work() as uow:
        return media.anything_due(uow, SYSTEM, now=stores.now())


@contextmanager
def open_workshop(stores: Stores, *, log: Log = silent) -> Iterator[Workshop]:
    """The workshop of an installation: keys of the settings and of each workspace, its budget and its ledger."""
    from connectors.ai.media import Makers, prices_of
    from orchestration.models import provider_access, purse_of

    settings = stores.settings
    prices = prices_of(settings.media_prices)
    fonts = tuple(filter(None, (name.strip() for name in settings.card_fonts.split(","))))
    with stores.open_store() as store:
        yield Workshop(
            stores, store,
            lambda workspace: Makers(provider_access(stores, store, workspace), stores.now().date(), prices, fonts),
            lambda workspace: purse_of(stores, store, workspace),
            settings.ai_allow_unpriced, log,
        )  # fmt: skip


def known_makers(stores: Stores, store: Store, workspace_id: str) -> list[ModelSpec]:
    """Who can make what for the workspace, by kind and then in the order in which they are tried."""
    from connectors.ai.media import prices_of, reachable
    from orchestration.models import provider_access

    prices = prices_of(stores.settings.media_prices)
    return reachable(provider_access(stores, store, workspace_id), today=stores.now().date(), prices=prices)


def run_worker(stores: Stores, *, log: Log = silent) -> list[MediaJob]:
    """`work_off` over the installation."""
    with open_workshop(stores, log=log) as workshop:
        return work_off(workshop)


def work_off(workshop: Workshop) -> list[MediaJob]:
    """Does every job that is due, one after the other, and gives them as they are then. A failed one never stops the others."""
    with workshop.store.unit_of_work() as uow:
        media.recover_media(uow, SYSTEM, now=workshop.stores.now())
    while True:
        with workshop.store.unit_of_work() as uow:
            job = media.claim_media(uow, SYSTEM, now=workshop.stores.now())
        if job is None:
            return workshop.ended
        left = _One(workshop, job).step()
        workshop.ended.append(left)
        workshop.log(sentence(left))


def sentence(job: MediaJob) -> str:
    """One line about a job for a person."""
    said = {
        MediaState.DONE: f"made by {job.provider}/{job.model}" + (f". {job.message}" if job.message else ""),
        MediaState.RUNNING: f"under way at {job.provider}" + (f" ({job.share:.0%})" if job.share is not None else ""),
        MediaState.QUEUED: f"waits: {job.message}",
        MediaState.FAILED: f"failed: {job.message}",
        MediaState.UNKNOWN: f"not known whether it was made: {job.message}",
    }
    return f"{job.modality.value.capitalize()} “{job.words}”: {said.get(job.state, job.state.value)}"


class _One:
    """One claimed job."""

    def __init__(self, workshop: Workshop, job: MediaJob) -> None:
        self._shop = workshop
        self._job = job
        self._purse = workshop.purse(job.workspace_id)

    def step(self) -> MediaJob:
        """Moves the job one step on. Errors of the project are its outcome; anything else is a fault and passes."""
        try:
            makers = self._shop.makers(self._job.workspace_id)
            if self._job.state is MediaState.RUNNING:
                return self._under_way(makers)
            return self._first(makers.of(self._job.modality, provider=self._job.provider, model=self._job.model))
        except Conflict:  # another worker has it: what that one writes counts
            return self._job
        except AnswerLost as error:
            return self._end(MediaState.UNKNOWN, str(error))
        except ModelBusy as error:
            return self._later(error)
        except FabricError as error:
            return self._end(MediaState.FAILED, str(error))

    def _under_way(self, makers: Makers) -> MediaJob:
        try:
            model = makers.of(self._job.modality, provider=self._job.provider, model=self._job.model)[0]
        except NoModel as error:  # a key that was taken out may come back; the video is still there
            return self._progressed(self._job.share, str(error), RETRY)
        return self._after(model)

    def _first(self, models: Any) -> MediaJob:
        """Asks one model after the other until one takes the work; which were passed over is said."""
        passed: list[str] = []
        failure: ModelError | None = None
        for model in models:
            try:
                return self._video(model) if self._job.modality is Modality.VIDEO else self._made(model, passed)
            except AnswerLost:
                raise
            except (*_PASSED_ON, BudgetExceeded) as error:
                if failure is None or isinstance(error, ModelBusy):
                    failure = error
                passed.append(f"{model.spec.id}: {error.cause}")
        assert failure is not None  # there is at least one model, and each that did not return has failed
        raise failure

    def _made(self, model: Any, passed: list[str]) -> MediaJob:
        """A picture or a recording, which comes with the answer."""
        request = self._job.asked

        def make() -> MediaAnswer:
            self._begin(model, None)
            answer: MediaAnswer = model.speak(request) if isinstance(request, SpeechRequest) else model.make(request)
            return answer

        answer = metered(
            self._purse, model.spec, make, task=_TASKS[self._job.modality], units=_units(request), clock=time.monotonic,
            allow_unpriced=self._shop.allow_unpriced,
        )  # fmt: skip
        return self._stored(answer, "; ".join(passed), _cost(answer, model, _units(request)))

    def _video(self, model: Any) -> MediaJob:
        """Starts a video and keeps its id at once."""
        request = self._job.asked
        units = model.length(request.seconds)  # type: ignore[union-attr]
        reservation = reserve_piece(self._purse, model.spec, units, allow_unpriced=self._shop.allow_unpriced)
        self._begin(model, reservation)
        started = time.monotonic()
        try:
            work = model.start(request)
        except ModelError as error:
            outcome = Outcome.REFUSED if isinstance(error, AnswerRefused) else Outcome.FAILED
            self._settle(model, units, outcome, time.monotonic() - started, billed(error, model.spec))
            raise
        with self._shop.store.unit_of_work() as uow:
            now = self._shop.stores.now()
            return media.started_media(uow, SYSTEM, self._job, work, due_at=now + POLL, now=now)

    def _after(self, model: Any) -> MediaJob:
        """Asks after a video that is under way, and fetches it when it is done."""
        work, now = self._job.work or "", self._shop.stores.now()
        try:
            told: VideoProgress = model.progress(work)
            if told.state is VideoState.DONE:
                return self._fetched(model, work)
        except (ModelBusy, ModelDown, ModelKeyRefused) as error:
            told = VideoProgress(VideoState.RUNNING, self._job.share, str(error))
        if told.state is VideoState.FAILED:
            self._settle(model, self._length(model), Outcome.FAILED, self._took, None)
            return self._end(MediaState.FAILED, told.message)
        if now - self._job.created_at > PATIENCE:
            self._settle(model, self._length(model), Outcome.FAILED, self._took, None)
            return self._end(MediaState.UNKNOWN, f"Work {work} is not done after a day: look at {model.spec.provider}.")
        share = told.share if told.share is not None else self._job.share
        return self._progressed(share, told.message, RETRY if told.message else POLL)

    def _progressed(self, share: float | None, message: str, wait: timedelta) -> MediaJob:
        now = self._shop.stores.now()
        with self._shop.store.unit_of_work() as uow:
            return media.progress_media(uow, SYSTEM, self._job, share, message, due_at=now + wait, now=now)

    def _fetched(self, model: Any, work: str) -> MediaJob:
        units = self._length(model)
        try:
            answer = model.fetch(work)
        except (ModelBusy, ModelDown, ModelKeyRefused):
            return self._progressed(1.0, "The finished video could not be fetched yet.", RETRY)
        except ModelError:
            price = piece_microusd(model.spec, units)
            self._settle(model, units, Outcome.FAILED, self._took, price)
            raise
        self._settle(model, units, Outcome.WRITTEN, self._took, answer.cost_microusd)
        return self._stored(answer, "", _cost(answer, model, units))

    def _stored(self, answer: MediaAnswer, passed: str, cost: int | None) -> MediaJob:
        """Keeps the file and ends the job."""
        from connectors.assets import AssetStore

        files, now = AssetStore(self._shop.stores.settings.home / "assets"), self._shop.stores.now()
        name = f"{_slug(self._job.words) or self._job.modality.value}.{_ENDINGS[answer.content_type]}"
        asset = files.add(self._job.workspace_id, io.BytesIO(answer.data), name=name, now=now)
        note = " ".join(filter(None, (answer.note, f"Passed over: {passed}." if passed else "")))
        with self._shop.store.unit_of_work() as uow:
            return media.finish_media(uow, SYSTEM, self._job, asset, cost_microusd=cost, note=note, now=now)

    def _begin(self, model: Any, reservation: str | None) -> None:
        with self._shop.store.unit_of_work() as uow:
            self._job = media.begin_media(
                uow, SYSTEM, self._job, model.spec, reservation=reservation, now=self._shop.stores.now()
            )

    def _settle(self, model: Any, units: float, outcome: Outcome, seconds: float, cost: int | None) -> None:
        settle_piece(
            self._purse, self._job.reservation, model.spec, task=Task.VIDEO, units=units, outcome=outcome,
            seconds=seconds, cost_microusd=cost,
        )  # fmt: skip

    def _later(self, error: ModelBusy) -> MediaJob:
        now = self._shop.stores.now()
        if now - self._job.created_at > PATIENCE:
            return self._end(MediaState.FAILED, str(error))
        due = max(error.until or now + RETRY, now + timedelta(seconds=5))
        with self._shop.store.unit_of_work() as uow:
            return media.postpone_media(uow, SYSTEM, self._job, str(error), due_at=due, now=now)

    def _end(self, state: MediaState, message: str) -> MediaJob:
        with self._shop.store.unit_of_work() as uow:
            return media.end_media(uow, SYSTEM, self._job, state, message, now=self._shop.stores.now())

    def _length(self, model: Any) -> int:
        seconds: int = model.length(self._job.asked.seconds)  # type: ignore[union-attr]
        return seconds

    @property
    def _took(self) -> float:
        return (self._shop.stores.now() - self._job.created_at).total_seconds()


def _cost(answer: MediaAnswer, model: Any, units: float) -> int | None:
    """What the provider says that it cost, else its price; None when neither is known."""
    return answer.cost_microusd if answer.cost_microusd is not None else piece_microusd(model.spec, units)


def _units(request: object) -> float:
    """Pieces that are billed: a picture, or thousands of characters."""
    if isinstance(request, SpeechRequest):
        return len(request.text) / 1_000
    assert isinstance(request, ImageRequest)
    return 1.0


def _slug(text: str) -> str:
    """`repair-beats-replace`, at most 60 letters."""
    return re.sub(r"\W+", "-", text.casefold()).strip("-")[:60].strip("-")
