"""The switch by which a reconciliation runs by itself once both its feeds have a new file."""

from __future__ import annotations

from typing import Final

import streamlit as st

from recon.errors import TieoutError
from recon.model.people import Action
from recon.queries.definitions import DefinitionRow
from recon.ui import states
from recon.ui.guard import Desk
from recon.ui.people.allowed import why_not
from recon.workflows.run_by_itself import run_by_itself

HELP: Final = (
    "Once both sides have a new file, the sidecar asks for the run in your name; a side from the ledger is fetched "
    "for it. A question, a refused file or a balance that does not follow holds it up, and an alert says so."
)
_PROBLEM: Final = "schedule_problem"


def schedule_switch(desk: Desk, row: DefinitionRow) -> None:
    """Draw it; a change is kept at once."""
    refusal = why_not(desk, Action.RULES)
    is_on = row.runs_itself_by is not None
    key = f"runs_itself_{row.id}_{is_on}"  # another switch once it is kept: it shows what holds
    st.toggle(
        "By itself",
        value=is_on,
        key=key,
        disabled=refusal is not None,
        help=refusal or HELP,
        on_change=_keep,
        args=(desk, row.name, key),
    )
    if (problem := st.session_state.pop(_PROBLEM, None)) is not None:
        states.failure(problem)


def _keep(desk: Desk, name: str, key: str) -> None:
    try:
        run_by_itself(desk.engine, reconciliation=name, is_on=st.session_state[key], actor=desk.actor)
    except TieoutError as problem:
        st.session_state[_PROBLEM] = problem
