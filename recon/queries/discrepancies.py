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
    "neighbours",
    "page",
    "sums",
    "totals",
]

MANY_HITS: Final = 100_000
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
    columns = tuple(DiscrepancyRow.__dataclass_fields__)
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
        self._currencies = () if wanted.is_tallied else self._currencies_there()

    def ordered(self, order: Order, columns: Sequence[str], *, count: int, behind: Sequence[Any] = ()) -> Select[Any]:
        """The columns of at least the first `count` rows in order; `behind` a place, of those that come after it."""
        if self._is_gathered(order):
            found = self._keyed(self._hits(), order, columns, behind).subquery()
        else:
            walks = [
                self._keyed(discrepancy, order, columns, behind, part)
                .order_by(*order.direct(order.keys(discrepancy)))
                .limit(count)
                for part in self._parts(discrepancy)
            ]
            found = union_all(*(select(walk.subquery()) for walk in walks)).subquery()
        keys = [column for column in found.c if column.key.startswith(_KEY)]
        return select(*(found.c[name] for name in columns)).order_by(*order.direct(keys))

    def after(self, order: Order, discrepancy_id: int) -> int | None:
        """The id that comes next in order."""
        place = select(*order.keys(discrepancy)).where(discrepancy.c.id == discrepancy_id)
        here = self._connection.execute(place).one_or_none()
        if here is None:
            return None
        return self._connection.execute(self.ordered(order, ["id"], count=1, behind=here).limit(1)).scalar()

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

    def _is_gathered(self, order: Order) -> bool:
        if not self._wanted.is_search:
            return False
        if order.by in (Sort.PARTY, Sort.REFERENCE):
            return True  # here the hits of a word stand together: a walk may have to pass everything else first
        if self._hit_count is None:
            rows = self._hits()
            some = select(rows.c.id).where(or_(*self._parts(rows))).limit(MANY_HITS).subquery()
            self._hit_count = self._connection.execute(select(func.count()).select_from(some)).scalar_one()
        return self._hit_count < MANY_HITS

    def _keyed(
        self,
        rows: FromClause,
        order: Order,
        columns: Sequence[str],
        behind: Sequence[Any],
        part: ColumnElement[bool] | None = None,
    ) -> Select[Any]:
        """Columns and order of the rows of a part, or of all parts."""
        keys = order.keys(rows)
        shown = (key.label(f"{_KEY}{place}") for place, key in enumerate(keys))
        query = select(*(rows.c[name] for name in columns), *shown)
        query = query.where(or_(*self._parts(rows)) if part is None else part)
        if not behind:
            return query
        here, place = tuple_(*keys), tuple_(*(literal(value) for value in behind))
        return query.where(here < place if order.is_descending else here > place)

    def _hits(self) -> Subquery:
        """What the search alone finds. OFFSET 0 keeps the rest of the filter out, so that the word index is used."""
        return select(discrepancy).where(self._search()).offset(0).subquery()

    def _parts(self, rows: FromClause) -> list[ColumnElement[bool]]:
        """The filter as conditions that exclude each other and are each one stretch of an index: by status and size."""
        common = self._common(rows)
        if self._wanted.is_search and rows is discrepancy:
            common.append(self._search())
        return [
            and_(*common, rows.c.status == status, size)
            for status in self._statuses
            for size in sizes(self._wanted, rows, self._currencies)
        ]

    def _search(self) -> ColumnElement[bool]:
        queue = and_(*self._mine(discrepancy), discrepancy.c.status.in_(self._statuses))
        return searched(self._wanted, self._currencies, queue)

    def _common(self, rows: FromClause) -> list[ColumnElement[bool]]:
        return [*self._mine(rows), *shared(self._wanted, rows)]

    def _mine(self, rows: FromClause) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
        return rows.c.run_id == self._wanted.run_id, rows.c.attempt == self._attempt

    def _currencies_there(self) -> tuple[str, ...]:
        query = select(discrepancy_tally.c.currency).where(*self._mine(discrepancy_tally)).distinct()
        return tuple(self._connection.execute(query).scalars())


def _row(found: Row[Any]) -> DiscrepancyRow:
    return DiscrepancyRow(**{**found._mapping, "status": DiscrepancyStatus(found.status)})
