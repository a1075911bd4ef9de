"""The app as a process of its own, and the machine's Chromium, for the browser test and the screenshots."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
_CHROMIUM_ARGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


def chromium_path() -> str | None:
    """Where Debian's Chromium is, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def running_app(home: Path, log: Path) -> Iterator[str]:
    """Serves the installation in `home` on a free loopback port; gives its address and ends what it started."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable, "-m", "streamlit", "run", str(ROOT / "app" / "main.py"),
        "--server.headless", "true", "--server.address", "127.0.0.1", "--server.port", str(port),
    ]  # fmt: skip
    mine = {name: value for name, value in os.environ.items() if not name.startswith("FABRIC_")}
    with log.open("w") as out:
        server = subprocess.Popen(
            command, cwd=ROOT, env={**mine, "FABRIC_HOME": str(home)}, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            _wait_until_healthy(f"http://127.0.0.1:{port}/_stcore/health", server, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _wait_until_healthy(address: str, server: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"the app ended at once: {log.read_text()}")
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.3)
    raise RuntimeError(f"the app did not answer within {seconds:.0f} s: {log.read_text()}")


@contextmanager
def headless_chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(_CHROMIUM_ARGS))
        try:
            yield browser
        finally:
            browser.close()


def settle(page: Page) -> None:
    """Waits until the script run has ended and nothing is drawn as loading."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=30_000)
    page.wait_for_function(
        "document.querySelectorAll('[data-testid=\"stSkeleton\"], .stSpinner').length === 0", timeout=30_000
    )
    page.wait_for_timeout(400)


def sign_in(page: Page, url: str, email: str) -> None:
    """Opens the app and signs in as a user of the store."""
    page.goto(url)
    field = page.get_by_role("combobox", name="E-mail")
    field.wait_for(timeout=30_000)
    field.fill(email)
    field.press("Enter")
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="Overview").or_(page.get_by_role("heading", name="Calendar")).first.wait_for(
        timeout=30_000
    )
    settle(page)
