"""Checks on what was generated."""

import dagster as dg

from orchestration.defs.generation.assets import strategies, writer_for
from orchestration.resources import Stores


@dg.asset_check(asset=strategies, blocking=True)
def strategy_evidence(context: dg.AssetCheckExecutionContext, stores: dg.ResourceParam[Stores]) -> dg.AssetCheckResult:
    """Every number of the newest strategy still equals the query it cites, on the current serving version."""
    from models.errors import EvidenceMismatch

    with writer_for(stores, context.partition_key) as writer:
        try:
            checked = writer.verify_evidence()
        except EvidenceMismatch as mismatch:
            return dg.AssetCheckResult(passed=False, metadata={"mismatch": str(mismatch)})
    return dg.AssetCheckResult(passed=True, metadata={"numbers checked": checked})
