"""The app's entry point: sign-in gate, workspace, pages by role. `streamlit run app/main.py`."""

from __future__ import annotations

import sys
from pathlib import Path

# Streamlit puts this file's folder first on the path; the packages live one above it.
_ROOT = str(Path(__file__).resolve().parents[1])
if _ROOT not in sys.path:
    sys.path.insert(0, _ROOT)

import streamlit as st  # noqa: E402

from app.components.styles import install_styles  # noqa: E402
from app.components.text import plain  # noqa: E402
from app.context import app_context  # noqa: E402
from app.session import keep, require_principal, require_workspace  # noqa: E402
from models.errors import FabricError  # noqa: E402

# Drawn here: a Material icon as page icon would be fetched from the network.
_MARK = """
<svg xmlns="http://www.w3.org/2000/svg" width="28" height="28" viewBox="0 0 24 28">
  <g fill="none" stroke="#6366f1" stroke-width="3.2" stroke-linecap="round">
    <path d="M3 8h18M3 14h18M3 20h18"/><path d="M7 4v20M17 4v20" stroke-opacity="0.55"/>
  </g>
</svg>
"""
# Mid-tone, so it reads on the light and the dark sidebar.
_WORDMARK = """
<svg xmlns="http://www.w3.org/2000/svg" width="120" height="28" viewBox="0 0 120 28">
  <g fill="none" stroke="#6366f1" stroke-width="3.2" stroke-linecap="round">
    <path d="M3 8h18M3 14h18M3 20h18"/><path d="M7 4v20M17 4v20" stroke-opacity="0.55"/>
  </g>
  <text x="31" y="20" font-family="system-ui, sans-serif" font-size="17" font-weight="700" letter-spacing="1.5" fill="#6366f1">FABRIC</text>
</svg>
"""


def main() -> None:
    """One run: who, where, which page."""
    st.set_page_config(page_title="FABRIC", page_icon=_MARK, layout="wide")
    st.logo(_WORDMARK, size="large")
    install_styles()
    try:
        context = app_context()
        principal = require_principal(context)
        keep(require_workspace(context, principal))
        page = st.navigation(_pages(), expanded=True)
        page.run()
    except FabricError as error:
        st.error(plain(str(error)), icon=":material/error:")


def _pages() -> dict[str, list[st.Page]]:
    """Sections of the navigation. Every role sees these pages; what can be done on them follows the role."""
    return {
        "Today": [
            st.Page("views/overview.py", title="Overview", icon=":material/today:", default=True),
            st.Page("views/approvals.py", title="Approvals", icon=":material/fact_check:"),
        ],
        "Plan": [
            st.Page("views/strategy.py", title="Strategy", icon=":material/flag:"),
            st.Page("views/calendar.py", title="Calendar", icon=":material/calendar_month:"),
        ],
        "Learn": [
            st.Page("views/content.py", title="Content", icon=":material/table_rows:"),
            st.Page("views/brand.py", title="Brand", icon=":material/record_voice_over:"),
            st.Page("views/opportunities.py", title="Opportunities", icon=":material/lightbulb:"),
        ],
        "Run": [
            st.Page("views/publishing.py", title="Publishing", icon=":material/send:"),
            st.Page("views/connections.py", title="Connections", icon=":material/cable:"),
            st.Page("views/imports.py", title="Imports", icon=":material/upload_file:"),
            st.Page("views/data_quality.py", title="Data quality", icon=":material/verified:"),
            st.Page("views/search.py", title="Search", icon=":material/search:"),
            st.Page("views/sql.py", title="SQL", icon=":material/database:"),
        ],
        "Admin": [st.Page("views/usage.py", title="Plan & usage", icon=":material/payments:")],
    }


if __name__ == "__main__":
    main()
