"""The frame of every page: page config, navigation, what goes on now, and the guard. No logic."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from recon.ui.approvals.badge import approvals_title
from recon.ui.guard import problems_shown
from recon.ui.header import page_style
from recon.ui.pulse import pulse

STATIC = Path(__file__).parent / "static"

st.set_page_config(
    page_title="Tieout",
    page_icon=str(STATIC / "favicon.svg"),
    layout="wide",
    initial_sidebar_state=232,
)
st.logo(str(STATIC / "logo.svg"), icon_image=str(STATIC / "favicon.svg"))
page = st.navigation(
    {
        "Operate": [
            st.Page("pages/overview.py", title="Overview", icon=":material/monitoring:", default=True),
            st.Page("pages/reconcile.py", title="Reconcile", icon=":material/compare_arrows:"),
            st.Page("pages/triage.py", title="Triage", icon=":material/rule:"),
            st.Page("pages/workbench.py", title="Workbench", icon=":material/join_inner:"),
            st.Page("pages/open_items.py", title="Open items", icon=":material/redo:"),
            st.Page("pages/approvals.py", title=approvals_title(), icon=":material/supervisor_account:"),
            st.Page("pages/runs.py", title="Runs", icon=":material/play_circle:"),
        ],
        "Books": [
            st.Page("pages/ledger.py", title="Ledger", icon=":material/account_balance:"),
            st.Page("pages/integrity.py", title="Integrity", icon=":material/verified_user:"),
            st.Page("pages/variances.py", title="Variances", icon=":material/difference:"),
        ],
        "Data": [
            st.Page("pages/feeds.py", title="Feeds", icon=":material/rss_feed:"),
            st.Page("pages/rules.py", title="Rules", icon=":material/tune:"),
        ],
        "Desk": [
            st.Page("pages/settings.py", title="Settings", icon=":material/settings:"),
            st.Page("pages/audit.py", title="Audit", icon=":material/policy:"),
            st.Page("pages/reports.py", title="Reports", icon=":material/summarize:"),
        ],
    },
    expanded=True,
)
page_style()
with problems_shown():
    pulse()
with problems_shown():
    page.run()
