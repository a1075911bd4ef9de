"""Workspaces, the people in them, the brand and its competitors."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from datetime import datetime

from models.domain.brand import BrandProfile, Competitor
from models.domain.workspace import SYSTEM_USER_ID, Membership, Plan, Principal, Role, User, Workspace, slug
from models.errors import Conflict, InvalidInput, NotFound
from models.services._recording import new_id, record
from models.services._wording import clean, clean_line
from models.services.policy import INSTALLATION, PROFILE, Action, policy, public
from models.store.unit_of_work import UnitOfWork

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_WORDS = 4_000
"""Bound of each free-text field of a brand profile, in characters."""


@public("makes the principal that every other call asks for; the app decides how a person proves the address")
def sign_in(uow: UnitOfWork, email: str) -> Principal:
    """The principal of a known user. Raises `NotFound` for an address that nobody added."""
    user = uow.users.by_email(email.strip())
    uow.rollback()
    if user is None:
        raise NotFound(f"Nobody with the address {email.strip()!r} is known here: ask an admin to add you.")
    return Principal(user.id, user.email)


@policy(Action.CREATE_WORKSPACE, INSTALLATION)
def create_workspace(
    uow: UnitOfWork, principal: Principal, *, name: str, zone: str = "UTC", plan: Plan = Plan.STUDIO,
    workspace_id: str | None = None, synthetic: bool = False, now: datetime,
) -> Workspace:  # fmt: skip
    """A new workspace; whoever creates it becomes its admin. The id is made from the name unless given.

    The system may, and anyone who is admin of some workspace. Raises `Conflict` when the id is taken.
    """
    title = clean_line(name, "The workspace's name")
    workspace = Workspace(workspace_id or slug(title), title, zone, plan, now, synthetic)
    uow.workspaces.add(workspace)
    if not principal.is_system:
        uow.memberships.put(Membership(workspace.id, principal.user_id, Role.ADMIN))
    record(uow, principal, workspace.id, "workspace.created", workspace.id, now, plan=plan.value, zone=zone)
    return workspace


@public("answers with the principal's own workspaces only")
def list_workspaces(uow: UnitOfWork, principal: Principal) -> list[Workspace]:
    """The workspaces that the principal is a member of, by id; for the system all of them."""
    if not uow.writing:
        uow.rollback()
    found = uow.workspaces.all() if principal.is_system else uow.workspaces.of_user(principal.user_id)
    if not uow.writing:
        uow.rollback()
    return found


@policy(Action.VIEW_WORKSPACE)
def get_workspace(uow: UnitOfWork, principal: Principal, workspace_id: str) -> Workspace:
    workspace = uow.workspaces.get(workspace_id)
    if workspace is None:
        raise NotFound(f"Workspace {workspace_id!r} does not exist: check the id.")
    return workspace


@policy(Action.DELETE_WORKSPACE)
def delete_workspace(uow: UnitOfWork, principal: Principal, workspace_id: str, *, now: datetime) -> None:
    """Deletes the workspace with everything in it. Only the event that says so remains."""
    uow.workspaces.delete(workspace_id)
    record(uow, principal, workspace_id, "workspace.deleted", workspace_id, now)


@policy(Action.VIEW_WORKSPACE)
def role_of(uow: UnitOfWork, principal: Principal, workspace_id: str) -> Role:
    """The principal's role now; the system counts as admin. Raises `NotFound` for someone who is not a member."""
    role = Role.ADMIN if principal.is_system else uow.memberships.role(workspace_id, principal.user_id)
    if role is None:
        raise NotFound(f"You are not a member of workspace {workspace_id!r}: ask an admin to add you.")
    return role


@policy(Action.LIST_USERS, INSTALLATION)
def list_users(uow: UnitOfWork, principal: Principal) -> list[User]:
    """Every user of the installation by e-mail address; for the system only."""
    return uow.users.all()


@policy(Action.VIEW_WORKSPACE)
def list_members(uow: UnitOfWork, principal: Principal, workspace_id: str) -> list[tuple[User, Role]]:
    """The members with their roles, by e-mail address."""
    return uow.memberships.members(workspace_id)


@policy(Action.VIEW_WORKSPACE)
def display_names(uow: UnitOfWork, principal: Principal, workspace_id: str) -> dict[str, str]:
    """Names by user id, for authors, approvers and requesters: members and everyone who ever acted here."""
    return uow.users.names_in(workspace_id) | {SYSTEM_USER_ID: "FABRIC"}


