"""A workspace's own access to model providers: address, models by tier, and the key, which only the system reads."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from models.domain.ai import Tier
from models.domain.spending import ProviderAccess, ProviderSetup
from models.domain.workspace import Principal
from models.errors import InvalidInput, NotFound
from models.ports import Cipher
from models.services._recording import record
from models.services._wording import clean_line
from models.services.policy import Action, policy
from models.store.unit_of_work import UnitOfWork

_NAME = re.compile(r"^[a-z0-9][a-z0-9-]{0,40}$")


@policy(Action.MANAGE_MODELS)
def set_provider(
    uow: UnitOfWork, principal: Principal, workspace_id: str, provider: str, *, key: str | None, base_url: str = "",
    models: Mapping[str, str] | None = None, local: bool = False, cipher: Cipher, now: datetime,
) -> ProviderSetup:  # fmt: skip
    """Stores the access in place of a former one. A key of None keeps the stored key, an empty one removes it.

    `models` maps a tier to the name of the model that serves it; `local` says that calls cost nothing. Raises `InvalidInput` for what cannot be an address, a
    tier or a key.
    """
    if not _NAME.fullmatch(provider):
        raise InvalidInput(f"{provider!r} is no provider's name: write it as fabric ai providers lists it.")
    address, named = _address(base_url), _models(models or {})
    sealed = None
    if key:
        if len(key) > 4_000 or any(not char.isprintable() or char.isspace() for char in key):
            raise InvalidInput(
                f"The key of {provider} has spaces or control characters, or is too long: copy it again."
            )
        uow.commit()  # the cipher may have to write the workspace's key, and SQLite has one lock for all writers
        sealed = cipher.seal(workspace_id, _purpose(provider), key.encode())
    return _store(uow, principal, workspace_id, provider, sealed, key is None, address, named, local, now=now)


@policy(Action.MANAGE_MODELS)
def _store(
    uow: UnitOfWork, principal: Principal, workspace_id: str, provider: str, sealed: bytes | None, keep_key: bool,
    base_url: str, models: Mapping[str, str], local: bool, *, now: datetime,
) -> ProviderSetup:  # fmt: skip
    """The second half of `set_provider`, which checks the role again in the transaction that writes."""
    known = uow.providers.get(workspace_id, provider)
    kept = known.sealed if known is not None and keep_key else sealed
    setup = ProviderSetup(workspace_id, provider, base_url, dict(models), kept is not None, True, now, local)
    uow.providers.put(setup, kept)
    record(uow, principal, workspace_id, "provider.set", provider, now, has_key=setup.has_key)
    return setup


@policy(Action.VIEW_USAGE)
def list_providers(uow: UnitOfWork, principal: Principal, workspace_id: str) -> list[ProviderSetup]:
    """The workspace's own set-ups, by provider, without keys."""
    return [sealed.setup for sealed in uow.providers.of_workspace(workspace_id)]


@policy(Action.MANAGE_MODELS)
def remove_provider(uow: UnitOfWork, principal: Principal, workspace_id: str, provider: str, *, now: datetime) -> None:
    """Deletes the access with its key. Raises `NotFound` when there is none."""
    if not uow.providers.remove(workspace_id, provider):
        raise NotFound(
            f"Workspace {workspace_id} has no set-up of its own for {provider}: see fabric ai providers --workspace {workspace_id}."
        )
    record(uow, principal, workspace_id, "provider.removed", provider, now)


@policy(Action.READ_MODEL_KEYS)
def provider_access(
    uow: UnitOfWork, principal: Principal, workspace_id: str, *, cipher: Cipher
) -> list[ProviderAccess]:
    """The enabled set-ups with their keys, decrypted, by provider."""
    return [
        ProviderAccess(
            found.setup.provider, found.setup.base_url, found.setup.models,
            "" if found.sealed is None
            else cipher.open(workspace_id, _purpose(found.setup.provider), found.sealed).decode(),
            found.setup.local,
        )
        for found in uow.providers.of_workspace(workspace_id)
        if found.setup.enabled
    ]  # fmt: skip


def _purpose(provider: str) -> str:
    return f"model-key:{provider}"


def _address(base_url: str) -> str:
    address = clean_line(base_url, "The base URL", limit=500, required=False)
    if not address:
        return ""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.query or parts.fragment:
        raise InvalidInput(
            "The base URL of a provider is written as https://host/path, without user name, query or fragment."
        )
    return address.rstrip("/")


def _models(models: Mapping[str, str]) -> dict[str, str]:
    named = {}
    for tier, name in models.items():
        if tier not in set(Tier):
            raise InvalidInput(f"{tier!r} is no tier: a model is given as tier=name with {', '.join(Tier)}.")
        named[tier] = clean_line(name, f"The model of tier {tier}", limit=200)
    return named
