"""Opening a store: migrations, first opening by several processes at once, and stores that cannot be opened."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from models.errors import InvalidInput, StoreCorrupt
from models.store.database import open_store
from models.store.engine import make_engine
from models.store.schema import MIGRATIONS, SCHEMA_HEAD, stored_version
from models.store.tables import metadata

ROOT = Path(__file__).resolve().parents[3]


def test_the_migrations_give_exactly_the_tables(empty_url: str) -> None:
    open_store(empty_url).close()
    engine = make_engine(empty_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        assert stored_version(connection) == SCHEMA_HEAD
    engine.dispose()


def test_the_named_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA_HEAD]


def test_several_processes_open_a_new_store_at_once(empty_url: str) -> None:
    code = "import sys; from models.store.database import open_store; input(); open_store(sys.argv[1]).close()"
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", code, empty_url], cwd=ROOT, text=True, stdin=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(4)
    ]
    for opener in openers:
        assert opener.stdin is not None
        opener.stdin.write("\n")
        opener.stdin.close()
        opener.stdin = None
    errors = [opener.communicate(timeout=120)[1] for opener in openers]
    assert [opener.returncode for opener in openers] == [0] * 4, errors
    engine = make_engine(empty_url)
    with engine.connect() as connection:
        assert connection.execute(text("select version_num from alembic_version")).scalars().all() == [SCHEMA_HEAD]
    engine.dispose()


def test_opening_an_up_to_date_store_does_not_import_alembic(store_url: str) -> None:
    open_store(store_url).close()
    code = (
        "import sys; from models.store.database import open_store; open_store(sys.argv[1]).close(); "
        "print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, store_url], cwd=ROOT, text=True, capture_output=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_migration_that_dies_half_way_leaves_the_store_as_it_was(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import alembic.op

    def die(_statement: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(alembic.op, "execute", die)  # the triggers come after all tables
        with pytest.raises(KeyboardInterrupt):
            open_store(empty_url)
    engine = make_engine(empty_url)
    with engine.connect() as connection:
        assert stored_version(connection) is None
        context = MigrationContext.configure(connection)
        assert {change[0] for change in compare_metadata(context, metadata)} == {"add_table", "add_index"}
    engine.dispose()
    open_store(empty_url).close()


def test_a_store_of_a_newer_version_is_refused(empty_url: str) -> None:
    open_store(empty_url).close()
    engine = make_engine(empty_url)
    with engine.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    engine.dispose()
    with pytest.raises(StoreCorrupt, match="schema 9999"):
        open_store(empty_url)


def test_sqlite_runs_in_wal_with_foreign_keys(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'deep' / 'er' / 'fabric.db'}"
    open_store(url).close()
    engine = make_engine(url)
    with engine.connect() as connection:
        values = [
            connection.exec_driver_sql(f"pragma {name}").scalar()
            for name in ("journal_mode", "foreign_keys", "synchronous")
        ]
        assert values == ["wal", 1, 2]
        assert connection.exec_driver_sql("pragma busy_timeout").scalar() == 15_000
    engine.dispose()


@pytest.mark.postgres
def test_the_short_name_of_postgresql_works(postgres_url: str) -> None:
    with open_store(postgres_url.replace("postgresql://", "postgres://")) as store, store.unit_of_work() as uow:
        assert uow.workspaces.all() == []


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("mysql://localhost/x", "mysql, which is not supported"),
        ("not a url", "not a database URL"),
        ("oracle+nothing://x", "not supported|not a database URL"),
        ("sqlite://", "names no file"),
        ("postgresql://nobody@127.0.0.1:1/none", "cannot be reached"),
    ],
)
def test_a_url_that_cannot_be_used_is_said_in_one_sentence(url: str, says: str) -> None:
    with pytest.raises(InvalidInput, match=says) as caught:
        open_store(url)
    assert "\n" not in str(caught.value)


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InvalidInput, match=str(tmp_path / "file")):
        open_store(f"sqlite:///{tmp_path / 'file' / 'fabric.db'}")


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "fabric.db"
    path.write_bytes(b"This is a letter, not a database. " * 100)
    before = path.read_bytes()
    with pytest.raises(StoreCorrupt, match="restore its file from a backup"):
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before


def test_a_cut_off_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "fabric.db"
    open_store(f"sqlite:///{path}").close()
    with sqlite3.connect(path) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    path.write_bytes(path.read_bytes()[:9000])
    with pytest.raises(StoreCorrupt):
        open_store(f"sqlite:///{path}")
