"""What services and generation need from outside, as Protocols. `connectors` implements them."""

from __future__ import annotations

from typing import Protocol

from models.domain.evidence import Fact
from models.domain.snapshot import Snapshot


class FactSource(Protocol):
    """Facts of a workspace's published marts."""

    def snapshot(self, workspace_id: str) -> Snapshot:
        """All facts at the current serving version. Raises `NothingServed` before the first build."""
        ...

    def rerun(self, workspace_id: str, fact: Fact) -> float | None:
        """The value `fact.query` gives now, on the current serving version."""
        ...
