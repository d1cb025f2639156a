"""As whom this session acts: the person of the settings, until somebody chooses another on the Settings page.

There is no password yet: the choice says who answers for what is done here, and what they may do.
"""

from __future__ import annotations

from typing import Final

import streamlit as st

from recon.config import Settings
from recon.model.people import Person
from recon.ui.format import md

KEY: Final = "acting_as"


def acting_name(settings: Settings) -> str:
    """The acting user's name."""
    return str(st.session_state.get(KEY) or settings.actor)


def act_as(name: str) -> None:
    st.session_state[KEY] = name


def acting_choice(settings: Settings, people: tuple[Person, ...]) -> None:
    """A choice among the people who are active; nothing to choose while nobody is listed."""
    active = [person for person in people if person.is_active]
    name = acting_name(settings)
    if not active:
        st.markdown(f"You act as **{md(name)}**. Nobody is listed yet, so everyone is an administrator here.")
        return
    roles = {person.name: person.role.value for person in active}
    names = list(roles) if name in roles else [name, *roles]
    chosen = st.selectbox(
        "You act as",
        names,
        index=names.index(name),
        format_func=lambda each: f"{each} · {roles.get(each, 'not listed: may only look')}",
        key=f"acting_choice_{name}",
        width=280,
        label_visibility="collapsed",
    )
    if chosen != name:
        act_as(str(chosen))
        st.rerun()
