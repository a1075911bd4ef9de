"""A strategy's parts as people read them: each claim with the numbers behind it, and what changed between two versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import streamlit as st

from app.charts.template import label
from app.components import diff, numbers
from app.components.evidence import facts_of, show_facts
from app.components.text import capitalised, plain
from app.session import Visit
from models.domain.ai import Manifest
from models.domain.strategy import Claim, Confidence, Strategy, StrategyDecision, StrategyDocument, Verdict
from models.generation.reading import as_text, left_to_rules

_CONFIDENCE: dict[Confidence, Literal["green", "blue", "gray"]] = {"high": "green", "medium": "blue", "low": "gray"}


def summary(visit: Visit, document: StrategyDocument) -> None:
    for number, claim in enumerate(document.summary):
        _claim(visit, document, claim, key=f"summary-{number}")


def pillars(visit: Visit, document: StrategyDocument) -> None:
    """One block a pillar: share now and proposed, confidence, why, and the numbers; then the rule that they share."""
    for pillar in document.pillars:
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{plain(capitalised(pillar.title or pillar.name))}**")
                if pillar.title:
                    st.caption(f"topic “{plain(pillar.name)}”")
                if pillar.performance == "measured":
                    st.badge(f"{pillar.confidence} confidence", color=_CONFIDENCE[pillar.confidence])
                else:
                    st.badge("no evidence yet", color="gray")
            if pillar.about:
                st.write(plain(pillar.about))
            now = next(iter(facts_of(document, [pillar.share_now_fact_id])), None)
            today = numbers.MISSING if now is None else numbers.fact_value(now.value, now.unit)
            st.caption(
                f"{plain(today)} of what is published today → {numbers.share(pillar.share_proposed.value)} of the plan"
            )
            _claim(visit, document, pillar.rationale, key=f"pillar-{pillar.name}")
    for rule in dict.fromkeys(pillar.share_proposed.rule for pillar in document.pillars):
        st.caption(f"How the shares are set: {plain(rule)}")


def platforms(visit: Visit, document: StrategyDocument) -> None:
    """Role, rhythm, times and goal of each platform together."""
    for role in document.platform_roles:
        with st.container(border=True):
            st.markdown(f"**{label(role.platform)}** · {plain(role.role)}")
            _claim(visit, document, role.rationale, key=f"role-{role.platform}")
            for cadence in (c for c in document.cadence if c.platform is role.platform):
                _claim(visit, document, cadence.rationale, key=f"cadence-{cadence.platform}")
            times = [s for s in document.slots if s.platform is role.platform]
            found = [s for s in times if s.verdict == "recommend"]
            for slot in found:
                _claim(visit, document, slot.rationale, key=f"slot-{slot.platform}-{slot.weekday}-{slot.hour}")
            if times and not found:
                st.caption("No posting time has earned a recommendation: the calendar spreads its posts over the week.")
            for goal in (g for g in document.goals if g.platform is role.platform):
                _claim(visit, document, goal.rationale, key=f"goal-{goal.platform}-{goal.metric}")


def abstentions(document: StrategyDocument) -> None:
    for text in document.abstentions:
        st.markdown(f":gray[{plain(text)}]")


def how_written(manifest: Manifest | None) -> None:
    """Who wrote which part, at which cost, and what a model could not write."""
    if manifest is None:
        st.caption("Nothing is recorded about how this version was written.")
        return
    cost = "unpriced" if manifest.cost_microusd is None else f"${manifest.cost_microusd / 1e6:,.4f}"
    parts = ", ".join(f"{name}: {who}" for name, who in manifest.parameters.items() if name != "inputs")
    st.caption(plain(f"{parts or manifest.writer} · cost {cost} · prompts {manifest.prompt_version or 'none'}"))
    for text in left_to_rules(manifest):
        st.markdown(f":gray[{plain(text)}]")
    if manifest.feedback:
        st.markdown(f":gray[Remarks that were followed: {plain(manifest.feedback)}]")


def decisions(
    visit: Visit, made: Sequence[StrategyDecision], versions: Mapping[str, int], names: Mapping[str, str]
) -> None:
    """Newest first."""
    if not made:
        st.caption("Nobody has decided on a version yet.")
    for one in reversed(made):
        what = "approved" if one.verdict is Verdict.APPROVED else f"asked for another {one.part or 'version'}"
        said = f": {plain(one.note)}" if one.note else ""
        who = names.get(one.decided_by, "a former member")
        st.markdown(
            f"Version {versions.get(one.strategy_id, 0)} {what} by {plain(who)}, "
            f"{numbers.instant(one.decided_at, visit.zone)}{said}"
        )


def difference(before: Strategy, after: Strategy) -> None:
    """Word by word, of the two versions as text."""
    st.caption(
        f"Version {after.version} against version {before.version}: added words are underlined, removed words struck through."
    )
    st.html(diff.as_html(diff.words(_body(before), _body(after))))


def _body(strategy: Strategy) -> str:
    return "\n".join(line.lstrip("# ") for line in as_text(strategy).splitlines()[2:])


def _claim(visit: Visit, document: StrategyDocument, claim: Claim, *, key: str) -> None:
    st.write(plain(claim.text))
    facts = facts_of(document, claim.fact_ids)
    if facts:
        with st.popover(f"{len(facts)} {'number' if len(facts) == 1 else 'numbers'} behind this", type="tertiary"):
            show_facts(visit, facts, key=key)
