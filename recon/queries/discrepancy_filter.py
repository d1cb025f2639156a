"""Which discrepancies a person wants to see, in which order, and the same as SQL conditions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, FromClause, and_, false, func, literal_column, or_, true

from recon.model.triage import DUE_AFTER, DiscrepancyStatus
from recon.money import exponent
from recon.store.tables import DISCREPANCY_PARTY, DISCREPANCY_REFERENCE, DISCREPANCY_WORDS

WORD_LIMIT: Final = 12
"""Words of a search that count; a pasted page of text finds nothing sooner."""

_LARGEST: Final = 2**63 - 1
_WORD: Final = re.compile(r"[^\W_]{1,100}")
_NUMBER: Final = re.compile(r"#?(\d{1,18})")
_AMOUNT: Final = re.compile(r"[-\u2212]?(\d[\d,]{0,20}\.\d{1,4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscrepancyFilter:
    """Some discrepancies of one run. An empty tuple or None leaves everything in.

    `search` finds rows that have all its words, each as the start of a word of id, reference, counterparty or
    description; also the discrepancy of that number, and differences of that amount. `amount_min` and `amount_max` are
    sizes in major units of the row's own currency. Dates are inclusive. `assignee` is one person; `is_unassigned` asks
    for what is nobody's; `or_unassigned` for both, as its owner sees a queue. `due_before` is exclusive: with today,
    what is overdue.
    """

    run_id: int
    statuses: tuple[DiscrepancyStatus, ...] = (DiscrepancyStatus.OPEN,)
    kinds: tuple[str, ...] = ()
    currency: str | None = None
    search: str = ""
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    date_from: date | None = None
    date_to: date | None = None
    assignee: str | None = None
    or_unassigned: bool = False
    is_unassigned: bool = False
    due_before: date | None = None

    @property
    def is_search(self) -> bool:
        return bool(self.search.strip())

    @property
    def is_tallied(self) -> bool:
        """Whether the tallies alone say how many it holds."""
        return not self.is_search and self.amount_min is None and self.amount_max is None


class Sort(StrEnum):
    """What the queue can be ordered by; ties are broken by the id, in the same direction."""

    ID = "id"
    DATE = "date"
    REFERENCE = "reference"
    PARTY = "party"
    KIND = "kind"
    AMOUNT = "amount"
    CURRENCY = "currency"  # and within a currency by size
    DUE = "due"  # and of those due on one day the largest first: what to work on next


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    by: Sort = Sort.DATE
    is_descending: bool = True

    def reversed(self) -> Order:
        return Order(by=self.by, is_descending=not self.is_descending)

    def keys(self, rows: FromClause) -> tuple[ColumnElement[Any], ...]:
        """What `rows`, which have the columns of `discrepancy`, are ordered by."""
        return tuple(rows.c[key] if key in rows.c else literal_column(key) for key in _KEYS[self.by])

    def direct(self, keys: Iterable[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
        """The keys, each in the order's direction."""
        return [key.desc() if self.is_descending else key.asc() for key in keys]


_KEYS: Final[dict[Sort, tuple[str, ...]]] = {
    Sort.ID: ("id",),
    Sort.DATE: ("date", "id"),
    Sort.REFERENCE: (DISCREPANCY_REFERENCE, "id"),
    Sort.PARTY: (DISCREPANCY_PARTY, "id"),
    Sort.KIND: ("kind", "id"),
    Sort.AMOUNT: ("gross", "id"),
    Sort.CURRENCY: ("currency", "gross", "id"),
    Sort.DUE: ("due_on", "(-gross)", "id"),
}
"""Each is an index of `discrepancy`, behind run, attempt and status."""


def shared(wanted: DiscrepancyFilter, table: FromClause) -> list[ColumnElement[bool]]:
    """The conditions that rows and tallies can both be asked; status is left to the caller."""
    found: list[ColumnElement[bool]] = []
    if wanted.kinds:
        found.append(table.c.kind.in_(wanted.kinds))
    if wanted.currency:
        found.append(table.c.currency == wanted.currency)
    if wanted.date_from:
        found.append(table.c.date >= wanted.date_from)
    if wanted.date_to:
        found.append(table.c.date <= wanted.date_to)
    if wanted.assignee is not None:
        theirs = table.c.assignee == wanted.assignee
        found.append(or_(theirs, table.c.assignee.is_(None)) if wanted.or_unassigned else theirs)
    if wanted.is_unassigned:
        found.append(table.c.assignee.is_(None))
    if wanted.due_before:
        found.append(table.c.due_on < wanted.due_before)
        # nothing is due sooner after its date than this: a walk by date starts there
        found.append(table.c.date < wanted.due_before - timedelta(days=min(days for _, days in DUE_AFTER)))
    return found


def sizes(wanted: DiscrepancyFilter, rows: FromClause, currencies: Iterable[str]) -> list[ColumnElement[bool]]:
    """One condition for each number of decimals among `currencies` (those there are): between the sizes wanted.

    They stay apart, so that each is a range an index ordered by size can start and stop at. True alone when any size
    will do.
    """
    if wanted.amount_min is None and wanted.amount_max is None:
        return [true()]
    found = [
        and_(rows.c.currency.in_(codes), rows.c.gross.between(*_bounds(wanted, places)))
        for places, codes in _by_places(currencies).items()
    ]
    return found or [false()]


def searched(
    wanted: DiscrepancyFilter, rows: FromClause, currencies: Iterable[str], queue: ColumnElement[bool]
) -> ColumnElement[bool]:
    """What the search finds: by words, by number, by amount. A search without a letter or digit finds nothing.

    Each way has an index of its own, with nothing else asked; `queue` is what the index of sizes must be told besides.
    """
    text = wanted.search.strip()
    words = _WORD.findall(text)[:WORD_LIMIT]
    if not words:
        return false()
    query = " & ".join([f"run{wanted.run_id}x", *(f"{word}:*" for word in words)])
    ways: list[ColumnElement[bool]] = [
        literal_column(DISCREPANCY_WORDS).op("@@", is_comparison=True)(func.to_tsquery("simple", query))
    ]
    if number := _NUMBER.fullmatch(text):
        ways.append(rows.c.id == int(number[1]))
    if amount := _AMOUNT.fullmatch(text):
        size = Decimal(amount[1].replace(",", ""))
        ways += [
            and_(queue, rows.c.currency.in_(codes), rows.c.gross == int(size.scaleb(places)))
            for places, codes in _by_places(currencies).items()
            if size.scaleb(places) == int(size.scaleb(places))
        ]
    return or_(*ways)


def _by_places(currencies: Iterable[str]) -> dict[int, list[str]]:
    groups: dict[int, list[str]] = {}
    for currency in sorted(currencies):
        groups.setdefault(exponent(currency), []).append(currency)
    return groups


def _bounds(wanted: DiscrepancyFilter, places: int) -> tuple[int, int]:
    low = Decimal(0) if wanted.amount_min is None else wanted.amount_min.scaleb(places)
    high = Decimal(_LARGEST) if wanted.amount_max is None else wanted.amount_max.scaleb(places)
    return _clipped(low, ROUND_CEILING), _clipped(high, ROUND_FLOOR)


def _clipped(size: Decimal, rounding: str) -> int:
    return int(min(max(size, Decimal(-1)), Decimal(_LARGEST)).to_integral_value(rounding=rounding))
