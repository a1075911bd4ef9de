"""Reads competitors' newest texts through the quarantine, each once, and keeps what may be kept of them."""

from __future__ import annotations

import hashlib
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from models.domain.extracts import StoredExtract
from models.domain.social import Platform
from models.domain.workspace import SYSTEM
from models.errors import NoModel
from models.generation.prompt_files import prompt
from models.generation.quarantine.model import read_by_model
from models.generation.quarantine.rules import READER, RULES, read_by_rules
from models.generation.quarantine.schema import Extract, Fallback
from models.generation.quarantine.sheet import CompetitorSheet
from models.ports import TextGenerator
from models.services import extracts
from orchestration.progress import Log, silent
from orchestration.resources import Stores

MAX_CALLS = 200
"""Calls of a model in one run; the other texts are read by the rules, and by the model in a later run."""
MAX_TEXTS = 20_000
"""The newest texts of a workspace that are looked at."""
_KEPT_AT_ONCE = 100
_GIVE_UP = 3
"""Calls without any answer after which a run asks no more."""


@dataclass(frozen=True)
class ForeignText:
    """The newest text of one piece of a competitor's content."""

    platform: Platform
    account_id: str
    entity_id: str
    text: str

    @property
    def hash(self) -> str:
        """SHA-256 (hex) of the text in NFC."""
        return hashlib.sha256(unicodedata.normalize("NFC", self.text).encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True)
class ExtractReport:
    """`texts` were looked at, `known` of them had been read before, `copied` repeat another; `by_rules` and `by_model` were
    read now, with `calls` calls. `fallbacks` counts why the rules read what a model had been asked for; `dropped` what models
    copied that does not stand in the text; `signs` texts by what in them may be meant for a machine."""

    texts: int
    known: int
    copied: int
    by_rules: int
    by_model: int
    calls: int
    dropped: int
    fallbacks: Mapping[str, int]
    signs: Mapping[str, int]


def foreign_texts(stores: Stores, workspace_id: str) -> list[ForeignText]:
    """The competitors' texts in the workspace's serving file, newest first. Raises `NothingServed` before the first build."""
    with stores.reader.open(workspace_id) as version:
        rows = version.query(
            "select platform, account_id, post_id, concat_ws(chr(10), title, body) as text from mart_competitor_content "
            "where workspace_id = ? and own_brand is not true and concat_ws('', title, body) <> '' "
            "order by published_at desc nulls last, platform, account_id, post_id limit ?",
            (workspace_id, MAX_TEXTS),
        )
    return [
        ForeignText(Platform(platform), account_id, post_id, text)
        for platform, account_id, post_id, text in rows.iter_rows()
    ]


def read_competitors(
    stores: Stores,
    workspace_id: str,
    *,
    generator: TextGenerator | None = None,
    max_calls: int = MAX_CALLS,
    log: Log = silent,
) -> ExtractReport:
    """Reads what is new in the competitors' texts: by `generator`, at most `max_calls` times, else by the rules.

    A text that was read is not read again while the rules, or the prompt of the model, stay the same. What the rules read
    for want of a model is read again when there is one.
    """
    run = _Run(stores, workspace_id, generator, max_calls, stores.now())
    texts = foreign_texts(stores, workspace_id)
    for start in range(0, len(texts), _KEPT_AT_ONCE):
        run.read(texts[start : start + _KEPT_AT_ONCE])
        log(f"{workspace_id}: {min(start + _KEPT_AT_ONCE, len(texts))} of {len(texts)} competitors' texts looked at")
    return run.report()


def read_with_models(
    stores: Stores, workspace_id: str, *, max_calls: int = MAX_CALLS, log: Log = silent
) -> ExtractReport:
    """As `read_competitors`, with the models that are set up for the workspace; by the rules where none is or can be called."""
    from orchestration.models import text_generator

    with stores.open_store() as store:
        try:
            generator: TextGenerator | None = text_generator(stores, store, workspace_id)
        except NoModel as error:
            log(str(error))
            generator = None
        return read_competitors(stores, workspace_id, generator=generator, max_calls=max_calls, log=log)


def sheets_of(stores: Stores, workspace_id: str) -> tuple[CompetitorSheet, ...]:
    """What was read of the competitors that the serving file knows. Raises `NothingServed` before the first build."""
    with stores.reader.open(workspace_id) as version:
        rows = version.query(
            "select distinct platform, account_id, competitor from mart_competitor_content "
            "where workspace_id = ? and own_brand is not true order by all",
            (workspace_id,),
        )
    names = {(Platform(platform), account_id): name or account_id for platform, account_id, name in rows.iter_rows()}
    with stores.open_store() as store, store.unit_of_work() as uow:
        return extracts.competitor_sheets(uow, SYSTEM, workspace_id, names)


