"""Files that Meta's vendors receive or fetch in the sandbox: really downloaded, measured and judged."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

import httpx

MAX_DOWNLOAD = 128 * 1024 * 1024
FETCH_SECONDS = 5.0


@dataclass(frozen=True)
class File:
    """A received file. `kind` is jpeg, png, mp4 or unknown; pixels are None where they were not read."""

    sha256: str
    size: int
    kind: str
    width: int | None = None
    height: int | None = None


class NotFetched(Exception):
    """The address gave no file."""


async def fetch(url: str) -> bytes:
    """The bytes at an address, as the vendor's own fetcher would read them."""
    try:
        async with (
            httpx.AsyncClient(trust_env=False, timeout=FETCH_SECONDS, follow_redirects=True) as client,
            client.stream("GET", url, headers={"User-Agent": "facebookexternalhit/1.1"}) as answer,
        ):
            if answer.status_code != 200:
                raise NotFetched(f"HTTP {answer.status_code}")
            content = bytearray()
            async for chunk in answer.aiter_bytes():
                content += chunk
                if len(content) > MAX_DOWNLOAD:
                    raise NotFetched("too large")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotFetched(str(error) or type(error).__name__) from None
    return bytes(content)


def examined(content: bytes) -> File:
    digest = hashlib.sha256(content).hexdigest()
    if content.startswith(b"\xff\xd8"):
        width, height = _jpeg_size(content)
        return File(digest, len(content), "jpeg", width, height)
    if content.startswith(b"\x89PNG\r\n\x1a\n") and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return File(digest, len(content), "png", width, height)
    return File(digest, len(content), "mp4" if content[4:8] == b"ftyp" else "unknown")


def _jpeg_size(content: bytes) -> tuple[int | None, int | None]:
    """Width and height from the first frame header (ITU T.81, B.2.2)."""
    at = 2
    while at + 9 < len(content) and content[at] == 0xFF:
        marker, length = content[at + 1], struct.unpack(">H", content[at + 2 : at + 4])[0]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None, None
