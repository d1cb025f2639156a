"""The triage queue: one page of it, what it comes to, and who stands next to whom, all decided in the database.

Rules it keeps: only the published attempt of a run is read, and every figure is exact. A page is walked along the index
of its order. A search first looks at the beginning of that walk, where the hits of a frequent word are soon met; those
of a rare one may lie anywhere, and are gathered from the word index.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    FromClause,
    Row,
    Select,
    Subquery,
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
    "found_by",
    "neighbours",
    "page",
    "stream",
    "sums",
    "totals",
]

GLANCE: Final = 3_000
"""Rows of the order that a search looks at before it turns to the word index."""

CHUNK: Final = 5_000
"""Rows read at a time where all are wanted."""

_KEY: Final = "key_"


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
    date: datetime.date
    txn_id: str | None
    payment_ref: str | None
    description: str | None
    counterparty: str | None
    resolution: str | None
    assignee: str | None
    due_on: datetime.date

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
class Found:
    """One discrepancy of a filter, with what its figures are added up from."""

    id: int
    version: int
    currency: str
    amount: int
    gross: int

    @property
    def seen(self) -> Seen:
        return Seen(id=self.id, version=self.version)


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
    engine: Engine, wanted: DiscrepancyFilter, order: Order, *, offset: int = 0, limit: int = 50
) -> tuple[DiscrepancyRow, ...]:
    """`limit` rows of the queue from `offset` on. Raises RunNotFound when the run has published nothing."""
    columns = tuple(DiscrepancyRow.__dataclass_fields__)
    with engine.connect() as connection:
        found = _Scope(connection, wanted).first(order, columns, limit=limit, offset=offset)
    return tuple(_row(row) for row in found)


def stream(engine: Engine, wanted: DiscrepancyFilter, order: Order, *, limit: int) -> Iterator[DiscrepancyRow]:
    """The queue from its beginning, as it stands when the first row is asked for, a few thousand rows at a time."""
    columns = tuple(DiscrepancyRow.__dataclass_fields__)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        scope, left = _Scope(connection, wanted), limit
        behind: Sequence[Any] = ()
        while left > 0:
            found = scope.first(order, columns, limit=min(CHUNK, left), behind=behind)
            yield from map(_row, found)
            left -= len(found)
            if len(found) < CHUNK:
                return
            behind = scope.place(order, found[-1].id)


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


def found_by(connection: Connection, wanted: DiscrepancyFilter, *, limit: int) -> tuple[Found, ...]:
    """Everything the filter holds, in the order of ids, but no more than `limit`."""
    columns = tuple(Found.__dataclass_fields__)
    order = Order(by=Sort.ID, is_descending=False)
    rows = _Scope(connection, wanted).first(order, columns, limit=limit)
    return tuple(Found(**row._mapping) for row in rows)


def sums(rows: Iterable[DiscrepancyRow | Found]) -> tuple[CurrencySum, ...]:
    """What some rows come to, by currency."""
    groups: dict[str, list[DiscrepancyRow | Found]] = {}
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

    def __init__(self, connection: Connection, wanted: DiscrepancyFilter) -> None:
        attempt = connection.execute(select(run.c.published_attempt).where(run.c.id == wanted.run_id)).scalar()
        if attempt is None:
            raise RunNotFound(wanted.run_id)
        self._connection = connection
        self._wanted = wanted
        self._attempt = attempt
        self._statuses = wanted.statuses or tuple(DiscrepancyStatus)
        self._currencies = () if wanted.is_tallied else self._currencies_there()

    def first(
        self, order: Order, columns: Sequence[str], *, limit: int, offset: int = 0, behind: Sequence[Any] = ()
    ) -> Sequence[Row[Any]]:
        """The first rows in order from `offset` on; `behind` a place, of those that come after it."""

        def read(rows: FromClause, *where: ColumnElement[bool]) -> Sequence[Row[Any]]:
            keys = [column for column in rows.c if column.key.startswith(_KEY)]
            query = select(*(rows.c[name] for name in columns)).where(*where).order_by(*order.direct(keys))
            return self._connection.execute(query.limit(limit).offset(offset)).all()

        if not self._wanted.is_search:
            return read(self._walk(order, columns, behind, count=offset + limit))
        glance = self._walk(order, discrepancy.c.keys(), behind, count=GLANCE)
        found = read(glance, self._search(glance))
        if len(found) == limit:
            return found
        hits = self._hits()
        return read(self._keyed(hits, order, columns, behind).where(or_(*self._parts(hits))).subquery())

    def after(self, order: Order, discrepancy_id: int) -> int | None:
        """The id that comes next in order."""
        here = self.place(order, discrepancy_id)
        found = self.first(order, ["id"], limit=1, behind=here) if here else []
        return found[0].id if found else None

    def place(self, order: Order, discrepancy_id: int) -> Sequence[Any]:
        """Where a discrepancy stands in order; empty when there is none."""
        keys = select(*order.keys(discrepancy)).where(discrepancy.c.id == discrepancy_id)
        return self._connection.execute(keys).one_or_none() or ()

    def counted(self) -> Select[Any]:
        """Currency, count, net and gross; from the tallies where they can say it."""
        if self._wanted.is_tallied:
            tally = discrepancy_tally.c
            where = (*self._common(discrepancy_tally), tally.status.in_(self._statuses))
            figures = (func.sum(tally.row_count), func.sum(tally.amount), func.sum(tally.gross))
            return select(tally.currency, *figures).where(*where).group_by(tally.currency)
        rows = self._hits() if self._wanted.is_search else discrepancy
        return (
            select(rows.c.currency, func.count(), func.sum(rows.c.amount), func.sum(rows.c.gross))
            .where(or_(*self._parts(rows)))
            .group_by(rows.c.currency)
        )

    def _walk(self, order: Order, columns: Sequence[str], behind: Sequence[Any], *, count: int) -> Subquery:
        """The first `count` rows in order, without regard to a search: each part along its index, merged."""
        walks = [
            self._keyed(discrepancy, order, columns, behind)
            .where(part)
            .order_by(*order.direct(order.keys(discrepancy)))
            .limit(count)
            for part in self._parts(discrepancy)
        ]
        merged = union_all(*(select(walk.subquery()) for walk in walks)).subquery()
        keys = [column for column in merged.c if column.key.startswith(_KEY)]
        return select(merged).order_by(*order.direct(keys)).limit(count).subquery()

    def _keyed(self, rows: FromClause, order: Order, columns: Sequence[str], behind: Sequence[Any]) -> Select[Any]:
        """Columns of rows and what they are ordered by."""
        keys = order.keys(rows)
        shown = (key.label(f"{_KEY}{place}") for place, key in enumerate(keys))
        query = select(*(rows.c[name] for name in columns), *shown)
        if not behind:
            return query
        here, place = tuple_(*keys), tuple_(*(literal(value) for value in behind))
        return query.where(here < place if order.is_descending else here > place)

    def _hits(self) -> Subquery:
        """What the search alone finds. OFFSET 0 keeps the rest of the filter out, so that the word index is used."""
        return select(discrepancy).where(self._search(discrepancy)).offset(0).subquery()

    def _search(self, rows: FromClause) -> ColumnElement[bool]:
        queue = and_(*self._mine(rows), rows.c.status.in_(self._statuses))
        return searched(self._wanted, rows, self._currencies, queue)

    def _parts(self, rows: FromClause) -> list[ColumnElement[bool]]:
        """The filter but for the search, as conditions that exclude each other and are each one stretch of an index."""
        return [
            and_(*self._common(rows), rows.c.status == status, size)
            for status in self._statuses
            for size in sizes(self._wanted, rows, self._currencies)
        ]

    def _common(self, rows: FromClause) -> list[ColumnElement[bool]]:
        return [*self._mine(rows), *shared(self._wanted, rows)]

    def _mine(self, rows: FromClause) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return rows.c.run_id == self._wanted.run_id, rows.c.attempt == self._attempt

    def _currencies_there(self) -> tuple[str, ...]:
        query = select(discrepancy_tally.c.currency).where(*self._mine(discrepancy_tally)).distinct()
        return tuple(self._connection.execute(query).scalars())


def _row(found: Row[Any]) -> DiscrepancyRow:
    return DiscrepancyRow(**{**found._mapping, "status": DiscrepancyStatus(found.status)})
