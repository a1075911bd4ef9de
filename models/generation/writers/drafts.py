"""Drafts and their variants in a model's words, each checked; one that does not pass is the rules' own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from models.domain.ai import Task, TextRequest, Tier
from models.domain.approval import Draft, Variant
from models.domain.calendar import CalendarEntry
from models.domain.social import TEXT_LIMITS, Platform
from models.domain.strategy import Strategy
from models.domain.workspace import Workspace
from models.generation.checks.context import Checks
from models.generation.checks.outcome import refuses
from models.generation.checks.run import check_draft
from models.generation.drafts import write_drafts
from models.generation.grounding.draft import own_words
from models.generation.limits import FIELDS, check_text
from models.generation.prompt_files import prompt
from models.generation.voice import Voice, voice_of
from models.generation.wording import clean_words
from models.generation.writers.answers import MailAnswer, PostAnswer, TitledAnswer
from models.generation.writers.asking import Asked, OnText, Verdict, ask
from models.generation.writers.background import Background, section
from models.generation.writers.copy import refused
from models.generation.writers.record import Record
from models.ports import TextGenerator

Check = Callable[[Platform, str], Sequence[str]]
"""Further reasons why a text may not stand, such as a near-duplicate, in words."""

LABELS = {
    "opening": "Another opening", "length": "Short version", "angle": "Another angle",
    "call_to_action": "Another call to action",
}  # fmt: skip
_ANSWERS: dict[Platform, type[Any]] = {
    Platform.EMAIL: MailAnswer,
    Platform.YOUTUBE: TitledAnswer,
    Platform.WEB: TitledAnswer,
}
_HABITS = {
    Platform.X: "One thought, one or two sentences.",
    Platform.INSTAGRAM: "A caption under a picture; the first line must stand alone.",
    Platform.TIKTOK: "The words beside a short vertical video; one or two lines.",
    Platform.LINKEDIN: "Short paragraphs for people at work; the first two lines decide.",
    Platform.FACEBOOK: "Two or three short paragraphs.",
    Platform.YOUTUBE: "A title and a description of the video.",
    Platform.WEB: "A title and an outline with a few full paragraphs.",
    Platform.EMAIL: "A mail to people who asked for it.",
}


@dataclass(frozen=True)
class DraftWritten:
    """A draft with how it came to be."""

    draft: Draft
    record: Record


@dataclass(frozen=True)
class _Texts:
    text: str
    variants: tuple[Variant, ...]


def write_drafts_with_model(
    entry: CalendarEntry,
    strategy: Strategy,
    workspace: Workspace,
    background: Background,
    generator: TextGenerator,
    *,
    now: datetime,
    also: Check | None = None,
    on_text: OnText | None = None,
) -> list[DraftWritten]:
    """One draft a platform of the entry. `also` adds checks of the caller, e.g. against texts that exist."""
    voice = voice_of(background.brand)
    written = []
    for draft in write_drafts(entry, strategy, background.brand, workspace, now=now):
        record = Record()
        asked = _ask(entry, draft.platform, strategy, background, voice, generator, (), also, on_text)
        record.note("text and variants", asked, rules_fill=False)
        if asked.value is not None:
            note = "First version, written by a model from the strategy; read it as you would a colleague's."
            version = replace(
                draft.version, text=asked.value.text, variants=asked.value.variants, author=record.writer, note=note
            )
            draft = replace(draft, version=version)
            record.checks |= _findings(draft.version.text, entry, draft.platform, background)
        written.append(DraftWritten(draft, record))
    return written


def rewrite(
    draft: Draft,
    entry: CalendarEntry,
    strategy: Strategy,
    background: Background,
    generator: TextGenerator,
    *,
    also: Check | None = None,
    on_text: OnText | None = None,
) -> tuple[str, tuple[Variant, ...], Record]:
    """Another text and other variants of a draft after the background's feedback.

    Gives the draft's own text back, with the record saying why, where the model gave none that passes.
    """
    record = Record(feedback="; ".join(background.feedback))
    before = section("The text so far", [line for line in draft.version.text.split("\n") if line.strip()])
    asked = _ask(
        entry, draft.platform, strategy, background, voice_of(background.brand), generator, (before,), also, on_text
    )
    record.note("text and variants", asked, rules_fill=False)
    if asked.value is None:
        return draft.version.text, draft.version.variants, record
    record.checks |= _findings(asked.value.text, entry, draft.platform, background)
    return asked.value.text, asked.value.variants, record


def _findings(text: str, entry: CalendarEntry, platform: Platform, background: Background) -> dict[str, str]:
    """What a reviewer's checks do not pass, such as open places: the text stands, and its manifest says so."""
    found = check_draft(text, platform, Checks(background.brand, said=(entry.pillar,)))
    return {name: finding for name, finding in found.items() if refuses(finding)}


