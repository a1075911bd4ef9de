"""Media files of a workspace, and what a draft shows of them. Changed media end an approval, as an edit does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from models.domain.approval import Draft, DraftStatus
from models.domain.assets import Asset, DraftMedia
from models.domain.publishing import MediaKind
from models.domain.workspace import Principal
from models.errors import Conflict, InvalidInput, NotFound
from models.services._outgoing import withdraw
from models.services._recording import change_draft, record
from models.services._wording import clean
from models.services.policy import ASSET, DRAFT, Action, policy
from models.store.unit_of_work import UnitOfWork

MOST_MEDIA = 35
"""Media of one draft: as many as the most generous platform takes (TikTok photo post, content posting reference)."""


@policy(Action.EDIT_DRAFT, ASSET)
def save_asset(uow: UnitOfWork, principal: Principal, asset: Asset) -> Asset:
    """Stores the facts of a file that lies in the asset store; a file known already keeps its first name."""
    if uow.assets.add_new(asset):
        record(uow, principal, asset.workspace_id, "asset.added", asset.id, asset.created_at, media=asset.kind.value)
    return uow.assets.get(asset.workspace_id, asset.id) or asset


@policy(Action.VIEW_DRAFTS)
def list_assets(uow: UnitOfWork, principal: Principal, workspace_id: str) -> list[Asset]:
    """The workspace's files, newest first."""
    return uow.assets.of_workspace(workspace_id)


@policy(Action.VIEW_DRAFTS, DRAFT)
def media_of(uow: UnitOfWork, principal: Principal, draft_id: str) -> list[DraftMedia]:
    """What the draft shows, in order."""
    return uow.assets.of_draft(draft_id)


@policy(Action.EDIT_DRAFT, DRAFT)
def attach_media(
    uow: UnitOfWork, principal: Principal, draft_id: str, asset_id: str, *, alt_text: str = "", now: datetime
) -> list[DraftMedia]:
    """Adds a file of the workspace after the draft's others; one that is there already gets the new alternative text."""
    draft = _editable(uow, draft_id)
    asset = uow.assets.get(draft.workspace_id, asset_id)
    if asset is None:
        raise NotFound(f"File {asset_id!r} is not in this workspace: add it first.")
    if asset.kind is MediaKind.AUDIO:
        raise InvalidInput(f"{asset.name} is a recording, which no platform takes as it is: put it into a video.")
    shown = uow.assets.of_draft(draft_id)
    added = DraftMedia(asset, clean(alt_text, "The alternative text", limit=2_000, required=False))
    if any(media.asset.id == asset_id for media in shown):
        return _change(uow, principal, draft, [added if m.asset.id == asset_id else m for m in shown], now)
    if len(shown) >= MOST_MEDIA:
        raise InvalidInput(f"The draft has {len(shown)} files already and no platform takes more: remove one first.")
    return _change(uow, principal, draft, [*shown, added], now)


@policy(Action.EDIT_DRAFT, DRAFT)
def detach_media(
    uow: UnitOfWork, principal: Principal, draft_id: str, asset_id: str, *, now: datetime
) -> list[DraftMedia]:
    """Takes a file out of the draft; it stays in the workspace."""
    draft = _editable(uow, draft_id)
    shown = uow.assets.of_draft(draft_id)
    left = [media for media in shown if media.asset.id != asset_id]
    if len(left) == len(shown):
        raise NotFound(f"File {asset_id!r} is not in this draft: reload it.")
    return _change(uow, principal, draft, left, now)


@policy(Action.EDIT_DRAFT, DRAFT)
def reorder_media(
    uow: UnitOfWork, principal: Principal, draft_id: str, asset_ids: Sequence[str], *, now: datetime
) -> list[DraftMedia]:
    """Puts the draft's files into this order, which must name each of them once."""
    draft = _editable(uow, draft_id)
    shown = {media.asset.id: media for media in uow.assets.of_draft(draft_id)}
    if sorted(asset_ids) != sorted(shown):
        raise Conflict("The files of this draft have changed meanwhile: reload it and order them again.")
    return _change(uow, principal, draft, [shown[asset_id] for asset_id in asset_ids], now)


def _editable(uow: UnitOfWork, draft_id: str) -> Draft:
    uow.drafts.lock(draft_id)
    draft = uow.drafts.get(draft_id)
    if draft is None:
        raise NotFound(f"Draft {draft_id!r} does not exist: reload the calendar.")
    if draft.status is DraftStatus.REJECTED:
        raise Conflict("This draft was rejected and cannot be edited: write a new one for its calendar entry.")
    return draft


def _change(
    uow: UnitOfWork, principal: Principal, draft: Draft, media: Sequence[DraftMedia], now: datetime
) -> list[DraftMedia]:
    """Stores the media as a new version of the draft, so that nobody decides on a version without having seen them."""
    if list(media) == uow.assets.of_draft(draft.id):
        return list(media)
    number = draft.version.number + 1
    because = f"The media were changed in version {number}."
    withdraw(uow, draft, because=because, by=principal.user_id, now=now)
    uow.assets.set_media(draft.workspace_id, draft.id, media)
    version = replace(draft.version, number=number, author=principal.user_id, created_at=now, note="Media changed.")
    change_draft(uow, principal, draft, version, because=because, at=now)
    return list(media)
