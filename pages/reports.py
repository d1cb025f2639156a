"""Reports: periods signed off with their packs, the form that signs, and the reports of runs."""

from __future__ import annotations

import streamlit as st

from recon.queries.closes import closes_of
from recon.queries.people import reconciliations
from recon.ui import states
from recon.ui.format import counted
from recon.ui.guard import require
from recon.ui.header import header
from recon.ui.reports.history import closes, run_reports
from recon.ui.reports.sign_off import show_answer, sign_off
from recon.workflows.close_period import may_close

VIEWS = ("Closes", "Sign off", "Runs")

desk = require()
names = reconciliations(desk.engine)
found = closes_of(desk.engine)
standing = sum(one.is_in_force for one in found)
header("Reports", f"{counted(standing, 'period')} closed" if standing else "No period is closed")
if not names:
    states.empty(
        "Nothing to report yet",
        "Reconcile two files first: reports and sign-offs are made of runs.",
        icon=":material/summarize:",
        height=420,
    )
    st.stop()

view = st.segmented_control(
    "View", VIEWS, default=VIEWS[0], required=True, key="view", bind="query-params", label_visibility="collapsed"
)
show_answer()
may_sign = may_close(desk.engine, desk.actor)
if view == "Sign off":
    sign_off(desk, names, may_sign=may_sign)
elif view == "Runs":
    run_reports(desk)
else:
    closes(desk, found, may_sign=may_sign)
