"""What a model is asked for and what it answers, whoever provides it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar

from pydantic import BaseModel

if TYPE_CHECKING:
    import numpy as np

A = TypeVar("A", bound=BaseModel)


class Modality(StrEnum):
    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    SPEECH = "speech"
    EMBEDDING = "embedding"


class Tier(StrEnum):
    """How good the result must be. A model serves its own tier and the ones below."""

    DRAFT = "draft"
    STANDARD = "standard"
    PREMIUM = "premium"

    @property
    def rank(self) -> int:
        return list(Tier).index(self)


class Task(StrEnum):
    """What a call is for; a column of the usage ledger."""

    STRATEGY = "strategy"
    CALENDAR = "calendar"
    DRAFT = "draft"
    VARIANTS = "variants"
    EMAIL = "email"
    PROFILE = "profile"
    EXTRACT = "extract"
    JUDGE = "judge"
    IMAGE = "image"
    VIDEO = "video"
    SPEECH = "speech"
    EMBED = "embed"
    TRY = "try"
    """A person tries out whether a set-up works."""


@dataclass(frozen=True)
class ModelSpec:
    """One model of one provider.

    Prices are US dollars per million tokens (text, embeddings), or `unit_usd` for each piece that is made (image, second
    of video, thousand characters of speech). None means that the price is not known, which is never the same as 0.
    `ends_on` is the day its provider shuts it down. `local` models run on this machine and cost nothing.
    """

    provider: str
    name: str
    modality: Modality
    tier: Tier
    context_tokens: int | None = None
    max_output_tokens: int | None = None
    usd_in: float | None = None
    usd_out: float | None = None
    usd_cached: float | None = None
    unit_usd: float | None = None
    structured: bool = True
    ends_on: date | None = None
    local: bool = False

    @property
    def id(self) -> str:
        return f"{self.provider}/{self.name}"


@dataclass(frozen=True)
class Tokens:
    """Tokens as the provider counted them; `cached` is the part of `given` that was read from its cache."""

    given: int | None = None
    made: int | None = None
    cached: int | None = None


@dataclass(frozen=True)
class TextRequest(Generic[A]):
    """One call of a text model that must answer with an `answer`.

    `prompt` holds data only, `instructions` what to do with it. `prompt_version` names the versioned prompt file and its
    hash. `max_tokens` bounds what is made, `deadline_seconds` the whole call.
    """

    task: Task
    tier: Tier
    instructions: str
    prompt: str
    answer: type[A]
    prompt_version: str
    max_tokens: int = 2_000
    deadline_seconds: float = 60.0

    @property
    def input_hash(self) -> str:
        """SHA-256 (hex) of everything that decides the answer, but for the model that gives it."""
        asked = [
            self.task.value, self.tier.value, self.instructions, self.prompt, self.answer.model_json_schema(),
            self.prompt_version, self.max_tokens,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(asked, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class TextAnswer(Generic[A]):
    """What a text model gave: valid by its schema, not yet checked for what it says.

    `cost_microusd` is None where the price is not known. `cache_hit` says that it was kept from an equal request.
    """

    value: A
    provider: str
    model: str
    tokens: Tokens
    seconds: float
    cost_microusd: int | None = None
    cache_hit: bool = False


@dataclass(frozen=True)
class ImageRequest:
    """`prompt` describes the picture; `title` and `lines` are words that a card shows. Sizes are in pixels."""

    prompt: str
    width: int = 1080
    height: int = 1080
    title: str = ""
    lines: tuple[str, ...] = ()
    style: Mapping[str, str] = field(default_factory=dict)
    """Of a card: `background`, `accent`, `text` (#rrggbb), `brand` (a name)."""
    deadline_seconds: float = 120.0


@dataclass(frozen=True)
class VideoRequest:
    prompt: str
    seconds: int = 5
    ratio: str = "9:16"
    image_url: str | None = None


@dataclass(frozen=True)
class SpeechRequest:
    """`voice` is a provider's id of a voice, or empty for its default; `language` an ISO 639-1 code."""

    text: str
    voice: str = ""
    language: str = "en"
    deadline_seconds: float = 120.0


@dataclass(frozen=True)
class MediaAnswer:
    """A file that was made. `content_type` is what its bytes are, by their own signature; `note` says in a sentence what of
    the request is not in it."""

    data: bytes
    content_type: str
    provider: str
    model: str
    seconds: float
    cost_microusd: int | None = None
    note: str = ""


@dataclass(frozen=True)
class EmbeddedBatch:
    """Vectors of length 1 from one call, one row of float32 a text, with what the provider counted and charged."""

    vectors: np.ndarray
    tokens: Tokens
    cost_microusd: int | None


class VideoState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class VideoProgress:
    """How far a video is. `share` is between 0 and 1 where the provider tells; `message` says why it failed."""

    state: VideoState
    share: float | None = None
    message: str = ""


@dataclass(frozen=True)
class Manifest:
    """How an artefact came to be: what went in, who wrote it, what it cost and what was checked.

    `writer` is `provider/model`, or the rule-based writer's name; `fallbacks` says in words which parts a model could not
    write and why. `checks` maps a check's name to its finding, empty when it passed. The same manifest on a recorded model gives the
    same bytes.
    """

    artefact_kind: str
    artefact_id: str
    writer: str
    snapshot_id: str = ""
    prompt_version: str = ""
    input_hash: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    cost_microusd: int | None = None
    checks: Mapping[str, str] = field(default_factory=dict)
    fallbacks: tuple[str, ...] = ()
    feedback: str = ""
    """What a person asked for, when this is a revision."""
