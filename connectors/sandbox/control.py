"""Moves and asks a running sandbox through its control routes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import httpx

from connectors.sandbox.faults import FaultKind
from models.domain.connection import Vendor
from models.errors import InvalidInput


@dataclass(frozen=True)
class SandboxControl:
    """A sandbox at `url`, such as `http://127.0.0.1:8710`. Every call raises `InvalidInput` when none answers there."""

    url: str

    def now(self) -> datetime:
        """The sandbox's time, UTC."""
        return datetime.fromisoformat(self._call("GET", "clock")["now"])

    def advance(self, by: timedelta) -> datetime:
        """Moves the sandbox's clock forward and returns the new time."""
        return datetime.fromisoformat(self._call("POST", "clock", {"advance_seconds": by.total_seconds()})["now"])

    def add_fault(
        self, kind: FaultKind, *, vendor: Vendor | None = None, path: str = "", times: int = 1, seconds: float = 0.0
    ) -> None:
        """Lets the next `times` matching requests fail."""
        wanted = {"kind": kind, "vendor": vendor, "path": path, "times": times, "seconds": seconds}
        self._call("POST", "faults", wanted)

    def clear_faults(self) -> None:
        self._call("DELETE", "faults")

    def ledger(self) -> dict[str, Any]:
        """`entries` of what truly happened, and `duplicates` with how often each happened."""
        return self._call("GET", "ledger")

    def requests(self) -> dict[str, int]:
        """How many requests each vendor has had since the sandbox was started."""
        return self._call("GET", "requests")

    def mail_server(self) -> dict[str, str]:
        """`host`, `port`, `user` and `password` of the sandbox's mail server."""
        return self._call("GET", "mail")

    def _call(self, method: str, what: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        try:
            answer = httpx.request(method, f"{self.url}/_sandbox/{what}", json=body, timeout=5.0, trust_env=False)
        except httpx.TransportError:
            raise InvalidInput(f"No sandbox answers at {self.url}: start one with fabric sandbox serve.") from None
        if answer.status_code >= 400:
            raise InvalidInput(f"The sandbox refused that: {answer.text[:300]}")
        found: dict[str, Any] = answer.json() if answer.content else {}
        return found


def press_allow(url: str) -> None:
    """Opens a sandbox's sign-in page and follows it back, as if the person had pressed Allow."""
    answer = httpx.get(url, follow_redirects=True, timeout=10.0, trust_env=False)
    if answer.status_code >= 400:
        raise InvalidInput(f"The sandbox's sign-in page answered {answer.status_code}: {answer.text[:200]}")
