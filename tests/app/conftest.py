"""A filled installation per test, and the app signed in to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.app.home import Home, make_home

ROOT = Path(__file__).resolve().parents[2]
SignedIn = Callable[..., AppTest]


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Made once; tests get copies."""
    return make_home(tmp_path_factory.mktemp("app") / "home", moment=datetime.now(UTC))


@pytest.fixture
def home(made_home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A copy that this test may change, as the installation of this process."""
    path = tmp_path / "home"
    shutil.copytree(made_home.path, path)
    for pointer in path.glob("serving/*/current.json"):
        pointer.write_text(pointer.read_text().replace(str(made_home.path), str(path)))
    monkeypatch.setenv("FABRIC_HOME", str(path))
    monkeypatch.chdir(ROOT)
    return replace(made_home, path=path)


@pytest.fixture
def signed_in(home: Home) -> SignedIn:
    """Opens a page as a user: `signed_in(email, "calendar", workspace=…)`."""

    def open_page(email: str, view: str = "overview", **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=60)
        app.query_params.update(query)
        app.run()
        app.selectbox(key="sign_in_email").select(email)
        next(b for b in app.button if b.label == "Sign in").click().run()
        if view != "overview":
            app.switch_page(f"views/{view}.py").run()
        return app

    return open_page
