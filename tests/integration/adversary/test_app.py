"""The app over the attacked installation: every page shows the poisoned content, and none of it becomes markup or a link."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from orchestration.bench.adversary.attack import AdversaryReport
from orchestration.bench.adversary.world import ADMIN, BRAND, CANARIES

ROOT = Path(__file__).resolve().parents[3]
VIEWS = ("overview", "content", "calendar", "approvals", "data_quality", "publishing", "connections")
_TAG = re.compile(
    r"<(?!/?(?:div|span|ins|del|style|b|br|p|small|svg|path|table|tr|td|th|ul|li)\b)[a-z!][^>]*>|\son\w+\s*=",
    re.IGNORECASE,
)
_MARKDOWN_LINK = re.compile(r"(?<!\\)\]\(")


@pytest.fixture
def app(report: AdversaryReport, attacked_home: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    assert report.held
    monkeypatch.setenv("FABRIC_HOME", str(attacked_home))
    monkeypatch.setenv("FABRIC_MASTER_KEY", CANARIES["master key"])
    monkeypatch.chdir(ROOT)
    made = AppTest.from_file(str(ROOT / "app" / "main.py"), default_timeout=120)
    made.query_params["workspace"] = BRAND
    made.run()
    made.selectbox(key="sign_in_email").select(ADMIN)
    next(button for button in made.button if button.label == "Sign in").click().run()
    return made


@pytest.mark.parametrize("view", VIEWS)
def test_a_page_shows_it_as_text(app: AppTest, view: str) -> None:
    if view != "overview":
        app.switch_page(f"views/{view}.py").run()
    assert not app.exception, [error.value for error in app.exception]
    shown = [str(element.value) for kind in ("markdown", "caption", "subheader") for element in app.get(kind)]
    shown += [str(element.proto.body) for element in app.get("html")]
    assert shown
    for text in shown:
        assert not _TAG.search(text), text[:300]
        assert not [
            hit for hit in _MARKDOWN_LINK.finditer(text) if "evil.example" in text[hit.end() : hit.end() + 80]
        ], text
        for name in ("master key", "provider key", "access token", "refresh token", "neighbour"):
            assert CANARIES[name] not in text
