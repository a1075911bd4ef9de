"""The checks of a draft, each with a word: passed, not passed, not judged, or what it tells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import streamlit as st

from app.charts.template import label
from app.components.text import plain
from models.domain.approval import Draft
from models.domain.brand import BrandProfile
from models.domain.evidence import Fact
from models.domain.social import TEXT_LIMITS
from models.generation.checks.context import Checks
from models.generation.checks.fingerprint import Fingerprint, fingerprint
from models.generation.checks.outcome import NOT_JUDGED, NOTE, refuses
from models.generation.checks.run import check_draft
from models.generation.limits import text_length

RECENT = 60
"""Other drafts of the platform that a draft is compared with, the newest slots first."""


@dataclass(frozen=True)
class CheckLine:
    """Colour never stands alone: `word` is always shown beside it."""

    name: str
    word: str
    finding: str
    colour: Literal["green", "red", "gray"]
    icon: str


def check_lines(findings: Mapping[str, str]) -> list[CheckLine]:
    """What is shown of each check; the ones not passed first, else in their own order."""
    lines = [_line(name, finding) for name, finding in findings.items()]
    return sorted(lines, key=lambda line: line.word != "not passed")


def context_of(
    brand: BrandProfile,
    draft: Draft,
    others: Iterable[Draft],
    facts: Iterable[Fact],
    *,
    pillar: str = "",
    language: str = "",
    rivals: tuple[tuple[str, Fingerprint], ...] = (),
) -> Checks:
    """What the review knows: the brand profile and its language, the draft's facts and pillar, whose name may stand in it, the
    workspace's other drafts on the platform, and fingerprints of competitors' texts."""
    same = [o for o in others if o.platform is draft.platform and o.entry_id != draft.entry_id]
    newest = sorted(same, key=lambda o: (o.slot_at, o.id), reverse=True)[:RECENT]
    own = tuple((_opening(other.version.text), fingerprint(other.version.text)) for other in newest)
    said = (pillar,) if pillar else ()
    return Checks(brand, language=language, own=own, rivals=rivals, facts=tuple(facts), said=said)


def show_checks(draft: Draft, context: Checks) -> None:
    """The list, computed from the stored text."""
    text = draft.version.text
    count = f"{text_length(draft.platform, text):,} of {TEXT_LIMITS[draft.platform].max_chars:,} characters"
    for line in check_lines(check_draft(text, draft.platform, context)):
        finding = line.finding or (
            f"{count} as {label(draft.platform)} counts" if line.name == "Platform limits" else ""
        )
        told = f": {plain(finding)}" if finding else ""
        st.markdown(f":{line.colour}[{line.icon}] **{plain(line.name)}** {line.word}{told}")


def _line(name: str, finding: str) -> CheckLine:
    if refuses(finding):
        return CheckLine(name, "not passed", finding, "red", ":material/error:")
    if finding.startswith(NOT_JUDGED):
        return CheckLine(name, "not judged", finding.removeprefix(NOT_JUDGED), "gray", ":material/remove:")
    if finding.startswith(NOTE):
        return CheckLine(name, "told", finding.removeprefix(NOTE), "gray", ":material/info:")
    return CheckLine(name, "passed", "", "green", ":material/check:")


def _opening(text: str) -> str:
    line = text.strip().split("\n")[0]
    return line if len(line) <= 60 else f"{line[:59]}…"
