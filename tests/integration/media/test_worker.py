"""The worker of media against the sandbox: files, money, failures, restarts, and no request started twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors import circuits
from connectors.ai.media import Makers
from connectors.assets import AssetStore
from connectors.sandbox.ai_media import base_url
from connectors.sandbox.ai_studio import KEY
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox, running_sandbox
from models.domain.ai import ImageRequest, SpeechRequest, VideoRequest
from models.domain.media import CARD, LEASE, PATIENCE, MediaJob, MediaState
from models.domain.publishing import MediaKind
from models.domain.spending import ProviderAccess
from models.domain.workspace import SYSTEM
from models.errors import Conflict, InvalidInput, NotFound
from models.services import assets, budgets, media, onboarding
from models.services.purse import StoredPurse
from models.settings import Settings
from models.store.database import Store
from orchestration.media import Workshop, anything_due, sentence, work_off
from orchestration.resources import Stores

START = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)


@dataclass
class Clock:
    at: datetime = START

    def later(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass(frozen=True)
class TimedStores(Stores):
    clock: Clock = field(default_factory=Clock)

    def now(self) -> datetime:
        return self.clock.at


@dataclass
class Place:
    """An installation with one workspace; its providers are the sandbox's."""

    stores: TimedStores
    store: Store
    sandbox: RunningSandbox
    providers: tuple[str, ...] = ()
    wrap: Callable[[Any], Any] = lambda model: model
    purses: list[StoredPurse] = field(default_factory=list)

    def ask(self, request: Any, **more: Any) -> MediaJob:
        with self.store.unit_of_work() as uow:
            return media.request_media(uow, SYSTEM, "natgeo", request, now=self.stores.now(), **more)

    def work(self, **more: Any) -> list[MediaJob]:
        access = {
            name: ProviderAccess(name, base_url=base_url(self.sandbox.url, name), key=KEY) for name in self.providers
        }
        found = Makers(access, self.stores.now().date(), more.pop("prices", {}))

        def purse(workspace_id: str) -> StoredPurse:
            return StoredPurse(self.store, workspace_id, more.get("budget"), self.stores.now)

        shop = Workshop(
            self.stores, self.store, lambda _: _Wrapped(found, self.wrap), purse, more.get("allow_unpriced", True)
        )
        return work_off(shop)

    def job(self, job: MediaJob) -> MediaJob:
        with self.store.unit_of_work() as uow:
            return next(found for found in media.list_media(uow, SYSTEM, "natgeo") if found.id == job.id)

    def spent(self) -> tuple[int, int, list[tuple[str, str, int, int | None]]]:
        with self.store.unit_of_work() as uow:
            month = budgets.spending(uow, SYSTEM, "natgeo", default_microusd=None, now=self.stores.now())
        return (
            month.spent,
            month.held,
            [(line.task, line.provider, line.failed, line.cost_microusd) for line in month.lines],
        )


@dataclass
class _Wrapped:
    makers: Makers
    wrap: Callable[[Any], Any]

    def of(self, *given: Any, **more: Any) -> list[Any]:
        return [self.wrap(model) for model in self.makers.of(*given, **more)]


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with running_sandbox(vendors=[]) as sandbox:
        yield sandbox


@pytest.fixture
def place(tmp_path: Path, running: RunningSandbox) -> Iterator[Place]:
    circuits.breaker.cache_clear()
    stores = TimedStores(Settings(home=tmp_path))
    with stores.open_store() as store:
        with store.unit_of_work() as uow:
            onboarding.create_workspace(uow, SYSTEM, name="Nat Geo", workspace_id="natgeo", now=START)
        yield Place(stores, store, running)
    running.world.faults.clear()


def started(place: Place, provider: str) -> int:
    return place.sandbox.world.studios[provider].started


def test_a_card_needs_no_key_and_its_file_lies_in_the_workspace(place: Place) -> None:
    asked = place.ask(ImageRequest("", 1080, 1350, "Repair beats replace", ("One", "Two")))
    assert asked.provider == CARD
    assert anything_due(place.stores)
    (done,) = place.work()
    assert (done.state, done.provider, done.cost_microusd) == (MediaState.DONE, CARD, 0)
    with place.store.unit_of_work() as uow:
        (asset,) = assets.list_assets(uow, SYSTEM, "natgeo")
    assert (asset.id, asset.kind, asset.width, asset.height) == (done.asset_id, MediaKind.IMAGE, 1080, 1350)
    assert asset.name == "repair-beats-replace.png"
    assert AssetStore(place.stores.settings.home / "assets").path(asset).is_file()
    assert place.spent() == (0, 0, [("image", CARD, 0, 0)])
    with place.store.unit_of_work() as uow:
        (manifest,) = uow.manifests.of_artefact("natgeo", "asset", asset.id)
    assert (manifest.writer, manifest.cost_microusd, len(manifest.input_hash)) == ("card/branded-card-1", 0, 64)
    assert not anything_due(place.stores)
    assert place.work() == []


