"""Integrity: which checks of the books hold, what the others found, and making them now. `?check=` opens one."""

from __future__ import annotations

import streamlit as st

from checks import CHECKS
from checks.on_demand import COMMAND
from recon.model.checks import CheckBook
from recon.ui.alerts_card import alerts_card
from recon.ui.format import counted
from recon.ui.guard import require
from recon.ui.header import header
from recon.ui.integrity import address
from recon.ui.integrity.board import board
from recon.ui.integrity.brokers import live_brokers
from recon.ui.integrity.detail import check_page
from recon.ui.integrity.running import asked, on_demand, run_button
from recon.ui.integrity.standing import standing

VIEWS = ("Board", "Live brokers")

desk = require()
lines = [check.line for check in CHECKS]
place = on_demand(COMMAND)

opened = address.open_check(lines)
if opened is not None:
    check_page(desk, *opened, place)
    st.stop()

now = standing(desk, lines, place.state())
every = [(line, book) for line in lines for book in line.books]
failed = [(line, book) for line, book in every if (line.name, book) in now.red]
by_hand = "" if now.is_scheduled(CheckBook.INDIA) else " · India is checked only by hand (INDIA_RECON_ENABLED)"
with header("Integrity", f"{counted(len(lines), 'check')} of the books{by_hand}"):
    view = st.segmented_control(
        "View", VIEWS, default=VIEWS[0], required=True, key="view", bind="query-params", label_visibility="collapsed"
    )
    run_button("Run failed", desk, place, asked(failed), key="run_failed")
    run_button("Run all", desk, place, asked(every), key="run_all", type="primary")
if view == "Live brokers":
    live_brokers(desk)
else:
    board(lines, place, now)
    alerts_card(desk)
