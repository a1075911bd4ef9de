"""What each adapter gives and raises, over HTTP, against the sandbox."""

from __future__ import annotations

import io
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from connectors import circuits
from connectors.assets import sniff
from connectors.sandbox.ai_studio import STEPS
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox, running_sandbox
from models.domain.ai import Modality, VideoRequest, VideoState
from models.errors import (
    AnswerLost,
    AnswerMalformed,
    AnswerRefused,
    ModelBusy,
    ModelDown,
    ModelError,
    ModelKeyRefused,
)
from tests.contract.ai_media.adapters import CASES, PROMPT, VIDEOS, Case, spec

TYPES = {Modality.IMAGE: "image/png", Modality.VIDEO: "video/mp4", Modality.SPEECH: "audio/mpeg"}


@pytest.fixture(scope="module")
def running() -> Iterator[RunningSandbox]:
    with running_sandbox(vendors=[]) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(running: RunningSandbox) -> Iterator[RunningSandbox]:
    circuits.breaker.cache_clear()
    yield running
    running.world.faults.clear()


def fault(sandbox: RunningSandbox, case: Case, kind: FaultKind, times: int = 100) -> None:
    sandbox.world.faults.add(Fault(kind, vendor=case.provider, method="POST", times=times))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_gives_a_file_that_is_what_was_asked_for(sandbox: RunningSandbox, case: Case) -> None:
    adapter = case.adapter(sandbox.url)
    answer = case.whole(adapter)
    assert answer.content_type == TYPES[adapter.spec.modality] == sniff(answer.data[:64])
    assert (answer.provider, answer.model) == (adapter.spec.provider, adapter.spec.name)
    if adapter.spec.modality is Modality.IMAGE and case.provider != "midjourney":
        width, height = Image.open(io.BytesIO(answer.data)).size
        assert width / height == pytest.approx(1080 / 1350, rel=0.2)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_wrong_key_is_said_and_never_shown(sandbox: RunningSandbox, case: Case) -> None:
    secret = "wrong-key-that-nobody-may-read"
    with pytest.raises(ModelKeyRefused) as refused:
        case.start(case.adapter(sandbox.url, secret))
    shown = str(refused.value) + "".join(traceback.format_exception(refused.value))
    assert secret not in shown
    assert case.model in str(refused.value)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_too_many_calls_say_when_to_come_back(sandbox: RunningSandbox, case: Case) -> None:
    fault(sandbox, case, FaultKind.THROTTLED)
    before = datetime.now(UTC)
    with pytest.raises(ModelBusy) as busy:
        case.start(case.adapter(sandbox.url))
    assert busy.value.until is not None
    assert timedelta(seconds=20) < busy.value.until - before < timedelta(seconds=130)


@pytest.mark.parametrize("kind", [FaultKind.ERROR_500_BEFORE, FaultKind.ERROR_502_HTML, FaultKind.DROP_ANSWER])
@pytest.mark.parametrize("case", CASES, ids=str)
def test_paid_work_with_a_lost_answer_is_not_asked_for_again(
    sandbox: RunningSandbox, case: Case, kind: FaultKind
) -> None:
    fault(sandbox, case, kind)
    before = sandbox.world.requests[case.provider]
    with pytest.raises(AnswerLost) as lost:
        case.start(case.adapter(sandbox.url))
    assert lost.value.spent_microusd is None
    assert sandbox.world.requests[case.provider] == before + 1


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_provider_that_takes_no_work_is_busy_and_a_short_wait_is_waited_for(
    sandbox: RunningSandbox, case: Case
) -> None:
    fault(sandbox, case, FaultKind.ERROR_503)
    with pytest.raises(ModelBusy):
        case.start(case.adapter(sandbox.url))
    sandbox.world.faults.clear()
    fault(sandbox, case, FaultKind.ERROR_503, times=1)
    adapter = case.adapter(sandbox.url)
    if case.waits:  # the project's own client comes back after the second that the answer names
        case.start(adapter)
    else:
        with pytest.raises(ModelBusy):
            case.start(adapter)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_captive_portal_makes_nothing(sandbox: RunningSandbox, case: Case) -> None:
    fault(sandbox, case, FaultKind.HTML_200)
    with pytest.raises((AnswerLost, AnswerMalformed)):
        case.start(case.adapter(sandbox.url))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_nothing_listens(case: Case) -> None:
    circuits.breaker.cache_clear()
    with pytest.raises(ModelDown) as down:
        case.start(case.adapter("http://127.0.0.1:9"))
    assert not isinstance(down.value, AnswerLost)
    assert down.value.spent_microusd == 0


@pytest.mark.parametrize("case", CASES, ids=str)
def test_declined_content_is_told_without_repeating_it(sandbox: RunningSandbox, case: Case) -> None:
    with pytest.raises(AnswerRefused) as refused:
        case.start(case.adapter(sandbox.url), "forbidden words of one Jane Doe")
    assert "Jane" not in str(refused.value)
    assert refused.value.spent_microusd == 0


