"""A person's morning in a real browser: sign in, open the calendar, edit a draft, approve it, see it approved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from models.domain.approval import DraftStatus
from models.domain.publishing import OutboxStatus
from models.domain.workspace import SYSTEM
from models.services import approvals, assets, drafts, outbox
from tests.app.home import ADMIN, Home, make_home
from tests.app.outgoing import picture
from tests.e2e.app_server import chromium_path, headless_chromium, running_app, settle, sign_in
from tests.e2e.screenshots import PAGES

pytestmark = pytest.mark.browser
FIRST = "draft-00-instagram"
EXPORT = Path(__file__).resolve().parents[1] / "fixtures" / "exports" / "facebook_posts.csv"


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


def test_every_page_stands_in_the_navigation(page: Page) -> None:
    """With more than a dozen pages Streamlit folds the rest away: an analyst looked for SQL and did not find it."""
    for title in PAGES.values():
        expect(page.get_by_test_id("stSidebarNavLink").get_by_text(title, exact=True)).to_be_visible()


def test_edit_and_approve_from_the_calendar(page: Page, home: Home) -> None:
    go(page, "Calendar")
    entry = page.locator(".st-key-open-entry-00 button:visible").first
    expect(entry).to_contain_text("In review")
    entry.click()
    panel = page.get_by_role("dialog")
    expect(panel).to_be_visible(timeout=30_000)
    settle(page)
    # The field that a person sees: the other platforms' fields are in tabs that are not open.
    field = panel.locator('textarea[aria-label="Text"]:visible').first
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


def test_an_export_is_dropped_seen_and_imported(page: Page, home: Home) -> None:
    go(page, "Imports")
    page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(EXPORT)
    expect(page.get_by_text("Recognised because it has the columns")).to_be_visible(timeout=30_000)
    assert not list((home.path / "landing").rglob("*.parquet"))
    settle(page)
    page.get_by_role("button", name="Import", exact=False).click()
    expect(page.get_by_text("Imported facebook_posts.csv: 5 rows read")).to_be_visible(timeout=30_000)
    assert len(list((home.path / "landing").rglob("*.parquet"))) == 1


def test_a_picture_is_added_in_the_entry_and_shown_by_the_browser(page: Page, home: Home, tmp_path: Path) -> None:
    file = tmp_path / "keel.jpg"
    file.write_bytes(picture(1080, 1080))
    go(page, "Calendar")
    page.locator(".st-key-open-entry-04 button:visible").first.click()
    panel = page.get_by_role("dialog")
    expect(panel).to_be_visible(timeout=30_000)
    panel.get_by_text("Images and videos (0)").first.click()
    panel.get_by_test_id("stFileUploaderDropzoneInput").first.set_input_files(file)
    panel.get_by_label("Alternative text of the new file").fill("A keel on its blocks")
    panel.get_by_role("button", name="Add to the draft").click()
    expect(panel.get_by_text("Added the file.")).to_be_visible(timeout=30_000)
    expect(panel.get_by_text("Images and videos (1)").first).to_be_visible(timeout=30_000)
    shown = panel.get_by_alt_text("A keel on its blocks").first
    expect(shown).to_be_visible(timeout=30_000)
    page.wait_for_function("image => image.naturalWidth > 0", arg=shown.element_handle())
    with home.store() as store, store.unit_of_work() as uow:
        assert [m.alt_text for m in assets.media_of(uow, SYSTEM, "draft-04-instagram")] == ["A keel on its blocks"]


def test_disconnecting_is_confirmed_and_cancels_what_waits(page: Page, home: Home) -> None:
    go(page, "Connections")
    card = page.locator(f".st-key-connection-{home.connections['healthy']}")
    card.get_by_text("Details", exact=True).click()
    # The table above the button is drawn late and would move it away under the pointer.
    expect(card.locator("[data-testid=stDataFrame] canvas").first).to_be_visible(timeout=30_000)
    settle(page)
    card.get_by_role("button", name="Disconnect").click()
    panel = page.get_by_role("dialog")
    expect(panel.get_by_text("posts that wait for it do not go out")).to_be_visible(timeout=30_000)
    settle(page)
    panel.get_by_role("button", name="Disconnect").click()
    expect(card.get_by_text("Disconnected")).to_be_visible(timeout=30_000)
    with home.store() as store, store.unit_of_work() as uow:
        waiting = outbox.list_outbox(uow, SYSTEM, "harbour", statuses=[OutboxStatus.QUEUED])
    assert not [item for item in waiting if item.connection_id == home.connections["healthy"]]


def test_hostile_text_runs_nowhere(page: Page) -> None:
    go(page, "Approvals")
    page.locator(".st-key-inbox-draft-01-linkedin button").click()
    expect(page.locator(".fabric-post").first).to_contain_text("<script>alert(1)</script>", timeout=30_000)
    assert page.locator(".fabric-post img, .fabric-post script, .fabric-post a").count() == 0
    for title in ("Connections", "Publishing", "Overview"):
        go(page, title)
        assert page.locator("img[src='x'], a[href^='javascript'], main script").count() == 0
    go(page, "Content")
    expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
