"""The index holds what the content is: embedded once, changed by what changed, gone when deleted, whole after a kill."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.vectors import index as index_module
from connectors.vectors.index import VectorIndex, remove_index
from connectors.vectors.lock import writing
from connectors.vectors.pointer import POINTER
from connectors.vectors.search import Searcher
from connectors.vectors.table import open_table
from models.domain.retrieval import Document, Mode
from models.errors import Conflict, InvalidInput, NothingServed, StoreCorrupt

from .content import CONTENT, MODEL, Counting, post

ROOT = Path(__file__).resolve().parents[3]


def found(root: Path, words: str, workspace: str = "harbour", mode: Mode = Mode.HYBRID) -> list[str]:
    return [hit.id for hit in Searcher(root, MODEL).search(workspace, words, mode=mode)]


def versions(root: Path, workspace: str = "harbour") -> list[Path]:
    return [entry for entry in (root / workspace).iterdir() if entry.is_dir()]


def test_only_what_is_new_or_changed_is_embedded(tmp_path: Path) -> None:
    index, model = VectorIndex(tmp_path, "harbour"), Counting()
    first = index.update(CONTENT, model)
    assert (first.documents, first.embedded, first.changed, first.rebuilt) == (6, 6, True, "")
    assert len(model.asked) == 6
    again = index.update(list(reversed(CONTENT)), Counting())
    assert (again.embedded, again.changed) == (0, False)
    edited = [replace(CONTENT[0], text="How we bend ash for the ribs"), *CONTENT[1:], post("7", "Low tide at noon")]
    model.asked.clear()
    later = index.update(edited, model)
    assert (later.documents, later.embedded, later.removed) == (7, 2, 1)
    assert sorted(model.asked) == ["How we bend ash for the ribs", "Low tide at noon"]
    fresh = VectorIndex(tmp_path, "beside")
    fresh.update(edited, Counting())
    assert found(tmp_path, "wood for boats") == found(tmp_path, "wood for boats", "beside")


def test_the_same_text_elsewhere_is_embedded_once(tmp_path: Path) -> None:
    model = Counting()
    done = VectorIndex(tmp_path, "harbour").update(
        [post("1", "Low tide"), post("1", "Low tide", platform="tiktok")], model
    )
    assert (done.documents, done.chunks, len(model.asked)) == (2, 2, 1)


def test_what_is_not_embedded_changes_without_the_model(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path, "harbour")
    index.update(CONTENT, Counting())
    moved = [replace(CONTENT[0], url="https://example.org/moved"), *CONTENT[1:]]
    done = index.update(moved, Counting())
    assert (done.embedded, done.changed) == (0, True)
    assert Searcher(tmp_path, MODEL).search("harbour", "oak planks")[0].url == "https://example.org/moved"


def test_another_model_indexes_anew(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path, "harbour")
    index.update(CONTENT, Counting())
    other = Counting("another-model")
    done = index.update(CONTENT, other)
    assert (done.embedded, len(other.asked)) == (6, 6)
    assert "model changed" in done.rebuilt
    version = index.current()
    assert version is not None
    rows = open_table(index.directory / version.version, 384).search().limit(100).to_list()
    assert {row["model_id"] for row in rows} == {"another-model"}
    with pytest.raises(NothingServed, match="all-MiniLM"):
        Searcher(tmp_path, MODEL).search("harbour", "boat")


def test_a_large_update_is_kept_in_rounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_module, "ROUND", 2)
    heard: list[tuple[int, int]] = []

    class Stops(Counting):
        def documents(self, texts):  # type: ignore[no-untyped-def]
            if len(self.asked) >= 4:
                raise KeyboardInterrupt
            return super().documents(texts)

    index = VectorIndex(tmp_path, "harbour")
    with pytest.raises(KeyboardInterrupt):
        index.update(CONTENT, Stops(), on_round=lambda done, of: heard.append((done, of)))
    assert heard == [(2, 6), (4, 6)]
    partly = index.current()
    assert partly is not None
    assert (partly.chunks, partly.fingerprint) == (4, "")
    done = index.update(CONTENT, Counting())
    assert (done.embedded, done.documents) == (2, 6)
    assert len(versions(tmp_path)) == 1


def test_deleted_content_is_gone_from_the_disk(tmp_path: Path) -> None:
    secret = "Zanzibar-7731"
    index = VectorIndex(tmp_path, "harbour")
    index.update([*CONTENT, post("9", f"The key is under the {secret} mat")], Counting())
    assert found(tmp_path, secret, mode=Mode.TEXT) == ["own:x:harbour:9"]
    assert _holds(tmp_path, secret.lower().split("-")[0])
    before = versions(tmp_path)
    index.update(CONTENT, Counting())
    assert not any(version.exists() for version in before)
    assert not _holds(tmp_path, secret.lower().split("-")[0])
    assert found(tmp_path, secret, mode=Mode.TEXT) == []
    remove_index(tmp_path, "harbour")
    assert not (tmp_path / "harbour").exists()


def _holds(root: Path, word: str) -> bool:
    """Whether any file below holds the word, stored or in an index of words."""
    return any(word.encode() in path.read_bytes().lower() for path in root.rglob("*") if path.is_file())


def test_an_empty_workspace_has_an_empty_index(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path, "harbour")
    assert index.update([post("1", " \n")], Counting()).changed
    assert not index.update([], Counting()).changed
    assert found(tmp_path, "anything") == []
    assert index.update(CONTENT, Counting()).embedded == 6
    assert index.update([], Counting()).removed == 6
    assert versions(tmp_path) == []


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path, "harbour")
    with writing(index.directory, "harbour", wait_seconds=0), pytest.raises(Conflict, match="another process"):
        VectorIndex(tmp_path, "harbour").update(CONTENT, Counting(), wait_seconds=0.2)
    assert index.update(CONTENT, Counting()).changed


@pytest.mark.parametrize("workspace", ["../harbour", "", "a/b", "HARBOUR", ".", "a' or '1'='1"])
def test_what_is_no_workspace_has_no_index(tmp_path: Path, workspace: str) -> None:
    with pytest.raises(InvalidInput, match="no workspace id"):
        VectorIndex(tmp_path, workspace)
    with pytest.raises(InvalidInput, match="no workspace id"):
        Searcher(tmp_path, MODEL).search(workspace, "boat")


def _spoil(kind: str, directory: Path) -> None:
    pointer = directory / POINTER
    [version] = [entry for entry in directory.iterdir() if entry.is_dir()]
    data = max((version / "chunks.lance" / "data").iterdir(), key=lambda path: path.stat().st_size)
    if kind == "pointer is cut":
        pointer.write_text(pointer.read_text()[:40])
    elif kind == "pointer is of another layout":
        pointer.write_text(json.dumps({**json.loads(pointer.read_text()), "layout": 0}))
    elif kind == "pointer leads out":
        pointer.write_text(json.dumps({**json.loads(pointer.read_text()), "version": "../beside"}))
    elif kind == "data is cut":
        data.write_bytes(data.read_bytes()[:100])
    elif kind == "data is gone":
        data.unlink()
    elif kind == "no manifest":
        for path in (version / "chunks.lance" / "_versions").iterdir():
            path.unlink()
    elif kind == "data is overwritten":
        data.write_bytes(b"\xff" * data.stat().st_size)


@pytest.mark.parametrize(
    "kind",
    [
        "pointer is cut",
        "pointer is of another layout",
        "pointer leads out",
        "data is cut",
        "data is gone",
        "no manifest",
    ],
)
def test_a_damaged_index_is_rebuilt_by_the_next_update(tmp_path: Path, kind: str) -> None:
    index = VectorIndex(tmp_path, "harbour")
    index.update(CONTENT, Counting())
    wanted = found(tmp_path, "boat building")
    _spoil(kind, index.directory)
    with pytest.raises(NothingServed):
        found(tmp_path, "boat building")
    done = index.update(CONTENT, Counting())
    assert (done.embedded, done.changed) == (6, True)
    assert "damaged" in done.rebuilt
    assert found(tmp_path, "boat building") == wanted


def test_damage_that_only_reading_shows_is_put_aside_and_rebuilt(tmp_path: Path) -> None:
    index = VectorIndex(tmp_path, "harbour")
    index.update(CONTENT, Counting())
    _spoil("data is overwritten", index.directory)
    with pytest.raises(StoreCorrupt, match="put aside"):
        found(tmp_path, "boat building")
    assert index.current() is None
    assert index.update(CONTENT, Counting()).embedded == 6
    assert found(tmp_path, "boat building")[0] in {"own:x:harbour:1", "brief:5", "draft:6"}


def test_a_reader_goes_on_with_the_version_that_replaced_its_own(tmp_path: Path) -> None:
    index, searcher = VectorIndex(tmp_path, "harbour"), Searcher(tmp_path, MODEL)
    index.update(CONTENT, Counting())
    for number in range(5):
        text = f"The tide table of week {number}"
        index.update([*CONTENT, post("tide", text)], Counting())
        assert searcher.search("harbour", text)[0].passage == text


CHILD = """
    import os, signal, sys
    from pathlib import Path
    from connectors.vectors import index as module, table
    from tests.integration.vectors.content import CONTENT, MODEL, post

    point, root = sys.argv[1], Path(sys.argv[2])

    def die(*_args, **_kwargs):
        os.kill(os.getpid(), signal.SIGKILL)

    def before(owner, name):
        setattr(owner, name, die)

    def after(owner, name):
        real = getattr(owner, name)
        def both(*args, **kwargs):
            real(*args, **kwargs)
            die()
        setattr(owner, name, both)

    if point == "while embedding":
        before(MODEL, "documents")
    elif point == "before the index of words":
        import lancedb.table
        before(lancedb.table.LanceTable, "create_index")
    elif point == "half of the rows written":
        real = table._row
        def some(*args):
            some.rows += 1
            return die() if some.rows == 4 else real(*args)
        some.rows = 0
        table._row = some
    elif point == "before the pointer":
        before(module, "write_index_pointer")
    elif point == "after the pointer":
        after(module, "write_index_pointer")
    module.VectorIndex(root, "harbour").update([*CONTENT[1:], post("8", "Splicing ropes, in pictures")], MODEL)
