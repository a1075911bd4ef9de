"""SQL text that several places send: how a session begins, and values where a statement takes no parameters."""

from __future__ import annotations

SESSION = "set TimeZone = 'UTC'; set enable_progress_bar = false"
"""How every session of ours begins: instants are UTC, and standard output belongs to the command."""


def literal(value: str | int) -> str:
    """A value as SQL text, quotes doubled; the only way data enters a query text here."""
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
