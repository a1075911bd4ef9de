"""The manifest: parsed once for a state of the project, by one process."""

from __future__ import annotations

import json
from collections.abc import Callable

from orchestration.manifest import ensure_manifest

from .conftest import World

STATEMENT = "from orchestration.manifest import ensure_manifest; print(ensure_manifest(settings))"


def test_two_processes_at_once_leave_one_whole_manifest(new_world: Callable[[], World]) -> None:
    world = new_world()
    outputs = [process.communicate(timeout=180)[0] for process in (world.start(STATEMENT), world.start(STATEMENT))]
    path = ensure_manifest(world.settings)
    assert [output.strip().splitlines()[-1] for output in outputs] == [str(path), str(path)]
    assert "model.fabric.mart_posts" in json.loads(path.read_text(encoding="utf-8"))["nodes"]
    assert sorted(p.name for p in path.parent.iterdir()) == [
        "logs", "manifest.digest", "manifest.json", "manifest.lock", "partial_parse.msgpack",
    ]  # fmt: skip


def test_a_manifest_of_another_state_is_parsed_again(new_world: Callable[[], World]) -> None:
    world = new_world()
    path = ensure_manifest(world.settings)
    parsed_at = path.stat().st_mtime_ns
    assert ensure_manifest(world.settings).stat().st_mtime_ns == parsed_at
    path.with_name("manifest.digest").write_text("of an older project", encoding="utf-8")
    assert ensure_manifest(world.settings).stat().st_mtime_ns > parsed_at
