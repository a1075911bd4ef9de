"""The checks of a draft under review, with what the workspace has on record."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from app.components.checks import check_lines, context_of
from app.reading import current_shelf, rival_prints
from connectors.warehouse.reader import ServingReader
from connectors.warehouse.voices import other_posts
from models.domain.workspace import SYSTEM
from models.generation.checks.run import check_draft
from models.services import drafts, onboarding
from tests.app.home import EDITOR, WORKSPACE, Home
from tests.app.test_brand_pages import study
from tests.app.test_views import words

SignedIn = Callable[..., AppTest]
GERMAN = "Wir haben am Samstag den Hafen aufgeräumt, und viele Menschen sind gekommen, um uns dabei zu helfen."


def test_a_competitors_wording_and_another_language_do_not_pass(home: Home) -> None:
    with ServingReader(home.path / "serving").open(WORKSPACE) as version:
        theirs = other_posts(version, 50)[0]
    with home.store() as store, store.unit_of_work() as uow:
        profile = onboarding.get_brand_profile(uow, SYSTEM, WORKSPACE)
        draft = drafts.list_drafts(uow, SYSTEM, WORKSPACE)[0]
    prints = rival_prints(current_shelf(home.path / "serving", WORKSPACE))
    assert prints
    context = context_of(profile, draft, (), (), language="en", rivals=prints)

    def word(text: str, name: str) -> tuple[str, str]:
        (line,) = [one for one in check_lines(check_draft(text, draft.platform, context)) if one.name == name]
        return line.word, line.finding

    verdict, finding = word(theirs.text, "Competitors' wording")
    assert verdict == "not passed"
    assert theirs.text not in finding
    assert (
        word("We cleaned the slipway on Saturday and forty people came along to help.", "Competitors' wording")[0]
        == "passed"
    )
    assert word(GERMAN, "Language")[0] == "not passed"
    assert word("We cleaned the slipway on Saturday and many people came along to help us.", "Language")[0] == "passed"


def test_a_review_judges_language_and_wording_once_the_brand_was_studied(home: Home, signed_in: SignedIn) -> None:
    study(home)
    said = words(signed_in(EDITOR, "approvals"))
    assert "**Language** passed" in said
    assert "**Competitors' wording** passed" in said


def test_a_review_opens_although_what_is_served_cannot_be_read(home: Home, signed_in: SignedIn) -> None:
    for pointer in home.path.glob("serving/*/current.json"):
        pointer.write_text("torn")
    app = signed_in(EDITOR, "approvals")
    assert not app.exception
    assert "**Competitors' wording** not judged" in words(app)
