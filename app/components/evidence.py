"""The numbers behind a claim, a slot or a draft: value, where it was read, when, the query, and running it again."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from app.components import numbers
from app.components.text import capitalised, plain
from app.session import Visit
from models.domain.evidence import Fact
from models.domain.strategy import StrategyDocument
from models.errors import FabricError

_SAME = 1e-9
"""Relative difference under which a re-run counts as the same number: marts round averages to 9 decimals."""


def facts_of(document: StrategyDocument, fact_ids: Iterable[str]) -> tuple[Fact, ...]:
    """The cited facts that the document carries, once each, in the order they are cited."""
    carried = {fact.id: fact for fact in document.evidence}
    return tuple(carried[id_] for id_ in dict.fromkeys(fact_ids) if id_ in carried)


def same_value(stored: float | None, read: float | None) -> bool:
    """Whether a re-run gives the stored number. Missing equals missing only."""
    if stored is None or read is None:
        return stored is read
    return abs(stored - read) <= _SAME * max(1.0, abs(stored))


def show_facts(visit: Visit, facts: Iterable[Fact], *, key: str) -> None:
    """One block a fact. `key` keeps the buttons of several lists apart."""
    shown = tuple(facts)
    if not shown:
        st.caption("No number is cited here.")
    for fact in shown:
        _show_fact(visit, fact, key=f"{key}-{fact.id}")


def _show_fact(visit: Visit, fact: Fact, *, key: str) -> None:
    value = numbers.fact_value(fact.value, fact.unit)
    with st.expander(f"{plain(capitalised(fact.label))}: **{plain(value)}**"):
        if fact.value is None:
            st.caption("Nothing was observed for this, so there is no number.")
        behind = f" from {fact.n:,} posts" if fact.n is not None else ""
        st.caption(f"Read{behind} in {plain(fact.mart)}, as of {numbers.instant(fact.as_of, visit.zone)}.")
        st.code(fact.query, language="sql", wrap_lines=True)
        if st.button("Run it again", key=f"rerun-{key}", icon=":material/replay:"):
            _rerun(visit, fact)


def _rerun(visit: Visit, fact: Fact) -> None:
    try:
        read = visit.context.facts.rerun(visit.workspace.id, fact)
    except FabricError as error:
        st.error(plain(str(error)))
        return
    shown = numbers.fact_value(read, fact.unit)
    if same_value(fact.value, read):
        st.success(f"Same value on the current numbers: {plain(shown)}.", icon=":material/check:")
    else:
        st.warning(
            f"The current numbers say {plain(shown)}; cited was {plain(numbers.fact_value(fact.value, fact.unit))}. "
            "Newer data has arrived since: write a new strategy to use it."
        )
