"""The rows: both sides beside each other, and over them the bar that says what the chosen ones come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from recon.model.rules import Rules
from recon.model.settlement import OpenRow
from recon.model.transactions import Side
from recon.queries.open_rows import PaneFilter, chosen_rows, settled_by
from recon.ui.format import counted, md
from recon.ui.guard import Desk
from recon.ui.workbench import address, bar, doing, keys, walk
from recon.ui.workbench.filters import filters
from recon.ui.workbench.nearest import nearest
from recon.ui.workbench.pane import Page, pane
from recon.ui.workbench.partners import partners
from recon.workflows.weigh_choice import weigh_choice

_PARTNERS_HEIGHT: Final = 38
"""Pixels of the line that is about one row: the panes below stay where they are whether there is one or not."""


def panes(desk: Desk, run_id: int, rules: Rules, currencies: Sequence[str], *, top: DeltaGenerator) -> None:
    """Draw them for a run that is prepared; `top` is the row for what moves on to other rows."""
    over = st.container(border=True, key="bench_bar", gap="small")
    sides = dict(zip(Side, st.container(key="bench_panes").columns(2, gap="small"), strict=True))
    wanted = {}
    for side, place in sides.items():
        with place:
            wanted[side] = filters(run_id, side, currencies)
    walk.arrive(desk, wanted[Side.SOURCE])
    rows = _chosen(desk, run_id)
    near = _near(rows)
    weighed = weigh_choice(rows, rules, reason_code=doing.reason_code(), reason=doing.note())
    with over:
        is_only = bar.choice(weighed, rows)
    pages = {}
    for side, place in sides.items():
        shown = _narrowed(wanted[side], rows) if is_only else wanted[side]
        from_other = near if near is not None and near.side is not side and not is_only else None
        with place:
            pages[side] = pane(desk, shown, near=from_other, has_currencies=len(currencies) > 1)
    with over:
        bar.moves(desk, run_id, weighed, rows)
        if not doing.show_answer(desk, [row.seen for row in rows]):
            with st.container(
                horizontal=True,
                wrap=False,
                vertical_alignment="center",
                gap="xsmall",
                height=_PARTNERS_HEIGHT,
                border=False,
            ):
                _partners(desk, near, pages)
    with top:
        walk.steps(desk, wanted[Side.SOURCE], pages[Side.SOURCE])
    keys.listen(reason=doing.reason_key(), note=doing.note_key())


def _partners(desk: Desk, near: OpenRow | None, pages: Mapping[Side, Page]) -> None:
    """Partners of the row that is worked on; without one, how to come to one."""
    if near is None:
        bar.keys()
        return
    page = pages[address.other(near.side)]
    if page.offset == 0:
        nearest(near, page.rows)
    partners(desk, near)


def _chosen(desk: Desk, run_id: int) -> tuple[OpenRow, ...]:
    """The chosen rows that are open; those that are not any more are told, and forgotten."""
    asked = {side: address.chosen(side) for side in Side}
    rows = chosen_rows(desk.engine, run_id, asked)
    open_lines = {(row.side, row.line) for row in rows}
    lost = {side: [line for line in lines if (side, line) not in open_lines] for side, lines in asked.items()}
    count = sum(map(len, lost.values()))
    if count:
        names = settled_by(desk.engine, run_id, lost)
        by = f": settled by {md(', '.join(names[:3]))}" if names else ""
        said = f"{counted(count, 'chosen row')} {'is' if count == 1 else 'are'} not open any more{by}."
        st.toast(said, icon=":material/info:")
        for side in Side:
            address.choose(side, [line for line in asked[side] if (side, line) in open_lines])
    return rows


def _near(rows: Sequence[OpenRow]) -> OpenRow | None:
    """The row the other side is sorted by, if it is open and chosen."""
    asked = address.near()
    return next((row for row in rows if (row.side, row.line) == asked), None)


def _narrowed(wanted: PaneFilter, rows: Sequence[OpenRow]) -> PaneFilter:
    """Only what is chosen, whatever the filters leave."""
    lines = tuple(row.line for row in rows if row.side is wanted.side)
    return replace(PaneFilter(run_id=wanted.run_id, side=wanted.side), lines=lines)
