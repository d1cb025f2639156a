"""Which rows of files write-offs are about, whatever run shows them, so that none is in the books twice.

A row is named by the file it came in and its line there: a run of the same files, or one that carries it, has another
discrepancy about it, and the row is the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ARRAY, BigInteger, Connection, Text, bindparam, text


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


def to_write_off(conn: Connection, discrepancy_ids: Sequence[int]) -> tuple[ToWriteOff, ...]:
    """What writing these discrepancies off comes to, by discrepancy: without what the workbench settled of them."""
    rows = conn.execute(_TO_WRITE_OFF.bindparams(_numbers("ids")), {"ids": list(discrepancy_ids)})
    return tuple(ToWriteOff(**row._mapping) for row in rows)


def behind(conn: Connection, discrepancy_ids: Sequence[int]) -> tuple[int, ...]:
    """The write-offs that stand of these discrepancies, and of the same rows in other runs; in order."""
    rows = conn.execute(_BEHIND.bindparams(_numbers("ids")), {"ids": list(discrepancy_ids)})
    return tuple(rows.scalars())


def held_rows(conn: Connection, run_id: int, rows: Sequence[tuple[str, int]]) -> int | None:
    """Another run in which triage wrote one of these rows (side, line) off or adjusted it, if there is one."""
    said = {"run_id": run_id, "sides": [side for side, _ in rows], "lines": [line for _, line in rows]}
    found: int | None = conn.execute(_HELD_ROWS.bindparams(_numbers("lines"), _texts("sides")), said).scalar()
    return found


def _numbers(name: str) -> Any:
    return bindparam(name, type_=ARRAY(BigInteger))


def _texts(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Text))


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
select o.id from write_off o
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
