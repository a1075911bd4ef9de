"""espeak-ng: a bounded process without a shell, whose words are never arguments."""

from __future__ import annotations

import io
import os
import stat
import wave
from pathlib import Path

import pytest

from connectors.ai.espeak.speech import EspeakSpeech, installed
from models.domain.ai import SpeechRequest
from models.errors import AnswerMalformed, AnswerRefused, AnswerTruncated, ModelDown

needs_espeak = pytest.mark.skipif(installed() is None, reason="Debian's espeak-ng is not installed")


def seconds(data: bytes) -> float:
    with wave.open(io.BytesIO(data)) as sound:
        assert len(data) == sound.getnframes() * sound.getsampwidth() * sound.getnchannels() + data.find(b"data") + 8
        return sound.getnframes() / sound.getframerate()


def program(tmp_path: Path, script: str) -> EspeakSpeech:
    path = tmp_path / "espeak-ng"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return EspeakSpeech(str(path))


@needs_espeak
def test_it_speaks_and_says_how_long() -> None:
    voice = EspeakSpeech(str(installed()))
    short, long = voice.speak(SpeechRequest("Repair.")), voice.speak(SpeechRequest("Repair beats replace. " * 8))
    assert short.content_type == "audio/wav"
    assert 0.2 < seconds(short.data) < 3 < seconds(long.data) < 60
    assert short.cost_microusd == 0
    assert voice.speak(SpeechRequest("Guten Tag", language="de")).data != short.data


@needs_espeak
@pytest.mark.parametrize(
    "text", ["--help", "-f /etc/passwd", "$(touch x); `id` | cat", "<speak>a</speak>", "\0null", "日本語"]
)
def test_hostile_text_is_only_said(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert EspeakSpeech(str(installed())).speak(SpeechRequest(text)).content_type == "audio/wav"
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("voice", ["../../etc/passwd", "--path=/", "en;id", "", "EN", "a" * 40])
def test_a_voice_that_is_none_is_refused_before_anything_runs(voice: str, tmp_path: Path) -> None:
    with pytest.raises(AnswerRefused, match="voice"):
        program(tmp_path, "echo ran > ran").speak(SpeechRequest("a", voice=voice, language=voice))


@needs_espeak
def test_a_voice_that_is_missing_is_said() -> None:
    with pytest.raises(AnswerRefused, match="espeak-ng --voices"):
        EspeakSpeech(str(installed())).speak(SpeechRequest("a", voice="zz-none"))


def test_it_is_bounded_in_time_and_length(tmp_path: Path) -> None:
    with pytest.raises(ModelDown, match="longer than 1 seconds"):
        program(tmp_path, "exec sleep 30").speak(SpeechRequest("a", deadline_seconds=0.6))
    with pytest.raises(AnswerTruncated, match="20,000"):
        program(tmp_path, "").speak(SpeechRequest("a" * 20_001))


def test_what_is_no_sound_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AnswerMalformed, match="no recording"):
        program(tmp_path, "echo '<html>'").speak(SpeechRequest("a"))
    with pytest.raises(ModelDown, match="cannot be started"):
        EspeakSpeech(str(tmp_path / "nothing")).speak(SpeechRequest("a"))
