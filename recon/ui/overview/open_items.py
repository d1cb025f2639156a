"""The card of open items: by reconciliation, what is in transit, and what is missing by age in business days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from recon.queries.item_list import Stage
from recon.queries.open_ages import AGES, OpenAges
from recon.ui.format import clip
from recon.ui.links import OPEN_ITEMS
from recon.ui.open_items.address import to_items
from recon.ui.pager import ROW_HEIGHT, fingerprint


def open_items_card(found: Sequence[OpenAges]) -> None:
    """Draw the card; a click opens the items it counts."""
    with st.container(border=True, key="open_items_card", height="stretch"):
        st.markdown("**Open items** :gray[· missing by age in business days · click to see them]")
        if not found:
            st.caption(":material/check_circle: None: every row has its counterpart, or open items are not carried.")
            return
        event: Any = st.dataframe(
            ages_frame(found),
            key=f"open_items_{fingerprint([(one.reconciliation, one.run_id) for one in found])}",
            hide_index=True,
            on_select="rerun",
            selection_mode="single-cell",
            row_height=ROW_HEIGHT,
            height="content" if len(found) < 5 else 5 * ROW_HEIGHT + ROW_HEIGHT,
            alt="Open items by age",
            column_config={
                "Reconciliation": st.column_config.TextColumn(width=150),
                "In transit": st.column_config.NumberColumn(format="localized", width=72),
                **{label: st.column_config.NumberColumn(format="localized", width=56) for label, _ in AGES},
            },
        )
    cells: list[tuple[int, str]] = event.selection.cells
    if cells:
        row, column = cells[0]
        _follow(found[row], column)


def _follow(one: OpenAges, column: str) -> None:
    """Where a click on a cell leads."""
    stage = Stage.IN_TRANSIT if column == "In transit" else Stage.MISSING
    age = column if column in dict(AGES) else None
    st.switch_page(OPEN_ITEMS, query_params=to_items(one.reconciliation, stage=stage, age=age))


def ages_frame(found: Sequence[OpenAges]) -> pd.DataFrame:
    """One line a reconciliation."""
    return pd.DataFrame(
        {
            "Reconciliation": [clip(one.reconciliation, 60) for one in found],
            "In transit": [one.in_transit for one in found],
            **{label: [one.missing[place] for one in found] for place, (label, _) in enumerate(AGES)},
        }
    )
