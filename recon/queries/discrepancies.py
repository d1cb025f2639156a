"""The triage queue: one page of it, what it comes to, and who stands next to whom, all decided in the database.

Rules it keeps: only the published attempt of a run is read, and every figure is exact. A page is walked along the index
of its order. A search gathers its hits from the word index first, since they may lie anywhere in that order; unless
they are so many that walking meets fifty of them sooner.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Row,
    Select,
    Table,
    and_,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from recon.errors import RunNotFound
from recon.model.triage import DiscrepancyStatus, Seen
from recon.queries.discrepancy_filter import DiscrepancyFilter, Order, Sort, searched, shared, sizes
from recon.store.tables import discrepancy, discrepancy_tally, run

__all__ = [
    "CurrencySum",
    "DiscrepancyFilter",
    "DiscrepancyRow",
    "Neighbours",
    "Order",
    "Sort",
    "neighbours",
    "page",
    "sums",
    "totals",
]

MANY_HITS: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscrepancyRow:
    """One line of the queue. `amount` is its part of source total - reference total; amounts in minor units."""

    id: int
    version: int
    kind: str
    status: DiscrepancyStatus
    side: str | None
    currency: str
    amount: int
    gross: int
    date: date
    txn_id: str | None
    payment_ref: str | None
    description: str | None
    counterparty: str | None
    resolution: str | None

    @property
    def seen(self) -> Seen:
        return Seen(id=self.id, version=self.version)

    @property
    def reference(self) -> str | None:
        """What both systems may know it by, else the sender's own id."""
        return self.payment_ref or self.txn_id

    @property
    def party(self) -> str | None:
        """Who it was with, else what it was about."""
        return self.counterparty or self.description


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencySum:
    """`count` discrepancies of one currency; their `net` and `gross` sums in minor units."""

    currency: str
    count: int
    net: int
    gross: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """The discrepancies before and after one, in the queue's order; None at its ends."""

    previous_id: int | None
    next_id: int | None


def page(
    engine: Engine,
    wanted: DiscrepancyFilter,
    order: Order,
    *,
    offset: int = 0,
    limit: int = 50,
    hit_count: int | None = None,
) -> tuple[DiscrepancyRow, ...]:
    """`limit` rows of the queue from `offset` on. Raises RunNotFound when the run has published nothing.

    `hit_count` is how many rows `totals` found, where that was asked before: a search need not count them again.
    """
    columns = [discrepancy.c[name] for name in DiscrepancyRow.__dataclass_fields__]
    with engine.connect() as connection:
        scope = _Scope(connection, wanted, hit_count)
        query = scope.ordered(order, columns, count=offset + limit).limit(limit).offset(offset)
        return tuple(_row(found) for found in connection.execute(query))


def totals(engine: Engine, wanted: DiscrepancyFilter) -> tuple[CurrencySum, ...]:
    """How many the filter holds and what they come to, by currency, the most frequent first."""
    with engine.connect() as connection:
        found = connection.execute(_Scope(connection, wanted).counted())
        sums = [CurrencySum(currency=c, count=int(n), net=int(net), gross=int(g)) for c, n, net, g in found]
    return tuple(sorted((s for s in sums if s.count), key=lambda s: (-s.count, s.currency)))


def neighbours(engine: Engine, wanted: DiscrepancyFilter, order: Order, discrepancy_id: int) -> Neighbours:
    """Who stands before and after a discrepancy, also once it has left the filter itself (it was just resolved)."""
    with engine.connect() as connection:
        scope = _Scope(connection, wanted)
        return Neighbours(
            previous_id=scope.after(order.reversed(), discrepancy_id), next_id=scope.after(order, discrepancy_id)
        )


def sums(rows: Iterable[DiscrepancyRow]) -> tuple[CurrencySum, ...]:
    """What some rows come to, by currency."""
    groups: dict[str, list[DiscrepancyRow]] = {}
    for row in rows:
        groups.setdefault(row.currency, []).append(row)
    return tuple(
        CurrencySum(
            currency=currency, count=len(part), net=sum(r.amount for r in part), gross=sum(r.gross for r in part)
        )
        for currency, part in sorted(groups.items())
    )


