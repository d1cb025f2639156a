"""The queue as a grid: one page of it, one line a discrepancy.

A click on a cell opens its discrepancy, a tick takes it into the selection, a click on a header sorts the whole queue.
Rule it keeps: the grid's identity is the rows it shows, because Streamlit remembers positions, and a position must
never come to mean another row.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from functools import partial
from typing import Any, Final

import pandas as pd
import streamlit as st

from recon.model.triage import DiscrepancyStatus
from recon.money import to_decimal
from recon.queries.discrepancies import DiscrepancyRow, Order, Sort
from recon.ui.format import DISCREPANCY_STATUS, KINDS, NONE, Look, clip, kind_label
from recon.ui.pager import ROW_HEIGHT, fingerprint, first_page
from recon.ui.triage.filters import PAGE
from recon.ui.triage.opened import open_one

HEADERS: Final = {
    "ID": Sort.ID,
    "Date": Sort.DATE,
    "Reference": Sort.REFERENCE,
    "Counterparty": Sort.PARTY,
    "Kind": Sort.KIND,
    "Difference": Sort.AMOUNT,
    "Ccy": Sort.CURRENCY,
    "Due": Sort.DUE,
}
"""Every header that sorts; `Status` and `Assigned` do not, they are filters."""

WAITS: Final = Look(label="Waits", color="violet", icon=":material/supervisor_account:", slot=3)
"""How a discrepancy looks that is to be written off, once a second person agrees."""

_RISING_FIRST: Final = {Sort.REFERENCE, Sort.PARTY, Sort.KIND, Sort.CURRENCY, Sort.DUE}
GRID_KEY: Final = "queue_grid_key"
"""Where the session keeps the key of the grid as it was last drawn."""

_REVISION: Final = "queue_revision"
_NAME_WIDTH: Final = 106
_DIGIT_WIDTH: Final = 7
_CELL_PADDING: Final = 18
"""Pixels: of the counterparty where figures are short, of one digit, and of a cell's two sides."""


def grid(
    rows: Sequence[DiscrepancyRow],
    order: Order,
    *,
    open_id: int | None,
    height: int,
    today: date,
    waiting: Collection[int] = (),
) -> list[DiscrepancyRow]:
    """Draw the page; returns the rows that are ticked. `waiting` are ids that wait for a second person."""
    key = f"queue_{fingerprint((rows, order, sorted(waiting), st.session_state.get(_REVISION, 0)))}"
    st.session_state[GRID_KEY] = key
    place = next((place for place, row in enumerate(rows) if row.id == open_id), None)
    event: Any = st.dataframe(
        frame(rows, waiting, today),
        key=key,
        on_select=partial(_react, key, tuple(row.id for row in rows), order),
        selection_mode=["multi-row", "single-cell", "single-column"],
        selection_default=None if place is None else {"selection": {"cells": [(place, "Reference")]}},
        hide_index=True,
        height=height,
        row_height=ROW_HEIGHT,
        placeholder=NONE,
        alt="Discrepancies on this page",
        column_config=_columns(order, rows, today),
    )
    return [rows[place] for place in event.selection.rows if place < len(rows)]


def redraw() -> None:
    """Forget what is ticked and highlighted: the rows changed, or another one was opened without a click."""
    st.session_state[_REVISION] = st.session_state.get(_REVISION, 0) + 1


def frame(rows: Sequence[DiscrepancyRow], waiting: Collection[int], today: date) -> pd.DataFrame:
    """The grid's cells, as text where exactness or a badge needs it. Status is there where there is more than one."""
    states = [WAITS.label if row.id in waiting else DISCREPANCY_STATUS[row.status].label for row in rows]
    columns: dict[str, Sequence[Any]] = {
        "ID": [row.id for row in rows],
        "Date": [row.date for row in rows],
        "Reference": [clip(row.reference or NONE, 48) for row in rows],
        "Counterparty": [clip(row.party or NONE, 60) for row in rows],
        "Kind": [[kind_label(row.kind)] for row in rows],
        "Difference": [accounting(row.amount, row.currency) for row in rows],
        "Ccy": [row.currency for row in rows],
        "Due": [[_due(row, today)] if row.status is DiscrepancyStatus.OPEN else [] for row in rows],
        "Assigned": [clip(row.assignee or NONE, 30) for row in rows],
    }
    if len(set(states)) > 1:
        columns["Status"] = [[state] for state in states]
    return pd.DataFrame(columns)


