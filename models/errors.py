"""Every error FABRIC raises on purpose, as one small tree.

    FabricError
    ├── InvalidInput      the caller gave something that cannot work (exit code 2 on the command line, 1 for all others)
    ├── ImportRefused     a file or feed as a whole cannot be read; nothing of it was stored
    ├── NotFound          a named workspace, draft, version … does not exist
    ├── Forbidden         the principal's role does not allow the action
    ├── Conflict          the state has moved on (stale edit, wrong status, name taken)
    ├── NothingServed     no serving file has been published yet for a workspace
    ├── WarehouseBusy     another process holds the warehouse; the same call may succeed later
    ├── StoreCorrupt      a stored file or database cannot be read; the message names the repair
    └── EvidenceMismatch  a stored number no longer equals the query it cites

A message is one sentence of what happened, to what, and what to do next. It is shown to people as it is.
"""


class FabricError(Exception):
    """Base of all errors that FABRIC raises on purpose."""


class InvalidInput(FabricError):
    """The caller gave something that cannot work."""


class ImportRefused(FabricError):
    """A file or feed as a whole cannot be read; nothing of it was stored."""


class NotFound(FabricError):
    """A named thing does not exist."""


class Forbidden(FabricError):
    """The principal's role does not allow the action."""


class Conflict(FabricError):
    """The state has moved on since the caller looked."""


class NothingServed(FabricError):
    """No serving file has been published yet for a workspace."""


class WarehouseBusy(FabricError):
    """Another process holds the warehouse; the same call may succeed later."""


class StoreCorrupt(FabricError):
    """A stored file or database cannot be read; the message names the command that repairs it."""


class EvidenceMismatch(FabricError):
    """A stored number no longer equals the query it cites."""
