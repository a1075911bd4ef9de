"""A small installation driven through `orchestration.runs`, on real stores in a temporary home."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connectors.warehouse.landing import LandedBatch, LandingStore
from models.domain.brand import BrandProfile
from models.domain.content import (
    Batch,
    ContentRecord,
    EntityType,
    Observation,
    ObservationState,
    Owner,
    Record,
)
from models.domain.social import Platform
from models.domain.workspace import SYSTEM
from models.services import onboarding
from models.settings import Settings
from models.store.database import open_store
from orchestration.resources import Stores

ROOT = Path(__file__).resolve().parents[3]
FIRST_POST = datetime(2026, 3, 2, 9, tzinfo=UTC)
OBSERVED = datetime(2026, 8, 1, tzinfo=UTC)
LANDED = datetime(2026, 8, 1, 12, tzinfo=UTC)
THEMES = ("harbour seals and tides", "alpine glacier melting", "city bees and honey")


@dataclass(frozen=True)
class World:
    """One installation. `landed` files are written as an import would write them."""

    settings: Settings

    @property
    def stores(self) -> Stores:
        return Stores(self.settings)

    def add_workspace(self, name: str, zone: str = "Europe/Berlin") -> None:
        with open_store(self.settings.store_url) as store, store.unit_of_work() as uow:
            made = onboarding.create_workspace(uow, SYSTEM, name=name, zone=zone, now=LANDED)
            onboarding.set_brand_profile(
                uow, SYSTEM, BrandProfile(made.id, description="A nature magazine"), now=LANDED
            )

    def land(
        self,
        workspace: str,
        batch_id: str,
        *,
        posts: int = 24,
        likes: Callable[[int], float] = lambda index: 10.0 + 7 * (index % 9),
        metric: str = "reactions",
        landed_at: datetime = LANDED,
        observed_at: datetime = OBSERVED,
        owner: Owner = Owner.OWN,
    ) -> LandedBatch:
        account = "page" if owner is Owner.OWN else "rival"
        records: list[Record] = []
        for index in range(posts):
            published = FIRST_POST + timedelta(days=2 * index, hours=index % 5)
            common = {
                "platform": Platform.FACEBOOK, "account_id": account, "account_name": account.title(), "owner": owner,
                "entity_type": EntityType.POST, "entity_id": f"post-{index:03d}", "observed_at": observed_at,
                "source_line": index + 2,
            }  # fmt: skip
            theme = THEMES[index % len(THEMES)]
            records.append(
                ContentRecord(
                    content_type="photo" if index % 2 else "link", title=None, url=None, published_at=published,
                    body=f"Today: {theme}, seen close, number {index}", **common,  # type: ignore[arg-type]
                )
            )  # fmt: skip
            for name, value in ((metric, likes(index)), ("comments", 3.0 + index % 4), ("shares", 1.0 + index % 3)):
                records.append(
                    Observation(
                        metric=name, period_start=published, period_end=observed_at, value=value,
                        state=ObservationState.OBSERVED, **common,  # type: ignore[arg-type]
                    )
                )  # fmt: skip
        batch = Batch(workspace, "page_export", batch_id, observed_at, f"{batch_id}.csv", records)
        return LandingStore(self.settings.landing_dir).land(batch, landed_at)

    def copy(self, home: Path) -> World:
        """The installation as it is now in another home, whose fate does not touch this one; both at rest."""
        shutil.copytree(self.settings.home, home)
        return World(self.settings.model_copy(update={"home": home}))

    def start(self, statement: str) -> subprocess.Popen[str]:
        """Starts a Python statement over `settings` in a process of its own."""
        code = f"from models.settings import load_settings; settings = load_settings()\n{statement}"
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("FABRIC_", "DAGSTER_"))
        }
        environment["FABRIC_HOME"] = str(self.settings.home)
        return subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip


@pytest.fixture(scope="session")
def new_world(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], World]:
    """Makes an empty installation."""

    def make() -> World:
        return World(Settings(home=tmp_path_factory.mktemp("home"), _env_file=None))  # type: ignore[call-arg]

    return make


@pytest.fixture(scope="module")
def world(new_world: Callable[[], World]) -> World:
    """One workspace with one landed export, not built yet."""
    made = new_world()
    made.add_workspace("magazine")
    made.land("magazine", "first")
    return made
