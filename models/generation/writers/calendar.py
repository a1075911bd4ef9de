"""Briefs of planned posts in a model's words; days, platforms and pillars are the plan's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.domain.ai import Task, TextRequest, Tier
from models.domain.calendar import CalendarEntry
from models.domain.strategy import Strategy
from models.domain.workspace import Workspace
from models.generation.grounding.draft import own_words
from models.generation.prompt_files import prompt
from models.generation.wording import clean_words, labels
from models.generation.writers.answers import BriefsAnswer, keyed
from models.generation.writers.asking import OnText, Verdict, ask
from models.generation.writers.background import Background, section
from models.generation.writers.copy import refused
from models.generation.writers.record import Record
from models.ports import TextGenerator

AT_ONCE = 10
"""Posts briefed in one call: few enough that a later week does not change the request of an earlier one."""
LONGEST = 300


@dataclass(frozen=True)
class Briefed:
    entries: tuple[CalendarEntry, ...]
    record: Record


def write_briefs(
    entries: Sequence[CalendarEntry],
    strategy: Strategy,
    workspace: Workspace,
    background: Background,
    generator: TextGenerator,
    *,
    lately: Sequence[str] = (),
    on_text: OnText | None = None,
) -> Briefed:
    """The entries with briefs of `generator`; one whose brief does not pass keeps the rules'. `lately` are ideas not to repeat."""
    record = Record()
    done: list[CalendarEntry] = []
    for start in range(0, len(entries), AT_ONCE):
        some = entries[start : start + AT_ONCE]
        told = [*lately, *(entry.brief for entry in done)][-30:]
        done += _some(some, start, strategy, workspace, background, generator, told, record, on_text)
    return Briefed(tuple(done), record)


def _some(
    entries: Sequence[CalendarEntry],
    start: int,
    strategy: Strategy,
    workspace: Workspace,
    background: Background,
    generator: TextGenerator,
    lately: Sequence[str],
    record: Record,
    on_text: OnText | None,
) -> list[CalendarEntry]:
    keys = {f"e{number}": entry for number, entry in enumerate(entries, start=1)}
    file = prompt("calendar")
    pillars = [
        f"“{pillar.name}”" + (f" ({pillar.title}): {pillar.about}" if pillar.title else "")
        for pillar in strategy.document.pillars
    ]
    posts = [
        f"{key}: {entry.slot_at.astimezone(workspace.tz):%A}; {labels(entry.platforms)}; pillar “{clean_words(entry.pillar)}”; "
        f"starting point: {entry.brief}"
        for key, entry in keys.items()
    ]
    parts = [background.section(noticed=True), section("Pillars", pillars)]
    parts += [section("Planned or posted lately", lately)] if lately else []
    parts += [section("Posts to brief", posts)]
    request = TextRequest(
        task=Task.CALENDAR, tier=Tier.STANDARD, instructions=file.text, prompt="\n\n".join(parts) + background.wishes(),
        answer=keyed(BriefsAnswer, "briefs", "entry", list(keys), least=len(keys)), prompt_version=file.version, max_tokens=1_500, deadline_seconds=120,
    )  # fmt: skip

    def judge(answer: BriefsAnswer) -> Verdict[dict[str, str]]:
        briefs: dict[str, str] = {}
        problems: list[str] = []
        for item in answer.briefs:
            if item.entry not in keys:
                problems.append(f"{item.entry[:8]!r} is no post of the list")
                continue
            brief = " ".join(item.brief.split())
            wrong = refused(brief, links=(), said=own_words(background.brand, (keys[item.entry].pillar,)))
            wrong += [] if 0 < len(brief) <= LONGEST else [f"it has {len(brief)} characters and may have {LONGEST}"]
            wrong += ["another post has the same brief"] if brief in briefs.values() else []
            if wrong:
                problems += [f"brief of {item.entry}: {reason}" for reason in wrong]
            else:
                briefs[item.entry] = brief
        problems += [f"{key} has no brief that passes" for key in keys if key not in briefs]
        return Verdict(briefs or None, tuple(problems))

    asked = ask(generator, request, judge, on_text)
    record.note(f"posts {start + 1} to {start + len(entries)}", asked)
    briefs = asked.value or {}
    return [replace(entry, brief=briefs.get(key, entry.brief)) for key, entry in keys.items()]