def test_the_same_card_twice_is_one_file(place: Place) -> None:
    for _ in range(2):
        place.ask(ImageRequest("", 600, 600, "Same"))
        place.work()
    with place.store.unit_of_work() as uow:
        assert len(assets.list_assets(uow, SYSTEM, "natgeo")) == 1
        assert len(media.list_media(uow, SYSTEM, "natgeo")) == 2


def test_what_a_card_cannot_draw_is_said(place: Place) -> None:
    place.ask(ImageRequest("", 600, 600, "日本語"))
    place.ask(ImageRequest("", 600, 600, "Fine", style={"background": "blue"}))
    refused, wrong = sorted(place.work(), key=lambda job: job.words == "Fine")
    assert (refused.state, wrong.state) == (MediaState.FAILED, MediaState.FAILED)
    assert "FABRIC_CARD_FONTS" in refused.message
    assert "#rrggbb" in wrong.message


def test_without_a_provider_it_is_one_sentence(place: Place) -> None:
    for request in (ImageRequest("a bench"), VideoRequest("a bench")):
        place.ask(request)
    picture, video = sorted(place.work(), key=lambda job: job.modality)
    assert picture.state is video.state is MediaState.FAILED
    assert "no maker of a picture is set up" in picture.message
    assert "branded card" in picture.message
    assert "no maker of a video is set up" in video.message


def test_a_picture_costs_what_the_ledger_says(place: Place) -> None:
    place.providers = ("stability",)
    place.ask(ImageRequest("a bench"))
    (done,) = place.work(budget=100_000)
    assert (done.model, done.cost_microusd) == ("stable-image-core", 30_000)
    assert place.spent() == (30_000, 0, [("image", "stability", 0, 30_000)])


def test_a_budget_that_is_too_small_stops_it_before_the_call(place: Place) -> None:
    place.providers = ("stability",)
    place.ask(ImageRequest("a bench"))
    before = place.sandbox.world.requests["stability"]
    (failed,) = place.work(budget=10_000)
    assert failed.state is MediaState.FAILED
    assert "monthly budget of workspace natgeo" in failed.message
    assert place.sandbox.world.requests["stability"] == before


def test_an_unpriced_model_is_used_only_when_that_is_allowed(place: Place) -> None:
    place.providers = ("murf",)
    job = place.ask(SpeechRequest("Hello"), provider="murf")
    (failed,) = place.work(allow_unpriced=False)
    assert "price is not known" in failed.message
    place.ask(SpeechRequest("Hello"), provider="murf")
    (done,) = place.work(allow_unpriced=False, prices={"murf/GEN2": 2.0})
    assert (done.state, done.cost_microusd) == (MediaState.DONE, 10_000)
    assert place.job(job).state is MediaState.FAILED


def test_the_next_maker_is_asked_when_one_is_busy(place: Place) -> None:
    place.providers = ("openai", "stability")
    place.sandbox.world.faults.add(Fault(FaultKind.THROTTLED, vendor="openai", times=10))
    place.ask(ImageRequest("a bench"))
    (done,) = place.work()
    assert (done.state, done.provider) == (MediaState.DONE, "stability")
    assert "Passed over: openai/gpt-image-1-mini" in done.message


def test_a_maker_that_a_person_chose_is_waited_for(place: Place) -> None:
    place.providers = ("openai", "stability")
    place.sandbox.world.faults.add(Fault(FaultKind.THROTTLED, vendor="openai", times=3))
    place.ask(ImageRequest("a bench"), provider="openai")
    (waits,) = place.work()
    assert (waits.state, waits.provider) == (MediaState.QUEUED, "openai")
    assert waits.due_at > place.stores.now()
    assert place.work() == []
    place.sandbox.world.faults.clear()
    place.stores.clock.at = waits.due_at
    (done,) = place.work()
    assert (done.state, done.provider) == (MediaState.DONE, "openai")


