"""The bar over the panes: what the chosen rows come to, and what may be done with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from recon.model.people import Action
from recon.model.settlement import REASON_CODES, REASON_LIMIT, CurrencyLine, OpenRow, SeenRow, SettleMove
from recon.model.transactions import Side
from recon.ui.format import count, counted, figure, md
from recon.ui.guard import Desk
from recon.ui.people.allowed import guarded
from recon.ui.triage.decide import RESOLUTIONS
from recon.ui.workbench import address, doing
from recon.workflows.weigh_choice import Weighed

_ONLY_CHOSEN: Final = "bench_only_chosen"

_LINES: Final = 3
"""Currencies shown; more are told."""

_MOVES: Final = (
    (SettleMove.SPLIT, "Split", "S", "Matches as far as it goes; the rest of one row stays open"),
    (SettleMove.NET, "Net", "N", "Rows of one side that cancel each other, such as a charge and its reversal"),
    (SettleMove.WRITE_OFF, "Write off", "W", "Accepts rows of one side as a loss or gain. Say what it is put down to"),
    (SettleMove.IGNORE, "Ignore", "I", "Sets the rows aside: they need no counterpart. Say why in the note"),
)


def choice(weighed: Weighed, rows: Sequence[OpenRow]) -> bool:
    """Draw how many rows are chosen and what they come to; returns whether the panes show only those."""
    counts = [sum(row.side is side for row in rows) for side in Side]
    if not rows:
        _show_only(False)
    left, right = st.columns([76, 24], vertical_alignment="center")
    with right.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", gap="small"):
        is_only = bool(rows) and bool(st.session_state.get(_ONLY_CHOSEN))
        st.button(
            "Show all" if is_only else "Only chosen",
            key="bench_only",
            type="tertiary",
            shortcut="O",
            help="Shows every open row again" if is_only else "Shows what is chosen, on either side",
            on_click=_show_only,
            args=(not is_only,),
            disabled=not rows,
        )
        st.button(
            "Clear",
            key="bench_clear",
            type="tertiary",
            shortcut="Escape",
            on_click=address.clear,
            disabled=not rows,
        )
    with left.container(gap=None):
        if rows:
            _sums(weighed, f"{count(counts[0])}\\:{count(counts[1])}")
            _hint(weighed, rows)
        else:
            st.markdown("**Nothing chosen** · tick rows on both sides, or press **J** to walk through the source")
    return is_only


def _show_only(is_only: bool) -> None:
    st.session_state[_ONLY_CHOSEN] = is_only


def _sums(weighed: Weighed, shape: str) -> None:
    for place, line in enumerate(weighed.lines[:_LINES]):
        lead = f"**{shape}** chosen&emsp;" if not place else ""
        st.markdown(lead + _told(line, closes=weighed.closes))
    if len(weighed.lines) > _LINES:
        st.caption(f"and {counted(len(weighed.lines) - _LINES, 'currency', 'currencies')} more")


def moves(desk: Desk, run_id: int, weighed: Weighed, rows: Sequence[OpenRow]) -> None:
    """Draw the reason, the note and a button for each move."""
    seen = tuple(row.seen for row in rows)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key="bench_moves"):
        st.selectbox(
            "What the difference is",
            list(REASON_CODES),
            index=None,
            format_func=RESOLUTIONS.__getitem__,
            key=doing.reason_key(),
            placeholder="Difference is …",
            label_visibility="collapsed",
            width=190,
        )
        st.text_input(
            "Note",
            key=doing.note_key(),
            max_chars=REASON_LIMIT,
            placeholder="Note",
            label_visibility="collapsed",
            width="stretch",
        )
        is_written_off = weighed.allows(SettleMove.MATCH) and not weighed.closes
        _move(
            desk,
            run_id,
            weighed,
            seen,
            (SettleMove.MATCH, "Match, write off the rest" if is_written_off else "Match", "M", "Ties them together"),
        )
        for move in _MOVES:
            _move(desk, run_id, weighed, seen, move)


def _move(
    desk: Desk,
    run_id: int,
    weighed: Weighed,
    seen: tuple[SeenRow, ...],
    one: tuple[SettleMove, str, str, str],
) -> None:
    move, label, shortcut, help = one
    impossible = weighed.impossible[move]
    st.button(
        label,
        icon=":material/join_inner:" if move is SettleMove.MATCH else None,
        type="primary" if move is SettleMove.MATCH else "secondary",
        shortcut=shortcut,
        key=f"bench_{move.name.lower()}",
        **guarded(desk, Action.MATCH, disabled=impossible is not None, help=impossible or help),
        on_click=doing.settle,
        args=(desk, run_id, move, seen),
    )


def _hint(weighed: Weighed, rows: Sequence[OpenRow]) -> None:
    """What stands in the way of the most likely move."""
    sides = {row.side for row in rows}
    move = SettleMove.MATCH if len(sides) > 1 else SettleMove.NET if len(rows) > 1 else None
    if move is not None and (problem := weighed.refused[move]):
        st.caption(md(problem))


def keys() -> None:
    """Draw which keys do what, while no row is worked on."""
    st.caption(
        "**J** **K** next and previous row · **1** **2** **3** its best partners · **/** and **.** search · "
        "**D** what the difference is · **T** note · **Esc** clear"
    )


def _told(line: CurrencyLine, *, closes: bool) -> str:
    """`Source 100.00  Reference 95.00  Difference 5.00 EUR`; of one side alone only what it comes to."""
    if not line.reference_count:
        return f"Source **{md(figure(line.source, line.currency))} {line.currency}**"
    if not line.source_count:
        return f"Reference **{md(figure(line.reference, line.currency))} {line.currency}**"
    badge = (
        ":green-badge[ties out]"
        if not line.difference
        else ":green-badge[within the tolerance]"
        if closes
        else ":orange-badge[does not tie out]"
    )
    parts = (
        f"Source **{md(figure(line.source, line.currency))}**",
        f"Reference **{md(figure(line.reference, line.currency))}**",
        f"Difference **{md(figure(line.difference, line.currency))} {line.currency}** {badge}",
    )
    return "&emsp;".join(parts)
