"""The two panes of the workbench: open rows of a run, one side at a time, filtered, and nearest first on demand.

A row is open until a decision settles it, and while its discrepancy is open. Sums are exact.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import ColumnElement, Engine, Select, and_, case, func, literal, or_, select, tuple_

from recon.model.outcome import DiscrepancyKind
from recon.model.settlement import OpenRow
from recon.model.transactions import Side
from recon.money import exponents
from recon.store.settlement_tables import workbench_row
from recon.store.tables import discrepancy

_WORD: Final = re.compile(r"\S{1,100}")
_AMOUNT: Final = re.compile(r"[-\u2212]?\d[\d,]*(?:\.\d{1,4})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class PaneFilter:
    """Some open rows of one side. An empty value leaves everything in.

    `search`: every word of it is in the row's ids or texts, or is its amount. Amounts are sizes in major units of the
    row's own currency; dates are inclusive.
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

    @property
    def is_narrowed(self) -> bool:
        return self != PaneFilter(run_id=self.run_id, side=self.side)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaneSum:
    """How many rows of one currency a filter leaves, and what is open of them (minor units)."""

    currency: str
    count: int
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedGroup:
    """A suggestion that is open: its rows on either side and what they come to (minor units)."""

    discrepancy_id: int
    currency: str
    source_count: int
    source: int
    reference_count: int
    reference: int
    date: date
    text: str | None
    reference_text: str | None
    confidence: float | None
    is_mixed: bool  # of several currencies

    @property
    def difference(self) -> int:
        return self.source - self.reference

    @property
    def ties_out(self) -> bool:
        """Whether its sides come to the same; the tolerance of the rules may let it close otherwise."""
        return not self.is_mixed and not self.difference


def pane_sums(engine: Engine, wanted: PaneFilter) -> tuple[PaneSum, ...]:
    """What the filter leaves, by currency, the most frequent first."""
    w = workbench_row.c
    query = _open(select(w.currency, func.count(), func.sum(w.open_amount)), wanted).group_by(w.currency)
    with engine.connect() as conn:
        found = [PaneSum(currency=c, count=int(n), amount=int(a)) for c, n, a in conn.execute(query)]
    return tuple(sorted(found, key=lambda one: (-one.count, one.currency)))


def pane_rows(
    engine: Engine, wanted: PaneFilter, *, near: OpenRow | None = None, limit: int = 50, offset: int = 0
) -> tuple[OpenRow, ...]:
    """One page of a pane, the newest first; with `near` the rows most like that one first."""
    w = workbench_row.c
    query = _open(select(*_columns()), wanted).limit(limit).offset(offset)
    query = query.order_by(*(_nearness(near) if near else (w.date.desc(), w.line.desc())))
    with engine.connect() as conn:
        return tuple(_row(row._mapping) for row in conn.execute(query))


def chosen_rows(engine: Engine, run_id: int, lines: Mapping[Side, Collection[int]]) -> tuple[OpenRow, ...]:
    """These rows, as far as they are open."""
    w = workbench_row.c
    wanted = [(side.value, line) for side, numbers in lines.items() for line in numbers]
    if not wanted:
        return ()
    query = (
        select(*_columns())
        .select_from(_JOINED)
        .where(w.run_id == run_id, _IS_OPEN, tuple_(w.side, w.line).in_(wanted))
        .order_by(w.side.desc(), w.date, w.line)
    )
    with engine.connect() as conn:
        return tuple(_row(row._mapping) for row in conn.execute(query))


def currencies_of(engine: Engine, run_id: int) -> tuple[str, ...]:
    """The currencies of a run's rows that did not tie out."""
    w = workbench_row.c
    query = select(w.currency).where(w.run_id == run_id).distinct().order_by(w.currency)
    with engine.connect() as conn:
        return tuple(conn.execute(query).scalars())


def suggestion_count(engine: Engine, run_id: int) -> int:
    """How many suggestions wait for an answer."""
    w = workbench_row.c
    query = select(func.count(w.discrepancy_id.distinct())).select_from(_JOINED).where(*_suggested(run_id))
    with engine.connect() as conn:
        return int(conn.execute(query).scalar_one())


