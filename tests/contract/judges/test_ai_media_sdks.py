"""The official clients of OpenAI, Runway, Luma, ElevenLabs and Murf read the sandbox, and what its works become.

They know nothing of this project: what they accept has the shape that the vendors' own code expects. Stability, the
Midjourney-compatible service and Pika have neither a client nor a specification; their routes stand on documents alone.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from connectors.assets import sniff
from connectors.sandbox.ai_media import base_url
from connectors.sandbox.ai_studio import KEY, STEPS
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox, running_sandbox

pytestmark = [
    pytest.mark.judge,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::pydantic.warnings.PydanticDeprecatedSince20"),
]
PROMPT = "A torn jacket on a wooden repair bench"


@pytest.fixture
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(vendors=[]) as running:
        yield running


def throttle(sandbox: RunningSandbox, provider: str) -> None:
    sandbox.world.faults.add(Fault(FaultKind.THROTTLED, vendor=provider, method="POST"))


def test_openai_client_makes_pictures_and_recordings(sandbox: RunningSandbox) -> None:
    openai = pytest.importorskip("openai")
    where = base_url(sandbox.url, "openai")
    client = openai.OpenAI(api_key=KEY, base_url=where, max_retries=0)
    made = client.images.generate(model="gpt-image-1.5", prompt=PROMPT, size="1536x1024", quality="medium")
    assert sniff(base64.b64decode(made.data[0].b64_json)[:64]) == "image/png"
    assert made.usage.total_tokens == made.usage.input_tokens + made.usage.output_tokens
    assert (made.size, made.output_format) == ("1536x1024", "png")
    spoken = client.audio.speech.create(model="tts-1", voice="alloy", input="Repair beats replace.")
    assert sniff(spoken.content[:64]) == "audio/mpeg"
    with pytest.raises(openai.BadRequestError) as declined:
        client.images.generate(model="gpt-image-1.5", prompt="forbidden")
    assert declined.value.code == "moderation_blocked"
    with pytest.raises(openai.NotFoundError):
        client.images.generate(model="gpt-image-1", prompt=PROMPT)
    with pytest.raises(openai.AuthenticationError):
        openai.OpenAI(api_key="wrong", base_url=where, max_retries=0).images.generate(
            model="gpt-image-1.5", prompt=PROMPT
        )
    throttle(sandbox, "openai")
    with pytest.raises(openai.RateLimitError) as limited:
        client.images.generate(model="gpt-image-1.5", prompt=PROMPT)
    assert limited.value.response.headers["retry-after"] == "120"


def test_runway_client_waits_for_a_video(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    runwayml = pytest.importorskip("runwayml")
    import runwayml.lib.polling as polling

    monkeypatch.setattr(polling.time, "sleep", lambda _: None)
    client = runwayml.RunwayML(api_key=KEY, base_url=base_url(sandbox.url, "runway"), max_retries=0)
    task = client.text_to_video.create(model="gen4.5", prompt_text=PROMPT, ratio="720:1280", duration=5)
    assert task.estimated_cost.credits == 60
    states = [client.tasks.retrieve(task.id).status for _ in range(STEPS)]
    assert states == ["PENDING", "RUNNING", "SUCCEEDED"]
    done = client.tasks.retrieve(task.id)
    assert done.cost.credits == 60
    assert _fetched(done.output[0]) == "video/mp4"
    waited = client.image_to_video.create(
        model="gen4.5", prompt_image="https://example.org/a.png", prompt_text=PROMPT, ratio="1280:720", duration=2
    )
    assert waited.wait_for_task_output(timeout=60).status == "SUCCEEDED"
    failing = client.text_to_video.create(model="gen4.5", prompt_text="failing", ratio="720:1280", duration=5)
    with pytest.raises(runwayml.TaskFailedError) as failed:
        failing.wait_for_task_output(timeout=60)
    assert failed.value.task_details.failure_code == "INTERNAL.BAD_OUTPUT"
    with pytest.raises(runwayml.BadRequestError):
        client.text_to_video.create(model="gen4.5", prompt_text=PROMPT, ratio="720:1280", duration=11)
    with pytest.raises(runwayml.AuthenticationError):
        runwayml.RunwayML(api_key="x", base_url=base_url(sandbox.url, "runway"), max_retries=0).tasks.retrieve(task.id)
    throttle(sandbox, "runway")
    with pytest.raises(runwayml.RateLimitError):
        client.text_to_video.create(model="gen4.5", prompt_text=PROMPT, ratio="720:1280", duration=5)


def test_luma_client_reads_a_generation(sandbox: RunningSandbox) -> None:
    lumaai = pytest.importorskip("lumaai")
    where = base_url(sandbox.url, "luma")
    client = lumaai.LumaAI(auth_token=KEY, base_url=where, max_retries=0)
    made = client.generations.video.create(
        model="ray-2", prompt=PROMPT, aspect_ratio="9:16", duration="5s", resolution="720p", generation_type="video"
    )
    assert made.state == "queued"
    assert made.request.prompt == PROMPT
    states = [client.generations.get(made.id).state for _ in range(STEPS)]
    assert states == ["queued", "dreaming", "completed"]
    assert _fetched(client.generations.get(made.id).assets.video) == "video/mp4"
    with pytest.raises(lumaai.NotFoundError):
        client.generations.get("nothing")
    with pytest.raises(lumaai.BadRequestError):
        client.generations.video.create(model="ray-2", prompt="forbidden", duration="5s")
    with pytest.raises(lumaai.AuthenticationError):
        lumaai.LumaAI(auth_token="x", base_url=where, max_retries=0).generations.get(made.id)
    throttle(sandbox, "luma")
    with pytest.raises(lumaai.RateLimitError):
        client.generations.video.create(model="ray-2", prompt=PROMPT, duration="5s")


def test_elevenlabs_client_speaks(sandbox: RunningSandbox) -> None:
    pytest.importorskip("elevenlabs")
    from elevenlabs.client import ElevenLabs
    from elevenlabs.core.api_error import ApiError
    from elevenlabs.errors import UnprocessableEntityError

    where, voice = base_url(sandbox.url, "elevenlabs"), "21m00Tcm4TlvDq8ikWAM"
    client = ElevenLabs(api_key=KEY, base_url=where)
    spoken = b"".join(client.text_to_speech.convert(voice, text="Repair beats replace.", model_id="eleven_flash_v2_5"))
    assert sniff(spoken[:64]) == "audio/mpeg"
    with pytest.raises(UnprocessableEntityError):
        b"".join(client.text_to_speech.convert(voice, text="", model_id="eleven_flash_v2_5"))
    assert _status(ApiError, lambda: b"".join(client.text_to_speech.convert("nobody", text="Hello"))) == 404
    stranger = ElevenLabs(api_key="x", base_url=where)
    assert _status(ApiError, lambda: b"".join(stranger.text_to_speech.convert(voice, text="Hello"))) == 401
    throttle(sandbox, "elevenlabs")
    once: Any = {"max_retries": 0}
    assert (
        _status(ApiError, lambda: b"".join(client.text_to_speech.convert(voice, text="Hello", request_options=once)))
        == 429
    )


def test_murf_client_speaks(sandbox: RunningSandbox) -> None:
    pytest.importorskip("murf")
    from murf import Murf
    from murf.core.api_error import ApiError
    from murf.environment import MurfEnvironment

    where = base_url(sandbox.url, "murf")
    every = dict.fromkeys(vars(MurfEnvironment.DEFAULT), where)
    client = Murf(api_key=KEY, environment=MurfEnvironment(**every))
    spoken = client.text_to_speech.generate(
        text="Repair beats replace.",
        voice_id="en-US-natalie",
        format="MP3",
        encode_as_base_64=True,
        model_version="GEN2",
    )
    assert sniff(base64.b64decode(spoken.encoded_audio)[:64]) == "audio/mpeg"
    assert spoken.consumed_character_count == len("Repair beats replace.")
    assert _status(ApiError, lambda: client.text_to_speech.generate(text="", voice_id="en-US-natalie")) == 400
    stranger = Murf(api_key="x", environment=MurfEnvironment(**every))
    assert _status(ApiError, lambda: stranger.text_to_speech.generate(text="Hello", voice_id="en-US-natalie")) == 403


def _status(kind: type[Exception], call: Any) -> int:
    with pytest.raises(kind) as raised:
        call()
    return int(raised.value.status_code)  # type: ignore[attr-defined]


def _fetched(url: str) -> str | None:
    import httpx

    return sniff(httpx.get(url, trust_env=False).content[:64])
