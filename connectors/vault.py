"""The vault: secrets at rest, encrypted with AES-256-GCM under a key per workspace, which a master key wraps.

A sealed value is `FV1 | key id (16 bytes) | nonce (12) | ciphertext and tag`; workspace, purpose and key id are authenticated
with it, so it opens for nothing else. Wrapped keys are in the operational store and go with their workspace; the master key
is not: it is the setting `FABRIC_MASTER_KEY` or the file `master.key` in the home.

Rotation replaces the master key only. The new key is accepted beside the old one before the first wrap is rewritten, and the
old one is given up after the last, so every state that a kill can leave opens everything, and a second run completes it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from connectors.secretfile import read_or_make, replace
from models.errors import InvalidInput, StoreCorrupt
from models.store.database import Store
from models.store.keys import WrappedKey

_MAGIC = b"FV1"
_KEY_BYTES = 32
_ID_BYTES = 16
_NONCE_BYTES = 12


@dataclass(frozen=True, repr=False)
class MasterKey:
    """32 bytes. `id` names the key and tells nothing about it."""

    secret: bytes

    @property
    def id(self) -> str:
        return hashlib.sha256(b"fabric master key" + self.secret).hexdigest()[:16]

    @property
    def text(self) -> str:
        return base64.b64encode(self.secret).decode()


class MasterKeys(Protocol):
    """Where master keys come from. The first one wraps; all of them unwrap."""

    def read(self) -> Sequence[MasterKey]: ...

    def write(self, keys: Sequence[MasterKey]) -> None:
        """Makes these the keys. Raises `InvalidInput` where only a person can do that."""
        ...


class MasterKeyFile:
    """Keys in a file, one a line; the file is made with a random one when it is first needed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> Sequence[MasterKey]:
        text = read_or_make(self._path, _lines([new_master_key()]))
        return _parsed(text.decode("utf-8", "replace").split(), str(self._path))

    def write(self, keys: Sequence[MasterKey]) -> None:
        replace(self._path, _lines(keys))


class MasterKeySetting:
    """Keys in the setting, separated by commas. A person changes it; nothing is written."""

    def __init__(self, text: str) -> None:
        self._keys = _parsed([part.strip() for part in text.split(",")], "FABRIC_MASTER_KEY")

    def read(self) -> Sequence[MasterKey]:
        return self._keys

    def write(self, keys: Sequence[MasterKey]) -> None:
        if [key.id for key in keys] != [key.id for key in self._keys][: len(keys)]:
            raise InvalidInput(
                "The master key is in FABRIC_MASTER_KEY: write the new key before the old one there, with a comma between, and "
                "rotate to that new key; take the old one out afterwards."
            )


def master_keys(setting: str, home: Path) -> MasterKeys:
    """The keys of the setting, or of `master.key` in the home where it is empty."""
    return MasterKeySetting(setting) if setting else MasterKeyFile(home / "master.key")


def new_master_key() -> MasterKey:
    return MasterKey(secrets.token_bytes(_KEY_BYTES))


