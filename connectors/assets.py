"""Media files: stored under the SHA-256 of their bytes, and served where platforms download them.

What a file is, is told from its bytes. One directory a workspace, so that deleting it takes the files along.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import shutil
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from PIL import Image, UnidentifiedImageError

from connectors.movie import read_movie
from connectors.secretfile import read_or_make
from models.domain.assets import Asset
from models.domain.publishing import MediaKind
from models.domain.workspace import WORKSPACE_ID
from models.errors import InvalidInput

MOST_BYTES = 8 * 1024**3
_CHUNK = 1024 * 1024
_ORIENTATION = 0x0112
_SIDEWAYS = (5, 6, 7, 8)
"""EXIF orientations that show the picture turned by a quarter."""
_START_SECONDS = 10.0

_TYPES: dict[str, tuple[MediaKind, str]] = {
    "image/jpeg": (MediaKind.IMAGE, ".jpg"),
    "image/png": (MediaKind.IMAGE, ".png"),
    "image/webp": (MediaKind.IMAGE, ".webp"),
    "image/gif": (MediaKind.GIF, ".gif"),
    "video/mp4": (MediaKind.VIDEO, ".mp4"),
    "video/quicktime": (MediaKind.VIDEO, ".mov"),
    "video/webm": (MediaKind.VIDEO, ".webm"),
    "application/pdf": (MediaKind.DOCUMENT, ".pdf"),
    "audio/mpeg": (MediaKind.AUDIO, ".mp3"),
    "audio/wav": (MediaKind.AUDIO, ".wav"),
    "audio/ogg": (MediaKind.AUDIO, ".ogg"),
    "audio/flac": (MediaKind.AUDIO, ".flac"),
}
_SIGNATURES = ((b"\xff\xd8\xff", "image/jpeg"), (b"\x89PNG\r\n\x1a\n", "image/png"), (b"GIF87a", "image/gif"), (b"GIF89a", "image/gif"),
               (b"%PDF-", "application/pdf"), (b"ID3", "audio/mpeg"), (b"OggS", "audio/ogg"), (b"fLaC", "audio/flac"))  # fmt: skip
_STILL_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis")


class AssetStore:
    """Files below `root`. Implements `models.ports.MediaFiles` without addresses."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def add(self, workspace_id: str, content: BinaryIO, *, name: str, now: datetime) -> Asset:
        """Stores the bytes whole or not at all, and gives what they are; the same bytes again change nothing.

        Raises `InvalidInput` for an empty or too large file, and for one that is no picture, video, recording or PDF.
        """
        directory = self._directory(workspace_id)
        directory.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        size = 0
        with tempfile.NamedTemporaryFile(prefix=".", suffix=".tmp", dir=directory, delete=False) as out:
            temporary = Path(out.name)
            try:
                while chunk := content.read(_CHUNK):
                    size += len(chunk)
                    if size > MOST_BYTES:
                        raise InvalidInput(f"{name} is larger than {MOST_BYTES // 1024**3} GB: use a smaller file.")
                    digest.update(chunk)
                    out.write(chunk)
                out.flush()
                os.fsync(out.fileno())
                asset = _described(temporary, workspace_id, digest.hexdigest(), size, name, now)
                os.replace(temporary, self.path(asset))
            finally:
                temporary.unlink(missing_ok=True)
        return asset

    def path(self, asset: Asset) -> Path:
        return self._directory(asset.workspace_id) / f"{asset.id}{_TYPES[asset.content_type][1]}"

    def url(self, asset: Asset) -> str | None:
        return None

    def remove_workspace(self, workspace_id: str) -> None:
        """Deletes every file of the workspace."""
        shutil.rmtree(self._directory(workspace_id), ignore_errors=True)

    def token(self, workspace_id: str, file_name: str) -> str:
        """What makes the address of a file unguessable; the same after a restart, because platforms fetch later."""
        secret = read_or_make(self._root / "address.key", secrets.token_bytes(32))
        digest = hmac.new(secret, f"{workspace_id}/{file_name}".encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(digest[:18]).decode()

    def served(self, workspace_id: str, file_name: str, token: str) -> Path | None:
        """The file of an address, None when the address is not one that was given out."""
        if not hmac.compare_digest(token.encode(), self.token(workspace_id, file_name).encode()):
            return None
        path = self._directory(workspace_id) / file_name
        return path if path.is_file() else None

    def _directory(self, workspace_id: str) -> Path:
        if not WORKSPACE_ID.fullmatch(workspace_id):
            raise InvalidInput(f"{workspace_id!r} is no workspace id: check it.")
        return self._root / workspace_id


class ServedAssets:
    """Files of a store with the addresses at which a running server gives them out. Implements `models.ports.MediaFiles`."""

    def __init__(self, store: AssetStore, base_url: str) -> None:
        self._store = store
        self.base_url = base_url

    def path(self, asset: Asset) -> Path:
        return self._store.path(asset)

    def url(self, asset: Asset) -> str | None:
        name = self._store.path(asset).name
        return f"{self.base_url}/media/{self._store.token(asset.workspace_id, name)}/{asset.workspace_id}/{name}"


@contextmanager
def serve_assets(store: AssetStore, *, port: int = 0) -> Iterator[ServedAssets]:
    """Serves the files on loopback, on a free port unless one is named, until the context ends."""
    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import FileResponse, Response
    from starlette.routing import Route

    async def give(request: Request) -> Response:
        parts = request.path_params
        try:
            path = store.served(parts["workspace"], parts["file"], parts["token"])
        except InvalidInput:
            path = None
        if path is None:
            return Response(status_code=404)
        media_type = next(kind for kind, (_, suffix) in _TYPES.items() if suffix == path.suffix)
        return FileResponse(path, media_type=media_type, headers={"X-Content-Type-Options": "nosniff"})

    app = Starlette(routes=[Route("/media/{token}/{workspace}/{file}", give, methods=["GET"])])
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind(("127.0.0.1", port))
        except OSError as error:
            raise InvalidInput(f"Port {port} for media files is in use ({error.strerror}): choose another.") from error
        number = bound.getsockname()[1]
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False, lifespan="off"))
        thread = threading.Thread(target=server.run, args=([bound],), name="assets", daemon=True)
        thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise InvalidInput(f"The server of media files did not start on port {number}: choose another port.")
            time.sleep(0.01)
        try:
            yield ServedAssets(store, f"http://127.0.0.1:{number}")
        finally:
            server.should_exit = True
            thread.join(timeout=10)


