"""Reconcile: two files, what was read of them, the rules, and the run. Everything chosen is in the URL."""

from __future__ import annotations

import streamlit as st

from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.queries.runs import reconciliation_names
from recon.ui.guard import require
from recon.ui.header import header
from recon.ui.reconcile import address
from recon.ui.reconcile.name_step import name_step
from recon.ui.reconcile.preview import currencies_of
from recon.ui.reconcile.rules_form import put_rules, rules_form
from recon.ui.reconcile.run_step import run_step
from recon.ui.reconcile.side_card import side_card


def start_over(rules: Rules) -> None:
    """An empty page with these rules; what was received and answered stays where it is."""
    address.start_over()
    put_rules(rules)


desk = require()
actions = header("Reconcile", "Source is held against reference: what agrees is matched, all else is a discrepancy")
actions.button(
    "Start over",
    icon=":material/restart_alt:",
    on_click=start_over,
    args=(desk.settings.default_rules(),),
    key="start_over",
    width="content",
)
name = name_step(desk, reconciliation_names(desk.engine))
panel = st.container()
found = {}
for side, column in zip(Side, st.columns(2, gap="small"), strict=True):
    with column:
        found[side] = side_card(desk, side, name)
rules = rules_form(desk, name, currencies_of(desk, found.values()))
run_step(desk, name, found, rules, actions=actions, panel=panel)
