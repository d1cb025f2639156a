"""What people decided since the run was published: sums for the proof, each decision, and the way to take it back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import streamlit as st

from recon.model.decisions import DecisionKind
from recon.model.people import Action
from recon.queries.after_close import decisions_after_close
from recon.queries.settled_rows import DecidedLine, DecidedSum, decided_count, decided_lines, decided_since
from recon.ui.format import NONE, clip, count, counted, figure, md, when, words
from recon.ui.guard import Desk
from recon.ui.pager import ROW_HEIGHT, fingerprint, grid_height, pager
from recon.ui.people.allowed import guarded
from recon.ui.workbench import doing
from recon.ui.workbench.accounts import accounts

PAGE_SIZE: Final = 50
GRID_KEY: Final = "decided_grid_key"
KINDS_TOLD: Final = {
    DecisionKind.MANUAL_MATCH: "Matched by hand",
    DecisionKind.WRITE_OFF: "Written off",
    DecisionKind.NET: "Netted",
    DecisionKind.IGNORE: "Ignored",
    DecisionKind.NEVER_PAIR: "Not a match",
    DecisionKind.NOT_DUPLICATE: "Not a duplicate",
}


def decided(desk: Desk, run_id: int) -> None:
    """Draw it."""
    left, right = st.columns([75, 25], gap="small")
    with left:
        doing.show_answer(desk)
        _lines(desk, run_id)
    with right:
        _since(decided_since(desk.engine, run_id))
        accounts(desk, run_id)


def _lines(desk: Desk, run_id: int) -> None:
    total = decided_count(desk.engine, run_id)
    if not total:
        with st.container(border=True, height=320, horizontal_alignment="center", vertical_alignment="center"):
            st.markdown("##### :material/gavel: Nothing is decided yet", width="content")
            st.caption("Decisions on rows of this run are listed here, and can be taken back.", width="content")
        return
    head, place = st.container(), st.container()
    offset = pager(total, key="decided_page", page_size=PAGE_SIZE)
    lines = decided_lines(desk.engine, run_id, limit=PAGE_SIZE, offset=offset)
    with place:
        chosen = _grid(desk, run_id, lines)
    with head.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"**{counted(total, 'decision')}** · tick one to take it back", width="stretch")
        if chosen is not None and chosen.revoked_at is None:
            st.button(
                f"Take decision {chosen.decision_id} back",
                icon=":material/undo:",
                shortcut="U",
                key="decided_undo",
                on_click=doing.undo,
                args=(desk, chosen.decision_id),
                **guarded(desk, Action.MATCH),
            )


def _grid(desk: Desk, run_id: int, lines: Sequence[DecidedLine]) -> DecidedLine | None:
    key = f"decided_{fingerprint(([(one.decision_id, one.revoked_at) for one in lines], doing.command_key()))}"
    st.session_state[GRID_KEY] = key
    text = st.column_config.TextColumn
    event = st.dataframe(
        frame(desk, lines, decisions_after_close(desk.engine, run_id, [one.decision_id for one in lines])),
        key=key,
        on_select="rerun",
        selection_mode="single-row",
        hide_index=True,
        height=grid_height(len(lines), at_most=15),
        row_height=ROW_HEIGHT,
        placeholder=NONE,
        alt="Decisions on this page",
        column_config={
            "No.": text(width=48),
            "Decision": text(width=112),
            "Rows": text(alignment="right", width=46),
            "Reason": text(width=84),
            "Note": text(width=176),
            "By": text(width=82),
            "At": text(width=84),
            "Entry": text(width=56),
            "Stands": text(width=128),
        },
    )
    places = event.selection.rows
    return lines[places[0]] if places and places[0] < len(lines) else None


def frame(desk: Desk, lines: Sequence[DecidedLine], late: Mapping[int, int]) -> pd.DataFrame:
    """The grid's cells. `late`: the close that a decision, or its undoing, came after."""
    return pd.DataFrame(
        {
            "No.": [str(line.decision_id) for line in lines],
            "Decision": [KINDS_TOLD[DecisionKind(line.kind)] for line in lines],
            "Rows": [count(line.row_count) for line in lines],
            "Reason": [words(line.reason_code) if line.reason_code else NONE for line in lines],
            "Note": [clip(line.reason, 120) for line in lines],
            "By": [clip(line.actor, 40) for line in lines],
            "At": [when(line.at, now=desk.now) for line in lines],
            "Entry": [_entries(line) for line in lines],
            "Stands": [
                ("Yes" if line.revoked_at is None else f"Back: {clip(line.revoked_by or '', 24)}")
                + (f" · after close {late[line.decision_id]}" if line.decision_id in late else "")
                for line in lines
            ],
        }
    )


def _entries(line: DecidedLine) -> str:
    """The entries it posted, and that one is lacking where no accounts are named."""
    told = [*map(str, line.entry_ids), *(["none yet"] if line.is_unposted else [])]
    return ", ".join(told) or NONE


def _since(sums: Sequence[DecidedSum]) -> None:
    """What decisions explain of the run's difference, beside the evidence, which stays as it was."""
    with st.container(border=True, gap="xsmall", key="decided_since"):
        st.markdown("**Decided since the run**")
        if not sums:
            st.caption("Nothing that settles a row.")
            return
        st.dataframe(
            pd.DataFrame(
                {
                    "Decision": [KINDS_TOLD[DecisionKind(one.kind)] for one in sums],
                    "Rows": [count(one.row_count) for one in sums],
                    "Source − reference": [figure(one.amount, one.currency) for one in sums],
                    "Ccy": [one.currency for one in sums],
                }
            ),
            hide_index=True,
            row_height=ROW_HEIGHT,
            height=grid_height(len(sums), at_most=8),
            alt="What decisions settled, by kind and currency",
            column_config={
                "Rows": st.column_config.TextColumn(alignment="right", width=48),
                "Source − reference": st.column_config.TextColumn(alignment="right"),
                "Ccy": st.column_config.TextColumn(width=46),
            },
        )
        st.caption(md("The run's own proof stays as it was published."))
