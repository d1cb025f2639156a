"""The best partners of the row that is worked on, each taken by a key: the first rows of the pane beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from recon.model.settlement import OpenRow
from recon.ui.format import clip, md, money
from recon.ui.workbench import address
from recon.ui.workbench.nearness import why_near

_OFFERED: Final = 3


def nearest(near: OpenRow, rows: Sequence[OpenRow]) -> None:
    """Draw them: `rows` is the first page of the other side, nearest first. One of another currency is no offer."""
    alike = [row for row in rows[:_OFFERED] if row.currency == near.currency]
    for place, row in enumerate(alike, 1):
        _offer(place, row, near)


def _offer(place: int, row: OpenRow, near: OpenRow) -> None:
    is_chosen = row.line in address.chosen(row.side)
    said = clip(row.text or row.reference or "", 24)
    st.button(
        f"**{md(money(row.open_amount, row.currency))}** {md(why_near(row, near))}"
        + (f" · {md(said)}" if said else ""),
        icon=":material/check:" if is_chosen else None,
        shortcut=str(place),
        key=f"bench_near_{place}",
        width="stretch",
        help="Choose it no more" if is_chosen else "Choose it",
        on_click=address.toggle,
        args=(row.side, row.line),
    )
