"""Google's discovery documents judge every request of the YouTube connector and every answer of the sandbox.

Judged of a request: method and path, required and known parameters with type, range, enum and the pattern that the
description states, and the body against its schema. Of an answer: every field, type, format and enum of its schema. Outside
the documents stand Google's sign-in (OAuth) and the parts of a resumable upload, which are held to the upload guide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.factory import make_authorizer
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.server import RunningSandbox, running_sandbox
from connectors.social.youtube.connector import YouTubeConnector
from models.domain.connection import Vendor
from models.domain.publishing import OutgoingPost
from models.errors import OutcomeUnknown, QuotaExhausted
from models.ports import Stream
from tests.contract.platforms.kit import (
    CLIENT_ID,
    CLIENT_SECRET,
    Killed,
    MemoryPhases,
    connect,
    image,
    sign_in,
    video,
)

pytestmark = pytest.mark.judge

SPECS = Path(__file__).resolve().parents[4] / "shared" / "specs" / "youtube"
UNIT = 256 * 1024
NUMERIC = {
    "uint32": (0, 2**32 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "uint64": (0, 2**64 - 1),
    "int64": (-(2**63), 2**63 - 1),
}
SAID_PATTERN = re.compile(r"pattern: \"?([^\s\"]+)")
SAID_MINIMUM = re.compile(r"minValue: (\d+)")


@dataclass(frozen=True)
class Exchange:
    """One request and its answer, as they went over the wire; `answer` is None when none came."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: httpx.Headers
    body: bytes
    status: int | None
    answer: bytes

    def __str__(self) -> str:
        return f"{self.method} {self.path} → {self.status}"


class Recorder(httpx.HTTPTransport):
    """Sends for real, and keeps every exchange."""

    def __init__(self) -> None:
        super().__init__()
        self.exchanges: list[Exchange] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        body = request.read()
        status, content = None, b""
        try:
            response = super().handle_request(request)
            content, status = response.read(), response.status_code
        finally:
            self.exchanges.append(
                Exchange(
                    request.method, request.url.path.removeprefix("/youtube"), request.url.params.multi_items(),
                    request.headers, body, status, content,
                )
            )  # fmt: skip
        return httpx.Response(status, headers=response.headers, content=content, request=request)


@dataclass(frozen=True)
class Document:
    """One discovery document. Findings are sentences; none means that all is as documented."""

    content: dict[str, Any]

    @cached_property
    def methods(self) -> dict[tuple[str, str], dict[str, Any]]:
        """By verb and path; uploads stand under their upload paths."""
        found: dict[tuple[str, str], dict[str, Any]] = {}

        def walk(resource: dict[str, Any]) -> None:
            for method in resource.get("methods", {}).values():
                found[method["httpMethod"], f"/{method['path']}"] = method
                for protocol in method.get("mediaUpload", {}).get("protocols", {}).values():
                    found[method["httpMethod"], protocol["path"]] = method
            for inner in resource.get("resources", {}).values():
                walk(inner)

        walk(self.content)
        return found

    def request(self, exchange: Exchange) -> Iterator[str]:
        method = self.methods[exchange.method, exchange.path]
        known = {**self.content["parameters"], **method.get("parameters", {})}
        given = {name for name, _ in exchange.query}
        for name, parameter in known.items():
            required = parameter.get("required") or "required: true" in parameter.get("description", "")
            if required and name not in given:
                yield f"{exchange}: parameter {name} is required"
        for name, value in exchange.query:
            if name not in known:
                yield f"{exchange}: parameter {name} is not documented"
            else:
                yield from (f"{exchange}: {finding}" for finding in _parameter(name, value, known[name]))
        for name in given:
            if sum(1 for other, _ in exchange.query if other == name) > 1 and not known.get(name, {}).get("repeated"):
                yield f"{exchange}: parameter {name} is given twice"
        if exchange.body:
            schema = method.get("request")
            if schema is None:
                yield f"{exchange}: takes no body"
            else:
                yield from (f"{exchange}: {f}" for f in self.value(json.loads(exchange.body), schema, "body"))

    def response(self, method: dict[str, Any], exchange: Exchange) -> Iterator[str]:
        if "response" not in method:
            if exchange.answer:
                yield f"{exchange}: answers a body where none is documented"
            return
        yield from (f"{exchange}: {f}" for f in self.value(json.loads(exchange.answer), method["response"], "answer"))

    def value(self, value: Any, schema: dict[str, Any], at: str) -> Iterator[str]:
        """A JSON value against a schema of the document; fields that the schema does not name are findings."""
        if reference := schema.get("$ref"):
            schema = {"type": "object", **self.content["schemas"][reference]}
        kind = schema.get("type", "any")
        if kind == "any":
            return
        forms: dict[str, tuple[type, ...]] = {
            "object": (dict,), "array": (list,), "string": (str,), "boolean": (bool,), "integer": (int,), "number": (int, float),
        }  # fmt: skip
        if not isinstance(value, forms[kind]) or (isinstance(value, bool) and kind != "boolean"):
            yield f"{at} is {type(value).__name__}, not {kind}"
        elif kind == "array":
            for number, item in enumerate(value):
                yield from self.value(item, schema.get("items", {}), f"{at}[{number}]")
        elif kind == "object":
            properties, other = schema.get("properties", {}), schema.get("additionalProperties")
            for name, item in value.items():
                inner = properties.get(name, other)
                if inner is None:
                    yield f"{at}.{name} is not documented"
                else:
                    yield from self.value(item, inner, f"{at}.{name}")
        else:
            yield from _scalar(at, value, schema)


