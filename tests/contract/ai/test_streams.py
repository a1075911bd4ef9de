"""Answers that come in pieces: what the listener hears, and errors in the middle. The wire is scripted, the SDKs are real."""

from __future__ import annotations

import json
import traceback

import pytest

from models.errors import AnswerMalformed, ModelBusy, ModelDown, ModelError
from tests.contract.ai.kit import GOOD, KEY, PROMPT, TOO_LONG, Tagline, answer, error, model, request, stream

every_provider = pytest.mark.parametrize("name", ["openai", "openai-compatible", "anthropic", "anthropic-compatible"])
PIECES = ('{"tagline": "Slow', ' coffee, early mornings", ', '"score": 7}')


@every_provider
def test_each_piece_is_told_with_what_came_before(name: str) -> None:
    asked, provider = model(name, stream(name, *PIECES))
    told: list[str] = []

    given = asked.generate(request(), on_text=told.append)

    assert told == ["".join(PIECES[: count + 1]) for count in range(len(PIECES))]
    assert given.value == Tagline.model_validate(GOOD)
    assert (given.tokens.given, given.tokens.made) == (100, 20)
    assert provider.bodies()[0]["stream"] is True


@every_provider
def test_a_repaired_answer_is_told_anew_from_its_beginning(name: str) -> None:
    asked, provider = model(name, stream(name, json.dumps(TOO_LONG)), stream(name, *PIECES))
    told: list[str] = []

    given = asked.generate(request(), on_text=told.append)

    assert told == [json.dumps(TOO_LONG), *("".join(PIECES[: count + 1]) for count in range(len(PIECES)))]
    assert given.value == Tagline.model_validate(GOOD)
    assert (given.tokens.given, given.tokens.made) == (200, 40)
    assert len(provider.asked) == 2


@every_provider
def test_an_answer_in_pieces_that_stays_invalid_is_malformed(name: str) -> None:
    asked, provider = model(name, stream(name, "no JSON"))

    with pytest.raises(AnswerMalformed):
        asked.generate(request(), on_text=lambda text: None)

    assert len(provider.asked) == 2


@every_provider
@pytest.mark.parametrize(
    ("code", "expected"),
    [("overloaded_error", ModelBusy), ("rate_limit_error", ModelBusy), ("api_error", ModelDown)],
)
def test_an_error_in_the_middle_is_ours_and_may_have_cost(name: str, code: str, expected: type[ModelError]) -> None:
    asked, provider = model(name, stream(name, PIECES[0], ends=code))
    told: list[str] = []

    with pytest.raises(ModelError) as raised:
        asked.generate(request(), on_text=told.append)

    assert type(raised.value) is expected
    assert told == [PIECES[0]]
    assert raised.value.spent_microusd is None
    assert len(provider.asked) == 1
    shown = "".join(traceback.format_exception(raised.value))
    assert KEY not in shown
    assert PROMPT not in shown


@every_provider
def test_an_error_before_the_first_piece_is_told_as_without_pieces(name: str) -> None:
    asked, _ = model(name, error(name, 429, "rate_limit_error", {"retry-after": "5"}))

    with pytest.raises(ModelBusy) as busy:
        asked.generate(request(), on_text=lambda text: None)

    assert busy.value.until is not None
    assert busy.value.spent_microusd == 0


@every_provider
def test_nobody_listening_means_no_pieces(name: str) -> None:
    asked, provider = model(name, answer(name, GOOD))

    asked.generate(request())

    assert not provider.bodies()[0].get("stream")
