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
from recon.store.write_off_tables import write_off, write_off_account


@dataclass(frozen=True, slots=True, kw_only=True)
class ToWriteOff:
    """A discrepancy with what is open of it. `amount`: source less reference, minor units.

    `held_by` is the write-off of another run that has one of its rows, `holds_same`: just these, of the same kind.
    """

    discrepancy_id: int
    reconciliation_id: int
    run_id: int
    kind: str
    currency: str
    amount: int
    dated_on: date
    source_row: str | None
    reference_row: str | None
    held_by: int | None
    held_in: int | None
    held_as: str | None
    holds_same: bool | None


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


def to_write_off(conn: Connection, discrepancy_ids: Sequence[int]) -> tuple[ToWriteOff, ...]:
    """What writing these discrepancies off comes to, by discrepancy: without what the workbench settled of them."""
    rows = conn.execute(_TO_WRITE_OFF.bindparams(_numbers("ids")), {"ids": list(discrepancy_ids)})
    return tuple(ToWriteOff(**row._mapping) for row in rows)


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
    return tuple(sorted(map(_write_off, made), key=lambda one: one.id))


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
    return tuple(_write_off(conn.execute(insert(write_off).values(row).returning(write_off)).one()) for row in rows)


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
    return tuple(_write_off(row) for row in conn.execute(query))


def behind(conn: Connection, discrepancy_ids: Sequence[int]) -> tuple[WriteOff, ...]:
    """What stands of these discrepancies, with all that stands of the same rows in other runs."""
    rows = conn.execute(_BEHIND.bindparams(_numbers("ids")), {"ids": list(discrepancy_ids)})
    return tuple(_write_off(row) for row in rows)


def held_rows(conn: Connection, run_id: int, rows: Sequence[tuple[str, int]]) -> int | None:
    """Another run in which triage wrote one of these rows (side, line) off or adjusted it, if there is one."""
    said = {"run_id": run_id, "sides": [side for side, _ in rows], "lines": [line for _, line in rows]}
    found: int | None = conn.execute(_HELD_ROWS.bindparams(_numbers("lines"), _texts("sides")), said).scalar()
    return found


def unposted(conn: Connection, reconciliation_id: int, currency: str) -> tuple[WriteOff, ...]:
    """What stands without an entry, because no accounts were named when it was decided."""
    w = write_off.c
    wanted = (w.reconciliation_id == reconciliation_id, w.currency == currency, *UNPOSTED, w.amount != 0)
    rows = conn.execute(select(write_off).where(*wanted).order_by(w.id))
    return tuple(_write_off(row) for row in rows)


def standing_in(conn: Connection, entry_id: int) -> tuple[WriteOff, ...]:
    """What stands on an entry, posted in it or naming it."""
    w = write_off.c
    query = select(write_off).where(w.entry_id == entry_id, w.taken_back_at.is_(None)).order_by(w.id)
    return tuple(_write_off(row) for row in conn.execute(query))


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


def _write_off(row: Any) -> WriteOff:
    named = {name: getattr(row, name) for name in WriteOff.__slots__}
    return WriteOff(**{**named, "booking": Booking(row.booking)})


def _numbers(name: str) -> Any:
    return bindparam(name, type_=ARRAY(BigInteger))


def _texts(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Text))


def _one_of(ids: Sequence[int]) -> Any:
    return write_off.c.id == func.any(literal(list(ids), ARRAY(BigInteger)))