@policy(Action.MANAGE_MEMBERS)
def add_member(
    uow: UnitOfWork, principal: Principal, workspace_id: str, *, email: str, name: str, role: Role, now: datetime
) -> User:
    """Lets a person in, or changes the role of a member. A known user keeps their name.

    Raises `Conflict` when it would leave the workspace without an admin.
    """
    address = clean_line(email, "The e-mail address", limit=254).lower()
    if not _EMAIL.fullmatch(address):
        raise InvalidInput(f"{address!r} is not an e-mail address: write one such as ana@example.org.")
    uow.workspaces.get(workspace_id, lock=True)
    user = uow.users.by_email(address)
    if user is None:
        user = User(new_id(), address, clean_line(name, "The name"))
        uow.users.add(user, now)
    before = uow.memberships.role(workspace_id, user.id)
    if before is not role:
        if before is Role.ADMIN:
            _keep_an_admin(uow, workspace_id, user)
        uow.memberships.put(Membership(workspace_id, user.id, role))
        kind = "member.added" if before is None else "member.role_changed"
        record(uow, principal, workspace_id, kind, user.id, now, role=role.value)
    return user


@policy(Action.MANAGE_MEMBERS)
def remove_member(uow: UnitOfWork, principal: Principal, workspace_id: str, user_id: str, *, now: datetime) -> None:
    """Takes a member out; what they did stays. Raises `Conflict` for the last admin."""
    uow.workspaces.get(workspace_id, lock=True)
    user = uow.users.get(user_id)
    role = uow.memberships.role(workspace_id, user_id)
    if user is None or role is None:
        raise NotFound("That person is not a member of this workspace: reload the list of members.")
    if role is Role.ADMIN:
        _keep_an_admin(uow, workspace_id, user)
    uow.memberships.remove(workspace_id, user_id)
    record(uow, principal, workspace_id, "member.removed", user_id, now)


def _keep_an_admin(uow: UnitOfWork, workspace_id: str, leaving: User) -> None:
    others = [u for u, role in uow.memberships.members(workspace_id) if role is Role.ADMIN and u.id != leaving.id]
    if not others:
        raise Conflict(f"{leaving.email} is the workspace's last admin: make someone else admin first.")


@policy(Action.VIEW_WORKSPACE)
def list_competitors(uow: UnitOfWork, principal: Principal, workspace_id: str) -> list[Competitor]:
    """The tracked competitors, by id."""
    return uow.competitors.of_workspace(workspace_id)


@policy(Action.MANAGE_COMPETITORS)
def track_competitor(
    uow: UnitOfWork, principal: Principal, workspace_id: str, *, name: str, now: datetime
) -> Competitor:
    """Starts tracking a competitor; one that is tracked already is returned as it is."""
    title = clean_line(name, "The competitor's name")
    # A name without Latin letters or digits leaves no slug.
    made = slug(title) or "c-" + hashlib.sha256(title.casefold().encode()).hexdigest()[:12]
    uow.workspaces.get(workspace_id, lock=True)
    known = uow.competitors.get(workspace_id, made)
    if known is not None:
        if known.name.casefold() != title.casefold():
            raise Conflict(f"{title!r} cannot be told from the tracked {known.name!r}: give it a clearer name.")
        return known
    competitor = Competitor(workspace_id, made, title)
    uow.competitors.add(competitor)
    record(uow, principal, workspace_id, "competitor.tracked", competitor.id, now)
    return competitor


@policy(Action.MANAGE_COMPETITORS)
def untrack_competitor(
    uow: UnitOfWork, principal: Principal, workspace_id: str, competitor_id: str, *, now: datetime
) -> None:
    """Stops tracking a competitor; what was observed stays."""
    if not uow.competitors.remove(workspace_id, competitor_id):
        raise NotFound(f"Competitor {competitor_id!r} is not tracked here: reload the list of competitors.")
    record(uow, principal, workspace_id, "competitor.untracked", competitor_id, now)


@policy(Action.VIEW_WORKSPACE)
def get_brand_profile(uow: UnitOfWork, principal: Principal, workspace_id: str) -> BrandProfile:
    """The brand profile; an empty one when nothing was said yet."""
    return uow.brand_profiles.get(workspace_id) or BrandProfile(workspace_id)


@policy(Action.MANAGE_BRAND, PROFILE)
def set_brand_profile(uow: UnitOfWork, principal: Principal, profile: BrandProfile, *, now: datetime) -> BrandProfile:
    """Stores the profile of `profile.workspace_id` in place of the former one."""
    uow.workspaces.get(profile.workspace_id, lock=True)
    cleaned = replace(
        profile,
        description=clean(profile.description, "The description", limit=_WORDS, required=False),
        audience=clean(profile.audience, "The audience", limit=_WORDS, required=False),
        tone=clean(profile.tone, "The tone", limit=_WORDS, required=False),
        banned_phrases=tuple(clean_line(phrase, "A banned phrase") for phrase in profile.banned_phrases),
        required_phrases=tuple(clean_line(phrase, "A required phrase") for phrase in profile.required_phrases),
        links=tuple(clean_line(link, "A link", limit=2_000) for link in profile.links),
    )
    uow.brand_profiles.put(cleaned)
    record(uow, principal, profile.workspace_id, "brand.changed", profile.workspace_id, now)
    return cleaned
