"""Meta's own code generation specification names every parameter and metric that the connectors send."""

from __future__ import annotations

import json
import re
import threading
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.sandbox.world import World
from models.domain.connection import Vendor
from models.domain.publishing import OutgoingPost
from tests.contract.platforms.kit import MemoryPhases, connect, image, video

pytestmark = pytest.mark.judge
SPECS = Path(__file__).resolve().parents[3].parent / "shared" / "specs" / "meta"
GENERIC = {"access_token", "appsecret_proof", "fields", "ids", "limit", "after", "since", "until"}
"""Parameters of the Graph API as a whole (reading, paging, time-based paging, securing requests)."""
UNLISTED = {
    (
        "POST",
        "photos",
        "source",
    ): "the file of a multipart upload; the specification lists no file parameters of photos",
}
NODES = {Vendor.FACEBOOK: "Page", Vendor.INSTAGRAM: "IGUser"}


@dataclass(frozen=True)
class Sent:
    method: str
    path: tuple[str, ...]
    values: dict[str, str]


class Recorder(httpx.HTTPTransport):
    """The real transport, which keeps what was sent."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[Sent] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        values = dict(request.url.params)
        if request.headers.get("content-type", "").startswith("multipart/"):
            values |= dict.fromkeys(re.findall(r'; name="(\w+)"', body.decode("latin-1")), "")
        else:
            values |= dict(parse_qsl(body.decode()))
        self.sent.append(Sent(request.method, tuple(request.url.path.split("/v25.0/")[1].split("/")), values))
        return super().handle_request(request)


@pytest.fixture(scope="module")
def edges() -> dict[str, Any]:
    if not SPECS.is_dir():
        pytest.skip("../shared is absent: the specification stands beside the project, not in it")
    found: dict[str, Any] = json.loads((SPECS / "key_edges.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def enums() -> dict[str, set[str]]:
    if not SPECS.is_dir():
        pytest.skip("../shared is absent: the specification stands beside the project, not in it")
    listed = json.loads((SPECS / "key_enums.json").read_text(encoding="utf-8"))
    return {row["name"]: set(row["values"]) for row in listed}


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> dict[Vendor, list[Sent]]:
    """Everything that publishing all kinds of posts and collecting all streams sends."""
    folder = tmp_path_factory.mktemp("assets")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_address[1]}"
    photos = [image(folder / f"{n}.jpg", url=f"{address}/{n}.jpg", alt_text="Alt") for n in range(2)]
    clip = video(folder / "v.mp4", url=f"{address}/v.mp4")
    kinds = {
        Vendor.FACEBOOK: [(), tuple(photos), (clip,)],
        Vendor.INSTAGRAM: [(photos[0],), tuple(photos), (clip,)],
    }
    found: dict[Vendor, list[Sent]] = {}
    with running_sandbox(World(posts={Vendor.FACEBOOK: 120, Vendor.INSTAGRAM: 120}), vendors=list(kinds)) as sandbox:
        for vendor, posts in kinds.items():
            found[vendor] = _sent(sandbox, vendor, posts)
    server.shutdown()
    server.server_close()
    thread.join()
    return found


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Keeps the test's output clean."""


def _sent(sandbox: RunningSandbox, vendor: Vendor, posts: list[tuple[Any, ...]]) -> list[Sent]:
    recorder = Recorder()
    connector = connect(sandbox, vendor, transport=recorder)
    account = sandbox.world.accounts[vendor].id
    now = sandbox.world.clock.now()
    for number, media in enumerate(posts):
        link = None if media else "https://a.example/b"
        post = OutgoingPost(f"k{number}", vendor, account, f"Text {number}", link=link, media=media)
        phases = MemoryPhases()
        connector.publish(post, phases)
        connector.find_published(post, phases, since=now)
    for stream in connector.streams:
        for _ in connector.collect(stream, since=now - timedelta(days=190), until=now):
            pass
    return recorder.sent


def test_every_parameter_of_an_edge_is_in_the_specification(
    sent: dict[Vendor, list[Sent]], edges: dict[str, Any]
) -> None:
    violations: set[tuple[str, str, str]] = set()
    seen: set[tuple[str, str]] = set()
    for vendor, calls in sent.items():
        for call in calls:
            if len(call.path) < 2:
                continue
            method, edge, node = call.method, call.path[1], NODES[vendor]
            if vendor is Vendor.INSTAGRAM and edge == "insights" and not call.path[0].startswith("17841"):
                node = "IGMedia"
            known = edges[node][f"{method} /{{{node}-id}}/{edge}"]["params"]
            seen.add((method, edge))
            violations |= {(method, edge, name) for name in call.values if name not in known and name not in GENERIC}
    assert violations == set(UNLISTED)
    assert seen == {
        ("POST", "feed"), ("POST", "photos"), ("POST", "videos"), ("GET", "published_posts"), ("GET", "insights"),
        ("POST", "media"), ("POST", "media_publish"), ("GET", "media"), ("GET", "content_publishing_limit"),
    }  # fmt: skip


def test_every_instagram_metric_period_and_breakdown_is_in_the_specification(
    sent: dict[Vendor, list[Sent]], enums: dict[str, set[str]]
) -> None:
    nested: set[str] = set()
    for call in sent[Vendor.INSTAGRAM]:
        for names in re.findall(r"insights\.metric\(([\w,]+)\)", call.values.get("fields", "")):
            nested |= set(names.split(","))
        if call.path[-1] == "insights":
            assert set(call.values["metric"].split(",")) <= enums["userinsights_metric_enum_param"]
            assert call.values["period"] in enums["userinsights_period_enum_param"]
            assert call.values["metric_type"] in enums["userinsights_metric_type_enum_param"]
            assert call.values.get("breakdown", "age") in enums["userinsights_breakdown_enum_param"]
    assert nested <= enums["mediainsights_metric_enum_param"]
    assert len(nested) == 9
