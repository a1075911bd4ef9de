"""Recordings by the program `espeak-ng`, where it is installed: no key, nothing leaves the machine.

The text goes in through standard input and the sound comes out through standard output: no shell, no file, and no word of
the text is ever an argument. Time and size are bounded.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time

from connectors.ai.signature import content_type_of
from models.domain.ai import MediaAnswer, Modality, ModelSpec, SpeechRequest, Tier
from models.errors import AnswerRefused, AnswerTruncated, ModelDown

PROGRAM = "espeak-ng"
SPEC = ModelSpec("espeak", PROGRAM, Modality.SPEECH, Tier.DRAFT, unit_usd=0.0, structured=False, local=True)
MOST_CHARACTERS = 20_000
MOST_BYTES = 128 * 1024**2
_VOICE = re.compile(r"[a-z]{2,3}(-[a-zA-Z0-9]{1,8}){0,3}(\+[a-zA-Z0-9]{1,16})?")


def installed() -> str | None:
    """Where the program is, None when it is not installed."""
    return shutil.which(PROGRAM)


class EspeakSpeech:
    """Implements `models.ports.SpeechModel`. A voice is one of espeak-ng's, such as `en-gb` or `de+f2`."""

    spec = SPEC

    def __init__(self, program: str) -> None:
        self._program = program

    def speak(self, request: SpeechRequest) -> MediaAnswer:
        started = time.monotonic()
        voice = request.voice or request.language
        if not _VOICE.fullmatch(voice):
            raise AnswerRefused(SPEC.id, cause="the voice's name is none of espeak-ng", next_step="name one such as en")
        if len(request.text) > MOST_CHARACTERS:
            raise AnswerTruncated(
                SPEC.id, cause=f"the text has more than {MOST_CHARACTERS:,} characters", next_step="shorten it"
            )
        try:
            done = subprocess.run(
                [self._program, "-v", voice, "--stdin", "--stdout"],
                input=request.text.replace("\0", " ").encode(), capture_output=True, timeout=request.deadline_seconds, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise ModelDown(
                SPEC.id,
                cause=f"it took longer than {request.deadline_seconds:.0f} seconds",
                next_step="shorten the text",
            ) from None
        except OSError as error:
            raise ModelDown(
                SPEC.id, cause=f"it cannot be started ({error.strerror})", next_step="install espeak-ng again"
            ) from None
        if done.returncode != 0:
            raise AnswerRefused(
                SPEC.id, cause=f"it ended with code {done.returncode}; the voice may be missing",
                next_step="choose a voice that espeak-ng --voices lists",
            )  # fmt: skip
        if len(done.stdout) > MOST_BYTES:
            raise AnswerTruncated(SPEC.id, cause="the recording is too long", next_step="shorten the text")
        data = _sized(done.stdout)
        content_type = content_type_of(data, Modality.SPEECH, SPEC.id)
        return MediaAnswer(data, content_type, SPEC.provider, SPEC.name, time.monotonic() - started, 0)


def _sized(wave: bytes) -> bytes:
    """The WAV file with its true sizes: into a pipe espeak-ng writes the largest ones, which players show as hours."""
    at = wave.find(b"data", 12)
    if wave[:4] != b"RIFF" or at < 0:
        return wave
    sizes = bytearray(wave)
    sizes[4:8] = (len(wave) - 8).to_bytes(4, "little")
    sizes[at + 4 : at + 8] = (len(wave) - at - 8).to_bytes(4, "little")
    return bytes(sizes)
