"""Who writes for a workspace: a model where one is set up, else the rules; either way with a record of how it was done."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from models.domain.approval import Draft, Variant
from models.domain.calendar import CalendarEntry
from models.domain.snapshot import Snapshot
from models.domain.strategy import Strategy
from models.domain.workspace import Workspace
from models.generation.drafts import other_texts, write_drafts
from models.generation.prompt_files import prompt
from models.generation.rules import WRITER
from models.generation.strategy import write_strategy
from models.generation.writers.asking import OnText
from models.generation.writers.background import Background
from models.generation.writers.calendar import Briefed, write_briefs
from models.generation.writers.drafts import Check, DraftWritten, rewrite, write_drafts_with_model
from models.generation.writers.record import Record
from models.generation.writers.strategy import Written, write_with_model
from models.ports import TextGenerator

_STRATEGY_PROMPTS = ("strategy_pillars", "strategy_roles", "strategy_summary")


@dataclass(frozen=True)
class Author:
    """`lately` are ideas not to repeat, newest last; `also` are checks of texts beyond those that need no other text."""

    workspace: Workspace
    background: Background
    generator: TextGenerator | None = None
    lately: tuple[str, ...] = ()
    also: Check | None = None
    on_part: OnText | None = None
    on_text: OnText | None = None
    feedback: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Remarks on the strategy by part, `""` for the whole."""

    def strategy_inputs(self, snapshot: Snapshot) -> str:
        """SHA-256 (hex) of everything that a strategy is written from: equal inputs need no other strategy."""
        brand = self.background.brand
        read: list[object] = [
            snapshot.id, brand.description, brand.audience, brand.tone, brand.banned_phrases, brand.required_phrases,
            brand.links, WRITER,
        ]  # fmt: skip
        if self.generator is not None:
            background = self.background
            read += [background.name, background.language, background.voice, background.noticed]
            read += [sorted((part, remarks) for part, remarks in self.feedback.items())]
            read += [prompt(name).version for name in _STRATEGY_PROMPTS]
        return hashlib.sha256(json.dumps(read, ensure_ascii=False, default=str).encode()).hexdigest()

    def strategy(self, snapshot: Snapshot) -> Written:
        if self.generator is None:
            return Written(write_strategy(snapshot, self.background.brand), _by_rules(self.feedback))
        return write_with_model(
            snapshot, self.background, self.generator,
            feedback=dict(self.feedback), on_part=self.on_part, on_text=self.on_text,
        )  # fmt: skip

    def briefs(self, entries: Sequence[CalendarEntry], strategy: Strategy) -> Briefed:
        """The entries, which hold the rules' briefs, with better ones where a model gives them."""
        if self.generator is None or not entries:
            return Briefed(tuple(entries), _by_rules({}))
        return write_briefs(
            entries, strategy, self.workspace, self.background, self.generator, lately=self.lately, on_text=self.on_text
        )

    def drafts(self, entry: CalendarEntry, strategy: Strategy, *, now: datetime) -> list[DraftWritten]:
        if self.generator is None:
            by_rules = write_drafts(entry, strategy, self.background.brand, self.workspace, now=now)
            return [DraftWritten(draft, _by_rules({})) for draft in by_rules]
        return write_drafts_with_model(
            entry, strategy, self.workspace, self.background, self.generator,
            now=now, also=self.also, on_text=self.on_text,
        )  # fmt: skip

    def another(
        self, draft: Draft, entry: CalendarEntry, strategy: Strategy, wish: str
    ) -> tuple[str, tuple[Variant, ...], Record]:
        """Another text of a draft. The rules cannot read a wish: they offer their next wording and say so."""
        wishes = (wish,) if wish else ()
        if self.generator is not None:
            background = replace(self.background, feedback=wishes)
            text, variants, record = rewrite(
                draft, entry, strategy, background, self.generator, also=self.also, on_text=self.on_text
            )
            if text != draft.version.text:
                return text, variants, record
        else:
            record = _by_rules({"": wishes} if wishes else {})
        text, variants = other_texts(draft, entry, strategy, self.background.brand, turn=draft.version.number)
        return text, variants, record


def _by_rules(feedback: Mapping[str, tuple[str, ...]]) -> Record:
    record = Record(parts={"all": WRITER})
    said = [remark for remarks in feedback.values() for remark in remarks]
    if said:
        record.feedback = "; ".join(said)
        record.fallbacks.append("The rule-based writer cannot read remarks: it takes a language model to follow them.")
    return record
