"""Pictures of the pages: `python tests/e2e/screenshots.py --home HOME --out DIR`.

Each page at 1440 and 390 px, light and dark, of the installation in HOME and of an empty workspace made on the side.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from playwright.sync_api import Browser, Page

from models.domain.workspace import SYSTEM, Role
from models.services import onboarding
from models.store.database import open_store
from tests.e2e.app_server import chromium_path, headless_chromium, running_app, settle, sign_in

PAGES = {
    "overview": "Overview", "approvals": "Approvals", "strategy": "Strategy", "calendar": "Calendar", "content": "Content",
    "brand": "Brand", "opportunities": "Opportunities", "publishing": "Publishing", "connections": "Connections",
    "imports": "Imports", "data_quality": "Data quality", "search": "Search", "sql": "SQL", "usage": "Plan & usage",
}  # fmt: skip
"""Each page's name in files, and its title."""
EXPORT = Path(__file__).resolve().parents[1] / "fixtures" / "exports" / "facebook_posts.csv"
WIDTHS = (1440, 390)
SCHEMES = ("light", "dark")
_PERSON = "pictures@example.org"
_TALLEST = 6_000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="an installation with a built workspace")
    parser.add_argument("--out", type=Path, required=True, help="where the PNG files go")
    parser.add_argument("--workspace", help="which workspace; the first by name unless given")
    parser.add_argument("--only", choices=PAGES, action="append", help="one page; may be repeated")
    options = parser.parse_args()
    if chromium_path() is None:
        print("Chromium is missing: apt-get install chromium", file=sys.stderr)
        return 1
    options.out.mkdir(parents=True, exist_ok=True)
    pages = tuple(options.only or PAGES)
    with tempfile.TemporaryDirectory() as scratch, headless_chromium() as browser:
        empty = Path(scratch) / "empty"
        _make_empty(empty)
        email = _admin_of(options.home)
        for name, home, person, workspace in (
            ("full", options.home, email, options.workspace),
            ("empty", empty, _PERSON, None),
        ):
            with running_app(home.resolve(), Path(scratch) / f"{name}.log") as url:
                _take_all(browser, url, person, workspace, options.out, name, pages)
    return 0


def _make_empty(home: Path) -> None:
    home.mkdir()
    moment = datetime.now(UTC)
    with open_store(f"sqlite:///{home / 'fabric.db'}") as store, store.unit_of_work() as uow:
        onboarding.create_workspace(uow, SYSTEM, name="New brand", workspace_id="new-brand", now=moment)
        onboarding.add_member(uow, SYSTEM, "new-brand", email=_PERSON, name="Pictures", role=Role.ADMIN, now=moment)


def _admin_of(home: Path) -> str:
    """An admin of the installation's first workspace."""
    with open_store(f"sqlite:///{home / 'fabric.db'}") as store, store.unit_of_work() as uow:
        for workspace in onboarding.list_workspaces(uow, SYSTEM):
            for user, role in onboarding.list_members(uow, SYSTEM, workspace.id):
                if role is Role.ADMIN:
                    return user.email
    raise SystemExit(f"{home} has no workspace with an admin: run fabric demo first.")


def _take_all(
    browser: Browser, url: str, email: str, workspace: str | None, out: Path, name: str, pages: tuple[str, ...]
) -> None:
    query = f"/?workspace={workspace}" if workspace else ""
    for width in WIDTHS:
        for scheme in SCHEMES:
            context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
            page = context.new_page()
            sign_in(page, url + query, email)
            for shown in pages:
                _open(page, PAGES[shown], width)
                if shown == "imports" and name == "full":
                    _drop_export(page)
                _take(page, out / f"{shown}-{name}-{width}-{scheme}.png", width)
            context.close()


def _open(page: Page, title: str, width: int) -> None:
    """Opens a page through the navigation, which on a phone is behind a button."""
    page.set_viewport_size({"width": width, "height": 900})
    if width < 768:
        page.get_by_test_id("stExpandSidebarButton").click()
    page.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()
    page.get_by_role("heading", name=title, exact=True).wait_for(timeout=30_000)
    settle(page)
    if width < 768:
        page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click(force=True)
        page.get_by_test_id("stExpandSidebarButton").wait_for(timeout=10_000)
        page.wait_for_timeout(400)


def _drop_export(page: Page) -> None:
    """Shows the preview of an export; nothing is imported."""
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(EXPORT)
    page.get_by_text("Rows read", exact=True).wait_for(timeout=30_000)
    settle(page)


def _take(page: Page, path: Path, width: int) -> None:
    """The whole page: Streamlit scrolls inside its main section, so the window is made as tall as that."""
    height = page.evaluate("document.querySelector('[data-testid=\"stMain\"]').scrollHeight")
    page.set_viewport_size({"width": width, "height": min(max(int(height), 900), _TALLEST)})
    page.wait_for_timeout(900)
    page.screenshot(path=path)
    print(path)


if __name__ == "__main__":
    raise SystemExit(main())
