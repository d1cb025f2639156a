"""What the acting user may do: a button they may not press is drawn, disabled, and says why."""

from __future__ import annotations

from typing import Final, TypedDict

import streamlit as st

from recon.model.people import Action
from recon.ui.format import md
from recon.ui.guard import Desk
from recon.workflows.permit import refusals

_KNOWN: Final = "acting_refusals"


class Guarded(TypedDict):
    """What a button is told of who may press it."""

    disabled: bool
    help: str | None


def guarded(desk: Desk, action: Action, *, disabled: bool = False, help: str | None = None) -> Guarded:
    """How a button is drawn whose workflow asks for this action: disabled, with the reason, for who may not."""
    refusal = why_not(desk, action)
    return Guarded(disabled=disabled or refusal is not None, help=help if refusal is None else md(refusal))


def why_not(desk: Desk, action: Action) -> str | None:
    """Why the acting user may not do it; None when they may. Asked of the database once for each drawing of a page.

    Whoever draws the button is not who decides: the workflow behind it asks again.
    """
    drawn = (desk.actor, desk.now)
    known = st.session_state.get(_KNOWN)
    if known is None or known[0] != drawn:
        known = (drawn, refusals(desk.engine, desk.actor))
        st.session_state[_KNOWN] = known
    found: str | None = known[1].get(action)
    return found