"""
POINTS = (
    "while embedding", "half of the rows written", "before the index of words", "before the pointer", "after the pointer",
)  # fmt: skip


@pytest.mark.parametrize("point", POINTS)
def test_killed_at_any_point_it_opens_and_ends_the_same(tmp_path: Path, point: str) -> None:
    index = VectorIndex(tmp_path, "harbour")
    index.update(CONTENT, Counting())
    before = found(tmp_path, "a keel")
    child = _child(point, tmp_path)
    assert child.wait(timeout=300) == -signal.SIGKILL, child.communicate()[1]
    old = point != "after the pointer"
    assert ("own:x:harbour:1" in found(tmp_path, "oak planks for a hull")) == old
    if old:
        assert found(tmp_path, "a keel") == before
    wanted = [*CONTENT[1:], post("8", "Splicing ropes, in pictures")]
    model = Counting()
    index.update(wanted, model)
    assert len(model.asked) == (1 if old else 0)
    assert len(versions(tmp_path)) == 1
    VectorIndex(tmp_path, "beside").update(wanted, Counting())
    for words in ("a keel", "oak planks for a hull", "ropes"):
        assert found(tmp_path, words) == found(tmp_path, words, "beside")


@pytest.mark.parametrize("seconds", [0.02, 0.2])
def test_killed_at_a_random_moment_of_writing_it_opens(tmp_path: Path, seconds: float) -> None:
    index = VectorIndex(tmp_path, "harbour")
    index.update(CONTENT, Counting())
    child = _child("never", tmp_path)
    began = time.monotonic()
    while not _is_writing(index.directory) and child.poll() is None and time.monotonic() - began < 300:
        time.sleep(0.005)
    time.sleep(seconds)
    if child.poll() is None:
        os.kill(child.pid, signal.SIGKILL)
    child.wait(timeout=60)
    assert found(tmp_path, "a keel")[0] in {"brief:5", "draft:6"}
    index.update(CONTENT, Counting())
    assert len(versions(tmp_path)) == 1
    assert "own:x:harbour:1" in found(tmp_path, "oak planks for a hull")


def _is_writing(directory: Path) -> bool:
    return sum(entry.is_dir() for entry in directory.iterdir()) > 1


def _child(point: str, root: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), point, str(root)],
        cwd=ROOT, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)},
    )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _model_is_loaded() -> None:
    MODEL.documents(["loaded before anything is timed"])


def test_documents_are_dated_in_utc(tmp_path: Path) -> None:
    VectorIndex(tmp_path, "harbour").update(CONTENT, Counting())
    hit = Searcher(tmp_path, MODEL).search("harbour", "oak planks")[0]
    wanted: Document = CONTENT[0]
    assert hit.published_at == wanted.published_at
    assert hit.published_at is not None
    assert hit.published_at.utcoffset() is not None
