"""How raw data is cut: by workspace (added as workspaces appear) and by UTC day of landing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import dagster as dg

WORKSPACE_DIMENSION = "workspace"
DAY_DIMENSION = "day"

workspaces_partitions = dg.DynamicPartitionsDefinition(name=WORKSPACE_DIMENSION)
days_partitions = dg.DailyPartitionsDefinition(start_date="2026-01-01", timezone="UTC", end_offset=1)
landing_partitions = dg.MultiPartitionsDefinition(
    {WORKSPACE_DIMENSION: workspaces_partitions, DAY_DIMENSION: days_partitions}
)


@dataclass(frozen=True, order=True)
class LandingPartition:
    """All batches of one workspace that landed on one UTC day (`YYYY-MM-DD`).

    What landed later than now, because the sandbox's clock is ahead or this machine's was put back, belongs to today, the
    last day there is.
    """

    day: str
    workspace_id: str

    @classmethod
    def holding(cls, workspace_id: str, landed_at: datetime) -> LandingPartition:
        return cls(min(landed_at.astimezone(UTC), datetime.now(UTC)).date().isoformat(), workspace_id)

    @classmethod
    def parse(cls, key: str) -> LandingPartition:
        """From Dagster's partition key."""
        dimensions = landing_partitions.get_partition_key_from_str(key).keys_by_dimension
        return cls(dimensions[DAY_DIMENSION], dimensions[WORKSPACE_DIMENSION])

    @property
    def key(self) -> str:
        """Dagster's partition key."""
        return str(dg.MultiPartitionKey({WORKSPACE_DIMENSION: self.workspace_id, DAY_DIMENSION: self.day}))


def add_workspaces(instance: dg.DagsterInstance, workspace_ids: Iterable[str]) -> None:
    """Makes Dagster know the workspaces; those it knows already are left alone, removed ones are forgotten."""
    wanted = set(workspace_ids)
    known = set(instance.get_dynamic_partitions(WORKSPACE_DIMENSION))
    if wanted - known:
        instance.add_dynamic_partitions(WORKSPACE_DIMENSION, sorted(wanted - known))
    for gone in sorted(known - wanted):
        instance.delete_dynamic_partition(WORKSPACE_DIMENSION, gone)
