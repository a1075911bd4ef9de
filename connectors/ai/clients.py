"""HTTP clients of model calls: explicit time-outs, no redirects, for a key must not follow one to another host.

The SDKs write prompts and the texts of errors, which may repeat a key, into their debug logs; these are kept out.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx2

CONNECT_SECONDS = 10.0
NO_KEY = "none"
"""What stands for a key at a compatible endpoint that wants none; the SDKs refuse an empty one."""


def timeout(seconds: float) -> httpx2.Timeout:
    """Of one call: each wait at most `seconds`, to connect at most `CONNECT_SECONDS`."""
    import httpx2

    return httpx2.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds))


def async_client(seconds: float, transport: httpx2.AsyncBaseTransport | None) -> httpx2.AsyncClient:
    import httpx2

    return httpx2.AsyncClient(timeout=timeout(seconds), transport=transport, follow_redirects=False)


def sync_client(seconds: float, transport: httpx2.BaseTransport | None) -> httpx2.Client:
    import httpx2

    return httpx2.Client(timeout=timeout(seconds), transport=transport, follow_redirects=False)


class _NoDebug(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno > logging.DEBUG


for _name in ("openai._base_client", "openai._legacy_response", "openai._response", "anthropic._base_client"):
    logging.getLogger(_name).addFilter(_NoDebug())
