"""Who is looking at which workspace: sign-in gate, principal, role and workspace switch.

The session keeps an e-mail address and nothing that grants a right: user, membership and role are read again in every
run, and services check the role once more at every action.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import streamlit as st

from app.components.text import plain
from app.context import AppContext
from models.domain.workspace import SYSTEM, Principal, Role, Workspace
from models.errors import Forbidden, NotFound
from models.services import onboarding

_EMAIL = "signed_in_email"
_VISIT = "visit"
WORKSPACE_PARAM = "workspace"


@dataclass(frozen=True)
class Visit:
    """One run of one page: who, where, and what they may do there as of this run."""

    context: AppContext
    principal: Principal
    workspace: Workspace
    role: Role

    @property
    def zone(self) -> ZoneInfo:
        return self.workspace.tz

    @property
    def may_edit(self) -> bool:
        return self.role in {Role.ADMIN, Role.EDITOR}

    @property
    def may_decide(self) -> bool:
        """Approve and reject; editors may request changes only."""
        return self.role is Role.ADMIN


def current_visit() -> Visit:
    """The visit the router opened in this run."""
    visit: Visit = st.session_state[_VISIT]
    return visit


def keep(visit: Visit) -> None:
    st.session_state[_VISIT] = visit


def loopback_only(address: str | None) -> bool:
    """Whether a server bound to `address` can be reached from this machine alone. Unset means every interface."""
    if not address:
        return False
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address(address.strip("[]")).is_loopback
    except ValueError:
        return False


def sign_in_refusal(*, enabled: bool, app_host: str, server_address: str | None) -> str | None:
    """Why the password-less sign-in is refused, as one sentence, or None when it is allowed."""
    if not enabled:
        return "The password-less sign-in is switched off: set FABRIC_DEV_SIGN_IN=true on a machine only you can reach."
    for address in (server_address, app_host):
        if not loopback_only(address):
            where = address or "every network interface"
            return (
                f"The password-less sign-in is refused because the app is bound to {where}, where others can reach it: "
                "start it with FABRIC_APP_HOST=127.0.0.1 and --server.address 127.0.0.1."
            )
    return None


def require_principal(context: AppContext) -> Principal:
    """The signed-in user, or the sign-in page and the end of the run."""
    refusal = sign_in_refusal(
        enabled=context.settings.dev_sign_in,
        app_host=context.settings.app_host,
        server_address=st.get_option("server.address"),
    )
    email = st.session_state.get(_EMAIL)
    if refusal is None and email is not None:
        try:
            with context.store.unit_of_work() as uow:
                return onboarding.sign_in(uow, email)
        except NotFound:
            sign_out()
            st.warning("Your account no longer exists here: sign in as someone else.")
    _sign_in_page(context, refusal)
    st.stop()


def sign_out() -> None:
    """Forgets the user and everything the session kept for them."""
    for key in list(st.session_state):
        del st.session_state[key]


def require_workspace(context: AppContext, principal: Principal) -> Visit:
    """The workspace of the URL (or the first one), with the sidebar switch, or an empty state and the end of the run."""
    with context.store.unit_of_work() as uow:
        workspaces = sorted(onboarding.list_workspaces(uow, principal), key=lambda w: (w.name.lower(), w.id))
    by_id = {w.id: w for w in workspaces}
    wanted = st.session_state.get("workspace_choice") or st.query_params.get(WORKSPACE_PARAM)
    with st.sidebar:
        if workspaces:
            _workspace_switch(by_id, wanted)
        _account(principal)
    if wanted is not None and wanted not in by_id:
        st.warning(
            f"You are not, or no longer, a member of the workspace “{plain(wanted)}”: ask one of its admins, or choose "
            "another workspace in the sidebar."
        )
    if not workspaces:
        _no_workspace(principal)
        st.stop()
    workspace = by_id[st.session_state["workspace_choice"]]
    st.query_params[WORKSPACE_PARAM] = workspace.id
    try:
        with context.store.unit_of_work() as uow:
            role = onboarding.role_of(uow, principal, workspace.id)
    except (Forbidden, NotFound):
        st.warning("Your membership ended a moment ago: choose another workspace in the sidebar.")
        st.stop()
    return Visit(context, principal, workspace, role)


def _workspace_switch(by_id: dict[str, Workspace], wanted: str | None) -> None:
    if wanted not in by_id:
        wanted = next(iter(by_id))
    st.session_state["workspace_choice"] = wanted
    st.selectbox(
        "Workspace",
        list(by_id),
        format_func=lambda id_: by_id[id_].name,
        key="workspace_choice",
        on_change=_forget_choices,
    )
    if by_id[st.session_state["workspace_choice"]].synthetic:
        st.badge("Synthetic sample data", icon=":material/science:", color="gray")


def _forget_choices() -> None:
    """Selections belong to a workspace: switching drops the filters and the opened post, entry or draft."""
    kept = {_EMAIL, "workspace_choice"}
    for key in list(st.session_state):
        if key not in kept:
            del st.session_state[key]
    st.query_params.clear()


def _account(principal: Principal) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(principal.email))
        st.button("Sign out", key="sign_out", type="tertiary", on_click=sign_out)


def _sign_in_page(context: AppContext, refusal: str | None) -> None:
    _, middle, _ = st.columns([1, 2, 1])
    with middle:
        st.title("FABRIC")
        if refusal is not None:
            st.error(plain(refusal))
            return
        st.write("Choose who you are. This password-less sign-in works on this machine only.")
        with context.store.unit_of_work() as uow:
            emails = sorted(user.email for user in onboarding.list_users(uow, SYSTEM))
        if not emails:
            st.info(
                "Nobody can sign in yet. Run `fabric demo`, or `fabric workspace create NAME`, then reload this page."
            )
            return
        with st.form("sign_in"):
            email = st.selectbox("E-mail", emails, accept_new_options=True, key="sign_in_email")
            submitted = st.form_submit_button("Sign in", type="primary")
        if submitted and email:
            try:
                with context.store.unit_of_work() as uow:
                    st.session_state[_EMAIL] = onboarding.sign_in(uow, email.strip()).email
            except NotFound as error:
                st.error(plain(str(error)))
            else:
                st.rerun()


def _no_workspace(principal: Principal) -> None:
    st.title("No workspace yet")
    st.write(f"{plain(principal.email)} is not a member of any workspace.")
    st.info("Create one with `fabric workspace create NAME`, or ask an admin of an existing one to add you.")
