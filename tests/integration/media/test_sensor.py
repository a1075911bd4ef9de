"""What starts the worker of media in Dagster, and the run that it starts."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

from models.domain.ai import ImageRequest
from models.domain.media import MediaState
from models.domain.workspace import SYSTEM
from models.services import media, onboarding
from models.settings import Settings
from orchestration.automation import media_job, media_sensor
from orchestration.resources import Stores


def test_a_request_starts_a_run_that_makes_it(tmp_path: Path) -> None:
    stores = Stores(Settings(home=tmp_path, _env_file=None))
    with dg.DagsterInstance.ephemeral() as instance:

        def tick() -> dg.SensorResult:
            with dg.build_sensor_context(instance=instance) as context:
                found = media_sensor(context, stores=stores)
            assert isinstance(found, dg.SensorResult)
            return found

        with stores.open_store() as store, store.unit_of_work() as uow:
            onboarding.create_workspace(uow, SYSTEM, name="Nat Geo", workspace_id="natgeo", now=stores.now())
            assert tick().skip_reason is not None
            media.request_media(uow, SYSTEM, "natgeo", ImageRequest("", 600, 600, "Card"), now=stores.now())
        assert len(tick().run_requests or []) == 1
        run = media_job.execute_in_process(instance=instance, resources={"stores": stores})
        assert run.success
        assert tick().skip_reason is not None
        with stores.open_store() as store, store.unit_of_work() as uow:
            assert [job.state for job in media.list_media(uow, SYSTEM, "natgeo")] == [MediaState.DONE]
