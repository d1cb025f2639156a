"""Overview: what needs a person, how much is open and how old, how the runs went."""

from __future__ import annotations

import streamlit as st

from recon.queries import attention, overview
from recon.queries.headline import headline
from recon.queries.open_ages import open_ages
from recon.queries.owners import owners_by_reconciliation
from recon.queries.timetable import overdue_checks
from recon.ui import states
from recon.ui.alerts_card import alerts_card, needs_a_person
from recon.ui.format import counted
from recon.ui.guard import require
from recon.ui.header import header
from recon.ui.links import RECONCILE, choose_run, open_run
from recon.ui.overview import cards
from recon.ui.overview.attention import Waiting, attention_card
from recon.ui.overview.open_items import open_items_card
from recon.ui.overview.standings import lines_of, standings_table
from recon.workflows.feed_standings import missing_files

BAR_WIDTH = 420

desk = require()
standings = overview.standings(desk.engine)
pulse = overview.pulse(desk.engine, now=desk.now)

known = counted(len(standings), "reconciliation") if standings else "No run yet"
actions = header("Overview", f"{known} · as of {desk.now:%H:%M} UTC")
if actions.button(
    "Reconcile two files", icon=":material/compare_arrows:", type="primary", key="reconcile", width="content"
):
    st.switch_page(RECONCILE)

if not standings:
    box = states.empty_box(
        "Nothing has been reconciled yet",
        "Upload two exports and match them, or look around first with a made-up company's exports.",
        icon=":material/compare_arrows:",
        height=420,
    )
    place = box.empty()
    if place.button("Load sample data", icon=":material/science:", key="load_sample"):
        from recon.demo import load_demo  # the whole engine: only who asks for it waits for it

        load_demo(
            desk.engine,
            desk.evidence,
            actor=desk.actor,
            on_progress=lambda week, done, total: place.progress(
                done / total, f"{week}: three exports, two runs …", width=BAR_WIDTH
            ),
        )
        st.rerun()
    st.stop()

current = overview.current_runs(desk.engine)
run_ids = [point.run_id for point in current]
today = desk.now.date()
groups = overview.open_groups(desk.engine, run_ids, today=today, once=True)
points = overview.run_points(desk.engine)
owners = owners_by_reconciliation(desk.engine)
mine = [name for name, names in owners.items() if desk.actor in names]
late = attention.overdue(desk.engine, run_ids, today=today, actor=desk.actor, owned=mine)
ages = open_ages(desk.engine, today=today)
cards.headline_row(
    headline(standings, current, groups, points),
    pulse,
    resolved=overview.resolved_count(desk.engine, run_ids),
    open_by_day=overview.open_by_day(desk.engine, run_ids, today=today),
    runs_per_day=overview.runs_per_day(desk.engine, today=today),
    now=desk.now,
)

left, right = st.columns([5, 7], gap="small")
with left:
    attention_card(
        Waiting(
            pulse=pulse,
            runs=attention.attention(desk.engine, now=desk.now),
            held_up=attention.held_up(desk.engine),
            checks=attention.failing_checks(desk.engine),
            late_checks=overdue_checks(desk.engine),
            missing=missing_files(desk.engine, now=desk.now),
            to_approve=attention.to_approve(desk.engine, actor=desk.actor),
            overdue=late,
        ),
        now=desk.now,
    )
with right:
    clicked = cards.ageing_card(groups)

standings_table(desk, lines_of(standings, current, groups, owners=owners, actor=desk.actor, overdue=late, ages=ages))

left, right = st.columns([5, 7], gap="small")
with left:
    open_items_card(ages)
with right:
    run_of_bar = cards.history_card(points)

if needs_a_person(desk):
    alerts_card(desk)

if clicked:
    choose_run(current, groups, kind=clicked[0], bucket=clicked[1], today=today)
if run_of_bar:
    open_run(run_of_bar)
