"""Connected accounts: their sealed credentials, renewal by one process at a time, and what was collected."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from connectors.vault import MasterKeySetting, Vault, new_master_key
from models.domain.connection import ConnectedAccount, ConnectionStatus, Credential, SyncRun, SyncStatus, Vendor
from models.domain.workspace import SYSTEM
from models.errors import AuthExpired, Conflict, FabricError, NotFound, Transient
from models.services import connections
from models.services.connections import RENEWAL_LEASE
from models.store.database import Store
from models.store.unit_of_work import UnitOfWork


@pytest.fixture
def vault(store: Store) -> Vault:
    return Vault(store, MasterKeySetting(new_master_key().text))


def _account(token: str = "token-1", refresh: str | None = "refresh-1", **more) -> ConnectedAccount:
    return ConnectedAccount("42", "Our page", Credential(token, refresh, scopes=("read", "write"), **more))


def _connect(uow: UnitOfWork, brand, vault: Vault, now, account: ConnectedAccount | None = None, sandbox: bool = False):
    return connections.connect_account(
        uow, brand.admin, brand.workspace_id, Vendor.X, account or _account(), cipher=vault, sandbox=sandbox, now=now
    )


def test_an_account_is_connected_and_its_credential_comes_back_whole(store: Store, brand, vault, now) -> None:
    account = _account(
        expires_at=now + timedelta(hours=2), refresh_expires_at=now + timedelta(days=60), extra={"dc": "us6"}
    )
    with store.unit_of_work() as uow:
        made = _connect(uow, brand, vault, now, account)
        assert (made.status, made.account_name, made.scopes) == (
            ConnectionStatus.CONNECTED,
            "Our page",
            ("read", "write"),
        )
        assert (made.expires_at, made.refresh_expires_at) == (now + timedelta(hours=2), now + timedelta(days=60))
        assert connections.list_connections(uow, brand.viewer, "natgeo") == [made]
        assert connections.get_connection(uow, brand.viewer, made.id) == made
        assert connections.credential_of(uow, SYSTEM, made.id, cipher=vault) == account.credential


def test_the_same_account_again_keeps_id_history_and_options(store: Store, brand, vault, now) -> None:
    with store.unit_of_work() as uow:
        first = _connect(uow, brand, vault, now)
        connections.set_options(uow, brand.admin, first.id, {"privacy": "public"}, now=now)
        connections.record_sync(uow, SYSTEM, _run(first.id, now, 0, 1), quota={"calls": "5 left"}, synced_through=now)
        connections.mark_expired(uow, SYSTEM, first.id, "Sign in again.", now=now)
        again = _connect(uow, brand, vault, now + timedelta(days=1), _account("token-2"))
        assert (again.id, again.created_at, again.status, again.message) == (
            first.id, now, ConnectionStatus.CONNECTED, "",
        )  # fmt: skip
        assert (again.options, again.synced_through) == ({"privacy": "public"}, now)
        assert len(connections.list_syncs(uow, brand.viewer, first.id)) == 1
        assert connections.credential_of(uow, SYSTEM, first.id, cipher=vault).access_token == "token-2"
        assert _connect(uow, brand, vault, now, sandbox=True).id != first.id
        kinds = [event.kind for event in uow.events.of_workspace("natgeo") if event.kind.startswith("connection.")]
    assert kinds == [
        "connection.added",
        "connection.changed",
        "connection.expired",
        "connection.renewed",
        "connection.added",
    ]


def test_disconnecting_deletes_the_credential_and_keeps_the_history(store: Store, brand, vault, now) -> None:
    with store.unit_of_work() as uow:
        made = _connect(uow, brand, vault, now)
        connections.record_sync(uow, SYSTEM, _run(made.id, now, 0, 1), quota={}, synced_through=now)
        ended = connections.disconnect(uow, brand.admin, made.id, now=now)
        assert (ended.status, ended.expires_at) == (ConnectionStatus.DISCONNECTED, None)
        assert uow.credentials.get(made.id) is None
        uow.rollback()
        with pytest.raises(Conflict, match="disconnected: connect it again"):
            connections.credential_of(uow, SYSTEM, made.id, cipher=vault)
        assert len(connections.list_syncs(uow, brand.viewer, made.id)) == 1
        assert connections.mark_expired(uow, SYSTEM, made.id, "x", now=now).status is ConnectionStatus.DISCONNECTED
        assert _connect(uow, brand, vault, now).id == made.id
        with pytest.raises(NotFound):
            connections.disconnect(uow, brand.admin, "none", now=now)


def test_no_token_is_in_the_rows_or_in_the_text_of_a_connection(store: Store, brand, vault, now) -> None:
    with store.unit_of_work() as uow:
        made = _connect(uow, brand, vault, now, _account("very-secret-token", "very-secret-refresh"))
        sealed = uow.credentials.get(made.id)
        assert sealed is not None
        assert b"very-secret" not in sealed.sealed
        assert "very-secret" not in repr(made) + repr(uow.events.of_workspace("natgeo"))


class SingleUse:
    """A vendor whose refresh tokens work once; the second use of one is the end of the grant, as RFC 9700 has it."""

    def __init__(self) -> None:
        self.valid = 1
        self.calls = 0
        self.lock = threading.Lock()

    def refresh(self, used: Credential) -> Credential:
        with self.lock:
            self.calls += 1
            if used.refresh_token != f"refresh-{self.valid}":
                raise AuthExpired(
                    "x", account="42", cause="the refresh token was used before", next_step="reconnect the account"
                )
            self.valid += 1
            return Credential(f"token-{self.valid}", f"refresh-{self.valid}")


def test_of_several_processes_one_refreshes_and_all_get_its_answer(store: Store, brand, vault, now) -> None:
    with store.unit_of_work() as uow:
        made = _connect(uow, brand, vault, now)
    vendor = SingleUse()
    got: list[Credential | FabricError] = []
    gate = threading.Barrier(6)

    def renew() -> None:
        with store.unit_of_work() as uow:
            gate.wait()
            try:
                got.append(
                    connections.renew_credential(
                        uow, SYSTEM, made.id, _account().credential, vendor.refresh, cipher=vault, now=now
                    )
                )
            except FabricError as error:
                got.append(error)

    threads = [threading.Thread(target=renew) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert [c.access_token if isinstance(c, Credential) else str(c) for c in got] == ["token-2"] * 6
    assert vendor.calls == 1


def test_a_refresh_under_way_holds_up_nobody_else(store: Store, brand, vault, now) -> None:
    """The vendor may take long; the store's lock is not held meanwhile."""
    with store.unit_of_work() as uow, store.unit_of_work() as other:
        made = _connect(uow, brand, vault, now)

        def refresh(used: Credential) -> Credential:
            connections.set_options(other, brand.admin, made.id, {"list": "7"}, now=now)
            return Credential("token-2")

        fresh = connections.renew_credential(
            uow, SYSTEM, made.id, _account().credential, refresh, cipher=vault, now=now
        )
        assert (fresh.access_token, fresh.refresh_token) == ("token-2", "refresh-1")
        assert connections.get_connection(uow, brand.viewer, made.id).options == {"list": "7"}
        assert connections.credential_of(uow, SYSTEM, made.id, cipher=vault) == fresh


