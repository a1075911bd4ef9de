"""The author of a workspace: its brand, voice, opportunities and remarks, and a model where one is set up."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.warehouse.openings import read_openings
from models.domain.social import Platform
from models.domain.strategy import standing_remarks
from models.domain.workspace import SYSTEM, Workspace
from models.errors import ModelError, NothingServed
from models.generation.checks.context import Checks
from models.generation.checks.language import language as wanted_language
from models.generation.checks.outcome import refuses
from models.generation.opportunities import find_opportunities
from models.generation.wording import clean_words
from models.generation.writers.author import Author
from models.generation.writers.background import Background
from models.generation.writers.drafts import Check
from models.services import brand, calendar, onboarding, planning

if TYPE_CHECKING:
    from models.domain.brand import BrandProfile
    from models.domain.brand_study import VoiceProfile
    from models.ports import TextGenerator
    from models.store.database import Store
    from orchestration.resources import Stores

MOST_NOTICED = 8
LATELY = 20
"""Briefs of the calendar that a writer is shown so as not to repeat them."""
_LANGUAGES = {"en": "English", "de": "German", "fr": "French", "es": "Spanish", "it": "Italian", "pt": "Portuguese",
              "nl": "Dutch", "sv": "Swedish", "da": "Danish", "pl": "Polish"}  # fmt: skip

Say = Callable[[str], None]

_logger = logging.getLogger(__name__)


def author_of(
    stores: Stores, store: Store, workspace: Workspace, generator: TextGenerator | None, *, say: Say | None = None
) -> Author:
    """Reads what the author needs. Without a model, only what the rules read: the brand profile and the remarks.

    `say` hears what is being written, for a person who waits.
    """
    with store.unit_of_work() as uow:
        profile = onboarding.get_brand_profile(uow, SYSTEM, workspace.id)
        remarks = standing_remarks(planning.strategy_decisions(uow, SYSTEM, workspace.id))
        background = Background(profile, workspace.name)
        if generator is None:
            return Author(workspace, background, feedback=remarks)
        voice = brand.voice_profile(uow, SYSTEM, workspace.id)
        briefs = [entry.brief for entry in calendar.list_entries(uow, SYSTEM, workspace.id)]
    if voice is not None:
        background = replace(
            background, voice=voice_lines(voice), language=_LANGUAGES.get(voice.language, background.language)
        )
    noticed = _noticed(stores, workspace.id)
    return Author(
        workspace,
        replace(background, noticed=noticed),
        generator,
        lately=tuple(briefs[-LATELY:]),
        also=_also(profile, "" if voice is None else voice.language, repetition(stores, workspace.id)),
        on_part=say,
        on_text=say,
        feedback=remarks,
    )


def voice_lines(voice: VoiceProfile) -> tuple[str, ...]:
    """What to do and not to do, derived by rule from how the brand writes; no number is told to a model here."""
    return (*(f"Do: {line}" for line in voice.dos), *(f"Do not: {line}" for line in voice.donts))


def _noticed(stores: Stores, workspace_id: str) -> tuple[str, ...]:
    """Subjects of opportunities and what competitors do, in words that code chose; no text of theirs, no number.

    Which pillars went silent is left out: a strategy that read it would be an input of itself.
    """
    from models.generation.quarantine.sheet import lines
    from orchestration.extracting import sheets_of

    with stores.reader.open(workspace_id) as version:
        feed = find_opportunities(read_openings(version, workspace_id), None)
    said = [f"{item.kind.label}: {clean_words(item.topic)}" for item in feed.items[:MOST_NOTICED] if item.topic]
    return tuple(dict.fromkeys([*said, *lines(sheets_of(stores, workspace_id))]))


def _also(profile: BrandProfile, language: str, repeats: Check | None) -> Check:
    """What is looked at beyond what needs no other text: the language of the brand's own posts, and what was said before."""
    context = Checks(profile, language=language)

    def check(platform: Platform, text: str) -> Sequence[str]:
        found = wanted_language(text, context)
        wrong = [found] if refuses(found) else []
        return [*wrong, *(repeats(platform, text) if repeats is not None else ())]

    return check


def repetition(stores: Stores, workspace_id: str) -> Check | None:
    """A check of a text against what the workspace and its competitors have said; None before there is an index.

    Without the model that embeds (no key, no budget, not reached) texts are written all the same: the log says what was left out.
    """
    from connectors.vectors.comparing import Comparer
    from orchestration.searching import searcher

    left_out = f"Drafts of {workspace_id} are not compared with what was said before: %s"
    try:
        found = searcher(stores, workspace_id)
        found.version(workspace_id)
    except NothingServed:
        return None
    except ModelError as error:
        _logger.warning(left_out, error)
        return None

    comparer = Comparer(found)

    def check(_platform: Platform, text: str) -> Sequence[str]:
        try:
            hits = comparer.near_duplicates(workspace_id, text)[:1]
        except ModelError as error:
            _logger.warning(left_out, error)
            return []
        return [
            "it says nearly the same as "
            + ("a competitor's text" if hit.trust == "competitor" else "a text of our own")
            for hit in hits
        ]

    return check


class Reports:
    """Passes on what a writer is at, at most once in `seconds`; in between only the newest counts."""

    def __init__(self, report: Say, *, seconds: float = 1.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._report, self._seconds, self._clock = report, seconds, clock
        self._next = float("-inf")

    def __call__(self, text: str) -> None:
        if self._clock() >= self._next:
            self._next = self._clock() + self._seconds
            self._report(text)