def accounting(amount: int, currency: str) -> str:
    """Minor units -> `1,234.50`, negative in brackets: `(1,234.50)`. Exact in every currency."""
    text = f"{to_decimal(abs(amount), currency):,}"
    return f"({text})" if amount < 0 else text


def order_of_url() -> Order:
    """The order the URL asks for (`sort=-amount`); by date, the newest first, where it asks for none we know."""
    asked = st.query_params.get("sort", "")
    name = asked.removeprefix("-")
    return Order(by=Sort(name), is_descending=asked.startswith("-")) if name in {*Sort} else Order()


def sort_caption(order: Order) -> str:
    """`date ↓`."""
    header = next(header for header, sort in HEADERS.items() if sort is order.by)
    return f"{header if header == 'ID' else header.lower()} {_arrow(order)}"


def _columns(order: Order, rows: Sequence[DiscrepancyRow], today: date) -> dict[str, Any]:
    text = st.column_config.TextColumn
    differences = _width((accounting(row.amount, row.currency) for row in rows), least=80)
    ids = _width((str(row.id) for row in rows), least=54)
    looks = (*DISCREPANCY_STATUS.values(), WAITS)
    config: dict[str, Any] = {
        "ID": st.column_config.NumberColumn(format="%d", width=ids),
        "Date": st.column_config.DateColumn(format="DD MMM YY", width=78),
        "Reference": text(width=96),
        "Counterparty": text(width=max(_NAME_WIDTH - (differences - 80) - (ids - 54), 64)),
        "Kind": st.column_config.MultiselectColumn(
            options=[look.label for look in KINDS.values()], color=[look.color for look in KINDS.values()], width=136
        ),
        "Difference": text(alignment="right", width=differences),
        "Ccy": text(width=44),
        "Due": _due_column(rows, today),
        "Assigned": text(width=72),
        "Status": st.column_config.MultiselectColumn(
            options=[look.label for look in looks], color=[look.color for look in looks], width=78
        ),
    }
    header = next(header for header, sort in HEADERS.items() if sort is order.by)
    config[header]["label"] = f"{header} {_arrow(order)}"
    return config


def _width(numbers: Iterable[str], *, least: int) -> int:
    """Pixels a column of figures needs: a name may be cut, a figure must not."""
    return max(least, _DIGIT_WIDTH * max(map(len, numbers), default=0) + _CELL_PADDING)


def _due_column(rows: Sequence[DiscrepancyRow], today: date) -> Any:
    """Days as badges: those that have passed in red, today's in orange."""
    days = {_due(row, today): row.due_on for row in rows}
    colors = ["red" if day < today else "orange" if day == today else "gray" for day in days.values()]
    return st.column_config.MultiselectColumn(options=list(days), color=colors, width=70)


def _due(row: DiscrepancyRow, today: date) -> str:
    return f"{row.due_on.day} {row.due_on:%b}" + ("" if row.due_on.year == today.year else f" {row.due_on:%y}")


def _arrow(order: Order) -> str:
    return "↓" if order.is_descending else "↑"


def _react(key: str, ids: tuple[int, ...], order: Order) -> None:
    """What a click in the grid does, before anything is drawn again."""
    selection = st.session_state[key].selection
    if selection.columns:
        if selection.columns[0] in HEADERS:
            _sort(HEADERS[selection.columns[0]], order)
    elif selection.cells:
        open_one(ids[selection.cells[0][0]])


def _sort(by: Sort, order: Order) -> None:
    falls = not order.is_descending if by is order.by else by not in _RISING_FIRST
    st.query_params["sort"] = f"{'-' if falls else ''}{by}"
    first_page(PAGE)
    redraw()
