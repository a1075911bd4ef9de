"""Whom a brand could compare itself with, as its own and others' posts suggest. Nobody is tracked without a person."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from models.domain.evidence import Fact


class RivalSource(StrEnum):
    HANDLE = "handle"
    SITE = "site"
    NAME = "name"

    @property
    def label(self) -> str:
        return {"handle": "tagged account", "site": "linked site", "name": "named beside you"}[self.value]


@dataclass(frozen=True)
class RivalCandidate:
    """`name` is a handle without `@`, a host, or words; cleaned. `own` and `others` count posts that hold it."""

    name: str
    source: RivalSource
    own: Fact
    others: Fact
