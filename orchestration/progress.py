"""How long work tells its caller what it does, one sentence at a time."""

from __future__ import annotations

from collections.abc import Callable

Log = Callable[[str], None]


def silent(message: str) -> None:
    """The default log: says nothing."""
