"""Naming a reconciliation's owners, from the people who may work on discrepancies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from recon.errors import TieoutError
from recon.model.people import Action
from recon.ui import states
from recon.ui.guard import Desk
from recon.ui.people.allowed import why_not
from recon.workflows.assignees import people_to_assign
from recon.workflows.name_owners import name_owners

_PROBLEM: Final = "owners_problem"


def owners_menu(desk: Desk, name: str, owners: Sequence[str]) -> None:
    """Draw the menu that changes them."""
    refusal = why_not(desk, Action.RULES)
    with st.popover("Change", icon=":material/group:", key="owners_menu", disabled=refusal is not None, help=refusal):
        if (problem := st.session_state.pop(_PROBLEM, None)) is not None:
            states.failure(problem)
        listed = people_to_assign(desk.engine)
        key = f"owners_{name}_{'_'.join(owners)}"
        st.multiselect(
            "Owners",
            sorted({*owners, *([desk.actor] if listed is None else listed)}),
            default=list(owners),
            key=key,
            accept_new_options=listed is None,
            placeholder="Nobody",
            help="What nobody is assigned to is theirs: it is among Mine in Triage, and first on their Overview.",
        )
        st.button(
            "Save", type="primary", icon=":material/save:", key="owners_save", on_click=_save, args=(desk, name, key)
        )


def _save(desk: Desk, name: str, key: str) -> None:
    try:
        name_owners(desk.engine, reconciliation=name, owners=st.session_state[key], actor=desk.actor)
    except TieoutError as problem:
        st.session_state[_PROBLEM] = problem
