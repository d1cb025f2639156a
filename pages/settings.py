"""Settings: as whom one acts, who may do what, and from which amount on a second person is needed."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recon.model.people import Action
from recon.money import to_display
from recon.queries.people import people, policies, reconciliations
from recon.triage.permissions import may
from recon.ui import states
from recon.ui.format import NONE, counted, md
from recon.ui.guard import require
from recon.ui.header import header
from recon.ui.pager import ROW_HEIGHT, grid_height
from recon.ui.people.acting import acting_choice
from recon.ui.people.forms import PROPOSABLE, change_form, drop, list_form, policy_form, told_limits

desk = require()
listed = people(desk.engine)
names = reconciliations(desk.engine)
me = next((person for person in listed if person.name == desk.actor), None)
may_manage = not listed or (me is not None and may(me, Action.PEOPLE))

header("Settings", f"{counted(len(listed), 'person', 'people')} · acting as {md(desk.actor)}")
if (problem := st.session_state.pop("people_problem", None)) is not None:
    states.failure(problem)

with st.container(border=True):
    acting_choice(desk.settings, listed)

with st.container(border=True):
    title, action = st.columns([4, 1], vertical_alignment="center")
    title.subheader("People", anchor=False)
    with action.popover("List a person", icon=":material/person_add:", disabled=not may_manage, width="stretch"):
        list_form(desk)
    if listed:
        frame = pd.DataFrame(
            {
                "Name": [person.name for person in listed],
                "Role": [person.role.value.capitalize() for person in listed],
                "May write off alone, up to": [told_limits(person.limits) or NONE for person in listed],
                "Active": ["Yes" if person.is_active else "No" for person in listed],
            }
        )
        selected = st.dataframe(
            frame,
            hide_index=True,
            height=grid_height(len(frame), at_most=10),
            row_height=ROW_HEIGHT,
            selection_mode="single-row",
            on_select="rerun",
            key="people",
        )["selection"]["rows"]
        if selected and may_manage:
            with st.popover(f"Change {md(listed[selected[0]].name)}", icon=":material/edit:"):
                change_form(desk, listed[selected[0]])
    else:
        st.caption("Nobody yet: everyone is an administrator. Who lists the first person stays one.")

with st.container(border=True):
    title, action = st.columns([4, 1], vertical_alignment="center")
    title.subheader("Second person", anchor=False)
    with action.popover("Add a limit", icon=":material/supervisor_account:", disabled=not may_manage, width="stretch"):
        policy_form(desk, names)
    rules = policies(desk.engine)
    for place, policy in enumerate(rules):
        text, button = st.columns([4, 1], vertical_alignment="center")
        where = names.get(policy.reconciliation_id or 0, "every reconciliation")
        amount = to_display(policy.above, policy.currency)
        text.markdown(f"{PROPOSABLE[policy.action]} above **{md(amount)}** in {md(where)}")
        button.button(
            "Remove",
            icon=":material/delete:",
            key=f"drop_{place}",
            disabled=not may_manage,
            on_click=drop,
            args=(desk, policy),
            width="stretch",
        )
    if not rules:
        st.caption("Nothing needs a second person yet, but for the limits of single people.")
