"""Plan & usage: what models cost this month against the budget, what came of it, and which providers are set up."""

from __future__ import annotations

import polars as pl
import streamlit as st

from app.components import numbers
from app.components.frame import footer, header, message_of_last_action, open_shelf_quietly, perform
from app.components.text import plain
from app.context import now
from app.reading import current_shelf, usage_months
from app.session import Visit, current_visit
from connectors.ai import media
from connectors.ai.offering import text_specs
from models.domain.ai import Modality
from models.domain.spending import MICRO, ProviderAccess, Spending
from models.routing.money import dollars
from models.services import budgets, providers

MONTHS = 12


def render(visit: Visit) -> None:
    header("Plan & usage", "What models cost this month against the budget, and which providers are set up.")
    message_of_last_action()
    with visit.context.store.unit_of_work() as uow:
        month = budgets.spending(
            uow, visit.principal, visit.workspace.id,
            default_microusd=visit.context.settings.ai_monthly_budget, now=now(),
        )  # fmt: skip
    whole = open_shelf_quietly(visit)
    built = None
    if whole is not None:
        built = usage_months(current_shelf(visit.context.settings.serving_dir, visit.workspace.id), MONTHS)
    _cards(month, built)
    _lines(month)
    if built is not None and built.height:
        _months(built)
    _providers(visit)
    _budget(visit, month)
    footer(visit, whole)


def _cards(month: Spending, built: pl.DataFrame | None) -> None:
    calls, hits = sum(line.calls for line in month.lines), sum(line.cache_hits for line in month.lines)
    unpriced = sum(line.calls - line.priced for line in month.lines)
    newest = built.row(0, named=True) if built is not None and built.height else None
    each = None if newest is None else newest["cost_usd_per_approved_draft"]
    with st.container(horizontal=True):
        st.metric(
            f"Spent in {month.month:%B}", plain(dollars(month.spent)), border=True,
            help=f"{unpriced:,} calls have no known price and are not in it" if unpriced else "Every call has a known price",
        )  # fmt: skip
        st.metric(
            "Left of the budget", "no limit" if month.left is None else plain(dollars(month.left)), border=True,
            help="Nobody set a limit" if month.limit is None else plain(
                f"Of {dollars(month.limit)}, {'this workspace' if month.own_limit else 'the installation'}’s monthly budget"
                + (f"; {dollars(month.held)} is set aside for calls that run or whose cost nobody told" if month.held else "")
            ),
        )  # fmt: skip
        st.metric(
            "Answered without a call", f"{hits:,} of {calls:,}", border=True,
            help="An equal request was answered before, so that nothing was paid",
        )  # fmt: skip
        st.metric(
            "Cost per approved post", numbers.MISSING if each is None else plain(f"${each:,.4f}"), border=True,
            help="All tasks of the newest month ÷ drafts of it that are approved, as of the last build"
            if each is not None
            else "Not known: no draft of the newest built month is approved, or a call has no known price",
        )  # fmt: skip
    if month.limit:
        used = min(1.0, (month.spent + month.held) / month.limit)
        st.progress(used, text=plain(f"{numbers.percent(used)} of {dollars(month.limit)} spent or set aside"))


def _lines(month: Spending) -> None:
    st.subheader("This month by task and model", anchor=False)
    if not month.lines:
        st.write("Nothing was written this month.")
        return
    st.dataframe(
        {
            "Task": [line.task.capitalize() for line in month.lines],
            "Model": [f"{line.provider}/{line.model}" for line in month.lines],
            "Calls": [line.calls for line in month.lines],
            "Without result": [line.failed for line in month.lines],
            "Kept answers": [line.cache_hits for line in month.lines],
            "Tokens read": [line.tokens_in for line in month.lines],
            "Tokens written": [line.tokens_out for line in month.lines],
            "Cost": [None if line.cost_microusd is None else line.cost_microusd / MICRO for line in month.lines],
        },
        hide_index=True,
        placeholder=numbers.MISSING,
        column_config={
            "Cost": st.column_config.NumberColumn(format="$%.4f", help="Sum of the known prices; missing when none is")
        },
        alt="Calls and cost of this month by task and model",
    )