_NAMED: Final = """
select d.id as discrepancy_id, r.reconciliation_id, d.run_id, d.kind, d.currency, d.date as dated_on, d.resolution,
       d.amount - coalesce((select sum((w.amount - w.open_amount) * case w.side when 'source' then 1 else -1 end)
                              from workbench_row w
                             where w.discrepancy_id = d.id and w.decision_id is not null
                               and w.currency = d.currency), 0)::bigint as amount,
       coalesce(source_first.reading_key, source_own.reading_key) || ':'
         || coalesce(source_item.first_line, d.source_line) as source_row,
       coalesce(reference_first.reading_key, reference_own.reading_key) || ':'
         || coalesce(reference_item.first_line, d.reference_line) as reference_row
  from discrepancy d
  join run r on r.id = d.run_id
  join reading source_own on source_own.id = r.source_reading_id
  join reading reference_own on reference_own.id = r.reference_reading_id
  left join open_item source_item on d.source_line < 0 and source_item.id = -d.source_line
  left join run source_run on source_run.id = source_item.first_run_id
  left join reading source_first on source_first.id = source_run.source_reading_id
  left join open_item reference_item on d.reference_line < 0 and reference_item.id = -d.reference_line
  left join run reference_run on reference_run.id = reference_item.first_run_id
  left join reading reference_first on reference_first.id = reference_run.reference_reading_id
 where d.id = any(:ids)"""
"""Discrepancies with their rows named by the file they came in, which no later run changes."""

_TO_WRITE_OFF: Final = text(f"""
with named as materialized ({_NAMED})
select named.discrepancy_id, named.reconciliation_id, named.run_id, named.kind, named.currency, named.amount,
       named.dated_on, named.source_row, named.reference_row, held.id as held_by, held.run_id as held_in,
       held.resolution as held_as, held.is_same as holds_same
  from named left join lateral (
    select found.id, found.run_id, found.resolution,
           found.kind = named.kind and found.source_row is not distinct from named.source_row
             and found.reference_row is not distinct from named.reference_row as is_same
      from (select * from write_off o where o.taken_back_at is null and o.source_row = named.source_row
               and o.reconciliation_id = named.reconciliation_id
            union all
            select * from write_off o where o.taken_back_at is null and o.reference_row = named.reference_row
               and o.reconciliation_id = named.reconciliation_id) as found
     where found.run_id <> named.run_id
     order by is_same desc, found.id limit 1) as held on true
 order by named.discrepancy_id""")  # noqa: S608 - our own text, here and below

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

_BEHIND: Final = text(f"""
with named as materialized ({_NAMED} and d.resolution in ('written_off','adjusted')),
root as (
    select coalesce(o.follows_id, o.id) as id from write_off o
     where o.discrepancy_id = any(:ids) and o.taken_back_at is null
    union
    select o.id from named join write_off o on o.reconciliation_id = named.reconciliation_id and o.kind = named.kind
       and coalesce(o.source_row, '') = coalesce(named.source_row, '')
       and coalesce(o.reference_row, '') = coalesce(named.reference_row, '')
     where o.taken_back_at is null and o.run_id <> named.run_id)
select o.* from write_off o
 where o.taken_back_at is null and (o.id in (select id from root) or o.follows_id in (select id from root))
 order by o.id""")  # noqa: S608

_HELD_ROWS: Final = text("""
with named as materialized (
    select row.side, r.reconciliation_id,
           coalesce(first.reading_key, own.reading_key) || ':' || coalesce(item.first_line, row.line) as name
      from unnest(:sides, :lines) as row (side, line)
      join run r on r.id = :run_id
      join reading own on own.id = case row.side when 'source' then r.source_reading_id else r.reference_reading_id end
      left join open_item item on row.line < 0 and item.id = -row.line
      left join run f on f.id = item.first_run_id
      left join reading first
             on first.id = case row.side when 'source' then f.source_reading_id else f.reference_reading_id end)
select o.run_id from named join write_off o
    on named.side = 'source' and o.reconciliation_id = named.reconciliation_id and o.source_row = named.name
 where o.taken_back_at is null and o.run_id <> :run_id
union all
select o.run_id from named join write_off o
    on named.side = 'reference' and o.reconciliation_id = named.reconciliation_id and o.reference_row = named.name
 where o.taken_back_at is null and o.run_id <> :run_id
 limit 1""")

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