class _Scope:
    """A filter on the attempt its run has published."""

    def __init__(self, connection: Connection, wanted: DiscrepancyFilter, hit_count: int | None = None) -> None:
        attempt = connection.execute(select(run.c.published_attempt).where(run.c.id == wanted.run_id)).scalar()
        if attempt is None:
            raise RunNotFound(wanted.run_id)
        self._connection = connection
        self._wanted = wanted
        self._attempt = attempt
        self._statuses = wanted.statuses or tuple(DiscrepancyStatus)
        self._hit_count = hit_count
        self._parts = self._split()

    def ordered(
        self, order: Order, columns: Sequence[ColumnElement[Any]], *beyond: ColumnElement[bool], count: int
    ) -> Select[Any]:
        """The columns of at least the first `count` rows, in order."""
        named = [key.label(f"key_{place}") for place, key in enumerate(order.keys())]
        rows = select(*columns, *named).where(*beyond)
        if self._is_gathered(order):
            found = rows.where(or_(*self._parts)).offset(0).subquery()  # offset 0: gather, do not walk
        else:
            walks = [rows.where(part).order_by(*order.direct(order.keys())).limit(count) for part in self._parts]
            found = union_all(*(select(walk.subquery()) for walk in walks)).subquery()
        wanted = [found.c[column.key] for column in columns if column.key]
        return select(*wanted).order_by(*order.direct(found.c[name.key] for name in named))

    def after(self, order: Order, discrepancy_id: int) -> int | None:
        """The id that comes next in order."""
        here = self._connection.execute(select(*order.keys()).where(discrepancy.c.id == discrepancy_id)).one_or_none()
        if here is None:
            return None
        place, keys = tuple_(*(literal(value) for value in here)), tuple_(*order.keys())
        beyond = keys < place if order.is_descending else keys > place
        query = self.ordered(order, [discrepancy.c.id], beyond, count=1).limit(1)
        return self._connection.execute(query).scalar()

    def counted(self) -> Select[Any]:
        """Currency, count, net and gross; from the tallies where they can say it."""
        if self._wanted.is_tallied:
            tally = discrepancy_tally.c
            where = (*self._common(discrepancy_tally), tally.status.in_(self._statuses))
            figures = (func.sum(tally.row_count), func.sum(tally.amount), func.sum(tally.gross))
            return select(tally.currency, *figures).where(*where).group_by(tally.currency)
        row = discrepancy.c
        return (
            select(row.currency, func.count(), func.sum(row.amount), func.sum(row.gross))
            .where(or_(*self._parts))
            .group_by(row.currency)
        )

    def _is_gathered(self, order: Order) -> bool:
        if not self._wanted.is_search:
            return False
        if order.by in (Sort.PARTY, Sort.REFERENCE):
            return True  # here the hits of a word stand together: a walk may have to pass everything else first
        if self._hit_count is None:
            hits = select(literal(1)).select_from(discrepancy).where(or_(*self._parts)).limit(MANY_HITS)
            self._hit_count = self._connection.execute(select(func.count()).select_from(hits.subquery())).scalar_one()
        return self._hit_count < MANY_HITS

    def _split(self) -> list[ColumnElement[bool]]:
        """The filter as conditions that exclude each other and are each one stretch of an index: by status and size."""
        common = self._common(discrepancy)
        currencies = () if self._wanted.is_tallied else self._currencies()
        if self._wanted.is_search:
            common.append(searched(self._wanted, currencies))
        return [
            and_(*common, discrepancy.c.status == status, size)
            for status in self._statuses
            for size in sizes(self._wanted, currencies)
        ]

    def _common(self, table: Table) -> list[ColumnElement[bool]]:
        mine = [table.c.run_id == self._wanted.run_id, table.c.attempt == self._attempt]
        return [*mine, *shared(self._wanted, table)]

    def _currencies(self) -> tuple[str, ...]:
        tally = discrepancy_tally.c
        mine = (tally.run_id == self._wanted.run_id, tally.attempt == self._attempt)
        return tuple(self._connection.execute(select(tally.currency).where(*mine).distinct()).scalars())


def _row(found: Row[Any]) -> DiscrepancyRow:
    return DiscrepancyRow(**{**found._mapping, "status": DiscrepancyStatus(found.status)})