@pytest.mark.parametrize("answered", [False, True])
def test_a_process_killed_while_renewing_is_given_up_after_its_lease(
    store: Store, brand, vault, now, answered: bool
) -> None:
    class Killed(BaseException):
        pass

    vendor = SingleUse()

    def die(used: Credential) -> Credential:
        if answered:
            vendor.refresh(used)
        raise Killed

    with store.unit_of_work() as uow:
        made = _connect(uow, brand, vault, now)
    used = _account().credential
    with pytest.raises(Killed), store.unit_of_work() as uow:
        connections.renew_credential(uow, SYSTEM, made.id, used, die, cipher=vault, now=now)
    waits: list[float] = []
    with store.unit_of_work() as uow:
        if not answered:
            fresh = connections.renew_credential(
                uow, SYSTEM, made.id, used, vendor.refresh, cipher=vault, now=now, sleep=waits.append
            )
            assert fresh.access_token == "token-2"
        else:  # the vendor spent the token and the new one is lost: a person must sign in, and is told so
            with pytest.raises(AuthExpired):
                connections.renew_credential(
                    uow, SYSTEM, made.id, used, vendor.refresh, cipher=vault, now=now, sleep=waits.append
                )
            found = connections.get_connection(uow, brand.viewer, made.id)
            assert (found.status, "used before" in found.message) == (ConnectionStatus.EXPIRED, True)
    assert sum(waits) == pytest.approx(RENEWAL_LEASE.total_seconds(), abs=1)


def test_a_lease_from_a_clock_far_ahead_does_not_block(store: Store, brand, vault, now) -> None:
    with store.unit_of_work() as uow:
        made = _connect(uow, brand, vault, now)
        uow.credentials.set_renewing(made.id, now + timedelta(days=400))
        uow.commit()
        connections.renew_credential(
            uow, SYSTEM, made.id, _account().credential, SingleUse().refresh, cipher=vault, now=now, sleep=pytest.fail
        )