def _months(built: pl.DataFrame) -> None:
    st.subheader("Months", anchor=False)
    rows = built.to_dicts()
    st.dataframe(
        {
            "Month": [f"{row['month']:%B %Y}" for row in rows],
            "Calls of models": [row["calls_of_models"] for row in rows],
            "Kept answers": [row["cache_hits"] for row in rows],
            "Cost": [row["cost_usd"] for row in rows],
            "Drafts": [row["drafts_written"] for row in rows],
            "Approved": [row["drafts_approved"] for row in rows],
            "Cost per approved post": [row["cost_usd_per_approved_draft"] for row in rows],
            "Changed before approval": [row["mean_edit_distance"] for row in rows],
        },
        hide_index=True,
        placeholder=numbers.MISSING,
        column_config={
            "Cost": st.column_config.NumberColumn(format="$%.4f"),
            "Cost per approved post": st.column_config.NumberColumn(format="$%.4f"),
            "Changed before approval": st.column_config.NumberColumn(
                format="percent",
                help="Mean share of the characters that people changed between what was written and what they approved",
            ),
        },
        alt="Cost and approvals by month",
    )


def _providers(visit: Visit) -> None:
    st.subheader("Providers", anchor=False)
    with visit.context.store.unit_of_work() as uow:
        own = providers.list_providers(uow, visit.principal, visit.workspace.id)
    access = visit.context.settings.provider_access()
    where = dict.fromkeys(access, "the installation")
    for setup in own:
        # Only whether there is a key is known here; the key itself is for the system.
        access[setup.provider] = ProviderAccess(
            setup.provider, setup.base_url, setup.models, "set" if setup.has_key else "", setup.local
        )
        where[setup.provider] = "this workspace"
    if not access:
        st.write("None is set up, so the rule-based writer writes, which costs nothing.")
        st.code(f"fabric ai set openai --workspace {visit.workspace.id}", language="bash")
        return
    names = sorted(access)
    models = _models(access)
    st.dataframe(
        {
            "Provider": names,
            "Set up by": [where[name] for name in names],
            "Models": [", ".join(models.get(name, [])) or None for name in names],
        },
        hide_index=True,
        placeholder=numbers.MISSING,
        alt="Providers of models that are set up",
    )


def _models(access: dict[str, ProviderAccess]) -> dict[str, list[str]]:
    today = now().date()
    specs = [spec for found in text_specs(access, today=today).values() for spec in found]
    for modality in (Modality.IMAGE, Modality.VIDEO, Modality.SPEECH):
        specs += media.specs(access, modality, today=today)
    found: dict[str, list[str]] = {}
    for spec in specs:
        found.setdefault(spec.provider, []).append(spec.name)
    return found


def _budget(visit: Visit, month: Spending) -> None:
    st.subheader("Budget", anchor=False)
    if not visit.may_decide:
        st.caption("An admin of this workspace can change what it may spend a month.")
        return
    with st.form("budget", border=False):
        unlimited = st.checkbox("No limit", value=month.limit is None, key="budget-unlimited")
        amount = st.number_input(
            "US dollars a month", min_value=0.0, max_value=1_000_000.0, step=5.0,
            value=(month.limit or 0) / MICRO, key="budget-amount",
            help="No call is made that could cost more than what is left; 0 allows only what costs nothing",
        )  # fmt: skip
        pressed = st.form_submit_button("Save budget", type="primary")
    if not pressed:
        return
    wanted = None if unlimited else round(amount * MICRO)

    def save() -> None:
        with visit.context.store.unit_of_work() as uow:
            budgets.set_budget(uow, visit.principal, visit.workspace.id, wanted, now=now())

    if perform("The budget is saved and holds from the next call on.", save):
        st.rerun()


if __name__ == "__main__":
    render(current_visit())
