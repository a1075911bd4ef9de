"""Partitions of ingestion."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import dagster as dg

from orchestration.partitions import LandingPartition, add_workspaces, days_partitions


def test_a_batch_belongs_to_its_utc_day() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=timezone(timedelta(hours=-5)))
    assert LandingPartition.holding("natgeo", late) == LandingPartition("2026-11-23", "natgeo")


def test_key_and_partition_are_two_forms_of_one_thing() -> None:
    partition = LandingPartition("2026-11-22", "18f")
    assert partition.key == "2026-11-22|18f"
    assert LandingPartition.parse(partition.key) == partition


def test_today_is_a_partition() -> None:
    today = datetime.now(UTC).date().isoformat()
    assert days_partitions.get_last_partition_key() == today


def test_dagster_learns_new_workspaces_and_forgets_removed_ones() -> None:
    with dg.DagsterInstance.ephemeral() as instance:
        add_workspaces(instance, ["a", "b"])
        add_workspaces(instance, ["b", "c"])
        assert set(instance.get_dynamic_partitions("workspace")) == {"b", "c"}
