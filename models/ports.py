"""What services and generation need from outside, as Protocols. `connectors` implements them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from pydantic import BaseModel

from models.domain.ai import (
    EmbeddedBatch,
    ImageRequest,
    MediaAnswer,
    ModelSpec,
    SpeechRequest,
    TextAnswer,
    TextRequest,
    VideoProgress,
    VideoRequest,
)
from models.domain.assets import Asset
from models.domain.connection import ConnectedAccount, Credential, Vendor
from models.domain.content import Record
from models.domain.evidence import Fact
from models.domain.publishing import Finding, OutgoingPost, Problem, Published
from models.domain.retrieval import Among, Hit
from models.domain.snapshot import Snapshot

if TYPE_CHECKING:
    import numpy as np

A = TypeVar("A", bound=BaseModel)


class FactSource(Protocol):
    """Facts of a workspace's published marts."""

    def snapshot(self, workspace_id: str) -> Snapshot:
        """All facts at the current serving version. Raises `NothingServed` before the first build."""
        ...

    def rerun(self, workspace_id: str, fact: Fact) -> float | None:
        """The value `fact.query` gives now, on the current serving version."""
        ...


class Cipher(Protocol):
    """Keeps secrets at rest. What is sealed for one workspace and purpose opens for no other."""

    def seal(self, workspace_id: str, purpose: str, data: bytes) -> bytes:
        """The data, encrypted. May write the workspace's key, so no other transaction may be held meanwhile."""
        ...

    def open(self, workspace_id: str, purpose: str, sealed: bytes) -> bytes:
        """What was sealed. Raises `StoreCorrupt` for a wrong key, workspace or purpose, or altered bytes."""
        ...


class MediaFiles(Protocol):
    """Where the files of assets are."""

    def path(self, asset: Asset) -> Path:
        """The local file; nothing says that it exists."""
        ...

    def url(self, asset: Asset) -> str | None:
        """Where a platform can download it, None when nowhere."""
        ...


class Phases(Protocol):
    """What the steps of one publication have finished so far, kept by the outbox over kills and restarts."""

    def done(self, phase: str) -> Mapping[str, str] | None:
        """What `finish` stored for the phase in an earlier attempt, or None."""
        ...

    def finish(self, phase: str, **values: str) -> None:
        """Commits that the phase is finished, with what later phases need (ids, upload addresses).

        What is first finished after `sending` is forgotten when it is proven that the post did not go out; a phase that
        was finished before and goes on stays."""
        ...

    def sending(self) -> None:
        """Commits that the next call is the irreversible one. Must be called exactly before it, and nothing between.

        May be called again in the same attempt for another such call, when the one before was refused or did not suffice.
        """
        ...


class Stream(StrEnum):
    """What is collected separately, so that one refused thing costs only itself."""

    ACCOUNT = "account"
    POSTS = "posts"
    AUDIENCE = "audience"


class Connector(Protocol):
    """One account on one platform or mail service."""

    vendor: Vendor
    streams: tuple[Stream, ...]
    visibility_lag: timedelta
    """How long after publishing a post may still be missing from what the platform lists."""

    def validate(self, post: OutgoingPost) -> list[Problem]:
        """Every reason why the platform would refuse the post, told without calling it."""
        ...

    def publish(self, post: OutgoingPost, phases: Phases) -> Published:
        """Publishes now. Skips phases that are done. Raises `VendorError`; `OutcomeUnknown` only after `phases.sending()`."""
        ...

    def find_published(self, post: OutgoingPost, phases: Phases, *, since: datetime) -> Finding:
        """Whether the post is on the account since then, by the platform's own proof or by its content."""
        ...

    def collect(self, stream: Stream, *, since: datetime, until: datetime) -> Iterator[Record]:
        """Content and observations of `[since, until)`, streamed page by page.

        A metric that the platform refuses is an observation with its state and no value. Raises `VendorError` when the
        stream as a whole fails; what was yielded before is then not complete.
        """
        ...

    def quota(self) -> Mapping[str, str]:
        """What the vendor last said about its limits, in words, by name; empty before the first call."""
        ...


