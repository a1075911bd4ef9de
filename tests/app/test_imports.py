"""Uploads: what is recognised is shown before anything is stored, and storing it."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.components.text import base_name
from app.components.uploads import FIELDS, Answers, Upload, import_upload, in_fields
from app.context import app_context
from app.session import Visit
from connectors.warehouse.landing import LandingStore
from models.domain.workspace import SYSTEM, Role
from models.services import jobs, onboarding
from tests.app.home import ADMIN, EDITOR, HOSTILE, VIEWER, WORKSPACE, Home
from tests.app.test_views import labels, now, press, words

ROOT = Path(__file__).resolve().parents[2]
EXPORTS = ROOT / "tests" / "fixtures" / "exports"
SignedIn = Callable[..., AppTest]
Files = Sequence[tuple[str, bytes]]


def drop(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    app.file_uploader[0].set_value([(name, content, "text/csv") for name, content in files])
    return app.run()


def export(name: str) -> tuple[str, bytes]:
    return name, (EXPORTS / name).read_bytes()


def landed(home: Home) -> list[Path]:
    return sorted((home.path / "landing").rglob("*.parquet"))


def counts(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_a_preview_says_what_was_recognised_and_stores_nothing(signed_in: SignedIn, home: Home) -> None:
    app = drop(signed_in(EDITOR, "imports"), export("facebook_posts.csv"))
    text = words(app)
    assert not app.exception
    assert "Facebook posts (Meta Business Suite)" in text
    assert "Recognised because it has the columns 'Post ID'" in text
    assert "Account: Summit Outdoor (synthetic) (100064000000001) · 12 Sep 2026 to 3 Oct 2026" in text
    assert "America/Los_Angeles" in text
    assert "the time of the upload" in text
    assert counts(app) == {
        "Rows read": "5", "Posts": "4", "New numbers": "32", "Changed": "0", "Already known": "0", "Set aside": "1",
    }  # fmt: skip
    rows = app.dataframe[0].value
    assert rows["Text"][0] == "Pack light, walk far"
    assert rows["Views"].isna().sum() == 1, "a blank stays a blank"
    assert "1 row cannot be used" in text
    assert landed(home) == []
    assert not list(Path(tempfile.gettempdir()).glob("fabric-upload-*"))


def test_importing_stores_the_file_once_and_offers_the_build(signed_in: SignedIn, home: Home) -> None:
    app = drop(signed_in(EDITOR, "imports"), export("facebook_posts.csv"))
    press(app, "Import")
    assert "Imported facebook_posts.csv: 5 rows read, 4 posts and 32 numbers stored, 1 set aside." in words(app)
    assert len(landed(home)) == 1
    assert landed(home)[0].parent.parent.name == WORKSPACE
    again = drop(signed_in(EDITOR, "imports"), export("facebook_posts.csv"))
    assert "was imported before" in words(again)
    assert counts(again)["Already known"] == "32"
    press(app, "Build now")
    with home.store() as store, store.unit_of_work() as uow:
        assert [j.kind.value for j in jobs.list_jobs(uow, SYSTEM, WORKSPACE)] == ["build"]


def test_several_files_stand_beside_each_other(signed_in: SignedIn, home: Home) -> None:
    app = drop(
        signed_in(ADMIN, "imports"),
        export("facebook_posts.csv"),
        ("notes.csv", b"a,b\n1,2\n"),
        export("tiktok_content.csv"),
    )
    text = words(app)
    assert "facebook_posts.csv" in text
    assert "notes.csv has a layout that is not known" in app.error[0].value.replace("\\", "")
    assert len([b for b in app.button if b.label == "Import"]) == 2 - sum("account" in e.value for e in app.error)


def test_what_the_file_does_not_say_is_asked_in_a_field(signed_in: SignedIn, home: Home) -> None:
    app = drop(signed_in(EDITOR, "imports"), export("x_account_overview.csv"))
    refused = " ".join(e.value for e in app.error).replace("\\", "")
    assert "which account it is of" in refused
    assert "the field “Account id”" in refused
    assert "--" not in refused
    assert "Import" not in labels(app)
    next(t for t in app.text_input if t.label == "Account id").set_value("summit").run()
    assert not app.error
    assert "Account: summit" in words(app)
    next(d for d in app.date_input if d.label == "Export made on").set_value(home.moment.date()).run()
    assert "(your answer)" in words(app)
    press(app, "Import")
    assert len(landed(home)) == 1


def test_a_competitor_is_named_by_an_admin_and_tracked_from_then_on(signed_in: SignedIn, home: Home) -> None:
    with home.store() as store, store.unit_of_work() as uow:
        onboarding.track_competitor(uow, SYSTEM, WORKSPACE, name="Northlight", now=now())
    app = drop(signed_in(EDITOR, "imports"), export("facebook_posts.csv"))
    field = next(s for s in app.selectbox if s.label == "Competitor")
    assert field.options == ["Northlight"]
    assert not field.proto.accept_new_options
    field.select("Northlight").run()
    press(app, "Import")
    (path,) = landed(home)
    assert LandingStore(home.path / "landing").root in path.parents
    admin = drop(signed_in(ADMIN, "imports"), export("facebook_posts.csv"))
    assert next(s for s in admin.selectbox if s.label == "Competitor").proto.accept_new_options
    # The test runner cannot type a new option into the field, so the action behind it is called.
    with home.store() as store, store.unit_of_work() as uow:
        principal = onboarding.sign_in(uow, ADMIN)
        workspace = onboarding.get_workspace(uow, principal, WORKSPACE)
    name, content = export("facebook_posts.csv")
    visit = Visit(app_context(), principal, workspace, Role.ADMIN)
    upload = Upload("1", name, io.BytesIO(content), now())
    summary = import_upload(visit, upload, Answers(competitor="Southwind"), at=now())
    assert not summary.already_known
    with home.store() as store, store.unit_of_work() as uow:
        assert {c.name for c in onboarding.list_competitors(uow, SYSTEM, WORKSPACE)} == {"Northlight", "Southwind"}


def test_a_viewer_sees_why_not(signed_in: SignedIn) -> None:
    app = signed_in(VIEWER, "imports")
    assert not app.file_uploader
    assert not {"Import", "Build now"} & labels(app)
    assert "ask an editor or an admin" in words(app)


def test_a_role_lowered_meanwhile_imports_nothing(signed_in: SignedIn, home: Home) -> None:
    app = drop(signed_in(EDITOR, "imports"), export("facebook_posts.csv"))
    with home.store() as store, store.unit_of_work() as uow:
        onboarding.add_member(uow, SYSTEM, WORKSPACE, email=EDITOR, name="Ed", role=Role.VIEWER, now=now())
    press(app, "Import")
    assert landed(home) == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"<!doctype html><html><body>Sign in</body></html>", "is a web page, not an export"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "not a CSV file"),
        (b"PK\x03\x04" + bytes(300), "cannot be read"),
        (bytes(range(256)) * 20, "not a CSV file"),
    ],
)
def test_a_foreign_file_gets_one_sentence(signed_in: SignedIn, home: Home, content: bytes, sentence: str) -> None:
    app = drop(signed_in(EDITOR, "imports"), ("export.csv", content))
    assert not app.exception
    assert len(app.error) == 1
    assert sentence in app.error[0].value.replace("\\", "") or "export.csv" in app.error[0].value.replace("\\", "")
    assert landed(home) == []


def test_hostile_names_and_cells_are_shown_as_text(signed_in: SignedIn, home: Home) -> None:
    _, content = export("facebook_posts.csv")
    spoilt = content.replace(b"Pack light, walk far", HOSTILE.replace(",", ";").encode())
    app = drop(signed_in(ADMIN, "imports"), ("../../<script>alert(1)</script>.csv", spoilt))
    assert not app.exception
    for kind in (app.markdown, app.caption, app.warning, app.error, app.success):
        for element in kind:
            assert "<script" not in str(element.value).replace("\\<", "")
    press(app, "Import")
    assert not app.exception
    for path in landed(home):
        assert path.is_relative_to(home.path / "landing" / WORKSPACE)
    assert {p.name for p in home.path.parent.iterdir()} == {"home"}


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("export.csv", "export.csv"), ("../../etc/passwd", "passwd"), (r"C:\Users\x\Table data.csv", "Table data.csv"),
        (".bashrc", "bashrc"), ("", "file"), ("..", "file"), ("a\x00b\u202ecsv.exe", "abcsv.exe"), ("c:x.csv", "c_x.csv"),
        ("x" * 400 + ".csv", "x" * 116 + ".csv"), ("ä" * 400 + ".csv", "ä" * 58 + ".csv"), ("/", "file"),
    ],
)  # fmt: skip
def test_names_of_uploads_become_safe_ones(name: str, safe: str) -> None:
    assert base_name(name) == safe
    assert len(base_name(name).encode()) <= 120


def test_refusals_name_the_fields_of_the_page() -> None:
    assert in_fields("give the id with --account.") == "give the id with the field “Account id”."
    assert all(option.startswith("--") for option in FIELDS)


def test_opening_a_page_loads_no_parser_and_nothing_that_speaks_to_a_network() -> None:
    """What a page needs only once somebody drops a file or publishes stays out of its start."""
    script = (
        "import sys, app.main, app.views.imports, app.views.publishing, app.views.connections, app.views.calendar, "
        "app.views.approvals; print([m for m in sys.modules if m.split('.')[0] in "
        "('httpx', 'trafilatura', 'feedparser', 'python_calamine', 'protego', 'tweepy', 'facebook_business', 'sendgrid') "
        "or m.startswith(('connectors.http', 'connectors.social', 'connectors.email', 'connectors.files'))])"
    )
    found = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_no_upload_lies_about_after_a_failed_preview(signed_in: SignedIn) -> None:
    before = set(Path(tempfile.gettempdir()).glob("fabric-*"))
    drop(signed_in(EDITOR, "imports"), ("notes.csv", b"a,b\n1,2\n"))
    assert set(Path(tempfile.gettempdir()).glob("fabric-upload-*")) <= before