def suggestions(engine: Engine, run_id: int, *, limit: int = 50, offset: int = 0) -> tuple[SuggestedGroup, ...]:
    """One page of the suggestions that wait for an answer: those that close first, the surest of them first."""
    w, d = workbench_row.c, discrepancy.c
    is_source = w.side == Side.SOURCE.value
    text = func.coalesce(w.counterparty, w.description)
    open_of = {side: func.coalesce(func.sum(w.open_amount).filter(w.side == side.value), 0) for side in Side}
    confidence = func.max(d.confidence)
    query = (
        select(
            w.discrepancy_id,
            func.min(w.currency).label("currency"),
            func.count().filter(is_source).label("source_count"),
            open_of[Side.SOURCE].label("source"),
            func.count().filter(~is_source).label("reference_count"),
            open_of[Side.REFERENCE].label("reference"),
            func.min(w.date).label("date"),
            func.min(text).filter(is_source).label("text"),
            func.min(text).filter(~is_source).label("reference_text"),
            confidence.label("confidence"),
            (func.min(w.currency) != func.max(w.currency)).label("is_mixed"),
        )
        .select_from(_JOINED)
        .where(*_suggested(run_id))
        .group_by(w.discrepancy_id)
        .order_by(
            case((open_of[Side.SOURCE] == open_of[Side.REFERENCE], 0), else_=1),
            confidence.desc().nulls_last(),
            w.discrepancy_id,
        )
        .limit(limit)
        .offset(offset)
    )
    with engine.connect() as conn:
        return tuple(
            SuggestedGroup(**{**row, "source": int(row["source"]), "reference": int(row["reference"])})
            for row in conn.execute(query).mappings()
        )


def suggestion_ids(engine: Engine, run_id: int, *, limit: int) -> tuple[int, ...]:
    """The suggestions that wait for an answer, by number."""
    w = workbench_row.c
    query = select(w.discrepancy_id).select_from(_JOINED).where(*_suggested(run_id)).distinct()
    with engine.connect() as conn:
        return tuple(conn.execute(query.order_by(w.discrepancy_id).limit(limit)).scalars())


def rows_suggested(engine: Engine, run_id: int, ids: Iterable[int]) -> tuple[OpenRow, ...]:
    """The open rows of these suggestions."""
    w = workbench_row.c
    query = (
        select(*_columns())
        .select_from(_JOINED)
        .where(w.run_id == run_id, _IS_OPEN, w.discrepancy_id.in_(list(ids)))
        .order_by(w.discrepancy_id, w.side.desc(), w.line)
    )
    with engine.connect() as conn:
        return tuple(_row(row._mapping) for row in conn.execute(query))


_JOINED: Final = workbench_row.outerjoin(discrepancy, discrepancy.c.id == workbench_row.c.discrepancy_id)
_IS_OPEN: Final = and_(workbench_row.c.is_open, or_(discrepancy.c.id.is_(None), discrepancy.c.status == "open"))


def _columns() -> list[ColumnElement[Any]]:
    return [workbench_row.c[name] for name in OpenRow.__slots__]


def _row(found: Mapping[Any, Any]) -> OpenRow:
    return OpenRow(**{**found, "side": Side(found["side"])})


def _suggested(run_id: int) -> list[ColumnElement[bool]]:
    w = workbench_row.c
    return [
        w.run_id == run_id,
        _IS_OPEN,
        w.kind == DiscrepancyKind.SUGGESTION.value,
        w.opened_by.is_(None),
        w.decision_id.is_(None),
    ]


def _open(query: Select[Any], wanted: PaneFilter) -> Select[Any]:
    w = workbench_row.c
    where = [w.run_id == wanted.run_id, w.side == wanted.side.value, _IS_OPEN]
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
        where.append(size >= _minor(wanted.amount_min))
    if wanted.amount_max is not None:
        where.append(size <= _minor(wanted.amount_max))
    where += [_says(word) for word in _WORD.findall(wanted.search)[:8]]
    return query.select_from(_JOINED).where(*where)


def _says(word: str) -> ColumnElement[bool]:
    w = workbench_row.c
    texts = func.concat_ws(" ", w.txn_id, w.payment_ref, w.description, w.counterparty)
    said = texts.icontains(word, autoescape=True)
    if not _AMOUNT.fullmatch(word):
        return said
    size = Decimal(word.lstrip("-\u2212").replace(",", ""))
    return or_(said, func.abs(w.open_amount) == _minor(size))


def _minor(size: Decimal) -> ColumnElement[Any]:
    """A size in major units, in minor units of each row's currency."""
    units = {2: size.scaleb(2), 0: size, 3: size.scaleb(3), 4: size.scaleb(4)}
    codes = {places: [code for code, own in exponents().items() if own == places] for places in (0, 3, 4)}
    return case(*((workbench_row.c.currency.in_(codes[places]), units[places]) for places in codes), else_=units[2])


def _nearness(near: OpenRow) -> tuple[ColumnElement[Any], ...]:
    """The same currency first; then how far the amount is off, a week counting as much as a hundredth of it."""
    w = workbench_row.c
    off = func.abs(w.open_amount - near.open_amount) / float(max(abs(near.open_amount), 1))
    days = func.abs(w.date - near.date) / 700.0
    shared = [one for one in {near.payment_ref, near.txn_id} if one]
    names = case((or_(w.payment_ref.in_(shared), w.txn_id.in_(shared)), 0), else_=1) if shared else literal(1)
    return names, case((w.currency == near.currency, 0), else_=1), off + days, w.line
