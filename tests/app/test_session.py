"""Who may sign in, and where the password-less sign-in is refused."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.session import loopback_only, sign_in_refusal
from tests.app.home import ADMIN, Home

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.0.1", "::1", "[::1]", "localhost"])
def test_loopback_addresses(address: str) -> None:
    assert loopback_only(address)


@pytest.mark.parametrize("address", [None, "", "0.0.0.0", "::", "192.168.1.4", "example.org", "127.0.0.1.example.org"])
def test_addresses_that_others_reach(address: str | None) -> None:
    assert not loopback_only(address)


@pytest.mark.parametrize(
    ("enabled", "app_host", "server", "word"),
    [
        (False, "127.0.0.1", "127.0.0.1", "switched off"),
        (True, "0.0.0.0", "127.0.0.1", "bound to 0.0.0.0"),
        (True, "127.0.0.1", "0.0.0.0", "bound to 0.0.0.0"),
        (True, "127.0.0.1", None, "every network interface"),
    ],
)
def test_the_sign_in_is_refused_in_one_sentence(enabled: bool, app_host: str, server: str | None, word: str) -> None:
    refusal = sign_in_refusal(enabled=enabled, app_host=app_host, server_address=server)
    assert refusal is not None
    assert word in refusal


def test_the_sign_in_is_offered_on_loopback() -> None:
    assert sign_in_refusal(enabled=True, app_host="localhost", server_address="127.0.0.1") is None


def _open() -> AppTest:
    return AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=60).run()


@pytest.mark.parametrize(("name", "value"), [("FABRIC_APP_HOST", "0.0.0.0"), ("FABRIC_DEV_SIGN_IN", "false")])
def test_a_refused_sign_in_shows_no_form(home: Home, monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    app = _open()
    assert "refused" in app.error[0].value or "switched off" in app.error[0].value
    assert not app.selectbox
    assert not app.button


def test_someone_unknown_is_refused(home: Home) -> None:
    app = _open()
    with sqlite3.connect(home.path / "fabric.db") as store:
        store.execute("update users set email = 'gone@example.org' where email = ?", [ADMIN])
    app.selectbox(key="sign_in_email").select(ADMIN)
    next(b for b in app.button if b.label == "Sign in").click().run()
    assert [t.value for t in app.title] == ["FABRIC"]
    assert "Nobody with the address" in app.error[0].value


def test_a_removed_account_is_signed_out_at_the_next_run(home: Home) -> None:
    app = _open()
    app.selectbox(key="sign_in_email").select(ADMIN)
    next(b for b in app.button if b.label == "Sign in").click().run()
    assert [t.value for t in app.title] == ["Overview"]
    with sqlite3.connect(home.path / "fabric.db") as store:
        store.execute("update users set email = 'gone@example.org' where email = ?", [ADMIN])
    app.run()
    assert [t.value for t in app.title] == ["FABRIC"]
    assert "no longer exists" in app.warning[0].value


def test_an_empty_installation_says_how_to_begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FABRIC_HOME", str(tmp_path / "new"))
    monkeypatch.chdir(ROOT)
    app = _open()
    assert "fabric demo" in app.info[0].value
    assert not app.exception
