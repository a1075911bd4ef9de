"""Answers of models that are kept for equal requests, and the manifests of what was made with them."""

from __future__ import annotations

from datetime import datetime

from models.domain.ai import Manifest
from models.domain.workspace import Principal
from models.routing.purse import KeptAnswer
from models.services._recording import new_id
from models.services.policy import Action, policy
from models.store.unit_of_work import UnitOfWork


@policy(Action.REUSE_ANSWERS)
def find_answer(uow: UnitOfWork, principal: Principal, workspace_id: str, input_hash: str) -> KeptAnswer | None:
    """What was answered to an equal request of the workspace before."""
    found = uow.answers.find(workspace_id, input_hash)
    if found is None:
        return None
    return KeptAnswer(input_hash, found["provider"], found["model"], found["prompt_version"], found["answer"])


@policy(Action.CALL_MODELS)
def keep_answer(uow: UnitOfWork, principal: Principal, workspace_id: str, answer: KeptAnswer, *, now: datetime) -> None:
    """Keeps the answer for equal requests of the workspace, in place of a former one."""
    uow.answers.put(
        workspace_id,
        answer.input_hash,
        now,
        {
            "provider": answer.provider,
            "model": answer.model,
            "prompt_version": answer.prompt_version,
            "answer": dict(answer.value),
        },
    )


@policy(Action.RECORD_USAGE)
def record_manifest(
    uow: UnitOfWork, principal: Principal, workspace_id: str, manifest: Manifest, *, now: datetime
) -> str:
    """Appends how an artefact came to be, and gives the manifest's id.

    Its `input_hash` ties the artefact to the calls of the ledger: their cost is shared equally among all artefacts that
    name it.
    """
    manifest_id = new_id()
    uow.manifests.add(manifest_id, workspace_id, manifest, now)
    return manifest_id


@policy(Action.VIEW_PLAN)
def manifests_of(
    uow: UnitOfWork, principal: Principal, workspace_id: str, artefact_kind: str, artefact_id: str
) -> list[Manifest]:
    """How the artefact came to be, newest first: one for each time that it was made or revised."""
    return uow.manifests.of_artefact(workspace_id, artefact_kind, artefact_id)
