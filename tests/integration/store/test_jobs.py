"""Jobs: asked for once, claimed by one, finished once."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from models.domain.usage import JobKind, JobStatus
from models.domain.workspace import SYSTEM
from models.errors import Conflict, FabricError, InvalidInput, NotFound
from models.services import jobs
from models.store.database import Store


def test_a_job_from_request_to_end(store: Store, brand, now) -> None:
    with store.unit_of_work() as uow:
        asked = jobs.request_job(uow, brand.editor, "natgeo", JobKind.GENERATE, {"weeks": 4}, now=now)
        assert jobs.request_job(uow, brand.admin, "natgeo", JobKind.GENERATE, {"weeks": 4}, now=now) == asked
        other = jobs.request_job(uow, brand.editor, "natgeo", JobKind.BUILD, {}, now=now + timedelta(seconds=1))
        claimed = jobs.claim_job(uow, SYSTEM, now=now)
        assert claimed is not None
        assert (claimed.id, claimed.status, claimed.arguments) == (asked.id, JobStatus.RUNNING, {"weeks": 4})
        jobs.finish_job(uow, SYSTEM, asked.id, JobStatus.FAILED, "Nothing is served yet: run a build.", now=now)
        assert [(j.id, j.status) for j in jobs.list_jobs(uow, brand.viewer, "natgeo")] == [
            (other.id, JobStatus.QUEUED),
            (asked.id, JobStatus.FAILED),
        ]
        with pytest.raises(Conflict, match="failed, not running"):
            jobs.finish_job(uow, SYSTEM, asked.id, JobStatus.DONE, "", now=now)
        with pytest.raises(InvalidInput, match="ends as done or failed"):
            jobs.finish_job(uow, SYSTEM, other.id, JobStatus.QUEUED, "", now=now)
        with pytest.raises(NotFound):
            jobs.finish_job(uow, SYSTEM, "none", JobStatus.DONE, "", now=now)
        again = jobs.request_job(uow, brand.editor, "natgeo", JobKind.GENERATE, {"weeks": 4}, now=now)
        assert again.id != asked.id


def test_arguments_must_be_plain_json(store: Store, brand, now) -> None:
    with store.unit_of_work() as uow:
        for arguments in ({"when": now}, {"rate": float("nan")}):
            with pytest.raises(InvalidInput, match="not plain JSON"):
                jobs.request_job(uow, brand.editor, "natgeo", JobKind.BUILD, arguments, now=now)


def test_an_empty_queue_gives_nothing(store: Store, now) -> None:
    with store.unit_of_work() as uow:
        assert jobs.claim_job(uow, SYSTEM, now=now) is None


def test_no_two_workers_get_the_same_job(store: Store, brand, now) -> None:
    with store.unit_of_work() as uow:
        for number in range(12):
            jobs.request_job(uow, brand.editor, "natgeo", JobKind.GENERATE, {"weeks": number}, now=now)
    claimed: list[str] = []
    failed: list[FabricError] = []

    def work() -> None:
        try:
            with store.unit_of_work() as uow:
                while (job := jobs.claim_job(uow, SYSTEM, now=now)) is not None:
                    claimed.append(job.id)
        except FabricError as error:
            failed.append(error)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)
    assert failed == []
    assert len(claimed) == len(set(claimed)) == 12
