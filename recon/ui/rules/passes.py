"""The passes of the draft: one line that shows which run and in which order, and a list to switch and move them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import streamlit as st

from recon.model.rules import ALL_PASSES, PassName, Rules
from recon.ui.pass_words import PASS_WORDS, pass_label
from recon.ui.rules.options import options
from recon.ui.rules.rest import put_rest

_WIDTH: Final = 560


def passes_line(draft: Rules, *, prefix: str) -> None:
    """Draw them; a change is there with the next run of the page."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="passes"):
        st.markdown(":material/account_tree: **Passes** :gray[· in this order]", width="stretch")
        arrange = st.popover("Arrange", icon=":material/swap_vert:", width="content", key="arrange_passes")
    st.markdown(passes_text(draft.passes))
    with arrange.container(width=_WIDTH, gap="small"):
        for name in arranged(draft.passes):
            _line(draft, name, prefix)


def passes_text(passes: Sequence[PassName]) -> str:
    """`1 Same reference → 2 Best score · off: Leftovers` as Markdown."""
    on = " :gray[→] ".join(f":blue-badge[{number} {pass_label(name)}]" for number, name in enumerate(passes, 1))
    off = [f":gray-badge[{pass_label(name)}: off]" for name in ALL_PASSES if name not in passes]
    return " ".join([on, *off])


def arranged(passes: Sequence[PassName]) -> tuple[PassName, ...]:
    """All passes: these in their order, each of the others behind the one it usually follows."""
    order = list(passes)
    for place, name in enumerate(ALL_PASSES):
        if name not in order:
            before = [order.index(one) for one in ALL_PASSES[:place] if one in order]
            order.insert(max(before, default=-1) + 1, name)
    return tuple(order)


def _line(draft: Rules, name: PassName, prefix: str) -> None:
    said = PASS_WORDS[name]
    is_on = name in draft.passes
    number = f"{draft.passes.index(name) + 1} " if is_on else ""
    switch, up, down = st.columns([8, 1, 1.3], gap="xxsmall", vertical_alignment="center")
    with switch.container(gap=None):
        st.toggle(
            f"**{number}{said.label}**",
            value=is_on,
            key=f"{prefix}pass_{name}_{is_on}",
            help=said.help,
            disabled=draft.passes == (name,),
            on_change=_switch,
            args=(draft, name, prefix),
        )
        st.caption(said.does)
        if is_on:
            options(draft, name, prefix=prefix)
    for column, label, step in ((up, "Up", -1), (down, "Down", 1)):
        column.button(
            label,
            type="tertiary",
            key=f"{prefix}move_{name}_{label.lower()}",
            disabled=not _can_move(draft.passes, name, step),
            on_click=_move,
            args=(draft, name, step, prefix),
        )


def _can_move(passes: Sequence[PassName], name: PassName, step: int) -> bool:
    """Only what is on has a place in the order, and leftovers keeps the last."""
    if name not in passes or name is PassName.LEFTOVERS:
        return False
    movable = [one for one in passes if one is not PassName.LEFTOVERS]
    return 0 <= movable.index(name) + step < len(movable)


def _switch(draft: Rules, name: PassName, prefix: str) -> None:
    wanted = {*draft.passes} ^ {name}
    put_rest(replace(draft, passes=tuple(one for one in arranged(draft.passes) if one in wanted)), prefix=prefix)


def _move(draft: Rules, name: PassName, step: int, prefix: str) -> None:
    order = list(draft.passes)
    place = order.index(name)
    order[place], order[place + step] = order[place + step], order[place]
    put_rest(replace(draft, passes=tuple(order)), prefix=prefix)