def test_a_failed_refresh_leaves_the_credential_and_frees_the_lease(store: Store, brand, vault, now) -> None:
    def fail(used: Credential) -> Credential:
        raise Transient("x", account="42", cause="no connection", next_step="it is tried again")

    with store.unit_of_work() as uow:
        made = _connect(uow, brand, vault, now)
        for _ in range(2):
            with pytest.raises(Transient):
                connections.renew_credential(
                    uow, SYSTEM, made.id, _account().credential, fail, cipher=vault, now=now, sleep=pytest.fail
                )
        assert connections.credential_of(uow, SYSTEM, made.id, cipher=vault) == _account().credential
        assert connections.get_connection(uow, brand.viewer, made.id).status is ConnectionStatus.CONNECTED


def test_a_refusal_is_no_end_when_another_process_has_renewed_meanwhile(store: Store, brand, vault, now) -> None:
    with store.unit_of_work() as uow:
        made = _connect(uow, brand, vault, now)

        def overtaken(used: Credential) -> Credential:
            with store.unit_of_work() as other:
                _connect(other, brand, vault, now, _account("token-9"))
            raise AuthExpired("x", account="42", cause="used before", next_step="reconnect the account")

        renewed = connections.renew_credential(
            uow, SYSTEM, made.id, _account().credential, overtaken, cipher=vault, now=now
        )
        assert renewed.access_token == "token-9"
        assert connections.get_connection(uow, brand.viewer, made.id).status is ConnectionStatus.CONNECTED


def _run(connection_id: str, now, since: int, until: int, status: SyncStatus = SyncStatus.DONE, **more) -> SyncRun:
    """A run over hours `since` to `until`; later runs start later."""
    started = more.pop("started", 0)
    return replace(
        SyncRun(
            f"{since}-{until}-{status}-{started}", connection_id, "natgeo", "posts", now + timedelta(hours=since),
            now + timedelta(hours=until), now + timedelta(minutes=started), now + timedelta(minutes=started + 1), status,
            3, 9, 0,
        ),
        **more,
    )  # fmt: skip


def test_a_run_is_recorded_once_with_what_it_says_of_the_connection(store: Store, brand, vault, now) -> None:
    with store.unit_of_work() as uow:
        made = _connect(uow, brand, vault, now)
        run = _run(made.id, now, 0, 5, SyncStatus.PARTIAL, message="Stories were refused.")
        synced = connections.record_sync(uow, SYSTEM, run, quota={"calls": "10 of 20 left"}, synced_through=run.until)
        assert (synced.last_sync_at, synced.synced_through) == (run.finished_at, run.until)
        assert (synced.quota, synced.message) == ({"calls": "10 of 20 left"}, "Stories were refused.")
        assert connections.record_sync(uow, SYSTEM, run, quota={}, synced_through=now) == synced
        later = _run(made.id, now, 5, 6, started=9)
        failed = connections.record_sync(uow, SYSTEM, later, quota={}, synced_through=None)
        assert (failed.synced_through, failed.message) == (run.until, "")
        assert connections.list_syncs(uow, brand.viewer, made.id) == [later, run]
        assert connections.list_syncs(uow, brand.viewer, made.id, limit=1) == [later]


@pytest.mark.parametrize(
    ("later", "open_gap"),
    [
        ([], True),
        ([(0, 10)], False),
        ([(-5, 20)], False),
        ([(0, 9)], True),
        ([(0, 5), (5, 10)], False),
        ([(5, 10), (0, 5)], False),
        ([(0, 5), (6, 10)], True),
    ],
)
def test_a_gap_is_open_until_later_runs_cover_it(store: Store, brand, vault, now, later, open_gap: bool) -> None:
    with store.unit_of_work() as uow:
        made = _connect(uow, brand, vault, now)
        bad = _run(made.id, now, 0, 10, SyncStatus.FAILED, started=10)
        before = _run(made.id, now, 0, 10, started=5)
        other = _run(made.id, now, 0, 10, started=99, id="other", stream="audience")
        again = _run(made.id, now, 0, 10, SyncStatus.PARTIAL, started=11)
        done = [_run(made.id, now, since, until, started=20 + n) for n, (since, until) in enumerate(later)]
        for run in (bad, before, other, again, *done):
            connections.record_sync(uow, SYSTEM, run, quota={}, synced_through=None)
        assert connections.gaps(uow, brand.viewer, made.id) == ([bad, again] if open_gap else [])
