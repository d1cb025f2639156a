"""What is written off or adjusted, as pages show it: before it is done, of a discrepancy, behind an entry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, func, or_, select

from recon.model.correction import Booking
from recon.model.settlement import WriteOffAccounts
from recon.store import write_off_rows, write_offs
from recon.store.settlement_tables import workbench_row
from recon.store.tables import reconciliation, run
from recon.store.write_off_tables import write_off


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What writing some discrepancies off would book in one currency, minor units, and where; None: nowhere yet.

    `held_count`: of these how many were written off in another run already.
    """

    currency: str
    losses: int
    gains: int
    accounts: WriteOffAccounts | None
    held_count: int = 0

    @property
    def net(self) -> int:
        return self.losses + self.gains


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """One amount that was written off or adjusted, and where it is. `run_id`: where it was decided.

    `entry_id` and `reversal_id` are journal entries; without an entry a posted one waits for accounts.
    """

    id: int
    run_id: int
    discrepancy_id: int | None
    decision_id: int | None
    resolution: str
    booking: Booking
    currency: str
    amount: int
    actor: str
    at: datetime
    entry_id: int | None
    reversal_id: int | None
    taken_back_at: datetime | None
    taken_back_by: str | None

    @property
    def waits(self) -> bool:
        """Whether it stands, and is to be posted once accounts are named."""
        return (
            self.booking is Booking.POSTED and self.entry_id is None and self.taken_back_at is None and self.amount != 0
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What an entry was posted for, corrects or takes back, in one run: how many, and one of them."""

    run_id: int
    reconciliation: str
    resolution: str
    discrepancy_id: int | None
    decision_id: int | None
    count: int
    is_standing: bool


def write_off_accounts(engine: Engine, run_id: int) -> tuple[WriteOffAccounts, ...]:
    """The accounts named for the run's reconciliation, by currency."""
    with engine.connect() as conn:
        found = _accounts_of_run(conn, run_id)
    return tuple(found[currency] for currency in sorted(found))


def planned(engine: Engine, run_id: int, discrepancy_ids: Sequence[int]) -> tuple[Planned, ...]:
    """What writing these discrepancies of a run off would book, by currency."""
    with engine.connect() as conn:
        rows = write_off_rows.to_write_off(conn, discrepancy_ids)
        accounts = _accounts_of_run(conn, run_id)
    found = []
    for currency in sorted({row.currency for row in rows}):
        own = [row for row in rows if row.currency == currency]
        free = [row.amount for row in own if row.held_by is None]
        found.append(
            Planned(
                currency=currency,
                losses=sum(amount for amount in free if amount > 0),
                gains=sum(amount for amount in free if amount < 0),
                accounts=accounts.get(currency),
                held_count=len(own) - len(free),
            )
        )
    return tuple(found)


def planned_sums(engine: Engine, run_id: int, sums: Sequence[tuple[str, int]]) -> tuple[Planned, ...]:
    """The same of sums (currency, net) that are known already."""
    with engine.connect() as conn:
        accounts = _accounts_of_run(conn, run_id)
    return tuple(
        Planned(currency=currency, losses=max(net, 0), gains=min(net, 0), accounts=accounts.get(currency))
        for currency, net in sums
    )


def booked_of(engine: Engine, discrepancy_id: int) -> tuple[Booked, ...]:
    """What was booked for a discrepancy, by triage or on the workbench, the newest first; in whatever run that was."""
    w, own = write_off.c, write_off.alias("own")
    roots = select(func.coalesce(own.c.follows_id, own.c.id)).where(own.c.discrepancy_id == discrepancy_id)
    r = workbench_row.c
    decided = select(r.decision_id).where(r.discrepancy_id == discrepancy_id, r.decision_id.is_not(None))
    query = select(*columns()).where(or_(w.id.in_(roots), w.decision_id.in_(decided))).order_by(w.id.desc())
    with engine.connect() as conn:
        return tuple(booked_from(row) for row in conn.execute(query))


def behind(engine: Engine, entry_id: int) -> tuple[Behind, ...]:
    """What stands, or stood, behind an entry, run by run; nothing for an entry that has to do with none."""
    w = write_off.c
    query = (
        select(
            w.run_id,
            reconciliation.c.name.label("reconciliation"),
            w.resolution,
            func.min(w.discrepancy_id).label("discrepancy_id"),
            func.min(w.decision_id).label("decision_id"),
            func.count().label("count"),
            func.bool_or(w.taken_back_at.is_(None)).label("is_standing"),
        )
        .join_from(write_off, reconciliation, reconciliation.c.id == w.reconciliation_id)
        .where(or_(w.entry_id == entry_id, w.reversal_id == entry_id))
        .group_by(w.run_id, reconciliation.c.name, w.resolution)
        .order_by(w.run_id.desc(), w.resolution)
    )
    with engine.connect() as conn:
        return tuple(Behind(**row) for row in conn.execute(query).mappings())


def _accounts_of_run(conn: Connection, run_id: int) -> dict[str, WriteOffAccounts]:
    reconciliation_id = conn.execute(select(run.c.reconciliation_id).where(run.c.id == run_id)).scalar_one()
    return write_offs.accounts_of(conn, reconciliation_id)


def columns() -> tuple[ColumnElement[Any], ...]:
    """What `booked_from` reads."""
    return tuple(write_off.c[name] for name in Booked.__slots__)


def booked_from(row: Any) -> Booked:
    """A row of the table as its value."""
    named = {name: getattr(row, name) for name in Booked.__slots__}
    return Booked(**{**named, "booking": Booking(row.booking)})
