"""The passes of the draft: one line that shows which run and in which order, and a list to switch and move them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from recon.errors import RulesInvalid
from recon.model.rules import ALL_PASSES, MAX_SUBSET_ROWS, MAX_WINDOW_DAYS, PassName, Rules, fee_schedules
from recon.ui.format import md
from recon.ui.pager import fingerprint
from recon.ui.pass_words import PASS_WORDS, pass_label
from recon.ui.rules_rest import put_rest

_WIDTH: Final = 560


@dataclass(frozen=True, slots=True, kw_only=True)
class _Option:
    """A rule that is one pass's own: a whole number from 0 to `most`."""

    rule: str
    label: str
    most: int
    help: str | None = None


_OPTIONS: Final = {
    PassName.NETTING: _Option(rule="netting_days", label="At most so many days apart", most=MAX_WINDOW_DAYS),
    PassName.SUMS: _Option(
        rule="subset_rows",
        label="Rows tried together, 0 for none",
        most=MAX_SUBSET_ROWS,
        help="Beside all rows of an account and a window: so many of them at most may make up one row of the other "
        "side. What fits in more than one way is only suggested.",
    ),
}


def passes_line(draft: Rules, *, prefix: str) -> None:
    """Draw them; a change is there with the next run of the page."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="passes"):
        st.markdown(":material/account_tree: **Passes** :gray[· in this order]", width="content")
        st.markdown(passes_text(draft.passes), width="stretch")
        arrange = st.popover("Arrange", icon=":material/swap_vert:", width="content", key="arrange_passes")
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
        if is_on and name in _OPTIONS:
            _draw(_OPTIONS[name], draft, prefix)
        if is_on and name is PassName.FEES:
            _schedules(draft, prefix)
    for column, label, step in ((up, "Up", -1), (down, "Down", 1)):
        column.button(
            label,
            type="tertiary",
            key=f"{prefix}move_{name}_{label.lower()}",
            disabled=not _can_move(draft.passes, name, step),
            on_click=_move,
            args=(draft, name, step, prefix),
        )


def _draw(option: _Option, draft: Rules, prefix: str) -> None:
    """The input's key holds its value, so that it shows what a file or a version brought."""
    value: int = getattr(draft, option.rule)
    key = f"{prefix}{option.rule}_{value}"
    st.number_input(
        option.label,
        min_value=0,
        max_value=option.most,
        value=value,
        key=key,
        help=option.help,
        width=240,
        on_change=lambda: put_rest(replace(draft, **{option.rule: st.session_state[key]}), prefix=prefix),
    )


def _schedules(draft: Rules, prefix: str) -> None:
    """What payments cost, a line each; lines that cannot be read change nothing and say why."""
    lines = "\n".join(map(str, draft.fee_schedules))
    key, problem = f"{prefix}fee_schedules_{fingerprint(lines)}", f"{prefix}fee_schedules_problem"
    st.text_area(
        "What payments cost, one line for each currency and day it begins",
        value=lines,
        key=key,
        height=90,
        placeholder="2026-01-01 USD 2.9 % + 0.30",
        on_change=_take_schedules,
        args=(draft, key, problem, prefix),
    )
    if told := st.session_state.get(problem):
        st.error(md(told), icon=":material/error:")


def _take_schedules(draft: Rules, key: str, problem: str, prefix: str) -> None:
    lines = [line for line in st.session_state[key].splitlines() if line.strip()]
    try:
        put_rest(replace(draft, fee_schedules=fee_schedules(lines)), prefix=prefix)
    except RulesInvalid as refused:
        st.session_state[problem] = str(refused)
    else:
        st.session_state[problem] = None


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