class Vault:
    """Implements `models.ports.Cipher`. Safe to share between threads and processes."""

    def __init__(self, store: Store, keys: MasterKeys) -> None:
        self._store = store
        self._keys = keys

    def seal(self, workspace_id: str, purpose: str, data: bytes) -> bytes:
        """The data, encrypted for this workspace and purpose; makes the workspace's key at the first call."""
        key = self._wrapped(workspace_id) or self._new(workspace_id)
        header = _MAGIC + bytes.fromhex(key.key_id)
        nonce = os.urandom(_NONCE_BYTES)
        return header + nonce + AESGCM(self._unwrap(key)).encrypt(nonce, data, _bound(header, workspace_id, purpose))

    def open(self, workspace_id: str, purpose: str, sealed: bytes) -> bytes:
        """What was sealed. Raises `StoreCorrupt` for a wrong key, workspace or purpose, or altered bytes."""
        header, rest = sealed[: len(_MAGIC) + _ID_BYTES], sealed[len(_MAGIC) + _ID_BYTES :]
        key = self._wrapped(workspace_id)
        if key is None or header != _MAGIC + bytes.fromhex(key.key_id):
            raise StoreCorrupt(
                f"The stored {purpose} of workspace {workspace_id} was sealed with a key that is not there: connect the account again."
            )
        try:
            return AESGCM(self._unwrap(key)).decrypt(
                rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _bound(header, workspace_id, purpose)
            )
        except (InvalidTag, ValueError):
            raise StoreCorrupt(
                f"The stored {purpose} of workspace {workspace_id} was altered or belongs elsewhere: connect the account again."
            ) from None

    def rotate(self, new_master: MasterKey) -> int:
        """Wraps every workspace's key with `new_master`, then gives up the former master keys; gives how many it wrapped.

        May be killed at any point and be run again, with the same new key or another.
        """
        with self._store.unit_of_work() as uow:
            uow.keys.lock()
            known = self._keys.read()
            self._keys.write([new_master, *(key for key in known if key.id != new_master.id)])
            former = [key for key in uow.keys.all() if key.master_id != new_master.id]
            for key in former:
                data_key = self._unwrap(key)
                uow.keys.rewrap(_wrap(data_key, key.workspace_id, key.key_id, new_master))
            uow.commit()
            uow.keys.lock()
            needed = {key.master_id for key in uow.keys.all()}
            self._keys.write([key for key in self._keys.read() if key.id in needed | {new_master.id}])
        return len(former)

    def _wrapped(self, workspace_id: str) -> WrappedKey | None:
        with self._store.unit_of_work() as uow:
            return uow.keys.get(workspace_id)

    def _new(self, workspace_id: str) -> WrappedKey:
        with self._store.unit_of_work() as uow:
            uow.keys.lock()  # before the master key is read: a rotation under way ends first
            found = uow.keys.get(workspace_id)
            if found is None:
                key_id = secrets.token_hex(_ID_BYTES)
                found = _wrap(secrets.token_bytes(_KEY_BYTES), workspace_id, key_id, self._keys.read()[0])
                uow.keys.add(found)
                uow.commit()
        return found

    def _unwrap(self, key: WrappedKey) -> bytes:
        for master in self._keys.read():
            if master.id == key.master_id:
                try:
                    return AESGCM(master.secret).decrypt(
                        key.wrapped[:_NONCE_BYTES],
                        key.wrapped[_NONCE_BYTES:],
                        _bound(b"wrap", key.workspace_id, key.key_id),
                    )
                except (InvalidTag, ValueError):
                    raise StoreCorrupt(
                        f"The stored key of workspace {key.workspace_id} was altered: restore the operational store from a backup."
                    ) from None
        raise InvalidInput(
            f"The credentials of workspace {key.workspace_id} were sealed under another master key ({key.master_id}): put that "
            "key back into FABRIC_MASTER_KEY or master.key, or connect the accounts of a new workspace."
        )


def _wrap(data_key: bytes, workspace_id: str, key_id: str, master: MasterKey) -> WrappedKey:
    nonce = os.urandom(_NONCE_BYTES)
    wrapped = nonce + AESGCM(master.secret).encrypt(nonce, data_key, _bound(b"wrap", workspace_id, key_id))
    return WrappedKey(workspace_id, key_id, master.id, wrapped)


def _bound(*parts: bytes | str) -> bytes:
    """Associated data: each part with its length before it, so that no two lists of parts give the same bytes."""
    encoded = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def _lines(keys: Sequence[MasterKey]) -> bytes:
    return "".join(f"{key.text}\n" for key in keys).encode()


def _parsed(texts: Sequence[str], source: str) -> list[MasterKey]:
    keys = []
    for text in texts:
        try:
            secret = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            secret = b""
        if len(secret) != _KEY_BYTES:
            raise InvalidInput(
                f"{source} holds no usable master key: it must be {_KEY_BYTES} random bytes in base64, as `openssl rand -base64 "
                f"{_KEY_BYTES}` prints."
            )
        keys.append(MasterKey(secret))
    if not keys:
        raise InvalidInput(f"{source} is empty: restore the master key from your backup, or delete it to start anew.")
    return keys
