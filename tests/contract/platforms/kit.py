"""What the tests of all platforms share: kept phases, credentials of the sandbox, small real media files."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from PIL import Image

from connectors.credentials import CredentialHolder
from connectors.factory import make_authorizer, make_connector
from connectors.sandbox.mail_campaigns import KEYS
from connectors.sandbox.server import RunningSandbox
from models.domain.connection import ConnectedAccount, Connection, ConnectionStatus, Credential, Vendor
from models.domain.publishing import Media, MediaKind
from models.ports import Connector

CLIENT_ID = "sandbox-client"
CLIENT_SECRET = "sandbox-secret"
REDIRECT = "http://127.0.0.1:9/callback"
VERIFIER = "a-code-verifier-that-is-long-enough-for-rfc-7636-0123456789"


class Killed(BaseException):
    """Stands for the end of the process: nothing may catch it."""


class MemoryPhases:
    """Phases kept in memory over attempts. `kill_after` names a phase after whose commit the process ends; `sending` ends
    it right after the intent is committed, before the call."""

    def __init__(self, kill_after: str | None = None) -> None:
        self.kept: dict[str, dict[str, str]] = {}
        self.sent = 0
        self.kill_after = kill_after
        self.skipped: list[str] = []

    def done(self, phase: str) -> Mapping[str, str] | None:
        found = self.kept.get(phase)
        if found is not None:
            self.skipped.append(phase)
        return found

    def finish(self, phase: str, **values: str) -> None:
        self.kept[phase] = values
        if self.kill_after == phase:
            self.kill_after = None
            raise Killed(phase)

    def sending(self) -> None:
        self.sent += 1
        if self.kill_after == "sending":
            self.kill_after = None
            raise Killed("sending")


def sign_in(sandbox: RunningSandbox, vendor: Vendor) -> ConnectedAccount:
    """The whole OAuth circle against the sandbox: authorize, follow the redirect, exchange the code, first account.

    Services with keys are asked for the account of the sandbox's key.
    """
    authorizer = make_authorizer(vendor, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, sandbox_url=sandbox.url)
    if vendor in KEYS:
        return authorizer.accounts(Credential(access_token=KEYS[vendor]))[0]
    url = authorizer.authorize_url(redirect_uri=REDIRECT, state="s-1", verifier=VERIFIER)
    answer = httpx.get(url, follow_redirects=False, trust_env=False)
    location = httpx.URL(answer.headers["location"])
    assert location.params["state"] == "s-1"
    credential = authorizer.exchange(location.params["code"], redirect_uri=REDIRECT, verifier=VERIFIER)
    return authorizer.accounts(credential)[0]


def connection_of(vendor: Vendor, account: ConnectedAccount) -> Connection:
    return Connection(
        id=f"c-{vendor.value}", workspace_id="sample", vendor=vendor, account_id=account.account_id,
        account_name=account.name, status=ConnectionStatus.CONNECTED, sandbox=True, scopes=account.credential.scopes,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def connect(
    sandbox: RunningSandbox, vendor: Vendor, account: ConnectedAccount | None = None, **options: Any
) -> Connector:
    """A connector of the sandbox's account that waits for nothing and gives up after 2 s; `options` override."""
    found = account or sign_in(sandbox, vendor)
    authorizer = make_authorizer(vendor, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, sandbox_url=sandbox.url)
    holder = CredentialHolder(found.credential, None if vendor in KEYS else authorizer.refresh)
    chosen: dict[str, Any] = {"timeout": httpx.Timeout(2.0), "sleep": lambda _seconds: None, **options}
    return make_connector(connection_of(vendor, found), holder, sandbox_url=sandbox.url, **chosen)


def image(path: Path, width: int = 1080, height: int = 1080, *, url: str | None = None, alt_text: str = "") -> Media:
    """A real JPEG of one colour, written to `path`."""
    Image.new("RGB", (width, height), (40, 90, 140)).save(path, "JPEG", quality=70)
    return _media(MediaKind.IMAGE, path, "image/jpeg", width=width, height=height, url=url, alt_text=alt_text)


def video(
    path: Path,
    seconds: float = 12.0,
    *,
    size: int = 60_000,
    width: int = 1080,
    height: int = 1920,
    url: str | None = None,
) -> Media:
    """A file with an MP4's opening box and filler: large enough to be uploaded in parts, playable by nobody."""
    head = struct.pack(">I4s4sI8s", 24, b"ftyp", b"isom", 512, b"isommp42")
    noise = zlib.compress(path.name.encode() * 64)
    path.write_bytes((head + noise * (size // len(noise) + 1))[:size])
    return _media(MediaKind.VIDEO, path, "video/mp4", width=width, height=height, duration_seconds=seconds, url=url)


def _media(kind: MediaKind, path: Path, content_type: str, **more: Any) -> Media:
    content = path.read_bytes()
    return Media(kind, str(path), content_type, len(content), hashlib.sha256(content).hexdigest(), **more)
