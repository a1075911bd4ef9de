"""Running Dagster jobs inside this process, on the instance that the Dagster UI shows."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import dagster as dg
from dagster import DagsterEventType
from dagster._core.storage.tags import ASSET_PARTITION_RANGE_END_TAG, ASSET_PARTITION_RANGE_START_TAG

from models.settings import Settings
from orchestration.automation import QUIET
from orchestration.definitions import build_definitions
from orchestration.instance import COMMAND_TAG, open_instance, release_dead_runs
from orchestration.outcome import problem_in
from orchestration.partitions import add_workspaces
from orchestration.resources import WAREHOUSE_POOL


@dataclass(frozen=True)
class Ended:
    """How a run ended: `problem` is None, or one sentence naming what failed. `metadata` is per materialised asset."""

    run_id: str
    problem: str | None
    metadata: Mapping[str, Mapping[str, Any]]


class Executor:
    """Runs the installation's jobs for one command, in this process."""

    def __init__(self, settings: Settings, instance: dg.DagsterInstance, command: str) -> None:
        # Dagster's words go to its event log; they reach the terminal only when the operator asked for INFO or DEBUG.
        logging.getLogger("dagster").propagate = logging.getLogger().isEnabledFor(logging.INFO)
        self._instance = instance
        self._command = command
        self._repository = build_definitions(settings).get_repository_def()

    def add_workspaces(self, workspace_ids: Sequence[str]) -> None:
        add_workspaces(self._instance, workspace_ids)

    def warehouse_in_use(self) -> bool:
        """Whether a run of another process holds the warehouse's pool now; a run started here waits for it."""
        return self._instance.event_log_storage.get_concurrency_info(WAREHOUSE_POOL).active_slot_count > 0

    def run(
        self,
        job: str,
        *,
        partition: str | None = None,
        through: str | None = None,
        assets: Sequence[str] = (),
        config: Mapping[str, Any] = MappingProxyType({}),
    ) -> Ended:
        """Runs one job to its end; a failure is in the answer, not raised.

        `partition` alone runs that one; with `through` the run covers all from `partition` to `through`.
        """
        tags = {COMMAND_TAG: self._command}
        if partition is not None and through is not None and through != partition:
            tags |= {ASSET_PARTITION_RANGE_START_TAG: partition, ASSET_PARTITION_RANGE_END_TAG: through}
            partition = None
        result = self._repository.get_job(job).execute_in_process(
            run_config={**QUIET, **config},
            instance=self._instance,
            partition_key=partition,
            asset_selection=[dg.AssetKey(asset) for asset in assets] or None,
            tags=tags,
            raise_on_error=False,
        )
        metadata = {
            event.asset_key.to_user_string(): {name: value.value for name, value in materialized.metadata.items()}
            for event in result.all_events
            if event.event_type is DagsterEventType.ASSET_MATERIALIZATION
            and event.asset_key is not None
            and (materialized := event.step_materialization_data.materialization) is not None
        }
        return Ended(result.run_id, None if result.success else problem_in(result.all_events), metadata)


@contextmanager
def executor(settings: Settings, command: str) -> Iterator[Executor]:
    """An executor for `command`, whose lock the caller holds; what a killed run of it left behind is cleared first."""
    with open_instance(settings) as instance:
        release_dead_runs(instance, command)
        yield Executor(settings, instance, command)
