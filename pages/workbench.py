"""Workbench: the rows of a run that do not tie out, both sides beside each other, to be settled by hand."""

from __future__ import annotations

import streamlit as st

from recon.model.rules import Rules
from recon.queries import overview
from recon.queries.open_rows import currencies_of
from recon.queries.runs import run_detail
from recon.ui import states
from recon.ui.guard import require
from recon.ui.header import header
from recon.ui.links import RECONCILE
from recon.ui.workbench.choice import run_choice, run_shown
from recon.ui.workbench.views import views
from recon.workflows.prepare_workbench import prepare_workbench

desk = require()
choices = overview.current_runs(desk.engine)

if not choices:
    header("Workbench", "Nothing to settle yet")
    if states.empty(
        "No run is published yet",
        "Upload two exports and match them; rows that do not tie out are matched by hand here.",
        icon=":material/join_inner:",
        action="Reconcile two files",
        height=420,
    ):
        st.switch_page(RECONCILE)
    st.stop()

shown = run_shown(desk, choices)
run_choice(desk, shown, choices)
with st.spinner("Laying out the rows that do not tie out …"):
    prepare_workbench(desk.engine, desk.evidence, shown.run_id)

rules = Rules.from_dict(dict(run_detail(desk.engine, shown.run_id).rules))
views(desk, shown.run_id, rules, currencies_of(desk.engine, shown.run_id))
