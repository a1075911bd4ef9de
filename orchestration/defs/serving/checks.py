"""Checks on what was published."""

import dagster as dg

from connectors.warehouse.marts import MARTS
from orchestration.defs.serving.assets import serving_files
from orchestration.resources import WAREHOUSE_POOL, Stores


@dg.asset_check(asset=serving_files, pool=WAREHOUSE_POOL)
def serving_matches_marts(stores: dg.ResourceParam[Stores]) -> dg.AssetCheckResult:
    """Every served mart holds exactly the warehouse's rows of its workspace."""
    from models.errors import NothingServed

    compared, differing = 0, []
    for workspace in stores.workspaces():
        try:
            served = stores.reader.current(workspace.id)
        except NothingServed:
            continue
        compared += 1
        differing += [f"{workspace.id}: {mart}" for mart in differing_marts(stores, workspace.id, str(served.path))]
    return dg.AssetCheckResult(
        passed=not differing, metadata={"workspaces": compared, "differing": ", ".join(differing) or "none"}
    )


def differing_marts(stores: Stores, workspace_id: str, served_path: str) -> list[str]:
    """Names of the marts whose served rows are not the warehouse's, compared row by row, duplicates counted."""
    from connectors.warehouse.digest import mart_select
    from connectors.warehouse.sqltext import literal

    differing = []
    with stores.warehouse.connect(read_only=True) as connection:
        connection.execute(f"attach {literal(served_path)} as served (read_only)")
        for mart in MARTS:
            # S608: only names of the contract enter the text.
            ours, theirs = mart_select(mart), f"select * from served.main.{mart} where workspace_id = ?"  # noqa: S608
            row = connection.execute(
                f"select exists(({ours} except all {theirs}) union all ({theirs} except all {ours}))",
                [workspace_id] * 4,
            ).fetchone()
            if row is None or row[0]:
                differing.append(mart)
        connection.execute("detach served")
    return differing
