"""A workspace's operational rows, taken out of one store to be put into another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.domain.workspace import Workspace

Row = Mapping[str, Any]


@dataclass(frozen=True)
class WorkspaceRows:
    """`tables` has the rows of each archived table by column name, in the order in which they are to be put back.

    Credentials, keys, jobs and people are not among them: people stay the user ids that stand in rows.
    """

    workspace: Workspace
    tables: Mapping[str, Sequence[Row]]