def test_a_lost_answer_is_unknown_and_no_other_maker_is_asked(place: Place) -> None:
    place.providers = ("openai", "stability")
    place.sandbox.world.faults.add(Fault(FaultKind.DROP_ANSWER, vendor="openai", times=10))
    before = dict(place.sandbox.world.requests)
    place.ask(ImageRequest("a bench"))
    (unknown,) = place.work(budget=1_000_000)
    assert unknown.state is MediaState.UNKNOWN
    assert place.sandbox.world.requests["openai"] == before.get("openai", 0) + 1
    assert place.sandbox.world.requests["stability"] == before.get("stability", 0)
    assert place.spent()[:2] == (0, 15_000)  # nobody told what it cost, so it stays set aside
    place.stores.clock.later(days=2)
    assert place.work() == []


def test_a_recording_is_a_file_that_no_draft_takes(place: Place) -> None:
    place.providers = ("elevenlabs",)
    place.ask(SpeechRequest("Repair beats replace. " * 50), provider="elevenlabs")
    (done,) = place.work()
    with place.store.unit_of_work() as uow:
        (asset,) = assets.list_assets(uow, SYSTEM, "natgeo")
    assert asset.kind is MediaKind.AUDIO
    assert done.cost_microusd == 54_950  # 1,099 characters at 5 cents a thousand


def test_a_video_is_started_once_and_asked_after_until_it_is_done(place: Place) -> None:
    place.providers = ("runway",)
    before = started(place, "runway")
    place.ask(VideoRequest("a bench", 4))
    states = []
    for _ in range(8):
        for job in place.work(budget=10_000_000):
            states.append(job.state)
        place.stores.clock.later(minutes=1)
    assert states == [MediaState.RUNNING] * 3 + [MediaState.DONE]
    assert started(place, "runway") == before + 1
    with place.store.unit_of_work() as uow:
        (asset,) = assets.list_assets(uow, SYSTEM, "natgeo")
        (done,) = media.list_media(uow, SYSTEM, "natgeo")
    assert (asset.kind, asset.duration_seconds) == (MediaKind.VIDEO, 4.0)
    assert done.cost_microusd == 480_000
    assert place.spent() == (480_000, 0, [("video", "runway", 0, 480_000)])


def test_a_video_that_fails_or_is_something_else_says_so(place: Place) -> None:
    place.providers = ("pika",)
    failing, spoilt = place.ask(VideoRequest("failing")), place.ask(VideoRequest("spoilt"))
    for _ in range(5):
        place.work()
        place.stores.clock.later(minutes=1)
    assert place.job(failing).state is place.job(spoilt).state is MediaState.FAILED
    assert "failed at Pika" in place.job(failing).message
    assert "no video by its content" in place.job(spoilt).message
    assert "failed:" in sentence(place.job(failing))


def test_a_provider_that_is_away_or_a_key_that_is_gone_does_not_end_a_video(place: Place) -> None:
    place.providers = ("luma",)
    asked = place.ask(VideoRequest("a bench"))
    place.work()
    place.providers = ()
    place.stores.clock.later(minutes=1)
    (waits,) = place.work()
    assert waits.state is MediaState.RUNNING
    assert "no maker" in waits.message
    place.providers = ("luma",)
    place.sandbox.world.faults.add(Fault(FaultKind.ERROR_500_BEFORE, vendor="luma", method="GET", times=4))
    place.stores.clock.later(minutes=3)
    (waits,) = place.work()
    assert waits.state is MediaState.RUNNING
    for _ in range(4):
        place.stores.clock.later(minutes=3)
        place.work()
    assert place.job(asked).state is MediaState.DONE


def test_a_video_that_is_never_done_ends_after_a_day(place: Place) -> None:
    place.providers = ("luma",)
    asked = place.ask(VideoRequest("a bench"))
    place.work()
    place.stores.clock.later(days=1, minutes=5)
    place.sandbox.world.studios["luma"].works[str(place.job(asked).work)].asked = -100
    (ended,) = place.work()
    assert ended.state is MediaState.UNKNOWN
    assert ended.work in ended.message


class Killed(BaseException):
    """Stands for a process that is gone: nothing of the project catches it."""