def _ask(
    entry: CalendarEntry,
    platform: Platform,
    strategy: Strategy,
    background: Background,
    voice: Voice,
    generator: TextGenerator,
    more: Sequence[str],
    also: Check | None,
    on_text: OnText | None,
) -> Asked[_Texts]:
    is_mail = platform is Platform.EMAIL
    file = prompt("email" if is_mail else "draft")
    pillar = next((p for p in strategy.document.pillars if p.name == entry.pillar), None)
    about = clean_words(entry.pillar) + (f": {pillar.about}" if pillar is not None and pillar.about else "")
    brief = section("The brief", [f"Pillar: {about}", f"Brief: {entry.brief}", *_rules(platform, voice)])
    request = TextRequest(
        task=Task.EMAIL if is_mail else Task.DRAFT, tier=Tier.STANDARD, instructions=file.text,
        prompt="\n\n".join([background.section(), brief, *more]) + background.wishes(),
        answer=_ANSWERS.get(platform, PostAnswer), prompt_version=file.version, max_tokens=_tokens(platform), deadline_seconds=90,
    )  # fmt: skip
    said = own_words(background.brand, (entry.pillar,))
    return ask(generator, request, lambda answer: _judge(answer, platform, voice, said, also), on_text)


def _tokens(platform: Platform) -> int:
    """Room for a text and two variants; a token is some four characters of English."""
    return {Platform.X: 600, Platform.WEB: 3_000, Platform.EMAIL: 2_500}.get(platform, 1_500)


def _rules(platform: Platform, voice: Voice) -> list[str]:
    limits = TEXT_LIMITS[platform]
    told = [f"Platform: {platform.label}. {_HABITS.get(platform, '')}", f"Limit: {limits.max_chars:,} characters"]
    told += [f"Hashtags: at most {limits.max_hashtags}"] if limits.max_hashtags is not None else []
    told += [f"Links allowed: {' '.join(voice.links)}" if voice.links else "Links allowed: none"]
    told += [f"Required phrase: {phrase}" for phrase in voice.required]
    told += [f"Banned phrases: {len(voice.banned)} (a check refuses them)"] if voice.banned else []
    return told


def _judge(answer: Any, platform: Platform, voice: Voice, said: tuple[str, ...], also: Check | None) -> Verdict[_Texts]:
    """The main text must pass; a variant that does not, or says the same, is left out."""
    text = _laid_out(platform, answer)
    problems = [f"text: {reason}" for reason in _wrong(platform, text, voice, said, also)]
    if problems:
        return Verdict(None, tuple(problems))
    variants: list[Variant] = []
    for number, variant in enumerate(answer.variants, start=1):
        laid = _laid_out(platform, variant)
        wrong = _wrong(platform, laid, voice, said, None)
        wrong += ["it is the same as another"] if laid in {text, *(v.text for v in variants)} else []
        wrong += ["its dimension is taken"] if variant.dimension in {v.dimension for v in variants} else []
        problems += [f"variant {number}: {reason}" for reason in wrong]
        if not wrong:
            variants.append(Variant(LABELS[variant.dimension], variant.dimension.replace("_", " "), laid))
    problems += [] if len(variants) >= 2 else [f"{len(variants)} variants pass; two are wanted"]
    return Verdict(_Texts(text, tuple(variants[:2])), tuple(problems))


def _laid_out(platform: Platform, answer: Any) -> str:
    """The draft's one text: named fields first, as `models.generation.limits` reads them."""
    fields = [f"{name}: {' '.join(getattr(answer, name.lower()).split())}" for name in FIELDS.get(platform, ())]
    body = "\n".join(line.rstrip() for line in answer.text.strip().split("\n"))
    return "\n".join([*fields, "", body]) if fields else body


def _wrong(platform: Platform, text: str, voice: Voice, said: tuple[str, ...], also: Check | None) -> list[str]:
    wrong = [*check_text(platform, text), *refused(text, links=voice.links, said=said)]
    wrong += [] if voice.allows(text) else ["it holds a banned phrase"]
    wrong += [f"the required phrase “{phrase}” is missing" for phrase in voice.required if phrase not in text]
    return wrong + (list(also(platform, text)) if also is not None and not wrong else [])
