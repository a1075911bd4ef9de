"""What goes wrong between us and a provider, and what people are told. The SDKs are real, only the wire is scripted."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from connectors.ai.factory import make_text_model
from models.errors import (
    AnswerMalformed,
    AnswerRefused,
    AnswerTruncated,
    InvalidInput,
    ModelBusy,
    ModelDown,
    ModelError,
    ModelKeyRefused,
    NoModel,
)
from tests.contract.ai.kit import GOOD, KEY, MODELS, PROMPT, TOO_LONG, Reply, Tagline, answer, error, model, request

every_provider = pytest.mark.parametrize("name", MODELS)
Make = Callable[[str], Reply]


def fails(name: str, *replies: Reply) -> ModelError:
    asked, _ = model(name, *replies)
    with pytest.raises(ModelError) as raised:
        asked.generate(request())
    return raised.value


STATUSES: list[tuple[int, str, type[ModelError], int | None]] = [
    (401, "authentication_error", ModelKeyRefused, 0),
    (403, "permission_error", ModelKeyRefused, 0),
    (402, "billing_error", ModelKeyRefused, 0),
    (404, "not_found_error", NoModel, 0),
    (429, "rate_limit_error", ModelBusy, 0),
    (529, "overloaded_error", ModelBusy, 0),
    (500, "api_error", ModelDown, 0),
    (503, "unavailable", ModelDown, 0),
    (502, "bad_gateway", ModelDown, None),
    (504, "timeout_error", ModelDown, None),
    (400, "invalid_request_error", AnswerRefused, 0),
    (413, "request_too_large", AnswerRefused, 0),
    (422, "unprocessable", AnswerRefused, 0),
]


@every_provider
@pytest.mark.parametrize(("status", "kind", "expected", "spent"), STATUSES)
def test_an_error_status_is_one_kind_of_ours_after_one_call(
    name: str, status: int, kind: str, expected: type[ModelError], spent: int | None
) -> None:
    asked, provider = model(name, error(name, status, kind))

    with pytest.raises(ModelError) as raised:
        asked.generate(request())

    assert type(raised.value) is expected
    assert str(raised.value).startswith(f"{name}/{MODELS[name]}: ")
    assert f"HTTP {status}" in str(raised.value)
    assert raised.value.spent_microusd == spent
    assert len(provider.asked) == 1


@every_provider
@pytest.mark.parametrize("status", [429, 529])
def test_busy_says_until_when(name: str, status: int) -> None:
    before = datetime.now(UTC)

    busy = fails(name, error(name, status, "rate_limit_error", {"retry-after": "30"}))

    assert isinstance(busy, ModelBusy)
    assert busy.until is not None
    assert before + timedelta(seconds=29) < busy.until < datetime.now(UTC) + timedelta(seconds=31)
    assert fails(name, error(name, status, "rate_limit_error")).until is None


@every_provider
@pytest.mark.parametrize("wait", ["-5", "soon", "1e400", "nan", "99999999999999"])
def test_an_odd_wait_is_no_error_and_at_most_a_day(name: str, wait: str) -> None:
    busy = fails(name, error(name, 429, "rate_limit_error", {"retry-after": wait}))

    assert isinstance(busy, ModelBusy)
    assert busy.until is None or busy.until < datetime.now(UTC) + timedelta(days=1, seconds=1)


@pytest.mark.parametrize("code", ["insufficient_quota", "billing_hard_limit_reached"])
@pytest.mark.parametrize("name", ["openai", "openai-compatible"])
def test_an_account_without_credit_is_not_merely_busy(name: str, code: str) -> None:
    refused = fails(name, error(name, 429, code))

    assert isinstance(refused, ModelKeyRefused)
    assert "has used up its credit or quota" in str(refused)


@pytest.mark.parametrize(
    ("name", "reply"),
    [
        ("openai", error("openai", 400, "context_length_exceeded")),
        ("openai-compatible", error("openai-compatible", 400, "context_length_exceeded")),
        (
            "anthropic",
            httpx2.Response(
                400,
                json={
                    "type": "error",
                    "error": {"type": "invalid_request_error", "message": "prompt is too long: 9 tokens > 8 maximum"},
                },
            ),
        ),
    ],
)
def test_too_long_a_prompt_is_told_apart(name: str, reply: httpx2.Response) -> None:
    refused = fails(name, reply)

    assert isinstance(refused, AnswerRefused)
    assert "the request is longer than the model can read" in str(refused)


@every_provider
@pytest.mark.parametrize(
    ("problem", "spent"),
    [
        (httpx2.ConnectError(f"no route for {KEY}"), 0),
        (httpx2.ConnectTimeout("slow"), 0),
        (httpx2.ReadTimeout("slow"), None),
        (httpx2.RemoteProtocolError("gone"), None),
    ],
)
def test_a_broken_connection_is_down_and_says_whether_it_can_have_cost(
    name: str, problem: httpx2.TransportError, spent: int | None
) -> None:
    down = fails(name, problem)

    assert type(down) is ModelDown
    assert down.spent_microusd == spent
    assert ("cannot be reached" in str(down)) == isinstance(problem, httpx2.ConnectError)


@every_provider
def test_a_nonsense_body_is_an_error_of_ours(name: str) -> None:
    bodies: list[httpx2.Response] = [
        httpx2.Response(200, text="<html>Welcome</html>", headers={"content-type": "text/html"}),
        httpx2.Response(200, text="{nope", headers={"content-type": "application/json"}),
        httpx2.Response(200, json={}),
        httpx2.Response(200, json=None),
        httpx2.Response(200, json=[1]),
        httpx2.Response(200, content=b""),
    ]
    for body in bodies:
        assert isinstance(fails(name, body), ModelDown | AnswerMalformed), body


@every_provider
def test_a_key_follows_no_redirect(name: str) -> None:
    asked, provider = model(name, httpx2.Response(302, headers={"location": "http://elsewhere.test/v1"}))

    with pytest.raises(ModelDown):
        asked.generate(request())

    assert [one.url.host for one in provider.asked] == [provider.asked[0].url.host]


@every_provider
def test_a_declined_answer_is_refused_and_costs_what_it_costs(name: str) -> None:
    refused = fails(name, answer(name, "I would rather not.", stop="refusal"))

    assert isinstance(refused, AnswerRefused)
    assert "declines to answer" in str(refused)
    assert refused.spent_microusd == cost(name, 1)


@every_provider
def test_prose_that_is_cut_off_is_truncated_though_a_repair_was_tried(name: str) -> None:
    asked, provider = model(name, answer(name, "Here are some taglines that", stop="length"))

    with pytest.raises(AnswerTruncated) as truncated:
        asked.generate(request())

    assert truncated.value.spent_microusd == cost(name, len(provider.asked))


@every_provider
@pytest.mark.parametrize("text", ['{"tagline": "cut', ""])
def test_a_cut_off_answer_is_truncated_and_not_asked_again(name: str, text: str) -> None:
    asked, provider = model(name, answer(name, text, stop="length"))

    with pytest.raises(AnswerTruncated) as truncated:
        asked.generate(request())

    assert len(provider.asked) == 1
    assert truncated.value.spent_microusd == cost(name, 1)


@every_provider
@pytest.mark.parametrize("first", ["no JSON at all", '{"tagline": 3}', TOO_LONG])
def test_an_invalid_answer_is_repaired_once_and_both_are_paid(name: str, first: str) -> None:
    asked, provider = model(name, answer(name, first), answer(name, GOOD))

    given = asked.generate(request())

    assert given.value == Tagline.model_validate(GOOD)
    assert len(provider.asked) == 2
    assert (given.tokens.given, given.tokens.made) == (200, 40)
    assert given.cost_microusd == cost(name, 2)


@every_provider
def test_an_answer_that_stays_invalid_is_malformed_after_two_calls(name: str) -> None:
    asked, provider = model(name, answer(name, TOO_LONG))

    with pytest.raises(AnswerMalformed, match="does not have the asked shape; use another model") as malformed:
        asked.generate(request())

    assert len(provider.asked) == 2
    assert malformed.value.spent_microusd == cost(name, 2)


@every_provider
def test_what_was_paid_before_a_failure_is_counted(name: str) -> None:
    assert fails(name, answer(name, "no JSON"), error(name, 500)).spent_microusd == cost(name, 1)
    assert fails(name, answer(name, "no JSON"), httpx2.ReadTimeout("slow")).spent_microusd is None


@every_provider
def test_the_deadline_bounds_the_whole_call(name: str) -> None:
    async def hang(_: httpx2.Request) -> httpx2.Response:
        await asyncio.sleep(30)
        raise AssertionError("the deadline did not end the call")

    settings = {"base_url": "http://models.test"} if name.endswith("-compatible") else {}
    slow = make_text_model(name, model=MODELS[name], api_key=KEY, transport=httpx2.MockTransport(hang), **settings)
    started = datetime.now(UTC)

    with pytest.raises(ModelDown, match=r"no answer came within 1\.5 seconds") as down:
        slow.generate(request(deadline_seconds=1.5))

    assert datetime.now(UTC) - started < timedelta(seconds=15)
    assert down.value.spent_microusd is None


@every_provider
def test_no_key_and_no_prompt_in_errors_reprs_and_logs(name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    replies: list[Reply] = [
        error(name, 401, "authentication_error"),
        error(name, 400, KEY),
        error(name, 500, PROMPT),
        answer(name, f"{KEY} {PROMPT}"),
        httpx2.ConnectError(f"cannot connect with {KEY}"),
        httpx2.Response(200, text=f"{KEY} {PROMPT}"),
        httpx2.Response(200, json={"error": f"{KEY} {PROMPT}"}),
    ]
    shown = [repr(model(name, replies[0])[0])]
    for reply in replies:
        raised = fails(name, reply)
        shown += [str(raised), repr(raised), "".join(traceback.format_exception(raised))]
    shown.append(caplog.text)

    assert not [text for text in shown if KEY in text or PROMPT in text]


@every_provider
def test_what_the_caller_raises_while_listening_is_its_own(name: str, local_ai: str) -> None:
    class Gone(LookupError):
        pass

    def leave(_: str) -> None:
        raise Gone("the page was closed")

    where = f"{local_ai}/v1" if name.startswith("openai") else local_ai
    listening = make_text_model(name, model="smollm2-135m-instruct", api_key=KEY, base_url=where)

    with pytest.raises(Gone, match="the page was closed"):
        listening.generate(request(deadline_seconds=240.0), on_text=leave)


def test_what_cannot_be_built_says_why() -> None:
    with pytest.raises(InvalidInput, match="no model provider mistral: choose one of openai"):
        make_text_model("mistral", model="m")
    with pytest.raises(InvalidInput, match="No model of openai is named"):
        make_text_model("openai", model="")
    with pytest.raises(InvalidInput, match="openai-compatible needs the address of its endpoint"):
        make_text_model("openai-compatible", model="m")
    with pytest.raises(NoModel, match="no key is set for its provider; set the API key of anthropic"):
        make_text_model("anthropic", model="claude-haiku-5-5")


def test_without_the_package_of_google_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    for package in ("google.genai", "google"):
        monkeypatch.setitem(sys.modules, package, None)

    with pytest.raises(NoModel) as missing:
        make_text_model("google", model="gemini-3.8-flash", api_key=KEY)

    assert str(missing.value) == (
        "google/gemini-3.8-flash: the package of Google's models is not installed; install it with "
        "pip install 'fabric-content-intelligence[gemini]', or choose another provider."
    )


def cost(name: str, answers: int) -> int | None:
    """Of answers with 100 tokens given and 20 made, in millionths of a dollar, by the providers' price lists."""
    each = {"openai": 100 * 1.0 + 20 * 5.0, "anthropic": 100 * 2.0 + 20 * 10.0, "google": 100 * 0.75 + 20 * 3.75}
    return round(each[name] * answers) if name in each else None
