"""What was written off or adjusted, and where that is posted: kept, put into an entry, taken back.

Rules it keeps: a row of a file is written off once, whatever run shows it; nothing is deleted. Whoever changes anything
holds the lock of the reconciliation (`recon.store.open_items.lock`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Date,
    Text,
    bindparam,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert

from recon.model.correction import Booking
from recon.model.settlement import WriteOffAccounts
from recon.store.ledger_tables import journal_entry, journal_line
from recon.store.write_off_rows import ToWriteOff
from recon.store.write_off_tables import write_off, write_off_account


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff:
    """One that stands, and the entry it is in."""

    id: int
    reconciliation_id: int
    run_id: int
    discrepancy_id: int | None
    decision_id: int | None
    booking: Booking
    currency: str
    amount: int
    entry_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryBehind:
    """An entry of write-offs: its accounts, how many were ever posted in it, and what reversed it as a whole."""

    id: int
    book: str
    account_id: UUID
    counter_account_id: UUID
    write_off_count: int
    reversed_by: int | None


def accounts_of(conn: Connection, reconciliation_id: int) -> dict[str, WriteOffAccounts]:
    """Currency -> where its write-offs are posted."""
    rows = conn.execute(select(write_off_account).where(write_off_account.c.reconciliation_id == reconciliation_id))
    return {row.currency: WriteOffAccounts(**row._mapping) for row in rows}


def set_accounts(conn: Connection, wanted: WriteOffAccounts) -> None:
    """Name the accounts of a reconciliation and currency, in the place of those named before."""
    values = {name: getattr(wanted, name) for name in WriteOffAccounts.__slots__}
    statement = upsert(write_off_account).values(values)
    changed = {name: statement.excluded[name] for name in ("book", "account_id", "counter_account_id")}
    conn.execute(statement.on_conflict_do_update(index_elements=["reconciliation_id", "currency"], set_=changed))


def keep(
    conn: Connection,
    rows: Sequence[ToWriteOff],
    *,
    resolution: str,
    booking: Booking,
    entry_id: int | None,
    action_key: str,
    actor: str,
    reason: str,
) -> tuple[WriteOff, ...]:
    """Write down what is decided about these discrepancies. One that another run's write-off holds follows that one."""
    columns = {name: [getattr(row, name) for row in rows] for name in ToWriteOff.__slots__}
    said = {"resolution": resolution, "booking": booking.value, "action_key": action_key, "entry_id": entry_id}
    statement = _KEEP.bindparams(
        *(_numbers(name) for name in ("discrepancy_id", "reconciliation_id", "run_id", "amount", "held_by")),
        *(_texts(name) for name in ("kind", "currency", "source_row", "reference_row")),
        bindparam("dated_on", type_=ARRAY(Date)),
    )
    made = conn.execute(statement, {**columns, **said, "actor": actor, "reason": reason})
    return tuple(sorted(map(write_off_from, made), key=lambda one: one.id))


def keep_decision(
    conn: Connection,
    decision_id: int,
    amounts: Mapping[str, int],
    *,
    run_id: int,
    reconciliation_id: int,
    dated_on: date,
    action_key: str,
    actor: str,
    reason: str,
) -> tuple[WriteOff, ...]:
    """Write down what a decision of the workbench writes off, by currency."""
    said = {"decision_id": decision_id, "run_id": run_id, "reconciliation_id": reconciliation_id, "dated_on": dated_on}
    said |= {"resolution": "written_off", "booking": Booking.POSTED.value, "action_key": action_key, "actor": actor}
    rows = [
        {**said, "reason": reason, "currency": currency, "amount": amount}
        for currency, amount in sorted(amounts.items())
    ]
    return tuple(write_off_from(conn.execute(insert(write_off).values(row).returning(write_off)).one()) for row in rows)


def put_into_entry(conn: Connection, ids: Sequence[int], entry_id: int) -> None:
    """Say which entry these are posted in."""
    conn.execute(update(write_off).where(_one_of(ids)).values(entry_id=entry_id))


