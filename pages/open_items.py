"""Open items: what a reconciliation's runs left open, in transit, missing or cleared, each with the runs it was in."""

from __future__ import annotations

import streamlit as st

from recon.calendar import WEEKDAYS
from recon.queries.item_list import carriers, currencies_of, item_sums, one_item, stage_counts
from recon.ui import states
from recon.ui.format import clip, count, counted, md
from recon.ui.guard import require
from recon.ui.header import header
from recon.ui.links import RECONCILE
from recon.ui.open_items import address
from recon.ui.open_items.filters import asked, choose, filter_bar
from recon.ui.open_items.listing import HEIGHT, listing, sums_table
from recon.ui.open_items.panel import item_panel

PANEL_WIDTH = 300

desk = require()
found = carriers(desk.engine)
if not found:
    header("Open items", "Nothing is carried yet")
    if states.empty(
        "No reconciliation carries open items",
        "What finds no counterpart in one run goes on in the next. Reconcile two files to begin.",
        icon=":material/redo:",
        action="Reconcile two files",
        height=420,
    ):
        st.switch_page(RECONCILE)
    st.stop()

today = desk.now.date()
carrier = asked(found)
counts = stage_counts(desk.engine, carrier.id, today=today)
standing = " · ".join(f"{count(counts[stage])} {label.lower()}" for stage, label in address.STAGES.items())
choose(header("Open items", f"{md(clip(carrier.name, 60))} · {standing}"), found)
wanted = filter_bar(carrier, currencies_of(desk.engine, carrier.id))
sums = item_sums(desk.engine, wanted, today=today)
total = sum(one.source_count + one.reference_count for one in sums)
opened = address.opened()
item = None if opened is None else one_item(desk.engine, opened, today=today)

beside = st.grid(3, min_column_width=PANEL_WIDTH, gap="small", key="open_items")
with beside.cell(column_span=2):
    listing(desk, wanted, total)
with beside.cell().container(border=True, height=HEIGHT + 80, gap="small", key="panel"):
    if item is not None and item.reconciliation_id == carrier.id:
        item_panel(desk, item)
    else:
        days = "Monday to Friday" if carrier.calendar == WEEKDAYS else f"calendar {md(clip(carrier.calendar, 20))}"
        st.markdown(f"**{counted(total, 'item')}**")
        st.caption(f"Ages are business days, {days}. Click an item for its course.")
        if sums:
            sums_table(sums)
