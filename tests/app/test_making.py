"""Pictures made for a draft: asked for on the page, made by the worker, added by a person."""

from __future__ import annotations

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from models.domain.media import MediaJob, MediaState
from models.domain.workspace import SYSTEM
from models.services import assets, media
from models.settings import Settings
from orchestration.media import run_worker
from orchestration.resources import Stores
from tests.app.home import EDITOR, VIEWER, WORKSPACE, Home
from tests.app.test_views import words

SignedIn = Callable[..., AppTest]
FIRST = "draft-00-instagram"


def jobs_of(home: Home) -> list[MediaJob]:
    with home.store() as store, store.unit_of_work() as uow:
        return media.list_media(uow, SYSTEM, WORKSPACE, draft_id=FIRST)


def opened(signed_in: SignedIn) -> AppTest:
    app = signed_in(EDITOR, "calendar", entry="entry-00")
    return app.toggle(key=f"make-{FIRST}").set_value(True).run()


def test_a_card_is_asked_for_made_and_added(signed_in: SignedIn, home: Home) -> None:
    app = opened(signed_in)
    title = next(field for field in app.text_input if field.label == "Title")
    assert title.value
    assert "http" not in title.value
    title.set_value("Steam rises from oak")
    next(field for field in app.text_area if field.label == "Lines below it, one each").set_value("One\n\nTwo")
    app.color_picker(key=f"card-background-{FIRST}").set_value("#0f5132")
    next(button for button in app.button if button.label == "Make the card").click().run()
    assert not app.exception
    (asked,) = jobs_of(home)
    assert (asked.state, asked.provider) == (MediaState.QUEUED, "card")
    assert asked.requested_by != SYSTEM.user_id
    assert (asked.asked.title, asked.asked.lines, asked.asked.width) == ("Steam rises from oak", ("One", "Two"), 1080)
    assert asked.asked.style["background"] == "#0f5132"
    assert "waits to be made" in words(app)

    run_worker(Stores(Settings(home=home.path)))
    assert jobs_of(home)[0].state is MediaState.DONE
    app = signed_in(EDITOR, "calendar", entry="entry-00")
    assert "waits to be made" not in words(app)
    next(
        button for button in app.button if button.label == "Add to the draft" and "made-add" in str(button.key)
    ).click().run()
    assert not app.exception
    with home.store() as store, store.unit_of_work() as uow:
        (shown,) = assets.media_of(uow, SYSTEM, FIRST)
    assert (shown.asset.name, shown.alt_text) == ("steam-rises-from-oak.png", "Steam rises from oak")
    app = signed_in(EDITOR, "calendar", entry="entry-00")
    assert not [button for button in app.button if "made-add" in str(button.key)]
    app = opened(signed_in)
    assert app.color_picker(key=f"card-background-{FIRST}").value == "#0f5132"


def test_nothing_is_made_within_a_run_of_the_page(signed_in: SignedIn, home: Home) -> None:
    app = opened(signed_in)
    next(button for button in app.button if button.label == "Make the card").click().run()
    assert not list((home.path / "assets" / WORKSPACE).glob("*.png"))
    assert [job.state for job in jobs_of(home)] == [MediaState.QUEUED]


def test_what_could_not_be_made_says_why(signed_in: SignedIn, home: Home) -> None:
    app = opened(signed_in)
    next(field for field in app.text_input if field.label == "Title").set_value("日本語")
    next(button for button in app.button if button.label == "Make the card").click().run()
    run_worker(Stores(Settings(home=home.path)))
    app = signed_in(EDITOR, "calendar", entry="entry-00")
    assert "could not be made" in words(app)
    assert "FABRIC_CARD_FONTS" in words(app).replace("\\", "")


def test_pictures_are_offered_only_where_a_maker_is_set_up(signed_in: SignedIn, monkeypatch) -> None:
    app = opened(signed_in)
    assert f"make-kind-{FIRST}" not in [group.key for group in app.segmented_control]
    monkeypatch.setenv("FABRIC_STABILITY_API_KEY", "a-key-that-no-page-may-show")
    app = opened(signed_in)
    app.segmented_control(key=f"make-kind-{FIRST}").set_value("Picture").run()
    assert not app.exception
    assert app.selectbox(key=f"picture-provider-{FIRST}").options == ["stability"]
    assert "a-key-that" not in str(app.main)


def test_an_empty_description_is_refused_in_one_sentence(signed_in: SignedIn, home: Home, monkeypatch) -> None:
    monkeypatch.setenv("FABRIC_STABILITY_API_KEY", "a-key")
    app = opened(signed_in)
    app.segmented_control(key=f"make-kind-{FIRST}").set_value("Picture").run()
    next(button for button in app.button if button.label == "Make the picture").click().run()
    assert "The description is empty" in app.error[0].value.replace("\\", "")
    assert jobs_of(home) == []


def test_who_only_looks_makes_nothing(signed_in: SignedIn) -> None:
    app = signed_in(VIEWER, "calendar", entry="entry-00")
    assert not app.toggle
