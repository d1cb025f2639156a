"""Triage: the discrepancies of one run, to be understood and cleared. Everything shown is in the URL."""

from __future__ import annotations

from functools import partial

import streamlit as st

from recon.queries import overview
from recon.ui import states
from recon.ui.guard import require
from recon.ui.header import header
from recon.ui.links import RECONCILE
from recon.ui.triage.cards import page_header, standing
from recon.ui.triage.desk import workbench
from recon.ui.triage.filters import filter_bar
from recon.ui.triage.run import notices, run_to_show
from recon.ui.triage.saved import enter_page
from recon.ui.triage.sheet import sheet_answer, sheet_menu
from recon.ui.triage.views import quick_views

desk = require()
choices = overview.current_runs(desk.engine)

if not choices:
    header("Triage", "Nothing to work on yet")
    if states.empty(
        "No run is published yet",
        "Upload two exports and match them; what does not tie out is worked on here.",
        icon=":material/rule:",
        action="Reconcile two files",
        height=420,
    ):
        st.switch_page(RECONCILE)
    st.stop()

enter_page(desk)
shown = run_to_show(desk, choices)
points = overview.run_points(desk.engine, reconciliation_name=shown.reconciliation)
menus = page_header(desk, shown, choices)
notices(shown, choices)
above = st.container()
wanted, has_charts = filter_bar(desk, shown.run_id, partial(quick_views, desk, shown.run_id))
with menus:
    sheet_menu(desk, wanted)
with above:
    sheet_answer()
    standing(desk, shown, points, has_charts=has_charts)
workbench(desk, wanted, grid_height=366 if has_charts else 568)
