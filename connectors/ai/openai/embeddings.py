"""Embeddings of OpenAI, or of any endpoint that speaks its embeddings API."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from connectors.ai import failures
from connectors.ai.clients import NO_KEY, sync_client, timeout
from connectors.ai.openai.text import BASE_URL
from connectors.ai.prices import cost_microusd
from models.domain.ai import EmbeddedBatch, ModelSpec, Tokens
from models.errors import AnswerMalformed, InvalidInput, ModelError

if TYPE_CHECKING:
    import httpx2
    import numpy as np

DIMENSIONS = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072}
"""Of the known models, unshortened (OpenAI's guide to embeddings)."""
BATCH_TEXTS = 128
BATCH_BYTES = 200_000
"""A request may hold 2,048 texts and 300,000 tokens in all (OpenAI's API reference); no text has more tokens than bytes,
and these are far below that for any language."""
SECONDS = 60.0


def embedder(
    spec: ModelSpec,
    api_key: str,
    base_url: str | None,
    dimension: int | None,
    transport: httpx2.BaseTransport | None,
) -> HostedEmbedder:
    """Raises `InvalidInput` when the dimension of an unknown model is not told, or that of a known one is too large."""
    whole = DIMENSIONS.get(spec.name)
    if dimension is None and whole is None:
        raise InvalidInput(f"{spec.id}: the length of its vectors is not known: set the dimension.")
    if dimension is not None and (dimension < 1 or (whole is not None and dimension > whole)):
        raise InvalidInput(f"{spec.id}: {dimension} is no length that its vectors can have: set one from 1 to {whole}.")
    shorten = dimension is not None and whole is not None and dimension != whole
    return HostedEmbedder(spec, dimension or whole or 0, api_key, base_url or BASE_URL, shorten, transport)


class HostedEmbedder:
    """Texts to vectors of length 1, in batches, one after the other. See `models.ports.EmbeddingModel` and `Embedder`.

    A text beyond the model's context is refused by the endpoint, not cut here.
    """

    def __init__(
        self,
        spec: ModelSpec,
        dimension: int,
        api_key: str,
        base_url: str,
        shorten: bool,
        transport: httpx2.BaseTransport | None,
    ) -> None:
        """`shorten` asks the endpoint for vectors of `dimension`; else it must be what the model gives."""
        self.spec = spec
        self.dimension = dimension
        self.model_id = f"{spec.id}@{dimension}"
        self._api_key = api_key
        self._base_url = base_url
        self._shorten = shorten
        self._transport = transport

    def documents(self, texts: Sequence[str]) -> np.ndarray:
        """One row of float32 a text. Raises `ModelError`."""
        import numpy as np

        parts = [self.embed(batch).vectors for batch in self.batches(texts)]
        return np.concatenate(parts) if parts else np.empty((0, self.dimension), np.float32)

    def queries(self, texts: Sequence[str]) -> np.ndarray:
        """The same as `documents`: these models do not tell them apart."""
        return self.documents(texts)

    def batches(self, texts: Sequence[str]) -> Iterator[list[str]]:
        """At most `BATCH_TEXTS` texts and `BATCH_BYTES` UTF-8 bytes, but at least one text. An empty one becomes a space,
        for the API refuses it."""
        batch: list[str] = []
        size = 0
        for text in texts:
            grows = len(text.encode())
            if batch and (len(batch) == BATCH_TEXTS or size + grows > BATCH_BYTES):
                yield batch
                batch, size = [], 0
            batch.append(text or " ")
            size += grows
        if batch:
            yield batch

    def embed(self, batch: Sequence[str]) -> EmbeddedBatch:
        """One call; one row of float32 a text. Raises `ModelError`."""
        import numpy as np
        import openai

        with openai.OpenAI(
            api_key=self._api_key or NO_KEY,
            base_url=self._base_url,
            max_retries=0,
            timeout=timeout(SECONDS),
            http_client=sync_client(SECONDS, self._transport),
        ) as client:
            try:
                if self._shorten:
                    answer = client.embeddings.create(
                        model=self.spec.name, input=list(batch), dimensions=self.dimension
                    )
                else:
                    answer = client.embeddings.create(model=self.spec.name, input=list(batch))
                told = [one.embedding for one in sorted(answer.data, key=lambda one: one.index)]
                with np.errstate(over="ignore"):
                    rows = np.asarray(told, dtype=np.float32)
            except openai.OpenAIError as error:
                raise self._failed(error) from None
            except (AttributeError, LookupError, TypeError, ValueError):
                # The SDK reads a body of another shape without checking it first.
                raise self._malformed("no vectors") from None
        if rows.shape != (len(batch), self.dimension):
            raise self._malformed(
                f"vectors of shape {rows.shape} for {len(batch)} texts of {self.dimension} dimensions"
            )
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or (lengths == 0).any():
            raise self._malformed("a vector that is no direction")
        counted = getattr(answer.usage, "prompt_tokens", None)
        tokens = Tokens(given=counted if isinstance(counted, int) and counted > 0 else None)
        where = None if self._base_url == BASE_URL else self._base_url
        return EmbeddedBatch(rows / lengths, tokens, cost_microusd(self.spec, tokens, base_url=where))

    def _failed(self, error: Exception) -> ModelError:
        import httpx2
        import openai

        if isinstance(error, openai.APITimeoutError):
            return failures.overdue(self.spec, SECONDS)
        if isinstance(error, openai.APIStatusError):
            return failures.by_status(
                self.spec,
                error.status_code,
                code=error.code,
                retry_after=_seconds(error.response.headers.get("retry-after")),
            )
        return failures.by_status(self.spec, None, sent=not isinstance(error.__cause__, httpx2.ConnectError))

    def _malformed(self, what: str) -> AnswerMalformed:
        return AnswerMalformed(
            self.spec.id, cause=f"the endpoint gave {what}", next_step="check the model, its dimension and the base URL"
        )


def _seconds(retry_after: str | None) -> float | None:
    return float(retry_after) if retry_after and retry_after.isdecimal() else None
