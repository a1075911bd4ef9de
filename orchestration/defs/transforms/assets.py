"""Transforms: the dbt project as Dagster assets, its tests as asset checks."""

import shutil
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings, dbt_assets
from dagster_dbt.asset_utils import get_updated_cli_invocation_params_for_context
from dagster_dbt.core.dbt_cli_event import DbtCoreCliEventMessage

from connectors.warehouse.operation_tables import OPERATION_TABLES
from models.errors import InvalidInput
from orchestration.resources import WAREHOUSE_POOL, Stores

_WRITTEN_BY = {
    "batch": "landed_batches",
    "content": "landed_batches",
    "metric_observation": "landed_batches",
    "rejection": "landed_batches",
    "quarantine": "landed_batches",
    "quality_result": "landed_batches",
    "refused_batch": "landed_batches",
    "sync_run": "sync_runs",
    "workspace": "workspaces",
    "topic": "content_topics",
    "content_topic": "content_topics",
    **dict.fromkeys(OPERATION_TABLES, "operations"),
}
_PARTIAL_PARSE = "partial_parse.msgpack"
_RESULTS = {"LogModelResult", "LogTestResult", "LogSeedResult", "LogSnapshotResult"}
"""The dbt events that say how a node ended; the hundreds of others stay in dbt's log file."""


class LayerTranslator(DagsterDbtTranslator):  # type: ignore[misc]
    """Keys such as `marts/mart_posts`, one group a layer, and raw tables mapped to the assets that write them."""

    def __init__(self) -> None:
        super().__init__(DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True))

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> dg.AssetKey:
        name = dbt_resource_props["name"]
        if dbt_resource_props["resource_type"] != "source":
            return dg.AssetKey([_layer(dbt_resource_props), name])
        if name not in _WRITTEN_BY:
            raise InvalidInput(f"dbt source raw.{name} is written by no asset: name its asset in {__name__}.")
        return dg.AssetKey(_WRITTEN_BY[name])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        return None if dbt_resource_props["resource_type"] == "source" else _layer(dbt_resource_props)


def _layer(props: Mapping[str, Any]) -> str:
    """staging, intermediate or marts; `registry` for the seeds of the metric registry."""
    return "registry" if props["resource_type"] == "seed" else str(props["fqn"][1])


def dbt_models(manifest: Path) -> dg.AssetsDefinition:
    """Every model and seed of the manifest, built by one step so that dbt orders them and stops behind a failed test."""
    decorate = dbt_assets(
        manifest=manifest, name="dbt_models", dagster_dbt_translator=LayerTranslator(), pool=WAREHOUSE_POOL
    )
    models: dg.AssetsDefinition = decorate(_build)
    return models


def _build(context: dg.AssetExecutionContext, stores: dg.ResourceParam[Stores]) -> Iterator[Any]:
    """Runs `dbt build`, reports each model and test, then fails with dbt's own reason if one did.

    dbt's unit tests check code, not data, and belong to the test suite; here they are left out.
    """
    from dbt_common.events.functions import msg_to_dict

    from orchestration.dbt_runner import UNCHANGED, invoke
    from orchestration.ledger import models_digest

    settings = stores.settings
    chosen = get_updated_cli_invocation_params_for_context(context, {}, LayerTranslator())
    target = settings.dbt_target_dir / "runs" / context.run.run_id
    shutil.rmtree(target.parent, ignore_errors=True)  # left by a killed run; the pool lets one dbt run at a time
    target.mkdir(parents=True)
    if (settings.dbt_target_dir / _PARTIAL_PARSE).exists():
        shutil.copy(settings.dbt_target_dir / _PARTIAL_PARSE, target / _PARTIAL_PARSE)
    raw_events: list[dict[str, Any]] = []

    def keep(event: Any) -> None:
        if event.info.name in _RESULTS:
            raw_events.append(msg_to_dict(event))

    arguments = ["build", "--exclude-resource-type", "unit_test", *chosen.selection_args]
    # "empty": leaving a view out must not leave its tests out; a whole selection names every test by itself.
    selection = {"DBT_INDIRECT_SELECTION": chosen.indirect_selection or "empty"}
    project, warehouse = models_digest(), stores.warehouse
    try:
        with warehouse.building(), warehouse.recording(project) as record:
            unchanged = record.project == project
            # Other models made the tables that grow: all anew. The same models: only what holds rows.
            arguments += UNCHANGED if unchanged else ["--full-refresh"]
            outcome = invoke(settings, arguments, target=target, extra_environment=selection, on_event=keep)
            if outcome.success and not context.is_subset:
                record.finish()
    finally:
        shutil.rmtree(target, ignore_errors=True)
    told = [
        event
        for raw in raw_events
        for event in DbtCoreCliEventMessage(raw_event=raw, event_history_metadata={}).to_default_asset_events(
            manifest=chosen.manifest, dagster_dbt_translator=chosen.dagster_dbt_translator, context=context
        )
    ]
    outputs = {event.output_name: event for event in told if isinstance(event, dg.Output)}
    left = _left_alone(chosen.manifest) if unchanged else set()
    yield from _in_order(context, outputs, left)
    yield from (event for event in told if not isinstance(event, dg.Output))
    if not outcome.success:
        raise dg.Failure(description=outcome.reason(), allow_retries=False)


def _left_alone(manifest: Mapping[str, Any]) -> set[dg.AssetKey]:
    """The views and seeds: what `dbt_runner.UNCHANGED` leaves out."""
    nodes = [node for node in manifest["nodes"].values() if node["config"]["materialized"] in {"view", "seed"}]
    return {LayerTranslator().get_asset_key(node) for node in nodes}


def _in_order(
    context: dg.AssetExecutionContext, outputs: Mapping[str, dg.Output[Any]], left: set[dg.AssetKey]
) -> Iterator[dg.Output[Any] | dg.MaterializeResult[Any]]:
    """The outputs, parents before children, and between them the nodes of `left`: those are as new as their parents."""
    parents = context.assets_def.asset_deps
    chosen = context.selected_asset_keys
    names = {key: name for name, key in context.assets_def.keys_by_output_name.items() if key in chosen}
    missing: set[dg.AssetKey] = set()
    for key in TopologicalSorter({key: parents[key] & names.keys() for key in names}).static_order():
        if names[key] in outputs:
            yield outputs[names[key]]
        elif key in left and missing.isdisjoint(parents[key]):
            yield dg.MaterializeResult(
                asset_key=key, metadata={"left as it is": "a view or a seed of an unchanged project"}
            )
        else:
            missing.add(key)