@pytest.mark.parametrize("case", CASES, ids=str)
def test_bytes_that_are_something_else_are_refused(sandbox: RunningSandbox, case: Case) -> None:
    with pytest.raises(AnswerMalformed) as malformed:
        case.whole(case.adapter(sandbox.url), f"spoilt {PROMPT}")
    assert "by its content" in str(malformed.value)


@pytest.mark.parametrize("case", VIDEOS, ids=str)
def test_a_video_is_queued_then_runs_then_is_done(sandbox: RunningSandbox, case: Case) -> None:
    adapter = case.adapter(sandbox.url)
    work = case.start(adapter)
    states = [adapter.progress(work).state for _ in range(STEPS)]
    assert states == [VideoState.QUEUED, VideoState.RUNNING, VideoState.DONE]
    again = case.adapter(sandbox.url)  # another process, after a restart
    assert again.fetch(work).content_type == "video/mp4"


@pytest.mark.parametrize("case", VIDEOS, ids=str)
def test_a_video_that_fails_says_so(sandbox: RunningSandbox, case: Case) -> None:
    adapter = case.adapter(sandbox.url)
    work = case.start(adapter, "failing on purpose")
    told = [adapter.progress(work) for _ in range(STEPS)][-1]
    assert told.state is VideoState.FAILED
    assert "failed" in told.message
    with pytest.raises(ModelError):
        adapter.fetch(work)


@pytest.mark.parametrize("case", VIDEOS, ids=str)
def test_a_question_after_a_video_is_repeated_through_failures(sandbox: RunningSandbox, case: Case) -> None:
    adapter = case.adapter(sandbox.url)
    work = case.start(adapter)
    sandbox.world.faults.add(Fault(FaultKind.ERROR_500_BEFORE, vendor=case.provider, method="GET", times=2))
    assert adapter.progress(work).state is VideoState.QUEUED


@pytest.mark.parametrize("case", VIDEOS, ids=str)
def test_a_video_that_is_not_known_or_not_done(sandbox: RunningSandbox, case: Case) -> None:
    adapter = case.adapter(sandbox.url)
    with pytest.raises(ModelError):
        adapter.progress("../../v1/other")
    with pytest.raises(ModelError):
        adapter.fetch(case.start(adapter))


def test_runway_tells_the_cost_in_credits(sandbox: RunningSandbox) -> None:
    case = next(case for case in VIDEOS if case.provider == "runway")
    assert case.whole(case.adapter(sandbox.url)).cost_microusd == 600_000  # 5 s × 12 credits × 1 cent
    assert spec("runway/gen4.5").unit_usd == 0.12


def test_openai_counts_tokens_and_they_have_a_price(sandbox: RunningSandbox) -> None:
    case = CASES[0]
    answer = case.whole(case.adapter(sandbox.url))
    assert answer.cost_microusd is not None
    assert 0 < answer.cost_microusd < 200_000


@pytest.mark.parametrize("case", VIDEOS, ids=str)
def test_videos_from_a_picture_and_of_other_lengths(sandbox: RunningSandbox, case: Case) -> None:
    adapter = case.adapter(sandbox.url)
    work = adapter.start(VideoRequest(PROMPT, 7, "1:1", image_url="https://example.org/a.png"))
    body = sandbox.world.studios[case.provider].works[work]
    assert body.seconds == adapter.length(7) >= 7
    assert adapter.length(1) <= 5


def test_midjourney_takes_no_parameters_from_the_prompt_and_knows_a_full_queue(sandbox: RunningSandbox) -> None:
    case = next(case for case in CASES if case.provider == "midjourney")
    adapter = case.adapter(sandbox.url)
    case.start(adapter, "a bench --chaos 100 --ar 1:9")
    work = list(sandbox.world.studios["midjourney"].works.values())[-1]
    assert work.prompt.count("--") == 1
    assert work.prompt.endswith("--ar 4:5")
    with pytest.raises(ModelBusy):
        case.start(adapter, "crowded")


def test_a_picture_that_was_blurred_is_a_refusal(sandbox: RunningSandbox) -> None:
    case = CASES[1]
    with pytest.raises(AnswerRefused):
        case.start(case.adapter(sandbox.url), "blurred bench")


def test_a_file_at_a_private_address_is_not_fetched(sandbox: RunningSandbox) -> None:
    from connectors.ai.calls import MediaCalls, MediaProvider

    calls = MediaCalls(
        MediaProvider("luma", "Luma"), "luma/ray-2", base_url="https://api.lumalabs.ai", headers={}, code=lambda _: None
    )
    for url in (f"{sandbox.url}/_sandbox/clock", "http://169.254.169.254/latest", "file:///etc/passwd", ""):
        with pytest.raises((AnswerMalformed, ModelDown)):
            calls.download(url)
