"""What a run carried from the runs before it, what it cleared, and what runs after it cleared of its own."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from recon.model.transactions import Side
from recon.queries.open_items import AmendedRow, RunCarried, SideCarried, amended_rows, run_carried
from recon.queries.runs import RunDetail
from recon.ui.format import NONE, SIDES, clip, count, counted, plain
from recon.ui.guard import Desk
from recon.ui.pager import ROW_HEIGHT, grid_height


def carried(desk: Desk, detail: RunDetail) -> None:
    """Draw it for a run of a reconciliation that carries its open items; nothing for any other."""
    found = run_carried(desk.engine, detail.run.id)
    if found is None:
        return
    with st.container(border=True, key="carried"):
        st.markdown(f"**Open items** :gray[· as of {found.as_of:%-d %B %Y}]")
        st.markdown("  \n".join(carried_sentences(found)))
    if found.amendment_count:
        _amended(amended_rows(desk.engine, detail.run.id))


def carried_sentences(found: RunCarried) -> list[str]:
    """Each a line of its own."""
    said = [_cleared(found)]
    left_out = [_known(side, found.sides[side]) for side in Side if found.sides[side].earlier_count]
    if left_out:
        said.append(f"{' and '.join(left_out)} were in earlier runs already, and were not counted again.")
    if found.looks_back:
        said.append("This run repeats one that is not the newest, so it changed no open item.")
    if found.replaces_id is not None and not found.looks_back:
        said.append(f"It took the place of run {found.replaces_id}.")
    if found.replaced_by_id is not None:
        said.append(f"Run {found.replaced_by_id} took its place.")
    later = [f"{count(one.count)} by run {one.run_id}" for one in found.cleared_later]
    if later:
        said.append(f"Cleared since, of what it left open: {', '.join(later)}.")
    return said


def _cleared(found: RunCarried) -> str:
    opened = f"{counted(found.opened_count, 'row')} of its own stayed open."
    if not found.carried_count:
        return f"It carried no open items of earlier runs. {opened}"
    which = counted(found.carried_count, "open item")
    return f"It carried {which} of earlier runs and cleared {count(found.cleared_count)} of them. {opened}"


def _known(side: Side, rows: SideCarried) -> str:
    return f"{count(rows.earlier_count)} of {counted(rows.file_count, f'{SIDES[side].lower()} row')}"


def _amended(rows: Sequence[AmendedRow]) -> None:
    title = f"{counted(len(rows), 'row')} changed since an earlier run"
    with st.expander(title, icon=":material/edit_note:", key="amended"):
        frame = amended_frame(rows)
        st.dataframe(
            frame,
            hide_index=True,
            height=grid_height(len(frame), at_most=8),
            row_height=ROW_HEIGHT,
            placeholder=NONE,
            alt="Rows that changed since an earlier run",
            column_config={"Line": st.column_config.NumberColumn(width=64)},
        )


def amended_frame(rows: Sequence[AmendedRow]) -> pd.DataFrame:
    """One line for every column that changed."""
    return pd.DataFrame(
        [
            {
                "Side": SIDES[row.side],
                "Line": row.line,
                "ID": clip(row.txn_id, 40),
                "What": plain(name).replace("_", " ").capitalize(),
                "Before": clip(before or NONE, 60),
                "Now": clip(after or NONE, 60),
                "Treated as": "the open item, as it is now" if row.was_open else "settled before, left out",
            }
            for row in rows
            for name, (before, after) in row.changed.items()
        ]
    )