def take_back(conn: Connection, ids: Sequence[int], *, actor: str) -> None:
    """Say that these stand no more."""
    values = {"taken_back_at": func.clock_timestamp(), "taken_back_by": actor}
    conn.execute(update(write_off).where(_one_of(ids), write_off.c.taken_back_at.is_(None)).values(values))


def say_reversed(conn: Connection, ids: Sequence[int], reversal_id: int) -> None:
    """Say which entry reversed what these were posted in, or their part of it."""
    conn.execute(update(write_off).where(_one_of(ids)).values(reversal_id=reversal_id))


def of_decision(conn: Connection, decision_id: int) -> tuple[WriteOff, ...]:
    """What stands of a decision of the workbench."""
    w = write_off.c
    query = select(write_off).where(w.decision_id == decision_id, w.taken_back_at.is_(None)).order_by(w.id)
    return tuple(write_off_from(row) for row in conn.execute(query))


def of_discrepancies(conn: Connection, discrepancy_ids: Sequence[int]) -> tuple[WriteOff, ...]:
    """What stands of these discrepancies by itself."""
    w = write_off.c
    own = w.discrepancy_id == func.any(literal(list(discrepancy_ids), ARRAY(BigInteger)))
    query = select(write_off).where(own, w.taken_back_at.is_(None), w.follows_id.is_(None)).order_by(w.id)
    return tuple(write_off_from(row) for row in conn.execute(query))


def standing(conn: Connection, ids: Sequence[int]) -> tuple[WriteOff, ...]:
    """Those of these numbers that stand."""
    rows = conn.execute(
        select(write_off).where(_one_of(ids), write_off.c.taken_back_at.is_(None)).order_by(write_off.c.id)
    )
    return tuple(write_off_from(row) for row in rows)


def follow_carried(conn: Connection, run_id: int, attempt: int) -> None:
    """Discrepancies of a run that stand as those before them did follow their write-offs: nothing is posted anew."""
    conn.execute(_FOLLOW_CARRIED, {"run_id": run_id, "attempt": attempt})


def unposted(conn: Connection, reconciliation_id: int, currency: str) -> tuple[WriteOff, ...]:
    """What stands without an entry, because no accounts were named when it was decided."""
    w = write_off.c
    wanted = (w.reconciliation_id == reconciliation_id, w.currency == currency, *UNPOSTED, w.amount != 0)
    rows = conn.execute(select(write_off).where(*wanted).order_by(w.id))
    return tuple(write_off_from(row) for row in rows)


def standing_in(conn: Connection, entry_id: int) -> tuple[WriteOff, ...]:
    """What stands on an entry, posted in it or naming it."""
    w = write_off.c
    query = select(write_off).where(w.entry_id == entry_id, w.taken_back_at.is_(None)).order_by(w.id)
    return tuple(write_off_from(row) for row in conn.execute(query))