def dying(method: str, after: bool) -> Callable[[Any], Any]:
    """A wrapper of models of which one method dies, before or after it did its work."""

    def wrap(model: Any) -> Any:
        class Dying:
            spec = model.spec

            def __getattr__(self, name: str) -> Any:
                found = getattr(model, name)
                if name != method:
                    return found

                def die(*given: Any) -> Any:
                    if after:
                        found(*given)
                    raise Killed

                return die

        return Dying()

    return wrap


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize(
    ("provider", "method", "asks"),
    [("stability", "make", ImageRequest("a bench")), ("luma", "start", VideoRequest("a bench"))],
)
def test_a_worker_killed_in_the_call_leaves_an_unknown_and_no_second_start(
    place: Place, provider: str, method: str, asks: Any, after: bool
) -> None:
    place.providers, place.wrap = (provider,), dying(method, after)
    asked = place.ask(asks)
    with pytest.raises(Killed):
        place.work()
    assert place.job(asked).state is MediaState.STARTING
    place.wrap = lambda model: model
    count = place.sandbox.world.requests[provider]
    assert place.work() == []  # its lease still runs
    place.stores.clock.at += LEASE
    place.work()
    left = place.job(asked)
    assert left.state is MediaState.UNKNOWN
    assert "may have been made" in left.message
    assert place.sandbox.world.requests[provider] == count
    again = place.ask(asks)  # a person may ask again; that is another request
    assert again.id != asked.id


@pytest.mark.parametrize("method", ["progress", "fetch"])
def test_a_worker_killed_while_it_asks_after_a_video_loses_nothing(place: Place, method: str) -> None:
    place.providers = ("runway",)
    before = started(place, "runway")
    asked = place.ask(VideoRequest("a bench", 2))
    place.work()
    place.wrap = dying(method, True)
    killed = 0
    for _ in range(4):
        place.stores.clock.later(minutes=1)
        try:
            place.work()
        except Killed:
            killed += 1
            place.wrap = lambda model: model
            place.stores.clock.at += LEASE
    for _ in range(3):
        place.stores.clock.later(minutes=1)
        place.work()
    assert killed == 1
    assert place.job(asked).state is MediaState.DONE
    assert started(place, "runway") == before + 1
    assert place.spent()[:2] == (240_000, 0)


def test_a_worker_killed_before_the_call_loses_nothing(place: Place) -> None:
    asked = place.ask(ImageRequest("", 600, 600, "Card"))
    with place.store.unit_of_work() as uow:
        claimed = media.claim_media(uow, SYSTEM, now=place.stores.now())
    assert claimed is not None
    assert claimed.id == asked.id
    place.stores.clock.at += LEASE
    (done,) = place.work()
    assert done.state is MediaState.DONE
    with place.store.unit_of_work() as uow, pytest.raises(Conflict):
        media.end_media(uow, SYSTEM, claimed, MediaState.FAILED, "late", now=place.stores.now())


def test_a_late_worker_does_not_overrule_the_one_that_took_over(place: Place) -> None:
    place.ask(ImageRequest("", 600, 600, "Card"))
    with place.store.unit_of_work() as uow:
        slow = media.claim_media(uow, SYSTEM, now=place.stores.now())
        place.stores.clock.at += LEASE
        media.recover_media(uow, SYSTEM, now=place.stores.now())
        quick = media.claim_media(uow, SYSTEM, now=place.stores.now())
        assert slow is not None
        assert quick is not None
        with pytest.raises(Conflict, match="taken it over"):
            media.end_media(uow, SYSTEM, slow, MediaState.FAILED, "late", now=place.stores.now())
        assert media.list_media(uow, SYSTEM, "natgeo")[0].state is MediaState.CLAIMED


def test_a_double_click_asks_once(place: Place) -> None:
    first = place.ask(ImageRequest("", 600, 600, "Card"))
    assert place.ask(ImageRequest("", 600, 600, "Card")).id == first.id
    assert place.ask(ImageRequest("", 600, 601, "Card")).id != first.id


def test_what_cannot_be_asked_for(place: Place) -> None:
    for request in (
        ImageRequest(" "), ImageRequest("x" * 5_000), SpeechRequest(""), VideoRequest("a", 0), VideoRequest("a", 5, "wide"),
        VideoRequest("a", 5, "9:0"),
    ):  # fmt: skip
        with pytest.raises(InvalidInput):
            place.ask(request)
    with pytest.raises(NotFound):
        place.ask(ImageRequest("a bench"), draft_id="none")
    place.ask(VideoRequest("a"), provider="murf")
    (failed,) = place.work()
    assert "murf makes no video here" in failed.message
    assert timedelta(hours=1) < PATIENCE
