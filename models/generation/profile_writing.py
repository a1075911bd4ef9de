"""A brand profile by a language model: it may only say what it can quote, and every quotation is looked up.

Without a model, or where one fails, the profile found by rule stays as it is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict

from models.domain.ai import Task, TextRequest, Tier
from models.domain.brand_study import BusinessProfile, Statement, StatementKind
from models.domain.site import BrandSource
from models.errors import ModelError
from models.generation.prompt_files import prompt
from models.ports import TextGenerator

MOST_SOURCES = 24
MOST_CHARACTERS = 1_500
"""Characters of one source that a model is given."""
_TEXT, _QUOTE = 240, 400
_MOST_OF_A_KIND = 4
_NAMED = re.compile(r"\b[A-ZÄÖÜ]\w+|\d[\d.,]*")


class StatementAnswer(BaseModel):
    """One statement as a model gives it; not yet believed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["what", "offer", "audience", "positioning", "place"]
    text: str
    quote: str
    source: int


class ProfileAnswer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    statements: tuple[StatementAnswer, ...]


def write_profile(
    found: BusinessProfile,
    name: str,
    sources: Sequence[BrandSource],
    generator: TextGenerator,
    *,
    tier: Tier = Tier.STANDARD,
) -> BusinessProfile:
    """The profile with a model's statements in place of those found by rule, kind by kind, where any could be verified.

    Names come from the pages alone. `missing` says how many statements were dropped, or why no model wrote.
    """
    given = list(sources)[:MOST_SOURCES]
    request = profile_request(name, given, tier)
    try:
        answer = generator.generate(request)
    except ModelError as error:
        note = f"Found by rule, because no model could write: {error.cause}."
        return found.model_copy(update={"missing": (*found.missing, note)})
    kept = [s for said in answer.value.statements if (s := _believed(said, given)) is not None]
    dropped = len(answer.value.statements) - len(kept)
    by_kind = {kind: [s for s in kept if s.kind is kind][:_MOST_OF_A_KIND] for kind in StatementKind}
    statements = [s for kind in StatementKind for s in (by_kind[kind] or found.of(kind))]
    told = {s.kind for s in statements}
    missing = [note for note in found.missing if not any(note == kind.missing for kind in told)]
    if dropped:
        missing.append(f"{dropped} of the model's statements were dropped: their quotations do not bear them out.")
    writer = f"{answer.provider}/{answer.model}" if kept else found.writer
    return found.model_copy(update={"writer": writer, "statements": tuple(statements), "missing": tuple(missing)})


def profile_request(name: str, sources: Sequence[BrandSource], tier: Tier) -> TextRequest[ProfileAnswer]:
    """What a model is asked: the sources as numbered data."""
    asked = prompt("profile")
    listed = [{"number": number, "text": _told(source)} for number, source in enumerate(sources)]
    return TextRequest(
        task=Task.PROFILE, tier=tier, instructions=asked.text,
        prompt=json.dumps({"name": name, "sources": listed}, ensure_ascii=False), answer=ProfileAnswer,
        prompt_version=asked.version,
    )  # fmt: skip


def _told(source: BrandSource) -> str:
    return "\n".join(text for _, text in source.parts)[:MOST_CHARACTERS]


def _believed(said: StatementAnswer, sources: Sequence[BrandSource]) -> Statement | None:
    """The statement, if its quotation stands in its source and holds every name and number that it uses."""
    text, quote = _line(said.text), _line(said.quote)
    if not 0 <= said.source < len(sources) or not 0 < len(text) <= _TEXT or not 12 <= len(quote) <= _QUOTE:
        return None
    source = sources[said.source]
    where = next((where for where, part in source.parts if quote in _line(part)), None)
    borne = quote.casefold()
    named = {name for place, name in _names(text) if place or name[0].isdigit()}
    if where is None or any(name.casefold() not in borne for name in named) or re.search(r"https?://|www\.", text):
        return None
    return Statement(kind=StatementKind(said.kind), text=text, quote=quote, source=source.id, where=where)


def _names(text: str) -> list[tuple[int, str]]:
    """Capitalised words and numbers with where they stand; the first word of a sentence is no name by its capital."""
    return [(0 if _opens(text, m.start()) else 1, m[0]) for m in _NAMED.finditer(text)]


def _opens(text: str, start: int) -> bool:
    return re.search(r"(?:^|[.!?]\s+)$", text[:start]) is not None


def _line(text: str) -> str:
    return " ".join(text.split())
