"""A reconciliation's definition in one place: each part as it stands, beside the way to where it is changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from recon.queries.definitions import DefinitionRow
from recon.ui.definition import parts
from recon.ui.definition.owners_form import owners_menu
from recon.ui.definition.schedule_switch import schedule_switch
from recon.ui.format import clip, day, md
from recon.ui.guard import Desk
from recon.ui.newest import newest_button
from recon.ui.reconcile.carrying_form import carrying_form

WITH_MENU, WITH_LINK = (1.25, 3.2, 2.4), (1.25, 4, 1.6)
"""Widths of a part's name, of how it stands, and of what can be done about it."""


def definition_card(desk: Desk, row: DefinitionRow, owners: Sequence[str]) -> None:
    """Draw it."""
    with st.container(border=True, key="definition", gap="small"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            made = f"made {day(row.created_at.date())} by {md(clip(row.created_by, 24))}"
            st.markdown(f"**{md(clip(row.name, 60))}** :gray[· {made}]", width="content")
            newest_button(desk, row.name, key="definition_newest", is_primary=True)
        left, right = st.columns(2, gap="medium")
        with left:
            _line("Owners", parts.owners(owners), lambda: owners_menu(desk, row.name, owners))
            for side, said in parts.feeds(desk, row.name).items():
                _line(side, said.text, lambda said=said: parts.link(said))  # type: ignore[misc]
            rules = parts.rules(desk, row.name)
            _line("Rules", rules.text, lambda: parts.link(rules))
            _line("Runs", parts.runs(desk, row), lambda: schedule_switch(desk, row))
            _line("Open items", parts.carrying(desk, row.name), lambda: carrying_form(desk, row.name))
        with right:
            _part("Last run", parts.last_run(desk, row))
            _part("Open now", parts.open_now(desk, row))
            _part("Due", parts.due())
            _part("Write-offs", parts.write_offs(desk, row))
            _part("Second person", parts.second_person(desk, row))
            _part("Signed off", parts.signed_off(desk, row))


def _part(name: str, said: parts.Part) -> None:
    _line(name, said.text, lambda: parts.link(said), WITH_LINK)


def _line(name: str, text: str, act: Callable[[], None], widths: tuple[float, float, float] = WITH_MENU) -> None:
    label, value, action = st.columns(widths, vertical_alignment="center", gap="small")
    label.caption(name)
    value.markdown(f":small[{text}]")
    with action.container(horizontal=True, horizontal_alignment="right"):
        act()
