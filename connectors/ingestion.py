"""From a connector's stream to one landing file."""

from __future__ import annotations

import hashlib
import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from connectors.warehouse.landing import LandedBatch, LandingStore
from models.domain.connection import Connection
from models.domain.content import Batch, ContentRecord, Observation, ObservationState, Record
from models.errors import FabricError, VendorError
from models.ports import Connector, Stream

_logger = logging.getLogger(__name__)


@dataclass
class Collected:
    """What one reading of one stream gave. `refused` counts observations without a value by metric and state.

    `error` is set when the stream broke off: then nothing of it was stored, and the window is a gap.
    """

    stream: Stream
    since: datetime
    until: datetime
    contents: int = 0
    observations: int = 0
    rejections: int = 0
    refused: Counter[tuple[str, ObservationState]] = field(default_factory=Counter)
    landed: LandedBatch | None = None
    error: VendorError | None = None

    @property
    def message(self) -> str:
        """One sentence for a person."""
        if self.error is not None:
            return str(self.error)
        left_out = sorted({f"{metric} ({state.value})" for metric, state in self.refused})
        return f"without a value: {', '.join(left_out)}" if left_out else ""


def collect_stream(
    connection: Connection,
    connector: Connector,
    stream: Stream,
    *,
    since: datetime,
    until: datetime,
    landing: LandingStore,
    landed_at: datetime,
) -> Collected:
    """Reads `[since, until)` and lands it as one batch. `until` is the moment of reading by the vendor's clock.

    A stream that breaks off lands nothing; what it gave before is read again next time.
    """
    told = Collected(stream, since, until)
    source = f"api_{connection.vendor.value}_{stream.value}"
    batch = Batch(
        workspace_id=connection.workspace_id,
        source=source,
        batch_id=_batch_id(connection, source, since, until),
        observed_at=until,
        source_file=f"{connection.vendor.label} {connection.account_name}, {stream.value}",
        records=_counted(connector.collect(stream, since=since, until=until), told),
    )
    try:
        told.landed = landing.land(batch, landed_at)
    except VendorError as error:
        told.error = error
    except (FabricError, OSError):
        raise
    except Exception as error:
        # What a vendor changed in its answers must cost one stream, not the accounts after it.
        _logger.exception("%s %s, %s: the connector failed", connection.vendor.label, connection.account_name, stream)
        told.error = VendorError(
            connection.vendor.label, account=connection.account_name,
            cause=f"the answer could not be understood ({type(error).__name__})",
            next_step="see the log; it is read again next time",
        )  # fmt: skip
    return told


def _counted(records: Iterator[Record], told: Collected) -> Iterator[Record]:
    """The records as they pass."""
    for record in records:
        match record:
            case Observation():
                told.observations += 1
                if record.value is None:
                    told.refused[(record.metric, record.state)] += 1
            case ContentRecord():
                told.contents += 1
            case _:
                told.rejections += 1
        yield record


def _batch_id(connection: Connection, source: str, since: datetime, until: datetime) -> str:
    """Names the reading: the same window read at the same moment is the same batch."""
    parts = (connection.workspace_id, connection.account_id, source, since.isoformat(), until.isoformat())
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
