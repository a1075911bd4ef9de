"""Bodies that cost more than they seem to: bombs, drips, endless heads, and encodings that are not what they claim."""

from __future__ import annotations

import gzip
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.competitors.fetching import WebFetcher
from connectors.decoding import Bounds, gunzip, read_bounded
from connectors.guard import LOCAL
from models.errors import ImportRefused
from tests.unit.guard import servers

ROOT = Path(__file__).resolve().parents[3]
MIB = 1024 * 1024


def flood(kind: str) -> tuple[bytes, bytes, int]:
    """The head and one repeated block of a stream that unpacks to 10 GiB from about 10 MB, and how often to repeat it."""
    window = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS, "raw": -zlib.MAX_WBITS}[kind]
    packer = zlib.compressobj(9, zlib.DEFLATED, window)
    head = packer.compress(b"\0" * MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    raw = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    block = raw.compress(b"\0" * (10 * MIB)) + raw.flush(zlib.Z_FULL_FLUSH)
    return head, block, 1_024


@pytest.fixture(params=["gzip", "deflate", "raw"])
def bomb(request: pytest.FixtureRequest) -> Iterator[tuple[str, int]]:
    head, block, times = flood(request.param)
    encoding = "gzip" if request.param == "gzip" else "deflate"
    size = len(head) + len(block) * times
    assert size < 11 * MIB

    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(
            f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {size}\r\n\r\n".encode() + head
        )
        for _ in range(times):
            connection.sendall(block)

    with servers.serving(behave) as (port, _):
        yield f"http://127.0.0.1:{port}/", size


MEASURE = """
import re, sys
from pathlib import Path
from connectors.competitors.fetching import WebFetcher
from connectors.decoding import Bounds
from connectors.guard import LOCAL
from models.errors import ImportRefused

def kib(name):
    return int(re.search(rf"{name}:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])

fetcher = WebFetcher(LOCAL, bounds=Bounds(int(sys.argv[2]), max_ratio=float(sys.argv[3])))
try:
    fetcher.get("http://127.0.0.1:9/")
except ImportRefused:
    pass
Path("/proc/self/clear_refs").write_text("5")  # the peak starts again from here
before = kib("VmRSS")
try:
    fetcher.get(sys.argv[1])
except ImportRefused as refused:
    print(kib("VmHWM") - before, refused)
"""


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="peak memory is read from Linux's /proc")
@pytest.mark.parametrize(
    ("max_bytes", "ratio", "words"), [(5 * MIB, 200, "unpacks to more than 200"), (24 * MIB, 1e9, "larger than 24 MiB")]
)
def test_ten_gigabytes_in_ten_megabytes(bomb: tuple[str, int], max_bytes: int, ratio: float, words: str) -> None:
    """Measured in a process of its own: peak memory over what the process had before, in KiB."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, bomb[0], str(max_bytes), str(ratio)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    cost, _, sentence = done.stdout.strip().partition(" ")
    assert int(cost) <= 64 * 1024
    assert words in sentence
    assert len(done.stdout.strip().splitlines()) == 1


def test_the_whole_bomb_in_one_read_costs_one_step() -> None:
    head, block, times = flood("gzip")
    with pytest.raises(ImportRefused, match="unpacks to more than"):
        gunzip("sitemap.xml.gz", head + block * times, Bounds(50 * MIB))


def test_brotli_was_not_asked_for_and_is_not_read() -> None:
    answer = servers.reply("200 OK", b"\xff" * 1_000, "Content-Encoding: br")
    with (
        servers.serving(lambda c, h: c.sendall(answer)) as (port, heard),
        pytest.raises(ImportRefused, match="'br', which was not asked for"),
    ):
        WebFetcher(LOCAL).get(f"http://127.0.0.1:{port}/")
    assert b"accept-encoding: gzip, deflate\r\n" in heard[0].lower()


@pytest.mark.parametrize("encoding", ["gzip, gzip", "deflate, gzip", "zstd", "compress", "aes128gcm"])
def test_other_and_doubled_encodings_are_refused(encoding: str) -> None:
    with pytest.raises(ImportRefused, match="not asked for"):
        read_bounded("a", [b"x"], encoding, Bounds(MIB), time.monotonic() + 5)


def drip(connection: socket.socket, head: bytes) -> None:
    """One byte every 20 ms for four seconds: in the head, or in the body."""
    if servers.path_of(head) == "/body":
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n")
    for _ in range(200):
        connection.sendall(b"H")
        time.sleep(0.02)


@pytest.mark.parametrize("path", ["/head", "/body"])
def test_a_drip_ends_at_the_deadline(path: str) -> None:
    with servers.serving(drip) as (port, _), pytest.raises(ImportRefused, match=r"in time|longer than"):
        WebFetcher(LOCAL, bounds=Bounds(MIB, seconds=0.3)).get(f"http://127.0.0.1:{port}{path}")


def test_an_endless_head_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def behave(connection: socket.socket, _: bytes) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for number in range(100_000):
            connection.sendall(f"X-{number}: {'a' * 1_000}\r\n".encode())

    with servers.serving(behave) as (port, _), pytest.raises(ImportRefused, match="could not be fetched"):
        WebFetcher(LOCAL).get(f"http://127.0.0.1:{port}/")


@pytest.mark.parametrize(
    "answer",
    [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", b"garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
     b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"],
)  # fmt: skip
def test_broken_answers_are_one_sentence(answer: bytes) -> None:
    with servers.serving(lambda c, h: c.sendall(answer)) as (port, _), pytest.raises(ImportRefused):
        WebFetcher(LOCAL).get(f"http://127.0.0.1:{port}/")


TEXT = b"<rss>" + bytes(range(256)) * 40 + b"</rss>"
RAW = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
RAW_TEXT = RAW.compress(TEXT) + RAW.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("", TEXT), ("identity", TEXT), ("gzip", gzip.compress(TEXT)), ("X-GZIP", gzip.compress(TEXT)),
     ("gzip", gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:])), ("gzip", gzip.compress(TEXT) + b"\0" * 100),
     ("deflate", zlib.compress(TEXT)), ("deflate", RAW_TEXT)],
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 7, 100_000])
def test_what_is_sound_is_decoded_in_any_pieces(encoding: str, body: bytes, size: int) -> None:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    assert read_bounded("a", parts, encoding, Bounds(MIB), time.monotonic() + 60) == TEXT


@pytest.mark.parametrize(
    ("encoding", "body", "words"),
    [("gzip", gzip.compress(TEXT)[:-20], "ends in the middle"), ("deflate", zlib.compress(TEXT)[:50], "ends in the middle"),
     ("gzip", b"<rss/>", "not the gzip it claims"), ("gzip", gzip.compress(TEXT)[:-8] + b"\xff" * 8, "not the gzip it claims"),
     ("", b"x" * (MIB + 1), "larger than 1 MiB")],
)  # fmt: skip
def test_what_is_not_is_one_sentence(encoding: str, body: bytes, words: str) -> None:
    with pytest.raises(ImportRefused, match=words):
        read_bounded("a", [body], encoding, Bounds(MIB), time.monotonic() + 60)


def test_a_document_that_may_be_cut_is_cut() -> None:
    body = gzip.compress(b"Disallow: /a\n" * 100_000)
    cut = read_bounded("robots.txt", [body], "gzip", Bounds(512_000, max_ratio=1e9, cut=True), time.monotonic() + 60)
    assert len(cut) == 512_000
