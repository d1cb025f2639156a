"""The two panes of the workbench: open rows of a run, one side at a time, filtered, sorted, or nearest to a row first.

A row is open until a decision settles it, and while its discrepancy is open. Sums are exact.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Engine,
    Select,
    and_,
    case,
    func,
    literal,
    or_,
    select,
)

from recon.model.settlement import OpenRow
from recon.model.transactions import Side
from recon.queries.row_search import fits, size_in_minor
from recon.store.settlement_tables import workbench_row
from recon.store.tables import discrepancy
from recon.store.workbench_tables import decision


class PaneSort(StrEnum):
    """What a pane can be sorted by; rows that are equal there stand by date and line."""

    DATE = "date"
    AMOUNT = "amount"
    TEXT = "text"
    REFERENCE = "reference"
    LINE = "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class PaneFilter:
    """Some open rows of one side. An empty value leaves everything in.

    `search`: see `row_search`. Amounts are sizes in major units of the row's own currency; dates are inclusive.
    `lines`: no others than these.
    """

    run_id: int
    side: Side
    search: str = ""
    currency: str | None = None
    kinds: tuple[str, ...] = ()
    amount_min: Decimal | None = None
    amount_max: Decimal | None = None
    date_from: date | None = None
    date_to: date | None = None
    lines: tuple[int, ...] | None = None

    @property
    def is_narrowed(self) -> bool:
        return self != PaneFilter(run_id=self.run_id, side=self.side)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaneSum:
    """How many rows of one currency a filter leaves, and what is open of them (minor units)."""

    currency: str
    count: int
    amount: int


def pane_sums(engine: Engine, wanted: PaneFilter) -> tuple[PaneSum, ...]:
    """What the filter leaves, by currency, the most frequent first."""
    w = workbench_row.c
    query = _open(select(w.currency, func.count(), func.sum(w.open_amount)), wanted).group_by(w.currency)
    with engine.connect() as conn:
        found = [PaneSum(currency=c, count=int(n), amount=int(a)) for c, n, a in conn.execute(query)]
    return tuple(sorted(found, key=lambda one: (-one.count, one.currency)))


def pane_rows(
    engine: Engine,
    wanted: PaneFilter,
    *,
    near: OpenRow | None = None,
    sort: PaneSort = PaneSort.DATE,
    is_descending: bool = False,
    limit: int = 50,
    offset: int = 0,
) -> tuple[OpenRow, ...]:
    """One page of a pane, sorted; with `near` the rows most like that one come first instead."""
    keys = _nearness(near) if near else _order(sort)
    if near is None and sort in _INDEXED:
        query = _open(select(*row_columns()), wanted).order_by(*_directed(keys, is_descending=is_descending))
        query = query.limit(limit).offset(offset)
    else:
        is_falling = is_descending and near is None
        query = _ranked(wanted, keys, is_descending=is_falling, limit=limit, offset=offset)
    with engine.connect() as conn:
        return tuple(open_row(row._mapping) for row in conn.execute(query))


def pane_lines(engine: Engine, wanted: PaneFilter, *, limit: int) -> tuple[int, ...]:
    """The lines of all rows the filter leaves, the oldest first."""
    w = workbench_row.c
    query = _open(select(w.line), wanted).order_by(w.date, w.line).limit(limit)
    with engine.connect() as conn:
        return tuple(conn.execute(query).scalars())


def chosen_rows(engine: Engine, run_id: int, lines: Mapping[Side, Collection[int]]) -> tuple[OpenRow, ...]:
    """These rows, as far as they are open."""
    w = workbench_row.c
    query = _at(select(*row_columns()), run_id, lines).where(IS_OPEN)
    with engine.connect() as conn:
        rows = conn.execute(query.order_by(w.side.desc(), w.date, w.line))
        return tuple(open_row(row._mapping) for row in rows)


def settled_by(engine: Engine, run_id: int, lines: Mapping[Side, Collection[int]]) -> tuple[str, ...]:
    """Who settled those of these rows that are not open any more, by name."""
    w = workbench_row.c
    who = func.coalesce(decision.c.actor, discrepancy.c.resolved_by)
    rows = workbench_row.outerjoin(decision, decision.c.id == w.decision_id).outerjoin(
        discrepancy, discrepancy.c.id == w.discrepancy_id
    )
    query = _at(select(who).select_from(rows), run_id, lines)
    with engine.connect() as conn:
        return tuple(conn.execute(query.where(~IS_OPEN, who.is_not(None)).distinct().order_by(who)).scalars())


def currencies_of(engine: Engine, run_id: int) -> tuple[str, ...]:
    """The currencies of a run's rows that did not tie out."""
    w = workbench_row.c
    query = select(w.currency).where(w.run_id == run_id).distinct().order_by(w.currency)
    with engine.connect() as conn:
        return tuple(conn.execute(query).scalars())


