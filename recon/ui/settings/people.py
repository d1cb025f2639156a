"""Section People: who is listed, in which role, and what each may write off alone."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from recon.model.people import Action
from recon.queries.people import people
from recon.ui import states
from recon.ui.format import NONE, md
from recon.ui.guard import Desk
from recon.ui.pager import ROW_HEIGHT, fingerprint, grid_height
from recon.ui.people.allowed import why_not
from recon.ui.people.forms import change_form, list_form, told_limits


def people_section(desk: Desk) -> None:
    """Draw it."""
    listed = people(desk.engine)
    refusal = why_not(desk, Action.PEOPLE)
    title, action = st.columns([4, 1], vertical_alignment="center")
    title.subheader("People", anchor=False)
    with action.popover(
        "List a person", icon=":material/person_add:", disabled=refusal is not None, help=refusal, width="stretch"
    ):
        list_form(desk)
    if not listed:
        states.empty(
            "Nobody is listed yet",
            "Everyone is an administrator until then. Who lists the first person stays one.",
            icon=":material/group:",
            height=260,
        )
        return
    frame = pd.DataFrame(
        {
            "Name": [person.name for person in listed],
            "Role": [person.role.value.capitalize() for person in listed],
            "May write off alone, up to": [told_limits(person.limits) or NONE for person in listed],
            "Active": ["Yes" if person.is_active else "No" for person in listed],
        }
    )
    beside = st.grid(4, min_column_width=230, gap="small")
    with beside.cell(column_span=3):
        selected = st.dataframe(
            frame,
            hide_index=True,
            height=grid_height(len(frame), at_most=14),
            row_height=ROW_HEIGHT,
            selection_mode="single-row",
            on_select="rerun",
            key=f"people_{fingerprint(listed)}",
            alt="Who is listed",
        )["selection"]["rows"]
    with beside.cell().container(border=True, key="person"):
        if refusal is not None:
            st.caption(f":material/lock: {md(refusal)}")
        elif selected:
            change_form(desk, listed[selected[0]])
        else:
            st.caption("Choose somebody to change the role, the limits, or whether they are active.")