def _parameter(name: str, value: str, parameter: dict[str, Any]) -> Iterator[str]:
    """A query parameter: texts of numbers and truth values first become what they stand for."""
    kind, said = parameter.get("type", "string"), parameter.get("description", "")
    if kind == "boolean" and value not in ("true", "false"):
        yield f"{name}={value} is no boolean"
    if kind == "integer":
        if not re.fullmatch(r"-?\d+", value):
            yield f"{name}={value} is no integer"
            return
        low = int(parameter.get("minimum") or (found[1] if (found := SAID_MINIMUM.search(said)) else -(2**63)))
        if not low <= int(value) <= int(parameter.get("maximum", 2**63)):
            yield f"{name}={value} is out of range"
    if (pattern := SAID_PATTERN.search(said)) and not re.fullmatch(pattern[1], value):
        yield f"{name}={value[:40]} does not match {pattern[1]}"
    yield from _scalar(name, int(value) if kind == "integer" else value, parameter)


def _scalar(at: str, value: Any, schema: dict[str, Any]) -> Iterator[str]:
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is {value!r}, not one of {schema['enum']}"
    form = schema.get("format")
    if form in NUMERIC:
        low, high = NUMERIC[form]
        if not re.fullmatch(r"-?\d+", str(value)) or not low <= int(value) <= high:
            yield f"{at} is {value!r}, no {form}"
    if form in ("date-time", "google-datetime"):
        try:
            aware = datetime.fromisoformat(value).tzinfo is not None
        except ValueError:
            aware = False
        if not aware:
            yield f"{at} is {value!r}, no {form}"


@dataclass
class Judge:
    """Both documents. `judged` counts exchanges by method id; `outside` names those that no document describes."""

    documents: tuple[Document, ...]
    judged: dict[str, int] = field(default_factory=dict)
    outside: dict[str, int] = field(default_factory=dict)

    def findings(self, exchanges: list[Exchange]) -> list[str]:
        return [finding for exchange in exchanges for finding in self._exchange(exchange)]

    def _exchange(self, exchange: Exchange) -> Iterator[str]:
        for document in self.documents:
            method = document.methods.get((exchange.method, exchange.path))
            if method is not None:
                self.judged[method["id"]] = self.judged.get(method["id"], 0) + 1
                yield from document.request(exchange)
                opening = dict(exchange.query).get("uploadType") == "resumable"
                if exchange.status is not None and exchange.status < 300 and not opening:
                    yield from document.response(method, exchange)
                elif exchange.status is not None and exchange.status >= 400:
                    yield from _error(exchange)
                return
            upload = document.methods.get(("POST", exchange.path))
            if exchange.method == "PUT" and upload is not None and "mediaUpload" in upload:
                self.judged["resumable part"] = self.judged.get("resumable part", 0) + 1
                yield from _part(exchange)
                if exchange.status in (200, 201):
                    yield from document.response(upload, exchange)
                return
        name = f"{exchange.method} {exchange.path}"
        self.outside[name] = self.outside.get(name, 0) + 1


