"""Workspaces, people and what each may do there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from models.errors import InvalidInput

WORKSPACE_ID = re.compile(r"^[a-z0-9][a-z0-9-]{0,62}$")


class Plan(StrEnum):
    STUDIO = "studio"
    BUSINESS = "business"
    AGENCY = "agency"


class Role(StrEnum):
    """A member's role; each includes what the weaker ones may do."""

    ADMIN = "admin"
    EDITOR = "editor"
    VIEWER = "viewer"


@dataclass(frozen=True)
class Workspace:
    """One brand's tenant. `id` is a slug, used in paths and partition keys; `zone` is an IANA name."""

    id: str
    name: str
    zone: str
    plan: Plan
    created_at: datetime
    synthetic: bool = False

    def __post_init__(self) -> None:
        if not WORKSPACE_ID.fullmatch(self.id):
            raise InvalidInput(
                f"Workspace id {self.id!r} cannot be used: give 1 to 63 lower-case letters, digits or dashes, "
                "starting with a letter or digit."
            )
        if self.zone not in _zones():
            raise InvalidInput(
                f"Time zone {self.zone!r} is not an IANA zone name: use one such as Europe/Berlin or UTC."
            )

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


@lru_cache(maxsize=1)
def _zones() -> frozenset[str]:
    """Every zone name of this machine; listing them walks the zone files."""
    return frozenset(available_timezones())


def slug(name: str) -> str:
    """The workspace id made from a display name, e.g. `"Nat Geo!"` → `"nat-geo"`."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63]


@dataclass(frozen=True)
class User:
    id: str
    email: str
    name: str


@dataclass(frozen=True)
class Membership:
    workspace_id: str
    user_id: str
    role: Role


@dataclass(frozen=True)
class Principal:
    """Who acts: a signed-in user, or the system (`user_id == "system"`) running an asset or a command.

    The role is looked up for the workspace at every action; it is never carried in the session.
    """

    user_id: str
    email: str

    @property
    def is_system(self) -> bool:
        return self.user_id == SYSTEM_USER_ID


SYSTEM_USER_ID = "system"
SYSTEM = Principal(user_id=SYSTEM_USER_ID, email="system@localhost")
