"""What the Integrity page shows, as its URL says it: `?check=…&book=…`, with `&run=…` for a run before the last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import streamlit as st

from recon.model.checks import CatalogueLine, CheckBook
from recon.ui.pager import first_page

INTEGRITY: Final = "pages/integrity.py"
PAGE: Final = "found_page"
"""Key of the pager of what a run found, and its name in the URL."""

PICK: Final = "v"
"""Which variance is open: a fingerprint of what it is about."""


def open_check(lines: Sequence[CatalogueLine]) -> tuple[CatalogueLine, CheckBook] | None:
    """The check and book the URL opens; where it names no book, or one the check is not asked of, the check's first."""
    name, book = st.query_params.get("check", ""), st.query_params.get("book", "")
    line = next((line for line in lines if line.name == name), None)
    if line is None:
        return None
    return line, next((place for place in line.books if place == book), line.books[0])


def open_run() -> int | None:
    """The run the URL opens; None: the last."""
    asked = st.query_params.get("run", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None


def show_check(name: str, book: CheckBook) -> None:
    """Open a check on a book."""
    _show(check=name, book=book.value)


def show_run(run_id: int | None) -> None:
    """Open a run of the check that is open; None: the last."""
    kept = {name: st.query_params[name] for name in ("check", "book") if name in st.query_params}
    _show(**kept, **({} if run_id is None else {"run": str(run_id)}))


def show_board() -> None:
    """Open nothing."""
    _show()


def to_check(name: str, book: CheckBook, *, run_id: int | None = None) -> dict[str, str]:
    """The query of a link to it."""
    return {"check": name, "book": book.value, **({} if run_id is None else {"run": str(run_id)})}


def _show(**opened: str) -> None:
    for name in ("check", "book", "run", PICK):
        st.query_params.pop(name, None)
    for name, value in opened.items():
        st.query_params[name] = value
    first_page(PAGE)