def _part(exchange: Exchange) -> Iterator[str]:
    """The rules of the resumable upload guide."""
    found = re.fullmatch(r"bytes (?:(\d+)-(\d+)|\*)/(\d+)", exchange.headers.get("content-range", ""))
    if "upload_id" not in dict(exchange.query):
        yield f"{exchange}: not the address of a session"
    if found is None:
        yield f"{exchange}: no Content-Range"
        return
    size = len(exchange.body)
    if found[1] is None:
        if size:
            yield f"{exchange}: asks for the state and brings bytes"
        return
    if int(found[2]) + 1 - int(found[1]) != size:
        yield f"{exchange}: Content-Range and length differ"
    if int(found[2]) + 1 < int(found[3]) and size % UNIT:
        yield f"{exchange}: a part that is not the last must be a multiple of 256 KiB"


def _error(exchange: Exchange) -> Iterator[str]:
    """Google's error envelope, as recorded answers have it."""
    error = json.loads(exchange.answer)["error"]
    if error["code"] != exchange.status or not error["message"] or not error["errors"][0]["reason"]:
        yield f"{exchange}: not Google's error envelope"


@pytest.fixture(scope="module")
def judge() -> Judge:
    if not SPECS.is_dir():
        pytest.skip("../shared is absent")
    names = ("youtube.v3.json", "youtubeAnalytics.v2.json")
    return Judge(tuple(Document(json.loads((SPECS / name).read_text(encoding="utf-8"))) for name in names))


@pytest.fixture(scope="module")
def sandbox() -> Iterator[RunningSandbox]:
    with running_sandbox(vendors=[Vendor.YOUTUBE]) as running:
        yield running


def exercised(sandbox: RunningSandbox, recorder: Recorder, folder: Path) -> YouTubeConnector:
    """Everything that the connector does: sign-in, publishing with interruptions, finding, collecting."""
    account = sign_in(sandbox, Vendor.YOUTUBE)
    authorizer = make_authorizer(
        Vendor.YOUTUBE, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, sandbox_url=sandbox.url, transport=recorder
    )
    authorizer.accounts(authorizer.refresh(account.credential))
    channel = connect(sandbox, Vendor.YOUTUBE, account, transport=recorder)
    assert isinstance(channel, YouTubeConnector)
    channel.chunk = UNIT
    begun = sandbox.world.clock.now()

    def post(name: str, **options: str) -> OutgoingPost:
        clip = video(folder / f"a clip of three parts for the judge {name}.mp4", size=2 * UNIT + 99)
        assert clip.size == 2 * UNIT + 99
        media = (clip, image(folder / f"{name}.jpg", 1280, 720))
        return OutgoingPost(
            f"k-{name}", Vendor.YOUTUBE, account.account_id, "Patch & glue.", name, media=media, options=options
        )

    later = (begun + timedelta(days=2)).isoformat()
    channel.publish(post("whole", tags="gear repair,mats", category_id="26", made_for_kids="false"), MemoryPhases())
    channel.publish(post("scheduled", publish_at=later), MemoryPhases())
    killed = MemoryPhases(kill_after="sending")
    with pytest.raises(Killed):
        channel.publish(post("killed"), killed)
    channel.find_published(post("killed"), killed, since=begun)
    channel.publish(post("killed"), killed)
    sandbox.world.faults.add(Fault(FaultKind.DROP_ANSWER, Vendor.YOUTUBE, "PUT", "upload", skip=2))
    unclear = MemoryPhases()
    with pytest.raises(OutcomeUnknown):
        channel.publish(post("unclear"), unclear)
    for phases in (unclear, MemoryPhases()):
        channel.find_published(post("unclear"), phases, since=begun)
    for stream in channel.streams:
        assert list(channel.collect(stream, since=begun - timedelta(days=190), until=sandbox.world.clock.now()))
    sandbox.world.objects(Vendor.YOUTUBE, "retired")["engagedViews"] = {}
    assert list(channel.collect(Stream.POSTS, since=begun - timedelta(days=60), until=begun))
    for used in sandbox.world.objects(Vendor.YOUTUBE, "quota").values():
        used["inserts"] = 100
    with pytest.raises(QuotaExhausted):
        channel.publish(post("too many"), MemoryPhases())
    return channel


