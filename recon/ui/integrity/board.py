"""The board: every check on every book, by category, with where it stands, its last runs, and when it is due.

It looks again by itself: every second while checks are made for someone, else every quarter of a minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import streamlit as st

from recon.model.checks import CatalogueLine, Category, CheckBook
from recon.queries.checks import BoardCell
from recon.queries.timetable import CheckClock
from recon.ui.format import md
from recon.ui.guard import Desk, problems_shown, require
from recon.ui.integrity import address
from recon.ui.integrity.due import due_text, short
from recon.ui.integrity.headline import headline
from recon.ui.integrity.look import BOOKS, STANDS, Stand, category_title, title, title_in
from recon.ui.integrity.running import asked, every, progress, run_button, sidecar_notice
from recon.ui.integrity.standing import Standing, standing
from recon.ui.integrity.strip import strip
from recon.workflows.checks_on_demand import CheckKey, ChecksOnDemand

_COLUMNS: Final = (24, 13, 15, 13, 13, 15, 13, 6)
"""The check; for each book where it stands, its last runs and its times; the button."""

_HAS_COUNT: Final = {Stand.FAIL, Stand.WARN}
_NO_STRIP: Final = {Stand.NOT_APPLICABLE, Stand.NEVER}


def board(lines: Sequence[CatalogueLine], place: ChecksOnDemand, shown: Standing) -> None:
    """Draw it; `shown` is what the rest of the page was drawn from: when that has changed, all is drawn again."""
    again = (shown.state.is_live, shown.red)
    st.fragment(_board, run_every=every(shown.state))(tuple(lines), place, again)


def _board(lines: Sequence[CatalogueLine], place: ChecksOnDemand, drawn: tuple[bool, frozenset[CheckKey]]) -> None:
    with problems_shown():
        desk = require()
        if address.open_check(lines) is not None:
            st.rerun()  # one was clicked: the page shows it instead
        now = standing(desk, lines, place.state())
        was_live, was_red = drawn
        if now.state.is_live != was_live or (now.red != was_red and not was_live):
            st.rerun()  # to look more often or less, and because of the buttons above
        headline(desk, now)
        with st.container():  # there even when empty: else all below would move, and be drawn twice for a moment
            progress(now.state)
            sidecar_notice(desk)
        for category in Category:
            found = [line for line in lines if line.category is category]
            if found:
                _category(desk, category, found, place, now)


def _category(
    desk: Desk, category: Category, lines: Sequence[CatalogueLine], place: ChecksOnDemand, now: Standing
) -> None:
    with st.container(border=True, gap=None, key=f"category_{category}"):
        name, uae, _, _, india, _, _, run = st.columns(_COLUMNS, vertical_alignment="center", gap="xsmall")
        name.markdown(f"**{category_title(category)}**")
        for book, column in ((CheckBook.UAE, uae), (CheckBook.INDIA, india)):
            column.markdown(f":small[:gray[{BOOKS[book]}]]")
        with run:
            wanted = asked((line, book) for line in lines for book in line.books)
            run_button("All", desk, place, wanted, key=f"run_{category}", type="tertiary", help="Make all of these now")
        for line in lines:
            _line(desk, line, place, now)


def _line(desk: Desk, line: CatalogueLine, place: ChecksOnDemand, now: Standing) -> None:
    name, *cells, run = st.columns(_COLUMNS, vertical_alignment="center", gap="xsmall")
    name.markdown(title(line.name), help=md(line.must_hold))
    for book, columns in zip(_books_shown(line), (cells[:3], cells[3:]), strict=True):
        if book is not None:
            key = (line.name, book)
            stand = now.stands[key]
            with columns[0]:
                _stand(line, now.cells[key], stand)
            if stand is Stand.NOT_SET_UP:
                columns[1].markdown(":small[:gray[broker has no address]]")
            elif stand not in _NO_STRIP:
                with columns[1]:
                    strip(now.cells[key].strip)
            times = _times(now.cells[key], now.clocks.get(key), stand, now=desk.now)
            columns[2].markdown(f":small[:gray[{times}]]")
    with run:
        mine = asked((line, book) for book in line.books)
        run_button("", desk, place, mine, key=f"run_{line.name}", type="tertiary", help="Make it now")


def _books_shown(line: CatalogueLine) -> tuple[CheckBook | None, CheckBook | None]:
    """What is in the two halves; what the books share stands in the first."""
    if CheckBook.ALL in line.books:
        return CheckBook.ALL, None
    uae, india = (book if book in line.books else None for book in (CheckBook.UAE, CheckBook.INDIA))
    return uae, india


def _stand(line: CatalogueLine, cell: BoardCell, stand: Stand) -> None:
    look = STANDS[stand]
    number = f" · {cell.open_count}" if stand in _HAS_COUNT and cell.open_count else ""
    st.button(
        f":{look.color}[{look.icon} {look.label}{number}]",
        type="tertiary",
        key=f"open_{line.name}_{cell.book}",
        help=_help(line, cell, stand),
        on_click=address.show_check,
        args=(line.name, cell.book),
        width="content",
    )


def _help(line: CatalogueLine, cell: BoardCell, stand: Stand) -> str:
    where = f"**{title_in(line.name, cell.book)}**"
    if stand is Stand.NOT_APPLICABLE:
        return f"{where}  \nThe question does not arise in this book."
    return f"{where}  \n{md(cell.last.summary) if cell.last else 'Not run yet.'}"


def _times(cell: BoardCell, clock: CheckClock | None, stand: Stand, *, now: datetime) -> str:
    """When it was made, and when it is due; Markdown."""
    if stand is Stand.NOT_APPLICABLE:
        return ""
    last = short(cell.last.finished_at, now=now) if cell.last else ""
    return " · ".join(filter(None, (last, due_text(clock, now=now))))
