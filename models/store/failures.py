"""Translates what a database driver raises into the errors that people read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from models.errors import Conflict, FabricError, InvalidInput, StoreCorrupt

_BUSY = ("database is locked", "database table is locked", "deadlock detected", "lock timeout", "serialize access")
_CORRUPT = ("file is not a database", "malformed", "file is encrypted")
_UNREACHABLE = ("unable to open database", "connection failed", "connection refused", "could not connect")


@contextmanager
def translated() -> Iterator[None]:
    """Raises `FabricError`s in place of SQLAlchemy's; the original stays attached as the cause."""
    try:
        yield
    except exc.SQLAlchemyError as error:
        raise _translate(error) from error


def _translate(error: exc.SQLAlchemyError) -> FabricError:
    cause = error.orig if isinstance(error, exc.StatementError) else None
    if isinstance(cause, FabricError):
        return cause
    reason = " ".join(str(cause or error).split())
    lowered = reason.lower()
    if any(sign in lowered for sign in _CORRUPT):
        return StoreCorrupt(
            f"The operational store cannot be read ({reason}): restore its file from a backup, or move it away to start empty."
        )
    if any(sign in lowered for sign in _BUSY):
        return Conflict("The operational store is busy with another change: try again in a moment.")
    if any(sign in lowered for sign in _UNREACHABLE):
        return InvalidInput(
            f"The operational store cannot be reached ({reason}): check FABRIC_DATABASE_URL, that the server runs and that the "
            "directory can be written."
        )
    if isinstance(error, exc.IntegrityError):
        return Conflict(f"The change contradicts what is stored ({reason}): reload and try again.")
    if isinstance(error, exc.DataError):
        return InvalidInput(f"A value cannot be stored ({reason}): correct it and try again.")
    return FabricError(
        f"The operational store refused an operation ({reason}): run `fabric doctor` to see what is wrong."
    )