def test_every_request_and_every_answer_is_as_documented(sandbox, judge, tmp_path) -> None:
    recorder = Recorder()
    exercised(sandbox, recorder, tmp_path)
    assert judge.findings(recorder.exchanges) == []
    assert set(judge.judged) == {
        "youtube.channels.list", "youtube.playlistItems.list", "youtube.videos.list", "youtube.videos.insert",
        "youtube.thumbnails.set", "youtubeAnalytics.reports.query", "resumable part",
    }  # fmt: skip
    assert set(judge.outside) == {"POST /token"}, "Google's sign-in has no discovery document"
    print(f"{len(recorder.exchanges)} exchanges judged: {judge.judged}; outside: {judge.outside}")


@pytest.mark.parametrize(
    ("method", "path", "query", "body", "finding"),
    [
        ("GET", "/youtube/v3/videos", [("id", "x")], b"", "part is required"),
        ("GET", "/youtube/v3/videos", [("part", "id"), ("maxResults", "51")], b"", "out of range"),
        ("GET", "/youtube/v3/videos", [("part", "id"), ("fresh", "1")], b"", "fresh is not documented"),
        ("GET", "/youtube/v3/channels", [("part", "id"), ("mine", "yes")], b"", "no boolean"),
        ("GET", "/v2/reports", [("ids", "channel=MINE")], b"", "does not match"),
        ("GET", "/v2/reports", [("ids", "channel==MINE")], b"", "startDate is required"),
        ("POST", "/resumable/upload/youtube/v3/videos", [("part", "status")], b'{"status": {"privacyStatus": "friends"}}', "not one of"),
        ("POST", "/resumable/upload/youtube/v3/videos", [("part", "status")], b'{"status": {"publishAt": "soon"}}', "no date-time"),
        ("POST", "/resumable/upload/youtube/v3/videos", [("part", "status")], b'{"statsu": {}}', "not documented"),
        ("PUT", "/resumable/upload/youtube/v3/videos", [("upload_id", "1")], b"12", "no Content-Range"),
    ],
)  # fmt: skip
def test_the_judge_finds_what_is_wrong_with_a_request(judge, method, path, query, body, finding) -> None:
    exchange = Exchange(method, path, query, httpx.Headers(), body, None, b"")
    assert any(finding in found for found in judge.findings([exchange]))


@pytest.mark.parametrize(
    ("answer", "finding"),
    [
        ({"items": [{"statistics": {"viewCount": 5}}]}, "viewCount is int, not string"),
        ({"items": [{"statistics": {"viewCount": "five"}}]}, "no uint64"),
        ({"items": [{"status": {"uploadStatus": "done"}}]}, "not one of"),
        ({"itmes": []}, "itmes is not documented"),
    ],
)
def test_the_judge_finds_what_is_wrong_with_an_answer(judge, answer, finding) -> None:
    exchange = Exchange(
        "GET", "/youtube/v3/videos", [("part", "id")], httpx.Headers(), b"", 200, json.dumps(answer).encode()
    )
    assert any(finding in found for found in judge.findings([exchange]))


RECORDED = {
    "analytics_reports_query_by_day": "/v2/reports",
    "analytics_reports_query_by_video": "/v2/reports",
    "channel_info_single": "/youtube/v3/channels",
    "channels_info": "/youtube/v3/channels",
    "comment_threads_comment_thread_single": "/youtube/v3/commentThreads",
    "playlist_items_playlist_items_paged_1": "/youtube/v3/playlistItems",
    "playlist_items_playlist_items_paged_2": "/youtube/v3/playlistItems",
    "search_search_videos_by_channel": "/youtube/v3/search",
    "videos_videos_info_single": "/youtube/v3/videos",
}


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_recorded_answers_pass_the_judge(judge, name) -> None:
    """The judge is not stricter than the vendor: its real answers pass."""
    content = (SPECS.parents[1] / "payloads" / "youtube" / f"{name}.json").read_bytes()
    asked = [
        ("part", "id"),
        ("ids", "channel==MINE"),
        ("startDate", "2025-01-01"),
        ("endDate", "2025-01-02"),
        ("metrics", "views"),
    ]
    known = asked[1:] if RECORDED[name] == "/v2/reports" else asked[:1]
    exchange = Exchange("GET", RECORDED[name], known, httpx.Headers(), b"", 200, content)
    assert judge.findings([exchange]) == []
