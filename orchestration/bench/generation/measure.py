"""How well each writer does on a fixed set of briefs: the strategy of a workspace, and drafts for its first planned posts.

The briefs are the rules' own calendar from a fixed day, so every writer gets the same; a model is asked directly, so that
what is measured is the model and not the router.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from difflib import SequenceMatcher
from importlib.metadata import version
from itertools import combinations
from typing import TYPE_CHECKING, Any

from connectors.warehouse.facts import ServedFacts
from models.domain.strategy import Strategy
from models.domain.workspace import SYSTEM, Workspace
from models.generation.calendar import plan_calendar
from models.generation.evidence import claims, verify
from models.generation.grounding.document import check_document
from models.generation.grounding.draft import own_words
from models.generation.limits import check_text
from models.generation.rules import WRITER
from models.generation.strategy import decide, write_strategy
from models.generation.writers.author import Author
from models.generation.writers.copy import refused
from models.insight.voice_profile import voice_score
from models.services import brand, onboarding
from orchestration.authoring import author_of
from orchestration.bench.generation.counted import Counted
from orchestration.bench.generation.judge import judge
from orchestration.progress import Log

if TYPE_CHECKING:
    from models.domain.approval import Draft
    from models.domain.brand_study import VoiceProfile
    from models.domain.calendar import CalendarEntry
    from models.ports import TextModel
    from models.store.database import Store
    from orchestration.resources import Stores


@dataclass
class Told:
    """One writer on one workspace. Parts are between 0 and 1; `by_model` is the part of strategy parts and drafts that the model
    wrote itself, the rest being the rules'. `similarity` is between a draft and its variants, 1 meaning equal."""

    workspace: str
    writer: str
    calls: int = 0
    valid_shape: float = 1.0
    failures: dict[str, int] = field(default_factory=dict)
    by_model: float = 0.0
    claims: int = 0
    claims_grounded: float = 1.0
    evidence_equal: float = 1.0
    drafts: int = 0
    within_limits: float = 1.0
    checks_passed: float = 1.0
    variants: int = 0
    similarity: float | None = None
    voice_score: float | None = None
    cost_usd: float | None = 0.0
    median_seconds: float | None = None
    seconds: float = 0.0
    judge: dict[str, Any] | None = None


def measure(
    stores: Stores, workspace_ids: Sequence[str], models: Sequence[TextModel], *, start: date, posts: int, log: Log
) -> dict[str, Any]:
    """Every writer on every workspace. Raises `NothingServed` for a workspace that was never built."""
    results: list[Told] = []
    for workspace_id in workspace_ids:
        with stores.open_store() as store:
            with store.unit_of_work() as uow:
                workspace = onboarding.get_workspace(uow, SYSTEM, workspace_id)
            log(f"{workspace_id}: {WRITER}")
            by_rules, texts = _writer(stores, store, workspace, None, start, posts)
            results.append(by_rules)
            for model in models:
                log(f"{workspace_id}: {model.spec.id}")
                counted = Counted(model)
                told, written = _writer(stores, store, workspace, counted, start, posts)
                pairs = [(brief, written[key][1], text) for key, (brief, text) in texts.items() if key in written]
                told.judge = asdict(judge(model, [pair for pair in pairs if pair[1] != pair[2]]))
                results.append(told)
    packages = ("openai", "anthropic", "pydantic-ai-slim")
    return {
        "start": start,
        "posts": posts,
        "versions": {name: version(name) for name in packages},
        "results": [asdict(told) for told in results],
    }


def _writer(
    stores: Stores, store: Store, workspace: Workspace, generator: Counted | None, start: date, posts: int
) -> tuple[Told, dict[str, tuple[str, str]]]:
    """What is told of a writer, and by entry and platform the brief and the text."""
    began = time.perf_counter()
    facts = ServedFacts(stores.reader)
    snapshot = facts.snapshot(workspace.id)
    author = author_of(stores, store, workspace, generator)
    told = Told(workspace.id, WRITER if generator is None else generator.model.spec.id)
    written = author.strategy(snapshot)
    document = written.document
    wrong = check_document(document, decide(snapshot, author.background.brand).facts)
    told.claims = len(list(claims(document)))
    told.claims_grounded = 1 - len({where for where, _ in wrong}) / max(1, told.claims)
    told.evidence_equal = 1 - len(verify(document, facts)) / max(1, len(document.evidence))
    by_model = [who != WRITER for who in written.record.parts.values()]
    strategy, entries = _briefs(snapshot, author, workspace, start, posts, stores.now())
    drafts: list[Draft] = []
    texts: dict[str, tuple[str, str]] = {}
    for entry in entries:
        for one in author.drafts(entry, strategy, now=stores.now()):
            drafts.append(one.draft)
            by_model.append(one.record.writer != WRITER)
            texts[f"{entry.id} {one.draft.platform}"] = (entry.brief, one.draft.version.text)
    told.by_model = round(sum(by_model) / max(1, len(by_model)), 4) if generator is not None else 0.0
    with store.unit_of_work() as uow:
        voice = brand.voice_profile(uow, SYSTEM, workspace.id)
    _drafts(told, drafts, {entry.id: entry.pillar for entry in entries}, author, voice)
    told.seconds = round(time.perf_counter() - began, 1)
    if generator is not None:
        told.calls, told.failures, told.valid_shape = generator.calls, generator.failures, round(generator.valid, 4)
        told.cost_usd = None if generator.cost_microusd is None else round(generator.cost_microusd / 1e6, 6)
        told.median_seconds = round(statistics.median(generator.seconds), 2) if generator.seconds else None
    return told, texts


def _briefs(
    snapshot: Any, author: Author, workspace: Workspace, start: date, posts: int, now: datetime
) -> tuple[Strategy, list[CalendarEntry]]:
    """The rules' strategy and its first planned posts, the same for every writer."""
    document = write_strategy(snapshot, author.background.brand)
    strategy = Strategy(
        id="bench", workspace_id=workspace.id, version=1, created_at=now, created_by="bench", document=document
    )
    return strategy, plan_calendar(strategy, workspace, start=start, weeks=4)[:posts]


def _drafts(
    told: Told, drafts: Sequence[Draft], pillars: dict[str, str], author: Author, voice: VoiceProfile | None
) -> None:
    profile = author.background.brand
    limits, checks, alike, scores = [], [], [], []
    for draft in drafts:
        texts = [draft.version.text, *(variant.text for variant in draft.version.variants)]
        told.variants += len(texts) - 1
        limits += [not check_text(draft.platform, text) for text in texts]
        checks += [
            not refused(text, links=profile.links, said=own_words(profile, (pillars[draft.entry_id],)))
            for text in texts
        ]
        alike += [SequenceMatcher(None, one, other, autojunk=False).ratio() for one, other in combinations(texts, 2)]
        score = None if voice is None else voice_score(voice, draft.version.text)[0]
        scores += [] if score is None else [score]
    told.drafts = len(drafts)
    told.within_limits = round(sum(limits) / max(1, len(limits)), 4)
    told.checks_passed = round(sum(checks) / max(1, len(checks)), 4)
    told.similarity = round(statistics.fmean(alike), 4) if alike else None
    told.voice_score = round(statistics.fmean(scores), 1) if scores else None
