"""`fabric export` and back: equal marts in another home, and every way in which a folder is not what it should be."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.assets import AssetStore
from connectors.warehouse.contracts.operations import CONTRACTS
from connectors.warehouse.manifest import MANIFEST, is_archive
from models.domain.connection import ConnectedAccount, Credential, Vendor
from models.domain.publishing import Published
from models.domain.workspace import SYSTEM, Role
from models.errors import Conflict, ImportRefused, InvalidInput
from models.services import approvals, assets, connections, drafts, onboarding, outbox
from models.store.database import open_store
from orchestration.archiving import Exported, export_workspace, import_workspace
from orchestration.runs import build, generate

from .conftest import World

START = datetime.now(UTC).date() + timedelta(days=14)
SECRET = "xoxb-this-token-must-never-leave"
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c020000000b4944415478da6364f80f00010501012718e3660000"
    "000049454e44ae426082"
)


@pytest.fixture(scope="module")
def busy(new_world: Callable[[], World]) -> World:
    """A workspace with a plan, drafts that people decided on, a post that went out, one that waits, and a picture."""
    world = new_world()
    world.add_workspace("magazine")
    world.land("magazine", "first")
    build(world.settings)
    generate(world.settings, "magazine", weeks=2, start=START)
    now = datetime.now(UTC)
    with open_store(world.settings.store_url) as store, store.unit_of_work() as uow:
        admin = onboarding.add_member(
            uow, SYSTEM, "magazine", email="ana@example.org", name="Ana", role=Role.ADMIN, now=now
        )
        connections.connect_account(
            uow, SYSTEM, "magazine", Vendor.FACEBOOK, ConnectedAccount("page", "Page", Credential(SECRET)),
            sandbox=True, cipher=world.stores.cipher(store), now=now,
        )  # fmt: skip
        with (world.settings.home / "dot.png").open("w+b") as picture:
            picture.write(PNG)
            picture.seek(0)
            kept = AssetStore(world.settings.home / "assets").add("magazine", picture, name="dot.png", now=now)
        assets.save_asset(uow, SYSTEM, kept)
        first, second, third, *_ = drafts.list_drafts(uow, SYSTEM, "magazine")
        principal = onboarding.sign_in(uow, admin.email)
        approvals.approve(uow, principal, first.id, version=1, now=now)
        approvals.request_changes(uow, principal, second.id, version=1, note="Shorter", now=now)
        drafts.edit_draft(uow, principal, second.id, text="A short word.", based_on=1, now=now + timedelta(hours=1))
        approvals.approve(uow, principal, second.id, version=2, now=now + timedelta(hours=2))
        approvals.reject(uow, principal, third.id, version=1, note="No", now=now)
        due = max(first.slot_at, second.slot_at) + timedelta(minutes=1)
        item = outbox.claim_next(uow, SYSTEM, worker="test", now=due)
        assert item is not None
        item = outbox.mark_sending(uow, SYSTEM, item, worker="test", now=due)
        outbox.mark_sent(uow, SYSTEM, item, Published("post-003", None, due), worker="test", now=due)
    build(world.settings)
    return world


@pytest.fixture(scope="module")
def exported(busy: World, tmp_path_factory: pytest.TempPathFactory) -> Exported:
    return export_workspace(busy.stores, "magazine", tmp_path_factory.mktemp("exports") / "magazine")


@pytest.fixture
def copy(exported: Exported, tmp_path: Path) -> Path:
    """The folder, to be spoilt."""
    shutil.copytree(exported.folder, tmp_path / "copy")
    return tmp_path / "copy"


def test_operations_reach_the_served_marts(busy: World) -> None:
    with busy.stores.reader.open("magazine") as served:
        status = dict(served.query("select status, count(*) from mart_drafts group by status").iter_rows())
        assert (status["approved"], status["rejected"]) == (2, 1)
        assert served.scalar("select count(*) from mart_publications where status = 'sent' and post_observed") == 1
        assert served.scalar("select sum(planned) from mart_publishing_funnel") == sum(status.values())
        assert served.scalar("select sum(calls) from mart_ai_cost where provider = 'rules' and cost_usd = 0") > 2
        assert served.scalar("select count(*) from mart_recommendations where state = 'open'") > 0
        assert served.scalar("select count(distinct verdict) from mart_variant_tests") == 1


def test_an_export_is_whole_and_current(exported: Exported) -> None:
    manifest = json.loads((exported.folder / MANIFEST).read_text())
    assert exported.current
    assert is_archive(exported.folder)
    assert {file["path"] for file in manifest["files"]} | {MANIFEST} == {
        p.relative_to(exported.folder).as_posix() for p in exported.folder.rglob("*") if p.is_file()
    }
    assert set(CONTRACTS) <= set(manifest["marts"])
    assert pq.read_table(exported.folder / "marts" / "mart_drafts.parquet").num_rows == manifest["counts"]["drafts"]
    assert (manifest["counts"]["landing"], manifest["counts"]["media"]) == (1, 1)


def test_no_secret_and_no_address_is_in_an_export(exported: Exported) -> None:
    for path in exported.folder.rglob("*.parquet"):
        text = repr(pq.read_table(path).to_pylist())
        assert SECRET not in text, path
        assert "ana@example.org" not in text, path
    assert {p.stem for p in (exported.folder / "operations").iterdir()}.isdisjoint(
        {"credentials", "workspace_keys", "users"}
    )


def test_another_home_builds_the_same_marts(
    busy: World, exported: Exported, new_world: Callable[[], World], tmp_path: Path
) -> None:
    other = new_world()
    restored = import_workspace(other.stores, exported.folder)
    assert (restored.workspace_id, restored.batches, restored.media) == ("magazine", 1, 1)
    assert (restored.accounts, restored.waiting) == (1, 1)
    report = build(other.settings)
    here = build(busy.settings)
    assert report.marts == here.marts
    assert report.digest == here.digest == restored.digest == exported.digest
    again = export_workspace(other.stores, "magazine", tmp_path / "again")
    assert again.digest == exported.digest
    names = ("drafts", "approvals", "outbox", "ai_usage", "strategies")
    for name in names:
        one, two = (pq.read_table(f / "operations" / f"{name}.parquet") for f in (exported.folder, again.folder))
        assert one.equals(two), name
    with pytest.raises(Conflict, match="magazine is here already"):
        import_workspace(other.stores, exported.folder)
    assert build(other.settings).digest == exported.digest


def test_nothing_goes_out_from_a_restored_workspace_until_its_accounts_are_connected(
    exported: Exported, new_world: Callable[[], World]
) -> None:
    other = new_world()
    import_workspace(other.stores, exported.folder)
    with other.stores.open_store() as store, store.unit_of_work() as uow:
        far = datetime.now(UTC) + timedelta(days=400)
        assert outbox.claim_next(uow, SYSTEM, worker="test", now=far) is None
        (account,) = connections.list_connections(uow, SYSTEM, "magazine")
        assert (account.status.value, "connect the account again" in account.message) == ("expired", True)
        assert onboarding.list_members(uow, SYSTEM, "magazine") == []


def flip(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    path.write_bytes(raw)


def landing(folder: Path) -> Path:
    return next((folder / "landing").rglob("*.parquet"))


def edited(change: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    def apply(folder: Path) -> None:
        manifest = json.loads((folder / MANIFEST).read_text())
        change(manifest)
        (folder / MANIFEST).write_text(json.dumps(manifest))

    return apply


def add_file(path: str) -> Callable[[dict[str, Any]], Any]:
    return lambda m: m["files"].append({"path": path, "bytes": 1, "sha256": "0" * 64, "rows": None})


def link(folder: Path) -> None:
    path = landing(folder)
    path.rename(folder / "elsewhere")
    path.symlink_to(folder / "elsewhere")


def foreign_rows(folder: Path) -> None:
    """A landing file with rows of another workspace, its checksum mended in the manifest."""
    path = landing(folder)
    table = pq.read_table(path)
    column = pa.array(["radio"] * table.num_rows)
    pq.write_table(table.set_column(table.schema.get_field_index("workspace_id"), "workspace_id", column), path)
    mend(folder, path)


def foreign_draft(folder: Path) -> None:
    path = folder / "operations" / "drafts.parquet"
    table = pq.read_table(path)
    position = table.schema.get_field_index("workspace_id")
    pq.write_table(table.set_column(position, "workspace_id", pa.array(["radio"] * table.num_rows)), path)
    mend(folder, path)


def orphan_drafts(folder: Path) -> None:
    path = folder / "operations" / "calendar_entries.parquet"
    pq.write_table(pq.read_table(path).slice(0, 0), path)
    mend(folder, path)


def mend(folder: Path, path: Path) -> None:
    from connectors.warehouse.manifest import checksum

    def change(manifest: dict[str, Any]) -> None:
        for file in manifest["files"]:
            if file["path"] == path.relative_to(folder).as_posix():
                file |= {"sha256": checksum(path), "bytes": path.stat().st_size}

    edited(change)(folder)


SPOILT: dict[str, tuple[Callable[[Path], Any], str]] = {
    "damaged": (lambda f: flip(landing(f)), "is damaged"),
    "missing": (lambda f: landing(f).unlink(), "is missing"),
    "cut": (lambda f: os.truncate(f / "operations" / "drafts.parquet", 40), "is damaged"),
    "half": (lambda f: (f / MANIFEST).write_text('{"format": "fabric-workspace", "ver'), "cannot be read"),
    "no manifest": (lambda f: (f / MANIFEST).unlink(), "cannot be read"),
    "foreign": (edited(lambda m: m.update(format="something-else")), "is not the manifest"),
    "newer": (edited(lambda m: m.update(version=2)), "newer version of FABRIC"),
    "unknown field": (edited(lambda m: m.update(run="rm")), "is not the manifest"),
    "outside": (edited(add_file("landing/../../etc/passwd")), "no path of an export"),
    "absolute": (edited(add_file("/etc/passwd")), "no path of an export"),
    "hidden": (edited(add_file("media/.bashrc")), "no path of an export"),
    "twice": (edited(lambda m: m["files"].append(m["files"][0])), "listed twice"),
    "bad id": (edited(lambda m: m["workspace"].update(id="../up")), "is not a landing file|cannot be restored"),
    "link": (link, "is a link"),
    "foreign rows": (foreign_rows, "is not a landing file"),
    "foreign draft": (foreign_draft, "belongs to another workspace"),
    "orphans": (orphan_drafts, "refers to one that is not"),
}


@pytest.fixture(scope="module")
def empty(new_world: Callable[[], World]) -> World:
    world = new_world()
    world.stores.open_store().close()
    return world


@pytest.mark.parametrize("fault", SPOILT)
def test_a_folder_that_is_not_whole_is_refused_and_changes_nothing(copy: Path, empty: World, fault: str) -> None:
    spoil, says = SPOILT[fault]
    spoil(copy)
    with pytest.raises((ImportRefused, InvalidInput, Conflict), match=says) as caught:
        import_workspace(empty.stores, copy)
    assert "\n" not in str(caught.value)
    assert list(empty.stores.workspaces()) == []
    assert not (empty.settings.landing_dir / "magazine").exists()
    assert not (empty.settings.home / "assets" / "magazine").exists()
    assert not list(empty.settings.home.glob(".*.tmp"))


def test_an_import_that_was_killed_half_way_can_be_done_again(
    exported: Exported, new_world: Callable[[], World], monkeypatch: pytest.MonkeyPatch
) -> None:
    other = new_world()
    other.stores.open_store().close()
    monkeypatch.setattr("connectors.warehouse.archive.shutil.rmtree", lambda *_args, **_how: None)  # as a kill would

    def die(*_args: Any, **_how: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("models.services.archive.restore_workspace", die)
        with pytest.raises(KeyboardInterrupt):
            import_workspace(other.stores, exported.folder)
    assert (other.settings.landing_dir / "magazine" / ".importing").exists()
    monkeypatch.undo()
    assert import_workspace(other.stores, exported.folder).batches == 1
    assert not (other.settings.landing_dir / "magazine" / ".importing").exists()


def test_landing_files_without_their_workspace_are_left_alone(
    exported: Exported, new_world: Callable[[], World]
) -> None:
    other = new_world()
    other.land("magazine", "mine")
    with pytest.raises(ImportRefused, match="although the workspace is not"):
        import_workspace(other.stores, exported.folder)
    assert (other.settings.landing_dir / "magazine").exists()


def test_an_export_goes_into_a_new_folder_only(busy: World, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").write_text("mine")
    with pytest.raises(InvalidInput, match="not empty"):
        export_workspace(busy.stores, "magazine", tmp_path / "there")
    assert [p.name for p in tmp_path.iterdir()] == ["there"]


def test_an_export_before_the_first_build_has_no_marts(new_world: Callable[[], World], tmp_path: Path) -> None:
    world = new_world()
    world.add_workspace("magazine")
    world.land("magazine", "first")
    done = export_workspace(world.stores, "magazine", tmp_path / "bare")
    assert (done.digest, done.current) == ("", False)
    other = new_world()
    assert import_workspace(other.stores, tmp_path / "bare").rows > 0
