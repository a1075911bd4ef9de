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


def main() -> None:
    """One run: who, where, which page."""
    st.set_page_config(page_title="FABRIC", page_icon=":material/dataset:", layout="wide")
    install_styles()
    try:
        context = app_context()
        principal = require_principal(context)
        keep(require_workspace(context, principal))
        page = st.navigation(_pages())
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
        "Plan": [st.Page("views/calendar.py", title="Calendar", icon=":material/calendar_month:")],
        "Learn": [st.Page("views/content.py", title="Content", icon=":material/table_rows:")],
    }


if __name__ == "__main__":
    main()
