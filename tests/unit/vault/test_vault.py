"""The vault: what is sealed opens for its workspace and purpose alone, and through every rotation."""

from __future__ import annotations

import base64
import stat
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.vault import MasterKey, MasterKeyFile, MasterKeySetting, Vault, master_keys, new_master_key
from models.domain.workspace import SYSTEM
from models.errors import InvalidInput, StoreCorrupt
from models.services import onboarding
from models.store.database import Store, open_store
from models.store.unit_of_work import UnitOfWork

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("vault") / "fabric.db"
    with open_store(f"sqlite:///{path}") as store, store.unit_of_work() as uow:
        for name in ("one", "two"):
            onboarding.create_workspace(uow, SYSTEM, name=name, now=NOW)
    return path.read_bytes()


@pytest.fixture
def store(template: bytes, tmp_path: Path):
    (tmp_path / "fabric.db").write_bytes(template)
    with open_store(f"sqlite:///{tmp_path / 'fabric.db'}") as opened:
        yield opened


@pytest.fixture
def vault(store: Store, tmp_path: Path) -> Vault:
    return Vault(store, MasterKeyFile(tmp_path / "master.key"))


def test_what_is_sealed_opens_again_and_never_looks_the_same(vault: Vault) -> None:
    sealed = [vault.seal("one", "credential", b"secret") for _ in range(2)]
    assert sealed[0] != sealed[1]
    assert b"secret" not in sealed[0]
    assert [vault.open("one", "credential", value) for value in sealed] == [b"secret"] * 2


@settings(max_examples=25, deadline=None)
@given(st.binary(max_size=5_000), st.text(max_size=20))
def test_any_bytes_and_purpose(
    template: bytes, tmp_path_factory: pytest.TempPathFactory, data: bytes, purpose: str
) -> None:
    path = tmp_path_factory.mktemp("any") / "fabric.db"
    path.write_bytes(template)
    with open_store(f"sqlite:///{path}") as store:
        vault = Vault(store, MasterKeySetting(new_master_key().text))
        assert vault.open("one", purpose, vault.seal("one", purpose, data)) == data


def test_another_workspace_purpose_or_one_changed_bit_is_refused(vault: Vault) -> None:
    sealed = vault.seal("one", "credential", b"secret")
    vault.seal("two", "credential", b"other")
    wrong = [
        ("two", "credential", sealed),
        ("one", "credentia", sealed),
        ("one", "credential", sealed[:-1]),
        ("one", "credential", b""),
    ]
    wrong += [
        ("one", "credential", sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]) for at in range(len(sealed))
    ]
    for workspace, purpose, value in wrong:
        with pytest.raises(StoreCorrupt, match="connect the account again") as caught:
            vault.open(workspace, purpose, value)
        assert "secret" not in str(caught.value)


def test_a_wrong_master_key_is_one_clear_sentence(store: Store, vault: Vault) -> None:
    sealed = vault.seal("one", "credential", b"secret")
    other = Vault(store, MasterKeySetting(new_master_key().text))
    for attempt in (lambda: other.open("one", "credential", sealed), lambda: other.seal("one", "credential", b"x")):
        with pytest.raises(InvalidInput, match="sealed under another master key") as caught:
            attempt()
        assert "\n" not in str(caught.value)


def test_the_key_file_is_its_owners_alone_and_made_once(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "master.key"
    got: list[Sequence[str]] = []
    gate = threading.Barrier(8)

    def read() -> None:
        gate.wait()
        got.append([key.id for key in MasterKeyFile(path).read()])

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(got) == 8
    assert len({tuple(ids) for ids in got}) == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["master.key"]


@pytest.mark.parametrize("text", ["", "abc", base64.b64encode(b"x" * 31).decode(), "not base64 at all !", "ä"])
def test_a_key_that_cannot_be_one_is_refused_without_being_shown(tmp_path: Path, text: str) -> None:
    path = tmp_path / "master.key"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"no usable master key|is empty") as caught:
        MasterKeyFile(path).read()
    assert not text or text not in str(caught.value)
    if text:
        with pytest.raises(InvalidInput, match="FABRIC_MASTER_KEY holds no usable"):
            master_keys(text, tmp_path)


def test_a_master_key_never_shows_itself(tmp_path: Path) -> None:
    key = new_master_key()
    assert key.text not in repr(key) + str(key)
    assert isinstance(master_keys(key.text, tmp_path), MasterKeySetting)
    assert isinstance(master_keys("", tmp_path), MasterKeyFile)


def test_a_key_goes_with_its_workspace(store: Store, vault: Vault) -> None:
    sealed = vault.seal("one", "credential", b"secret")
    with store.unit_of_work() as uow:
        onboarding.delete_workspace(uow, SYSTEM, "one", now=NOW)
        assert uow.keys.get("one") is None
        onboarding.create_workspace(uow, SYSTEM, name="one", now=NOW)
    vault.seal("one", "credential", b"new")
    with pytest.raises(StoreCorrupt, match="a key that is not there"):
        vault.open("one", "credential", sealed)


