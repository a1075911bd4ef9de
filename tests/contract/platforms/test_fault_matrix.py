"""Every fault against every connector: a typed error or a right recovery, nothing twice, nothing lost.

The outcomes are the table in `docs/faults.md`; `make docs` writes it, and a table that no longer says what happens fails.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from connectors.answers import Answer
from connectors.http import Effect, VendorClient
from connectors.sandbox.clock import Clock
from connectors.sandbox.faults import FaultKind
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.sandbox.world import World
from models.domain.connection import ConnectedAccount, Vendor
from models.ports import Stream
from tests.contract.platforms.faults import Outcome, connect, numbers, post_for, posts, publish_under, read_under
from tests.contract.platforms.kit import MemoryPhases, sign_in

VENDORS = tuple(vendor for vendor in Vendor if vendor is not Vendor.SMTP)
"""SMTP speaks no HTTP; its faults are in `test_smtp.py`."""
LOSES_VALUES = {FaultKind.MISSING_FIELDS, FaultKind.NULL_FIELDS}
DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "faults.md"
_told: dict[tuple[str, Vendor, FaultKind], str] = {}


@dataclass(frozen=True)
class Bench:
    sandbox: RunningSandbox
    account: ConnectedAccount
    folder: Path
    media_url: str


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A folder that the sandbox can download from, as platforms do that pull media."""
    folder = tmp_path_factory.mktemp("media")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module", params=VENDORS, ids=str)
def bench(request: pytest.FixtureRequest, media: tuple[Path, str]) -> Iterator[Bench]:
    vendor: Vendor = request.param
    # The clock stands, so that two readings of the same thing are the same numbers.
    world = World(clock=Clock(datetime.now(UTC)), posts=dict.fromkeys(Vendor, 24))
    with running_sandbox(world, vendors=[vendor]) as sandbox:
        yield Bench(sandbox, sign_in(sandbox, vendor), *media)


@pytest.mark.parametrize("kind", list(FaultKind), ids=str)
def test_publishing(bench: Bench, kind: FaultKind, request: pytest.FixtureRequest) -> None:
    vendor = request.node.callspec.params["bench"]
    post = post_for(vendor, bench.account, f"{vendor.value}-{kind.value}", bench.folder, bench.media_url)
    outcome: Outcome = publish_under(bench.sandbox, vendor, bench.account, post, kind)
    _told[("publish", vendor, kind)] = outcome.words
    assert outcome.happened == 1, outcome
    assert outcome.words.endswith(("sent", "found")), outcome
    assert bench.sandbox.world.ledger.duplicates() == {}


def test_one_irreversible_call_follows_the_intent_and_only_reads_follow_it(
    bench: Bench, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    vendor = request.node.callspec.params["bench"]
    seen: list[str] = []
    real = VendorClient.call

    def call(client: VendorClient, method: str, url: str, *, effect: Effect, **more: Any) -> Answer:
        seen.append(effect.value)
        return real(client, method, url, effect=effect, **more)

    class Watched(MemoryPhases):
        def sending(self) -> None:
            seen.append("sending")

    monkeypatch.setattr(VendorClient, "call", call)
    post = post_for(vendor, bench.account, f"{vendor.value}-order", bench.folder, bench.media_url)
    connect(bench.sandbox, vendor, bench.account).publish(post, Watched())
    before, after = seen[: seen.index("sending")], seen[seen.index("sending") + 1 :]
    assert "commit" not in before
    assert after[0] == "commit"
    assert set(after[1:]) <= {"read"}


@pytest.mark.parametrize("kind", list(FaultKind), ids=str)
def test_reading(bench: Bench, kind: FaultKind, request: pytest.FixtureRequest) -> None:
    vendor = request.node.callspec.params["bench"]
    until = bench.sandbox.world.advance(timedelta(minutes=2))  # past the vendors' windows of calls per minute
    since = until - timedelta(days=40)
    expected = list(connect(bench.sandbox, vendor, bench.account).collect(Stream.POSTS, since=since, until=until))
    assert posts(expected)
    words, records = read_under(bench.sandbox, vendor, bench.account, Stream.POSTS, kind, since=since, until=until)
    _told[("read", vendor, kind)] = words
    assert posts(records) == posts(expected)
    if kind in LOSES_VALUES:
        found = numbers(records)
        assert all(found.get(key) in (None, value) for key, value in numbers(expected).items()), "a number was invented"
        return
    assert {key[:2]: value for key, value in numbers(records).items()} == {
        key[:2]: value for key, value in numbers(expected).items()
    }


def test_the_table_in_the_docs_says_what_happens() -> None:
    if len(_told) < 2 * len(VENDORS) * len(FaultKind):
        pytest.skip("only a part of the matrix was run")
    text = _document()
    if os.environ.get("FABRIC_WRITE_DOCS"):
        DOCUMENT.write_text(text, encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8") == text, "docs/faults.md is stale: run make docs"


def _document() -> str:
    lines = [
        "# What faults come to",
        "",
        "Written by `tests/contract/platforms/test_fault_matrix.py` (`make docs`): each connector publishes and reads against",
        "the sandbox while one fault strikes the irreversible call, or the first call of a reading. In every cell of the",
        "first table the sandbox's ledger holds the post once; in every cell of the second no observation was lost.",
        "",
    ]
    for what, title in (("publish", "Publishing"), ("read", "Reading posts")):
        lines += [f"## {title}", "", "| fault | " + " | ".join(v.label for v in VENDORS) + " |"]
        lines.append("|" + " --- |" * (len(VENDORS) + 1))
        for kind in FaultKind:
            cells = " | ".join(_told[(what, vendor, kind)] for vendor in VENDORS)
            lines.append(f"| `{kind.value}` | {cells} |")
        lines.append("")
    return "\n".join(lines)
