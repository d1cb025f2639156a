"""Variances: everything the checks found that does not tie out, over all books, until it is fixed."""

from __future__ import annotations

from functools import partial

import streamlit as st

from checks import CHECKS
from recon.queries.variances import VarianceFilter, variance_totals
from recon.ui import states
from recon.ui.format import counted
from recon.ui.guard import require
from recon.ui.header import header
from recon.ui.integrity.address import INTEGRITY
from recon.ui.variances.chart import days_card
from recon.ui.variances.filters import filter_bar
from recon.ui.variances.headline import headline
from recon.ui.variances.workbench import workbench
from recon.workflows.record_export import exported
from recon.workflows.report_variances import report_variances

HEIGHT = 470

desk = require()
lines = [check.line for check in CHECKS]
found = variance_totals(desk.engine, VarianceFilter())
fixed = variance_totals(desk.engine, VarianceFilter(is_fixed=True))

opened = counted(sum(part.variance_count for part in found), "variance")
actions = header("Variances", f"{opened} open over all checks and books · as of {desk.now:%H:%M} UTC")

if not found and not fixed:
    if states.empty(
        "No check has found anything",
        "What does not tie out is followed here from first seen to fixed.",
        icon=":material/verified_user:",
        action="Open the checks",
        height=420,
    ):
        st.switch_page(INTEGRITY)
    st.stop()

headline(desk, found)
above = st.container()
wanted, order = filter_bar(lines, sorted({part.unit for part in (*found, *fixed)}), now=desk.now)
with above:
    days_card(desk, wanted.check_names)
actions.download_button(
    "Export CSV",
    data=partial(
        exported,
        desk.engine,
        partial(report_variances, desk.engine, wanted, order),
        subject="variances",
        file="variances.csv",
        actor=desk.actor,
    ),
    file_name=f"variances-{desk.now:%Y-%m-%d}.csv",
    mime="text/csv",
    icon=":material/download:",
    key="export",
    help="All variances that fit the filters",
    on_click="ignore",
)
workbench(desk, wanted, order, height=HEIGHT)
