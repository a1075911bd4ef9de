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
    ├── EvidenceMismatch  a stored number no longer equals the query it cites
    ├── VendorError       a platform or mail service did not do what was asked
    │   ├── AuthExpired        the token is no longer valid: reconnect the account
    │   ├── PermissionMissing  the token lacks a scope or the account a right
    │   ├── QuotaExhausted     a daily or paid allowance is used up, until `until` where known
    │   ├── RateLimited        too many calls for now, until `until`
    │   ├── Rejected           refused for a stated reason; the same call will be refused again
    │   ├── Transient          failed without effect; the same call may succeed later
    │   └── OutcomeUnknown     sent, and no trustworthy answer came: it may have happened
    └── ModelError        a language, image, video, speech or embedding model did not give what was asked
        ├── NoModel            none is set up that could do it
        ├── BudgetExceeded     the call would cost more than is left
        ├── ModelKeyRefused    the provider does not accept the key
        ├── ModelBusy          too many calls for now (429, 529), until `until` where told
        ├── ModelDown          not reachable, timed out, or failed on its side
        │   └── AnswerLost         paid work was sent off, and no trustworthy answer came: it may have been made
        ├── AnswerRefused      the model or its provider declines to answer this
        ├── AnswerTruncated    the answer was cut off at its limit
        └── AnswerMalformed    the answer does not have the asked shape

A message is one sentence of what happened, to what, and what to do next. It is shown to people as it is.
"""

from datetime import datetime


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


class VendorError(FabricError):
    """A platform or mail service did not do what was asked. All kinds but `OutcomeUnknown` prove that nothing happened.

    `cause` and `next_step` are sentences without a final dot; neither may hold a token or a person's data. `code` is the
    vendor's own code, kept for counting; `until` says when the same call may succeed; `existing_id` names what already
    exists where a vendor refuses a duplicate by naming the original.
    """

    def __init__(
        self,
        vendor: str,
        *,
        account: str,
        cause: str,
        next_step: str,
        post: str | None = None,
        code: str | None = None,
        until: datetime | None = None,
        existing_id: str | None = None,
    ) -> None:
        self.vendor = vendor
        self.account = account
        self.post = post
        self.cause = cause
        self.next_step = next_step
        self.code = code
        self.until = until
        self.existing_id = existing_id
        subject = f"{vendor} account {account}" + (f", post {post}" if post else "")
        when = f" (until {until:%Y-%m-%d %H:%M:%S} UTC)" if until else ""
        super().__init__(f"{subject}: {cause}{when}; {next_step}.")


class AuthExpired(VendorError):
    """The token is no longer valid."""


class PermissionMissing(VendorError):
    """The token lacks a scope, or the account a right."""


class QuotaExhausted(VendorError):
    """A daily or paid allowance is used up."""


class RateLimited(VendorError):
    """Too many calls for now."""


class Rejected(VendorError):
    """Refused for a stated reason; the same call will be refused again."""


class Transient(VendorError):
    """Failed without effect; the same call may succeed later."""


class OutcomeUnknown(VendorError):
    """Sent, and no trustworthy answer came: it may have happened. Never repeat the call; find out."""


class ModelError(FabricError):
    """A model did not give what was asked. Another model, or the same one later, may.

    `cause` and `next_step` are sentences without a final dot; neither may hold a key or text that the model was given.
    `spent_microusd` is what the provider charges all the same, for an answer that could not be used: 0 where it is certain
    that nothing was billed (never connected), None where it is not known, which counts as the most that it can have been.
    """

    def __init__(
        self,
        model: str,
        *,
        cause: str,
        next_step: str,
        until: datetime | None = None,
        spent_microusd: int | None = None,
    ) -> None:
        self.model = model
        self.cause = cause
        self.next_step = next_step
        self.until = until
        self.spent_microusd = spent_microusd
        when = f" (until {until:%Y-%m-%d %H:%M:%S} UTC)" if until else ""
        super().__init__(f"{model}: {cause}{when}; {next_step}.")


class NoModel(ModelError):
    """None is set up that could do it."""


class BudgetExceeded(ModelError):
    """The call would cost more than is left of the budget; it was not made."""


class ModelKeyRefused(ModelError):
    """The provider does not accept the key, or the key may not use the model."""


class ModelBusy(ModelError):
    """Too many calls for now."""


class ModelDown(ModelError):
    """Not reachable, timed out, or failed on its side."""


class AnswerLost(ModelDown):
    """Paid work was sent off, and no trustworthy answer came: it may have been made and charged. Never repeat it unasked."""


class AnswerRefused(ModelError):
    """The model or its provider declines to answer this; the same request will be declined again."""


class AnswerTruncated(ModelError):
    """The answer was cut off at its limit of tokens."""


class AnswerMalformed(ModelError):
    """The answer does not have the asked shape."""