class Authorizer(Protocol):
    """How one vendor grants access."""

    vendor: Vendor
    scopes: tuple[str, ...]

    def authorize_url(self, *, redirect_uri: str, state: str, verifier: str) -> str:
        """Where to send the person. `verifier` is the PKCE code verifier; its challenge is made here."""
        ...

    def exchange(self, code: str, *, redirect_uri: str, verifier: str) -> Credential:
        """The credential for an authorization code."""
        ...

    def refresh(self, credential: Credential) -> Credential:
        """A renewed credential; never loses a refresh token. Raises `AuthExpired` when the person must sign in again."""
        ...

    def accounts(self, credential: Credential) -> list[ConnectedAccount]:
        """The accounts that the credential can act for. For key-based services this proves the key."""
        ...


class TextGenerator(Protocol):
    """Answers text requests: one model, or the router over several."""

    def generate(self, request: TextRequest[A], on_text: Callable[[str], None] | None = None) -> TextAnswer[A]:
        """The answer, valid by its schema. `on_text` receives the raw text as it grows, each time from its beginning.

        Raises `ModelError`.
        """
        ...


class TextModel(TextGenerator, Protocol):
    """One text model of one provider."""

    @property
    def spec(self) -> ModelSpec: ...


class ImageModel(Protocol):
    @property
    def spec(self) -> ModelSpec: ...

    def make(self, request: ImageRequest) -> MediaAnswer:
        """A picture. Raises `ModelError`."""
        ...


class VideoModel(Protocol):
    """Videos take minutes: started, asked after, then fetched."""

    @property
    def spec(self) -> ModelSpec: ...

    def length(self, seconds: int) -> int:
        """The seconds that it makes, and bills, when so many are asked for."""
        ...

    def start(self, request: VideoRequest) -> str:
        """The provider's id of the work. Raises `ModelError`."""
        ...

    def progress(self, work: str) -> VideoProgress: ...

    def fetch(self, work: str) -> MediaAnswer:
        """The video of a work that is done."""
        ...


class SpeechModel(Protocol):
    @property
    def spec(self) -> ModelSpec: ...

    def speak(self, request: SpeechRequest) -> MediaAnswer:
        """A recording. Raises `ModelError`."""
        ...


class Embedder(Protocol):
    """Texts to vectors of length 1. `model_id` and `dimension` stand with each stored vector."""

    model_id: str
    dimension: int

    def documents(self, texts: Sequence[str]) -> np.ndarray:
        """One row of float32 a text."""
        ...

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        """As `documents`, for what is searched with; some models tell the two apart."""
        ...


class EmbeddingModel(Protocol):
    """What a provider embeds texts with, a call at a time."""

    model_id: str
    dimension: int

    @property
    def spec(self) -> ModelSpec: ...

    def batches(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """The texts in parts that one call takes, none lost, in their order."""
        ...

    def embed(self, batch: Sequence[str]) -> EmbeddedBatch:
        """One call over one of `batches`; vectors of length 1. Raises `ModelError`."""
        ...


class SimilarTexts(Protocol):
    """What the workspace has said, plans to say or has read of competitors, by meaning (`connectors.vectors.comparing`).

    Both raise `NothingServed` before the first index. A hit whose `trust` is `competitor` is hostile text.
    """

    def similar_texts(self, workspace_id: str, text: str, k: int = 5, *, among: Among = ...) -> list[Hit]:
        """The documents nearest in meaning, at most `k`, best first."""
        ...

    def near_duplicates(self, workspace_id: str, text: str, *, without: Sequence[str] = ()) -> list[Hit]:
        """The documents that say the same as the text, own and competitors'; `without` are ids of documents and of
        families (a draft's calendar entry) left out."""
        ...
