"""A strategy as text to read: what it says, how sure it is, and the evidence of every number."""

from __future__ import annotations

from models.domain.ai import Manifest
from models.domain.strategy import Strategy
from models.generation.number_format import UNIT_FORMATS, format_value
from models.generation.wording import labels

MOST_REASONS = 3
"""Of why words of a model did not stand, how many are read out; the record has all."""


def as_text(strategy: Strategy, manifest: Manifest | None = None, *, evidence: bool = False) -> str:
    """Markdown. With `evidence` each number is listed with its value and the query that gives it again."""
    document = strategy.document
    lines = [
        f"# Strategy of {strategy.workspace_id}, version {strategy.version}",
        f"Written by {document.writer} from data up to {document.as_of:%Y-%m-%d %H:%M} UTC.",
        "",
        *(claim.text for claim in document.summary),
    ]
    lines += _section("Pillars")
    for pillar in document.pillars:
        title = f" ({pillar.title})" if pillar.title else ""
        share = format_value(pillar.share_proposed.value, "whole_percent")
        lines.append(
            f"- **{pillar.name}**{title}: {share} of the plan, confidence {pillar.confidence}. {pillar.about}".rstrip()
        )
        lines.append(f"  {pillar.rationale.text}")
    lines += _section("Platforms")
    for role in document.platform_roles:
        lines.append(f"- **{role.platform.label}**, {role.role}. {role.rationale.text}")
    lines += _section("Rhythm")
    for cadence in document.cadence:
        pace = format_value(cadence.posts_per_week.value, "per_week")
        lines.append(f"- **{labels([cadence.platform])}**: {pace}. {cadence.rationale.text}")
    lines += _section("Times")
    for slot in document.slots:
        if slot.verdict == "recommend":
            lines.append(f"- {slot.platform.label}, {slot.confidence} confidence: {slot.rationale.text}")
    spread: dict[str, list[str]] = {}
    for slot in document.slots:
        if slot.verdict != "recommend":
            at = f"{format_value(slot.weekday, 'weekday')} {format_value(slot.hour, 'clock')}"
            spread.setdefault(slot.platform.label, []).append(at)
    lines += [f"- {name}, no evidence, a plain spread: {', '.join(times)}." for name, times in spread.items()]
    lines += _section("Goals")
    lines += [f"- {goal.rationale.text}" for goal in document.goals]
    lines += _section("What is not said")
    lines += [f"- {text}" for text in document.abstentions]
    if manifest is not None and (told := left_to_rules(manifest)):
        lines += [*_section("How it was written"), *(f"- {text}" for text in told)]
    if evidence:
        lines += _section("Evidence")
        for fact in document.evidence:
            value = format_value(fact.value, UNIT_FORMATS.get(fact.unit, "count"))
            lines += [f"- {fact.label}: {value} (`{fact.id}`)", f"  `{fact.query}`"]
    return "\n".join(lines)


def left_to_rules(manifest: Manifest) -> list[str]:
    """What a model was asked for and could not write, with the reasons; whole parts first."""
    partly = [f"{part}: in part by the rules, because {found.rstrip('.')}." for part, found in manifest.checks.items()]
    return [_shortened(text) for text in (*manifest.fallbacks, *partly)]


def _shortened(text: str) -> str:
    reasons = text.split("; ")
    more = len(reasons) - MOST_REASONS
    return text if more < 1 else f"{'; '.join(reasons[:MOST_REASONS]).rstrip('.')}; and {more} more."


def _section(title: str) -> list[str]:
    return ["", f"## {title}"]
