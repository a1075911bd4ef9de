"""What has landed and is not in the warehouse yet, cut into partitions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from orchestration.partitions import LandingPartition
from orchestration.resources import Stores

if TYPE_CHECKING:
    from connectors.warehouse.landing import LandedBatch


def partition_contents(
    stores: Stores, workspace_ids: Collection[str]
) -> Mapping[LandingPartition, Sequence[LandedBatch]]:
    """All landed batches of the given workspaces, by partition, oldest day first; the warehouse is not opened."""
    return _by_partition(stores.landing.batches(), workspace_ids)


def pending(stores: Stores, workspace_ids: Collection[str]) -> Mapping[LandingPartition, Sequence[LandedBatch]]:
    """Batches of the given workspaces that are still to load, by partition, oldest day first."""
    return _by_partition(stores.landing.batches(known=stores.warehouse.loaded_ids()), workspace_ids)


def _by_partition(
    batches: Sequence[LandedBatch], workspace_ids: Collection[str]
) -> Mapping[LandingPartition, Sequence[LandedBatch]]:
    found: dict[LandingPartition, list[LandedBatch]] = {}
    for batch in batches:
        if batch.workspace_id in workspace_ids:
            found.setdefault(LandingPartition.holding(batch.workspace_id, batch.landed_at), []).append(batch)
    return {partition: found[partition] for partition in sorted(found)}


def pending_in(stores: Stores, partition: LandingPartition) -> Sequence[LandedBatch]:
    """Batches of one partition that are still to load."""
    batches = stores.landing.batches(partition.workspace_id, known=stores.warehouse.loaded_ids())
    return [b for b in batches if LandingPartition.holding(b.workspace_id, b.landed_at) == partition]
