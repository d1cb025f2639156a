"""The bar between the panes: what the chosen rows come to, and what may be done with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from recon.model.rules import Rules
from recon.model.settlement import REASON_CODES, REASON_LIMIT, CurrencyLine, OpenRow, SettleMove
from recon.model.transactions import Side
from recon.model.triage import Resolution
from recon.ui.format import counted, figure, md
from recon.ui.guard import Desk
from recon.ui.triage.decide import RESOLUTIONS
from recon.ui.workbench import address, doing
from recon.workflows.weigh_choice import Weighed, weigh_choice

_LINES: Final = 3
"""Currencies shown; more are told."""

_OTHERS: Final = (
    (SettleMove.SPLIT, "Split", "S", "Matches as far as it goes; the rest of one row stays open"),
    (SettleMove.NET, "Net", "N", "Rows of one side that cancel each other, such as a reversal"),
    (SettleMove.WRITE_OFF, "Write off", "W", "Accepts rows of one side as a loss or gain"),
    (SettleMove.IGNORE, "Ignore", "I", "Sets the rows aside: they need no counterpart. Say why in the note"),
)


def bar(desk: Desk, run_id: int, rules: Rules, rows: Sequence[OpenRow]) -> None:
    """Draw it for the rows that are chosen."""
    doing.show_answer(desk)
    code = st.session_state.get(doing.REASON)
    note = str(st.session_state.get(doing.note_key()) or "")
    weighed = weigh_choice(rows, rules, reason_code=Resolution(code) if code else None, reason=note)
    _title(rows)
    for line in weighed.lines[:_LINES]:
        _sums(line, closes=weighed.closes)
    if len(weighed.lines) > _LINES:
        st.caption(f"and {counted(len(weighed.lines) - _LINES, 'currency', 'currencies')} more")
    _reason()
    _buttons(desk, run_id, weighed)
    _hint(weighed, rows)
    _last(desk)


def _title(rows: Sequence[OpenRow]) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        shape = ":".join(str(sum(row.side is side for row in rows)) for side in Side)
        st.markdown(f"**{shape}** chosen" if rows else "**Nothing chosen**", width="stretch")
        st.button(
            "Clear",
            key="bench_clear",
            type="tertiary",
            shortcut="Escape",
            on_click=address.clear,
            disabled=not rows,
        )


def _sums(line: CurrencyLine, *, closes: bool) -> None:
    said = "ties out" if not line.difference else "within the tolerance" if closes else "source less reference"
    st.metric(
        f"Difference {line.currency}",
        figure(line.difference, line.currency),
        delta=said,
        delta_color="green" if closes or not line.difference else "orange",
        delta_arrow="off",
    )
    st.caption(
        f"Source **{md(figure(line.source, line.currency))}** · {line.source_count}  \n"
        f"Reference **{md(figure(line.reference, line.currency))}** · {line.reference_count}"
    )


def _reason() -> None:
    st.selectbox(
        "What the difference is",
        list(REASON_CODES),
        index=None,
        format_func=RESOLUTIONS.__getitem__,
        key=doing.REASON,
        placeholder="What is the difference?",
        label_visibility="collapsed",
    )
    st.text_input(
        "Note",
        key=doing.note_key(),
        max_chars=REASON_LIMIT,
        placeholder="Note",
        label_visibility="collapsed",
    )


def _buttons(desk: Desk, run_id: int, weighed: Weighed) -> None:
    is_written_off = weighed.allows(SettleMove.MATCH) and not weighed.closes
    st.button(
        "Match, write the rest off" if is_written_off else "Match",
        icon=":material/join_inner:",
        type="primary",
        shortcut="M",
        key="bench_match",
        width="stretch",
        disabled=not weighed.allows(SettleMove.MATCH),
        on_click=doing.settle,
        args=(desk, run_id, SettleMove.MATCH),
    )
    for pair in (_OTHERS[:2], _OTHERS[2:]):
        for column, (move, label, shortcut, help) in zip(st.columns(2, gap="xsmall"), pair, strict=True):
            column.button(
                label,
                shortcut=shortcut,
                help=help,
                key=f"bench_{move.name.lower()}",
                width="stretch",
                disabled=not weighed.allows(move),
                on_click=doing.settle,
                args=(desk, run_id, move),
            )


def _hint(weighed: Weighed, rows: Sequence[OpenRow]) -> None:
    """What stands in the way of the most likely move."""
    if not rows:
        st.caption(
            "Tick rows on both sides. **J** and **K** walk through the source, the reference follows, nearest first."
        )
        return
    if weighed.allows(SettleMove.MATCH):
        return
    sides = {row.side for row in rows}
    move = SettleMove.MATCH if len(sides) > 1 else SettleMove.NET if len(rows) > 1 else None
    if move is not None and (problem := weighed.refused[move]):
        st.caption(md(problem))


def _last(desk: Desk) -> None:
    number = st.session_state.get(doing.LAST)
    if number is not None:
        st.button(
            f"Undo decision {number}",
            icon=":material/undo:",
            type="tertiary",
            shortcut="U",
            key="bench_undo",
            on_click=doing.undo,
            args=(desk, number),
        )