def test_rotation_rewraps_every_key_and_gives_up_the_old_one(store: Store, vault: Vault, tmp_path: Path) -> None:
    sealed = {name: vault.seal(name, "credential", name.encode()) for name in ("one", "two")}
    old = MasterKeyFile(tmp_path / "master.key").read()[0]
    new = new_master_key()
    assert vault.rotate(new) == 2
    assert vault.rotate(new) == 0
    assert [key.id for key in MasterKeyFile(tmp_path / "master.key").read()] == [new.id]
    for name, value in sealed.items():
        assert vault.open(name, "credential", value) == name.encode()
    with pytest.raises(InvalidInput, match="another master key"):
        Vault(store, MasterKeySetting(old.text)).open("one", "credential", sealed["one"])


class _Killed(BaseException):
    pass


class _Steps:
    """Ends the process at step `at`: before and after every write of the key file and every commit."""

    def __init__(self, at: int) -> None:
        self.at, self.taken = at, 0

    def take(self) -> None:
        self.taken += 1
        if self.taken == self.at:
            raise _Killed


class _MortalKeys:
    def __init__(self, keys: MasterKeyFile, steps: _Steps) -> None:
        self._keys, self._steps = keys, steps

    def read(self) -> Sequence[MasterKey]:
        return self._keys.read()

    def write(self, keys: Sequence[MasterKey]) -> None:
        self._steps.take()
        self._keys.write(keys)
        self._steps.take()


class _MortalStore:
    def __init__(self, store: Store, steps: _Steps) -> None:
        self._store, self._steps = store, steps

    def unit_of_work(self) -> UnitOfWork:
        uow = self._store.unit_of_work()
        commit, rewrap = uow.commit, uow.keys.rewrap

        def mortal_commit() -> None:
            self._steps.take()
            commit()
            self._steps.take()

        def mortal_rewrap(key) -> None:
            self._steps.take()
            rewrap(key)

        uow.commit = mortal_commit  # type: ignore[method-assign]
        uow.keys.rewrap = mortal_rewrap  # type: ignore[method-assign]
        return uow


def test_a_rotation_killed_at_each_step_loses_nothing_and_is_completed_by_another(
    store: Store, vault: Vault, tmp_path: Path
) -> None:
    sealed = {name: vault.seal(name, "credential", name.encode()) for name in ("one", "two")}
    file = MasterKeyFile(tmp_path / "master.key")
    for at in count(1):
        steps = _Steps(at)
        try:
            Vault(_MortalStore(store, steps), _MortalKeys(file, steps)).rotate(new_master_key())  # type: ignore[arg-type]
        except _Killed:
            pass
        else:
            break
        for name, value in sealed.items():
            assert vault.open(name, "credential", value) == name.encode(), f"killed at step {at}"
        if at % 2:
            vault.rotate(new_master_key())
            assert len(file.read()) == 1
    assert at == 9, "two writes of the file, two rewraps and one commit were to be interrupted"
    assert len(file.read()) == 1
    for name, value in sealed.items():
        assert vault.open(name, "credential", value) == name.encode()


def test_rotations_and_new_workspaces_at_once_lose_no_key(store: Store, vault: Vault, tmp_path: Path) -> None:
    with store.unit_of_work() as uow:
        for number in range(8):
            onboarding.create_workspace(uow, SYSTEM, name=f"w{number}", now=NOW)
    sealed: dict[str, bytes] = {}
    failed: list[BaseException] = []
    gate = threading.Barrier(4)

    def run(work) -> None:
        gate.wait()
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - reported below
            failed.append(error)

    def seal(first: int) -> None:
        for number in range(first, 8, 2):
            sealed[f"w{number}"] = vault.seal(f"w{number}", "credential", str(number).encode())

    def rotate() -> None:
        for _ in range(3):
            vault.rotate(new_master_key())

    works = [lambda: seal(0), lambda: seal(1), rotate, rotate]
    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []
    assert {name: vault.open(name, "credential", value) for name, value in sealed.items()} == {
        f"w{number}": str(number).encode() for number in range(8)
    }


def test_a_key_in_the_setting_is_rotated_by_naming_both(store: Store) -> None:
    old, new = new_master_key(), new_master_key()
    sealed = Vault(store, MasterKeySetting(old.text)).seal("one", "credential", b"secret")
    with pytest.raises(InvalidInput, match="write the new key before the old one"):
        Vault(store, MasterKeySetting(old.text)).rotate(new)
    assert Vault(store, MasterKeySetting(f"{new.text}, {old.text}")).rotate(new) == 1
    assert Vault(store, MasterKeySetting(new.text)).open("one", "credential", sealed) == b"secret"
