"""What has landed and is not in the warehouse yet, cut into partitions."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from orchestration.partitions import LandingPartition
from orchestration.resources import Stores

if TYPE_CHECKING:
    from connectors.warehouse.landing import LandedBatch


def pending(stores: Stores, workspace_ids: Collection[str]) -> Mapping[LandingPartition, Sequence[LandedBatch]]:
    """Batches of the given workspaces that are still to load, by partition, oldest day first.

    A batch that was refused as a whole is not among them until its file is replaced.
    """
    from connectors.warehouse.verdicts import stamp

    refused = stores.warehouse.refused()
    found: dict[LandingPartition, list[LandedBatch]] = {}
    for batch in stores.landing.batches(known=stores.warehouse.loaded_ids(), broken=True):
        if batch.workspace_id in workspace_ids and (batch.key not in refused or stamp(batch) != refused[batch.key]):
            found.setdefault(LandingPartition.holding(batch.workspace_id, batch.landed_at), []).append(batch)
    return {partition: found[partition] for partition in sorted(found)}


def pending_in(stores: Stores, partitions: Collection[LandingPartition]) -> Sequence[LandedBatch]:
    """Batches of the given partitions that are still to load, oldest landing first; refused ones are judged again."""
    wanted = set(partitions)
    batches = stores.landing.batches(known=stores.warehouse.loaded_ids(), broken=True)
    return [b for b in batches if LandingPartition.holding(b.workspace_id, b.landed_at) in wanted]
