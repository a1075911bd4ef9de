"""Values inside SQL text, for the few places where a statement takes no parameters or must stand alone."""

from __future__ import annotations


def literal(value: str | int) -> str:
    """A value as SQL text, quotes doubled; the only way data enters a query text here."""
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"
