"""As whom one acts: the person of the settings, until somebody chooses another on the Settings page.

The browser remembers the choice of each desk, so that no reloaded page acts as somebody else. There is no password yet:
the choice says who answers for what is done here, and what they may do.
"""

from __future__ import annotations

import hashlib
from functools import cache
from typing import Any, Final
from urllib.parse import quote, unquote

import streamlit as st
from sqlalchemy import make_url

from recon.config import Settings
from recon.model.people import Person
from recon.ui.format import md

KEY: Final = "acting_as"

_REMEMBER: Final = """
export default function ({ data }) {
  document.cookie = `${data.cookie}=${data.value}; path=/; max-age=31536000; SameSite=Strict`
}
"""


def acting_name(settings: Settings) -> str:
    """The acting user's name."""
    return str(st.session_state.get(KEY) or remembered(settings) or settings.actor)


def remembered(settings: Settings) -> str:
    """Whom this browser acted as last; nobody in a browser that never chose."""
    return unquote(st.context.cookies.get(_cookie(settings), ""))


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
    if KEY in st.session_state:
        _memory()(key="acting_memory", data={"cookie": _cookie(settings), "value": quote(name, safe="")}, height=1)
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


def _cookie(settings: Settings) -> str:
    """One for each desk: a browser gives the cookies of a host to all of its ports."""
    database = make_url(settings.database_url).render_as_string() if settings.database_url else "embedded"
    desk = f"{database} {settings.home.absolute()}"
    return f"tieout_acting_{hashlib.sha256(desk.encode()).hexdigest()[:12]}"


@cache
def _memory() -> Any:
    return st.components.v2.component("acting_memory", html="<span></span>", js=_REMEMBER)
