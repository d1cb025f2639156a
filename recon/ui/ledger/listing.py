"""A page of rows as a grid that opens one with a click, for every list of the Ledger page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any, Final, TypeVar, cast

import pandas as pd
import streamlit as st

from recon.ui import states
from recon.ui.format import NONE, Look
from recon.ui.header_sort import HeaderSort
from recon.ui.ledger.address import OF, PAGE, narrow, narrowed_to
from recon.ui.pager import ROW_HEIGHT, fingerprint, first_page

Id = TypeVar("Id")

PAGE_SIZE: Final = 50
GRID_HEIGHT: Final = 560
"""Pixels a grid may take: the list then ends where a window of 900 does."""


def grid(
    frame: pd.DataFrame,
    ids: Sequence[Id],
    *,
    name: str,
    opened: Id | None,
    on_open: Callable[[Id], None],
    config: Mapping[str, Any],
    sort: HeaderSort[Any] | None = None,
    alt: str | None = None,
) -> None:
    """Draw the rows; a click on a cell calls `on_open` with its row's id, a click on a header sorts all rows."""
    order = sort.shown() if sort else None
    key = f"{name}_{fingerprint((ids, order, frame.to_numpy().tolist()))}"
    config = dict(config)
    if order:
        config[order[0]] = {**config.get(order[0], {}), "label": f"{order[0]} {order[1]}"}
    place = None if opened is None else next((place for place, id_ in enumerate(ids) if id_ == opened), None)

    def clicked() -> None:
        selection = st.session_state[key].selection
        if selection.cells:
            on_open(ids[selection.cells[0][0]])
        elif sort is not None:
            sort.clicked(key)

    st.dataframe(
        frame,
        key=key,
        on_select=clicked,
        selection_mode=["single-cell", "single-column"],
        selection_default=None if place is None else {"selection": {"cells": [(place, frame.columns[0])]}},
        hide_index=True,
        height="content" if len(ids) < GRID_HEIGHT // ROW_HEIGHT else GRID_HEIGHT,
        row_height=ROW_HEIGHT,
        placeholder=NONE,
        alt=alt or f"{name.capitalize()} on this page",
        column_config=config,
    )


def amount(width: int = 120) -> Any:
    """The column of a figure, its text made exactly."""
    return st.column_config.TextColumn(alignment="right", width=width)


def badges(looks: Mapping[Any, Look], width: int) -> Any:
    """The column of a closed set's badges; cells are lists of one label."""
    return st.column_config.MultiselectColumn(
        options=[look.label for look in looks.values()], color=[look.color for look in looks.values()], width=width
    )


def bound(label: str = "collapsed") -> dict[str, Any]:
    """What every filter has: its place in the URL, and the first page when it changes."""
    return {"bind": "query-params", "label_visibility": label, "on_change": first_page, "args": (PAGE,)}


def day_of(key: str) -> date | None:
    """The day that a date filter has, also before it is drawn: then as the URL has it."""
    if key in st.session_state:
        return cast(date | None, st.session_state[key])
    try:
        return date.fromisoformat(st.query_params.get(key, ""))
    except ValueError:
        return None


def is_filtered(empty: Mapping[str, Any]) -> bool:
    """Whether any of these filters is not what it is when nothing is asked for."""
    if OF in empty and narrowed_to() is not None:
        return True
    return any(st.session_state.get(key, nothing) not in (nothing, None, ()) for key, nothing in empty.items())


def clear(empty: Mapping[str, Any]) -> None:
    """Ask for nothing, from the first page."""
    for key, nothing in empty.items():
        if key == OF:
            narrow(None)
        else:
            st.session_state[key] = nothing
    first_page(PAGE)


def clear_button(empty: Mapping[str, Any]) -> None:
    """For the end of a filter bar."""
    if is_filtered(empty):
        st.button(
            "Clear",
            icon=":material/filter_alt_off:",
            type="tertiary",
            on_click=clear,
            args=(empty,),
            key="clear_filters",
        )


def nothing(what: str, empty: Mapping[str, Any], hint: str) -> None:
    """Where these filters leave no row; where nothing is asked for, there is none yet, and `hint` says what to do."""
    if not is_filtered(empty):
        states.empty(f"No {what} yet", hint, key="none_yet", height=GRID_HEIGHT)
        return
    states.empty(
        f"No {what} fits these filters",
        "Clear the search or widen the filters.",
        icon=":material/filter_alt_off:",
        action="Clear filters",
        on_click=lambda: clear(empty),
        key="clear_all",
        height=GRID_HEIGHT,
    )
