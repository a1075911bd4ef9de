"""One installation with the sandbox in a process of its own and an account of every vendor, driven by its commands."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from connectors.sandbox.control import SandboxControl
from connectors.sandbox.world import World
from models.domain.connection import Vendor
from models.errors import InvalidInput
from models.settings import Settings
from orchestration.resources import Stores
from tests.integration.platforms.place import WORKSPACE, set_mail_options


@dataclass(frozen=True)
class Circle:
    """An installation driven through `fabric` with its own sandbox; `connected` is what each `fabric connect` printed."""

    fabric: Any
    control: SandboxControl
    connected: dict[Vendor, str]

    @property
    def stores(self) -> Stores:
        """The same stores, for what has no command."""
        return Stores(self.settings)

    @property
    def settings(self) -> Settings:
        return Settings(
            home=self.fabric.home, sandbox_port=self.fabric.sandbox_port, _env_file=None,  # type: ignore[call-arg]
        )  # fmt: skip

    def world(self) -> World:
        """The sandbox's world read beside it, from its journal: the truth about every post, at the sandbox's time now."""
        return World(journal=self.settings.sandbox_dir / "world.jsonl")


def wait_for(control: SandboxControl, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            control.now()
        except InvalidInput:
            assert time.monotonic() < deadline, "the sandbox does not answer"
            time.sleep(0.1)
        else:
            return


@pytest.fixture(scope="session")
def circle(new_installation: Callable[[str], Any]) -> Iterator[Circle]:
    fabric = new_installation("circle")
    fabric.run("workspace", "create", WORKSPACE)
    serving = fabric.start("sandbox", "serve")
    control = SandboxControl(f"http://127.0.0.1:{fabric.sandbox_port}")
    try:
        wait_for(control)
        told = fabric.run_many([["connect", v.value, "-w", WORKSPACE, "--sandbox"] for v in Vendor])
        assert [one.returncode for one in told] == [0] * len(Vendor), [one.stderr for one in told]
        made = Circle(fabric, control, {vendor: one.stdout for vendor, one in zip(Vendor, told, strict=True)})
        set_mail_options(made.stores)
        yield made
    finally:
        serving.terminate()
        serving.communicate(timeout=20)
