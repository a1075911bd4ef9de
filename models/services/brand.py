"""What was found out about a brand: kept as versions, read by pages and writers."""

from __future__ import annotations

from datetime import datetime

from models.domain.brand_study import BrandStudy, BusinessProfile, Document, StudyKind, VoiceProfile
from models.domain.workspace import Principal
from models.errors import InvalidInput
from models.services._recording import new_id, record
from models.services._wording import clean_line
from models.services.policy import Action, policy
from models.store.unit_of_work import UnitOfWork


@policy(Action.STUDY_BRAND)
def save_study(
    uow: UnitOfWork, principal: Principal, workspace_id: str, document: Document, *, input_hash: str, now: datetime
) -> BrandStudy:
    """Stores the document as the next version of its kind; equal inputs give the newest version back without a new one."""
    kind = StudyKind.VOICE if isinstance(document, VoiceProfile) else StudyKind.BUSINESS
    uow.workspaces.get(workspace_id, lock=True)
    newest = uow.brand_studies.latest(workspace_id, kind)
    if newest is not None and (newest.input_hash == input_hash or newest.document == document):
        return newest
    version = 1 if newest is None else newest.version + 1
    study = BrandStudy(new_id(), workspace_id, kind, version, now, principal.user_id, input_hash, document)
    uow.brand_studies.add(study)
    record(uow, principal, workspace_id, "brand.studied", study.id, now, study=kind.value, version=version)
    return study


@policy(Action.VIEW_WORKSPACE)
def latest_study(uow: UnitOfWork, principal: Principal, workspace_id: str, kind: StudyKind) -> BrandStudy | None:
    """The newest version of a kind; None before the first."""
    return uow.brand_studies.latest(workspace_id, kind)


@policy(Action.VIEW_WORKSPACE)
def list_studies(uow: UnitOfWork, principal: Principal, workspace_id: str, kind: StudyKind) -> list[BrandStudy]:
    """Every version of a kind, newest first."""
    return uow.brand_studies.of_workspace(workspace_id, kind)


@policy(Action.VIEW_WORKSPACE)
def business_profile(uow: UnitOfWork, principal: Principal, workspace_id: str) -> BusinessProfile | None:
    """What the brand says of itself, newest version; None before the first study."""
    study = uow.brand_studies.latest(workspace_id, StudyKind.BUSINESS)
    return study.document if study is not None and isinstance(study.document, BusinessProfile) else None


@policy(Action.VIEW_WORKSPACE)
def voice_profile(uow: UnitOfWork, principal: Principal, workspace_id: str) -> VoiceProfile | None:
    """How the brand writes, newest version; None before the first study."""
    study = uow.brand_studies.latest(workspace_id, StudyKind.VOICE)
    return study.document if study is not None and isinstance(study.document, VoiceProfile) else None


@policy(Action.VIEW_WORKSPACE)
def brand_site(uow: UnitOfWork, principal: Principal, workspace_id: str) -> str:
    """The start page of the brand's site, which studies read; empty when none was given."""
    return uow.brand_studies.site(workspace_id)


@policy(Action.MANAGE_BRAND)
def set_brand_site(uow: UnitOfWork, principal: Principal, workspace_id: str, url: str, *, now: datetime) -> str:
    """Keeps the start page that studies read; an empty one ends that. Whether it may be read is judged when it is."""
    site = clean_line(url, "The site's address", limit=2_000, required=False)
    if site and not site.startswith(("https://", "http://")):
        raise InvalidInput(f"{site!r} is no web address: write it with https:// in front.")
    uow.workspaces.get(workspace_id, lock=True)
    if site != uow.brand_studies.site(workspace_id):
        uow.brand_studies.set_site(workspace_id, site)
        record(uow, principal, workspace_id, "brand.site_changed", workspace_id, now)
    return site