_INDEXED: Final = frozenset({PaneSort.DATE, PaneSort.AMOUNT, PaneSort.LINE})

_resolved = discrepancy.alias("resolved")
_IS_RESOLVED: Final = (
    select(_resolved.c.id)
    .where(
        _resolved.c.id == workbench_row.c.discrepancy_id,
        _resolved.c.run_id == workbench_row.c.run_id,
        _resolved.c.status == "resolved",
    )
    .correlate(workbench_row)
    .exists()
)
"""Its discrepancy was resolved as a whole. Asked for so that only resolved ones are read, which are few."""

IS_OPEN: Final = and_(workbench_row.c.is_open, ~_IS_RESOLVED)


def row_columns() -> list[ColumnElement[Any]]:
    return [workbench_row.c[name] for name in OpenRow.__slots__]


def open_row(found: Mapping[Any, Any]) -> OpenRow:
    return OpenRow(**{**found, "side": Side(found["side"])})


def _at(query: Select[Any], run_id: int, lines: Mapping[Side, Collection[int]]) -> Select[Any]:
    """Only the rows there, as one array of each: thousands may be chosen."""
    w = workbench_row.c
    here = or_(*(and_(w.side == side.value, w.line == func.any(_numbers(numbers))) for side, numbers in lines.items()))
    return query.where(w.run_id == run_id, here)


def _numbers(numbers: Collection[int]) -> ColumnElement[Any]:
    return literal(list(numbers), ARRAY(BigInteger))


def _order(sort: PaneSort) -> tuple[ColumnElement[Any], ...]:
    w = workbench_row.c
    match sort:
        case PaneSort.DATE:
            return w.date, w.line
        case PaneSort.AMOUNT:
            return w.open_amount, w.line
        case PaneSort.TEXT:
            return func.lower(func.coalesce(w.counterparty, w.description, "")), w.date, w.line
        case PaneSort.REFERENCE:
            return func.coalesce(w.payment_ref, w.txn_id, ""), w.date, w.line
        case PaneSort.LINE:
            return (w.line,)


def _directed(keys: Iterable[ColumnElement[Any]], *, is_descending: bool) -> list[ColumnElement[Any]]:
    return [key.desc() if is_descending else key for key in keys]


def _ranked(
    wanted: PaneFilter, keys: Sequence[ColumnElement[Any]], *, is_descending: bool, limit: int, offset: int
) -> Select[Any]:
    """One page by what no index has. The keys of all rows are found first, and whole rows only of the page: PostgreSQL
    would else sort everything, for it expects the first fifty to be found at once."""
    w = workbench_row.c
    named = [key.label(f"key_{place}") for place, key in enumerate(keys)]
    every = _open(select(w.line.label("at"), *named), wanted).cte("every").prefix_with("materialized")
    order = [every.c[key.name] for key in named]
    page = (
        select(every).order_by(*_directed(order, is_descending=is_descending)).limit(limit).offset(offset).cte("page")
    )
    order = [page.c[key.name] for key in named]
    own = and_(w.run_id == wanted.run_id, w.side == wanted.side.value, w.line == page.c.at)
    query = select(*row_columns()).join_from(page, workbench_row, own)
    return query.order_by(*_directed(order, is_descending=is_descending))


def _open(query: Select[Any], wanted: PaneFilter) -> Select[Any]:
    w = workbench_row.c
    where = [w.run_id == wanted.run_id, w.side == wanted.side.value, IS_OPEN]
    if wanted.lines is not None:
        where.append(w.line == func.any(_numbers(wanted.lines)))
    if wanted.currency:
        where.append(w.currency == wanted.currency)
    if wanted.kinds:
        where.append(w.kind.in_(wanted.kinds))
    if wanted.date_from:
        where.append(w.date >= wanted.date_from)
    if wanted.date_to:
        where.append(w.date <= wanted.date_to)
    size = func.abs(w.open_amount)
    if wanted.amount_min is not None:
        where.append(size >= size_in_minor(wanted.amount_min))
    if wanted.amount_max is not None:
        where.append(size <= size_in_minor(wanted.amount_max))
    where += fits(wanted.search)
    return query.where(*where)


def _nearness(near: OpenRow) -> tuple[ColumnElement[Any], ...]:
    """The same currency first; then how far the amount is off, a week counting as much as a hundredth of it."""
    w = workbench_row.c
    off = func.abs(w.open_amount - near.open_amount) / float(max(abs(near.open_amount), 1))
    days = func.abs(w.date - near.date) / 700.0
    shared = [one for one in {near.payment_ref, near.txn_id} if one]
    names = case((or_(w.payment_ref.in_(shared), w.txn_id.in_(shared)), 0), else_=1) if shared else literal(1)
    return names, case((w.currency == near.currency, 0), else_=1), off + days, w.line
