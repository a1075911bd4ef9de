"""A person's morning in a real browser: sign in, open the calendar, edit a draft, approve it, see it approved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from models.domain.approval import DraftStatus
from models.domain.workspace import SYSTEM
from models.services import approvals, drafts
from tests.app.home import ADMIN, Home, make_home
from tests.e2e.app_server import chromium_path, headless_chromium, running_app, settle, sign_in

pytestmark = pytest.mark.browser
FIRST = "draft-00-instagram"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if chromium_path() is None:
        pytest.skip("chromium is absent: apt-get install chromium")
    with headless_chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return make_home(tmp_path_factory.mktemp("browser") / "home", moment=datetime.now(UTC))


@pytest.fixture(scope="module")
def url(home: Home) -> Iterator[str]:
    with running_app(home.path, home.path.parent / "app.log") as address:
        yield address


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    """A signed-in admin; afterwards nothing may have popped up and nothing may have left the machine."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000})
    opened = context.new_page()
    popups: list[str] = []
    hosts: set[str | None] = set()
    opened.on("dialog", lambda dialog: (popups.append(dialog.message), dialog.dismiss()))
    opened.on("request", lambda request: hosts.add(urlsplit(request.url).hostname))
    sign_in(opened, url, ADMIN)
    yield opened
    context.close()
    assert not popups
    assert hosts - {None} == {"127.0.0.1"}


def go(page: Page, title: str) -> None:
    page.get_by_test_id("stSidebarNavLink").filter(has_text=title).click()
    expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible(timeout=30_000)
    settle(page)


def test_edit_and_approve_from_the_calendar(page: Page, home: Home) -> None:
    go(page, "Calendar")
    entry = page.locator(".st-key-open-entry-00 button:visible").first
    expect(entry).to_contain_text("In review")
    entry.click()
    panel = page.get_by_role("dialog")
    expect(panel).to_be_visible(timeout=30_000)
    field = panel.get_by_label("Text", exact=True).first
    expect(panel.get_by_text("95 of 2,200 characters", exact=True)).to_be_visible(timeout=30_000)
    field.fill("Steaming oak planks, step by step.")
    # The count follows the typing, before anything is sent.
    expect(panel.get_by_text("Now 34 of 2,200 characters", exact=True)).to_be_visible(timeout=30_000)
    panel.get_by_role("button", name="Save", exact=False).first.click()
    expect(panel.get_by_text("Saved version 2.")).to_be_visible(timeout=30_000)
    panel.get_by_role("button", name="Approve this version").first.click()
    expect(panel.get_by_text("Approved.", exact=True)).to_be_visible(timeout=30_000)
    expect(panel.get_by_text("Saving a change revokes the approval").first).to_be_visible()
    panel.get_by_role("tab", name="X").click()
    panel.get_by_role("button", name="Approve this version").click()
    expect(panel.get_by_role("button", name="Approve this version")).to_have_count(0, timeout=30_000)
    settle(page)
    panel.get_by_role("button", name="Close").click()
    settle(page)
    expect(entry).to_contain_text("Approved")
    with home.store() as store, store.unit_of_work() as uow:
        draft = drafts.get_draft(uow, SYSTEM, FIRST)
        decided = approvals.decisions(uow, SYSTEM, FIRST)
    assert (draft.status, draft.version.number, draft.version.text) == (
        DraftStatus.APPROVED,
        2,
        "Steaming oak planks, step by step.",
    )
    assert [(d.decision.value, d.version) for d in decided] == [("approved", 2)]


def test_letters_typed_into_a_note_decide_nothing_and_keys_outside_do(page: Page, home: Home) -> None:
    go(page, "Approvals")
    shown = page.get_by_text(re.compile(r"^\w+, .* · version \d+$"))
    before = shown.inner_text()
    note = page.get_by_label("Note", exact=True)
    note.press_sequentially("a jackal exits", delay=15)
    settle(page)
    assert shown.inner_text() == before
    assert note.input_value() == "a jackal exits"
    with home.store() as store, store.unit_of_work() as uow:
        waiting = len(drafts.list_drafts(uow, SYSTEM, "harbour", status=DraftStatus.IN_REVIEW))
    page.get_by_role("heading", name="Approvals").click()
    page.keyboard.press("j")
    expect(shown).not_to_have_text(before, timeout=30_000)
    settle(page)
    page.keyboard.press("a")
    expect(page.get_by_text("Approved.", exact=True)).to_be_visible(timeout=30_000)
    with home.store() as store, store.unit_of_work() as uow:
        assert len(drafts.list_drafts(uow, SYSTEM, "harbour", status=DraftStatus.IN_REVIEW)) == waiting - 1


def test_the_address_carries_workspace_and_filters_from_page_to_page(page: Page) -> None:
    page.get_by_role("button", name="YouTube", exact=True).click()
    expect(page).to_have_url(re.compile(r"platform=YouTube"))
    expect(page).to_have_url(re.compile(r"workspace=harbour"))
    settle(page)
    go(page, "Content")
    expect(page).to_have_url(re.compile(r"platform=YouTube"))
    expect(page).to_have_url(re.compile(r"workspace=harbour"))


def test_hostile_text_runs_nowhere(page: Page) -> None:
    go(page, "Approvals")
    page.locator(".st-key-inbox-draft-01-linkedin button").click()
    expect(page.locator(".fabric-post").first).to_contain_text("<script>alert(1)</script>", timeout=30_000)
    assert page.locator(".fabric-post img, .fabric-post script, .fabric-post a").count() == 0
    go(page, "Content")
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
