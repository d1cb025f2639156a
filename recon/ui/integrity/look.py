"""How the words of the checks look: where a check stands, statuses, categories and names, each with one label."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final

from recon.model.checks import CatalogueLine, Category, CheckBook, CheckStatus, Quantity
from recon.money import exponents
from recon.queries.checks import BoardCell, CheckRunRow
from recon.ui.format import MINUS, Look, count, figure
from recon.workflows.checks_on_demand import OnDemandState

BOOKS: Final[Mapping[CheckBook, str]] = {
    CheckBook.UAE: "UAE",
    CheckBook.INDIA: "India",
    CheckBook.ALL: "Both",
}


class Stand(StrEnum):
    """Where a check on a book stands, as its cell of the board says it."""

    WORKING = "working"
    WAITING = "waiting"
    OK = "ok"
    NOTHING = "nothing"
    NOT_APPLICABLE = "not_applicable"
    WARN = "warn"
    FAIL = "fail"
    ERROR = "error"
    NOT_SET_UP = "not_set_up"
    NEVER = "never"


STANDS: Final[Mapping[Stand, Look]] = {
    Stand.WORKING: Look(label="Working", color="blue", icon=":material/sync:", slot=0),
    Stand.WAITING: Look(label="Waiting", color="blue", icon=":material/schedule:", slot=0),
    Stand.OK: Look(label="Holds", color="green", icon=":material/check_circle:", slot=1),
    Stand.NOTHING: Look(label="Nothing to check", color="gray", icon=":material/inbox:", slot=4),
    Stand.NOT_APPLICABLE: Look(label="Not applicable", color="gray", icon=":material/remove:", slot=4),
    Stand.WARN: Look(label="Warns", color="orange", icon=":material/warning:", slot=2),
    Stand.FAIL: Look(label="Fails", color="red", icon=":material/cancel:", slot=5),
    Stand.ERROR: Look(label="Error", color="violet", icon=":material/report:", slot=3),
    Stand.NOT_SET_UP: Look(label="Not set up", color="gray", icon=":material/power_off:", slot=4),
    Stand.NEVER: Look(label="Not run yet", color="gray", icon=":material/radio_button_unchecked:", slot=4),
}

STATUSES: Final[Mapping[CheckStatus, Look]] = {
    CheckStatus.OK: STANDS[Stand.OK],
    CheckStatus.WARN: STANDS[Stand.WARN],
    CheckStatus.FAIL: STANDS[Stand.FAIL],
    CheckStatus.ERROR: STANDS[Stand.ERROR],
}

BAR_COLORS: Final[Mapping[CheckStatus, str]] = {
    CheckStatus.OK: "#22a06b",
    CheckStatus.WARN: "#d97706",
    CheckStatus.FAIL: "#e5484d",
    CheckStatus.ERROR: "#8b5cf6",
}
"""Of the bars of strips and charts: they stand out on light and dark alike."""

_UPPER: Final = {"gtn": "GTN", "zag": "ZAG", "lrs": "LRS", "viewtrade": "ViewTrade", "dr": "Dr", "cr": "Cr"}


def title(check_name: str) -> str:
    """`gtn_ledger_recon` -> `GTN ledger recon`."""
    said = " ".join(_UPPER.get(word, word) for word in check_name.split("_"))
    return said[:1].upper() + said[1:]


def title_in(check_name: str, book: CheckBook) -> str:
    """`GTN ledger recon, UAE`; without a book where both are looked at as one."""
    return title(check_name) if book is CheckBook.ALL else f"{title(check_name)}, {BOOKS[book]}"


def category_title(category: Category) -> str:
    """`A · Internal integrity`."""
    return f"{category} · {category.meaning}"


def known_stand(line: CatalogueLine, cell: BoardCell) -> Stand:
    """Where the check stands by what was found last."""
    if not line.applies(cell.book):
        return Stand.NOT_APPLICABLE
    return Stand.NEVER if cell.last is None else stand_of_run(cell.last)


def stand_of(line: CatalogueLine, cell: BoardCell, asked: OnDemandState) -> Stand:
    """The same, but for what goes on now."""
    key = (cell.check_name, cell.book)
    if key in asked.at_work or cell.at_work_since is not None:
        return Stand.WORKING
    return Stand.WAITING if key in asked.waiting else known_stand(line, cell)


def stand_of_run(run: CheckRunRow) -> Stand:
    """How one run came out."""
    if not run.is_set_up:
        return Stand.NOT_SET_UP
    if run.status is CheckStatus.OK and not run.examined_count:
        return Stand.NOTHING
    return Stand(run.status.value)


def figure_of(quantity: Quantity, unit: str) -> str:
    """A figure of a variance: `−12.50` of a currency, `1,200` rows, `0.1` units."""
    if unit in exponents():
        return figure(int(quantity), unit)
    shown = quantity.normalize() if isinstance(quantity, Decimal) else quantity
    return f"{shown:,f}".replace("-", MINUS) if isinstance(shown, Decimal) else count(shown)


def with_unit(quantity: Quantity, unit: str) -> str:
    """The same with its unit behind."""
    return f"{figure_of(quantity, unit)} {unit}"