def _described(path: Path, workspace_id: str, digest: str, size: int, name: str, now: datetime) -> Asset:
    with path.open("rb") as file:
        content_type = sniff(file.read(64))
    if content_type is None:
        what = (
            "is empty" if size == 0 else "is no JPEG, PNG, WebP, GIF, MP4, MOV, WebM, PDF or recording by its content"
        )
        raise InvalidInput(f"{name} {what}: export it as one of these.")
    kind = _TYPES[content_type][0]
    width, height, seconds = None, None, None
    if kind in (MediaKind.IMAGE, MediaKind.GIF):
        width, height = _picture_size(path, name)
    elif content_type in ("video/mp4", "video/quicktime") and (movie := read_movie(path)) is not None:
        width, height, seconds = movie.width, movie.height, movie.duration_seconds
    return Asset(digest, workspace_id, kind, content_type, size, name, now, width, height, seconds)


def sniff(head: bytes) -> str | None:
    """The content type by the first 64 bytes, None for what is no picture, video, recording or PDF."""
    for signature, content_type in _SIGNATURES:
        if head.startswith(signature):
            return content_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    if _mpeg_frame(head):
        return "audio/mpeg"
    if head[:4] == b"\x1a\x45\xdf\xa3" and b"webm" in head:
        return "video/webm"
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return None if brand in _STILL_BRANDS else "video/quicktime" if brand == b"qt  " else "video/mp4"
    return "video/quicktime" if head[4:8] in (b"moov", b"wide") else None


def _mpeg_frame(head: bytes) -> bool:
    """Whether an MPEG audio frame of layer III begins here (ISO/IEC 11172-3, 2.4.1.3: sync word, layer, bit rate, rate)."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    return head[1] & 0x18 != 0x08 and head[1] & 0x06 == 0x02 and head[2] >> 4 not in (0, 15) and head[2] & 0x0C != 0x0C


def _picture_size(path: Path, name: str) -> tuple[int, int]:
    """Width and height as shown. Reads the header only, so a picture that would unpack to gigabytes costs nothing."""
    try:
        with Image.open(path) as image:
            width, height = image.size
            sideways = image.getexif().get(_ORIENTATION) in _SIDEWAYS
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise InvalidInput(f"{name} cannot be read as a picture: export it again.") from error
    return (height, width) if sideways else (width, height)