def of_command(conn: Connection, action_key: str) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The entries a command posted, and the currencies in which it found no accounts."""
    w = write_off.c
    wanted = (w.action_key == action_key, w.booking == Booking.POSTED, w.amount != 0)
    rows = conn.execute(select(w.entry_id, w.currency).where(*wanted).distinct()).all()
    return (
        tuple(sorted({row.entry_id for row in rows if row.entry_id is not None})),
        tuple(sorted({row.currency for row in rows if row.entry_id is None})),
    )


def entries_behind(conn: Connection, entry_ids: Iterable[int]) -> tuple[EntryBehind, ...]:
    """Entries that write-offs were posted in, in the order of their numbers; their accounts are locked."""
    ids = sorted(set(entry_ids))
    conn.execute(_LOCK_ACCOUNTS.bindparams(_numbers("ids")), {"ids": ids})
    rows = conn.execute(_ENTRIES.bindparams(_numbers("ids")), {"ids": ids})
    return tuple(EntryBehind(**row._mapping) for row in rows)


def debits_of(conn: Connection, entry_id: int) -> dict[str, int]:
    """Currency -> what an entry moves (minor units); nothing where it is not there, or is reversed."""
    line, reversal = journal_line.c, journal_entry.alias("reversal")
    query = (
        select(line.currency, func.sum(line.amount).label("amount"))
        .join_from(journal_entry, journal_line, line.entry_id == journal_entry.c.id)
        .outerjoin(reversal, reversal.c.reverses_id == journal_entry.c.id)
        .where(journal_entry.c.id == entry_id, line.amount > 0)
        .where(reversal.c.id.is_(None))
        .group_by(line.currency)
    )
    return {row.currency: int(row.amount) for row in conn.execute(query)}


UNPOSTED: Final = (
    write_off.c.taken_back_at.is_(None),
    write_off.c.booking == Booking.POSTED.value,
    write_off.c.entry_id.is_(None),
)


def write_off_from(row: Any) -> WriteOff:
    """A row of the table as its value."""
    named = {name: getattr(row, name) for name in WriteOff.__slots__}
    return WriteOff(**{**named, "booking": Booking(row.booking)})


def _numbers(name: str) -> Any:
    return bindparam(name, type_=ARRAY(BigInteger))


def _texts(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Text))


def _one_of(ids: Sequence[int]) -> Any:
    return write_off.c.id == func.any(literal(list(ids), ARRAY(BigInteger)))


_KEEP: Final = text("""
insert into write_off (reconciliation_id, run_id, discrepancy_id, follows_id, resolution, booking, kind, source_row,
                       reference_row, currency, amount, dated_on, action_key, actor, reason, entry_id)
select reconciliation_id, run_id, discrepancy_id, held_by, :resolution,
       case when held_by is null then cast(:booking as text) else 'follows' end,
       kind, case when held_by is null then source_row end, case when held_by is null then reference_row end,
       currency, case when held_by is null then amount else 0 end, dated_on, :action_key, :actor, :reason,
       case when held_by is null then cast(:entry_id as bigint) end
  from unnest(:reconciliation_id, :run_id, :discrepancy_id, :held_by, :kind, :source_row, :reference_row, :currency,
              :amount, :dated_on) with ordinality
    as one (reconciliation_id, run_id, discrepancy_id, held_by, kind, source_row, reference_row, currency, amount,
            dated_on, place)
 order by place
returning *""")

_FOLLOW_CARRIED: Final = text("""
insert into write_off (reconciliation_id, run_id, discrepancy_id, follows_id, resolution, booking, kind, currency,
                       amount, dated_on, action_key, actor, reason)
select o.reconciliation_id, n.run_id, n.id, coalesce(o.follows_id, o.id), o.resolution, 'follows', n.kind, n.currency,
       0, n.date, 'carried-' || n.run_id, o.actor, o.reason
  from carried_discrepancy link
  join discrepancy n on n.id = link.discrepancy_id and n.run_id = :run_id and n.attempt = :attempt
  join write_off o on o.discrepancy_id = link.continues_id and o.taken_back_at is null
 where n.resolution = o.resolution and n.status = 'resolved' order by n.id""")

_LOCK_ACCOUNTS: Final = text("""
select b.account_id from account_balance b
 where b.account_id in (select account_id from journal_line where entry_id = any(:ids))
 order by b.account_id for no key update""")

_ENTRIES: Final = text("""
select e.id, e.book, first.account_id, second.account_id as counter_account_id,
       (select count(*) from write_off o where o.entry_id = e.id and o.booking = 'posted') as write_off_count,
       (select r.id from journal_entry r where r.reverses_id = e.id) as reversed_by
  from journal_entry e
  join journal_line first on first.entry_id = e.id and first.line_no = 1
  join journal_line second on second.entry_id = e.id and second.line_no = 2
 where e.id = any(:ids) order by e.id""")
