"""The items that fit, a page at a time, and what all of them come to by currency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd
import streamlit as st

from recon.model.open_items import ClearedBy
from recon.model.settlement import CurrencyLine
from recon.queries.item_list import Item, ItemFilter, Stage, item_page
from recon.ui import states
from recon.ui.format import NONE, SIDES, clip, day, figure
from recon.ui.guard import Desk
from recon.ui.ledger.listing import amount, grid
from recon.ui.open_items.address import PAGE, STAGES, clear, is_filtered, open_item, opened
from recon.ui.pager import ROW_HEIGHT, grid_height, pager

PAGE_SIZE: Final = 50
HEIGHT: Final = 480
_TEXT_WIDTH: Final = {Stage.MISSING: 206, Stage.IN_TRANSIT: 156, Stage.CLEARED: 144}
"""What the other columns of the stage leave of the list."""


def listing(desk: Desk, wanted: ItemFilter, total: int) -> None:
    """Draw the page of items that fit; a click opens one."""
    place = st.container()
    offset = pager(total, key=PAGE, page_size=PAGE_SIZE)
    with place:
        if not total:
            _nothing(wanted.stage)
            return
        items = item_page(desk.engine, wanted, today=desk.now.date(), limit=PAGE_SIZE, offset=offset)
        text = st.column_config.TextColumn
        grid(
            item_frame(items, wanted.stage),
            [item.id for item in items],
            name="items",
            opened=opened(),
            on_open=open_item,
            alt="Open items on this page",
            config={
                "Side": text(width=78),
                "Date": text(width=92),
                "Reference": text(width=112),
                "Text": text(width=_TEXT_WIDTH[wanted.stage]),
                "Amount": amount(width=100),
                "Currency": text(width=68),
                "Age": st.column_config.NumberColumn(width=44, help="Business days since it was first seen"),
                "Since": text(width=60, help="The run it was first open in"),
                "Due": text(width=92, help="The day its counterpart is due"),
                "Cleared": text(width=104),
            },
        )


def item_frame(items: Sequence[Item], stage: Stage) -> pd.DataFrame:
    """The grid's cells: one line an item."""
    columns: dict[str, Any] = {
        "Side": [SIDES[item.side] for item in items],
        "Date": [day(item.date) for item in items],
        "Reference": [clip(item.payment_ref or item.txn_id or NONE, 40) for item in items],
        "Text": [clip(item.counterparty or item.description or NONE, 60) for item in items],
        "Amount": [figure(item.amount, item.currency) for item in items],
        "Currency": [item.currency for item in items],
    }
    match stage:
        case Stage.MISSING:
            columns["Age"] = [item.age for item in items]
        case Stage.IN_TRANSIT:
            columns["Due"] = [day(item.due_on) if item.due_on else NONE for item in items]
        case Stage.CLEARED:
            columns["Cleared"] = [cleared(item) for item in items]
    columns["Since"] = [f"run {item.first_run_id}" for item in items]
    return pd.DataFrame(columns)


def cleared(item: Item) -> str:
    """What cleared it, in a word or two."""
    match item.cleared_by:
        case ClearedBy.DECISION:
            return f"Decision {item.decision_id}"
        case ClearedBy.AMENDED:
            return f"Amended, run {item.cleared_run_id}"
        case ClearedBy.VANISHED:
            return f"Gone, run {item.cleared_run_id}"
        case ClearedBy.MATCH:
            return f"By run {item.cleared_run_id}"
        case None:
            return NONE


def sums_table(sums: Sequence[CurrencyLine]) -> None:
    """What is listed comes to, by currency."""
    st.dataframe(
        pd.DataFrame(
            {
                "Currency": [one.currency for one in sums],
                "Source": [figure(one.source, one.currency) for one in sums],
                "Reference": [figure(one.reference, one.currency) for one in sums],
                "Difference": [figure(one.difference, one.currency) for one in sums],
            }
        ),
        key="item_sums",
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=grid_height(len(sums), at_most=8),
        alt="Sums of what is listed, by currency",
        column_config={
            "Currency": st.column_config.TextColumn(width=64),
            **{name: amount(width=95) for name in ("Source", "Reference", "Difference")},
        },
    )


def _nothing(stage: Stage) -> None:
    if is_filtered():
        states.empty(
            "No item fits these filters",
            "Clear the search or widen the filters.",
            icon=":material/filter_alt_off:",
            action="Clear filters",
            on_click=clear,
            key="clear_all",
            height=HEIGHT,
        )
        return
    hints = {
        Stage.MISSING: "Every row has its counterpart, or it is not due yet.",
        Stage.IN_TRANSIT: "A row is in transit while its counterpart is not due: the days are set under Reconcile.",
        Stage.CLEARED: "What a later run or a person clears is listed here.",
    }
    titles = {Stage.MISSING: "Nothing is missing", Stage.IN_TRANSIT: "Nothing is in transit"}
    title = titles.get(stage, f"Nothing {STAGES[stage].lower()} yet")
    states.empty(title, hints[stage], icon=":material/check_circle:", key="no_items", height=HEIGHT)
