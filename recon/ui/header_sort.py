"""Grids of one page of many rows, sorted by a click on a header: the order is of all rows, not of the page's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

import streamlit as st

from recon.ui.pager import first_page

By = TypeVar("By", bound=StrEnum)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderSort(Generic[By]):
    """The headers a grid can be sorted by; the first is where it begins, and the only one that begins upwards."""

    state: str  # where the session keeps the order
    page: str  # the key of the grid's pager
    headers: Mapping[str, By]

    def order(self) -> tuple[By, bool]:
        """What the rows are sorted by, and whether downwards."""
        by, is_descending = st.session_state.get(self.state, (self._first, False))
        return by, is_descending

    def shown(self) -> tuple[str, str]:
        """The header sorted by, and its arrow."""
        by, is_descending = self.order()
        return next(name for name, found in self.headers.items() if found is by), "↓" if is_descending else "↑"

    def clicked(self, grid: str) -> None:
        """Take the click on a header of this grid; on the sorted one, the other way round."""
        columns = st.session_state[grid].selection.columns
        if columns and columns[0] in self.headers:
            by, is_descending = self.order()
            chosen = self.headers[columns[0]]
            st.session_state[self.state] = (chosen, not is_descending if chosen is by else chosen is not self._first)
            first_page(self.page)

    @property
    def _first(self) -> By:
        return next(iter(self.headers.values()))