def common_words() -> frozenset[str]:
    """Lower-case words of the known languages that cannot be a topic."""
    from models.insight.words import lexicons

    return frozenset(word for lexicon in lexicons() for word in (*lexicon.function, *lexicon.generic))


class _Run:
    """One run over a workspace's texts."""

    def __init__(
        self, stores: Stores, workspace_id: str, generator: TextGenerator | None, max_calls: int, now: datetime
    ) -> None:
        self._store, self._workspace_id, self._now = stores.open_store(), workspace_id, now
        self._generator, self._max_calls = generator, max_calls
        self._prompt = prompt("extract").version
        self._common = common_words()
        with self._store.unit_of_work() as uow:
            self._stored = {kept.key: kept for kept in extracts.list_extracts(uow, SYSTEM, workspace_id)}
        self._by_hash: dict[str, StoredExtract] = {}
        for kept in self._stored.values():
            self._remember(kept)
        self._told: Counter[str] = Counter()
        self._fallbacks: Counter[str] = Counter()
        self._signs: Counter[str] = Counter()
        self._unanswered = 0

    def read(self, texts: Sequence[ForeignText]) -> None:
        """Reads and keeps some of the texts, in one transaction."""
        new = [kept for text in texts if (kept := self._one(text)) is not None]
        if new:
            with self._store.unit_of_work() as uow:
                extracts.save_extracts(uow, SYSTEM, self._workspace_id, new)

    def report(self) -> ExtractReport:
        self._store.close()
        told = self._told
        return ExtractReport(
            told["texts"], told["known"], told["copied"], told["by_rules"], told["by_model"], told["calls"],
            told["dropped"], dict(sorted(self._fallbacks.items())), dict(sorted(self._signs.items())),
        )  # fmt: skip

    def _one(self, text: ForeignText) -> StoredExtract | None:
        """What is to be kept anew for the text, None when what is kept is right."""
        self._told["texts"] += 1
        digest = text.hash
        earlier = self._by_hash.get(digest)
        if earlier is not None and self._stands(earlier):
            before = self._stored.get((text.platform, text.account_id, text.entity_id))
            if before is not None and (before.content_hash, before.asked) == (digest, earlier.asked):
                self._told["known"] += 1
                return None
            self._told["copied"] += 1
            return replace(
                earlier, platform=text.platform, account_id=text.account_id, entity_id=text.entity_id, at=self._now
            )
        found, asked = self._read(text.text)
        self._told["dropped"] += found.dropped
        self._signs.update(sign.value for sign in found.signs)
        kept = StoredExtract(
            self._workspace_id, text.platform, text.account_id, text.entity_id, digest, asked, self._now,
            found.model_dump(mode="json"),
        )  # fmt: skip
        self._remember(kept)
        return kept

    def _read(self, text: str) -> tuple[Extract, str]:
        """The extract, and what it was read by for good."""
        if self._generator is None or not self._may_ask():
            self._told["by_rules"] += 1
            return read_by_rules(text, common=self._common), READER
        self._told["calls"] += 1
        found = read_by_model(text, self._generator, common=self._common)
        if found.fallback is Fallback.NONE:
            self._unanswered = 0
            self._told["by_model"] += 1
            return found, self._prompt
        self._told["by_rules"] += 1
        self._fallbacks[found.fallback.value] += 1
        self._unanswered = self._unanswered + 1 if found.fallback is Fallback.NO_MODEL else 0
        return found, READER if found.fallback is Fallback.NO_MODEL else self._prompt

    def _may_ask(self) -> bool:
        return self._generator is not None and self._told["calls"] < self._max_calls and self._unanswered < _GIVE_UP

    def _stands(self, kept: StoredExtract) -> bool:
        """Whether the reading need not be made again: by this prompt, or by anything that a model or these rules read when
        no model can be asked."""
        outdated = kept.asked != READER and kept.asked.startswith(RULES)
        return kept.asked == self._prompt or (not self._may_ask() and not outdated)

    def _remember(self, kept: StoredExtract) -> None:
        known = self._by_hash.get(kept.content_hash)
        if known is None or known.asked != self._prompt:
            self._by_hash[kept.content_hash] = kept
