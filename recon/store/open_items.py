"""The open items of a reconciliation: read as a run carries them, changed when one is published.

They change in the transaction that publishes a run, in which the reconciliation is locked: of two runs at once, the
second finds that the first has changed what it began with. What people settle takes the same lock.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import psycopg
import pyarrow as pa
import pyarrow.csv
from sqlalchemy import Connection, bindparam, or_, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import BigInteger

from recon.errors import OpenItemsMoved
from recon.model.open_items import ITEM_SCHEMA
from recon.model.transactions import TRANSACTION_SCHEMA, Side
from recon.store.tables import reconciliation
from recon.store.workbench_tables import open_item

LEFT_SCHEMA: Final = pa.schema(
    [
        *(field for field in TRANSACTION_SCHEMA if field.name != "line"),
        pa.field("first_line", pa.int64(), nullable=False),
        pa.field("fingerprint", pa.string(), nullable=False),
        pa.field("side", pa.string(), nullable=False),
        pa.field("due_on", pa.date32()),
        pa.field("state", pa.string(), nullable=False),
        pa.field("amends_id", pa.int64()),
    ]
)
"""Rows of a run's own files that it leaves open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a run makes of the items it carried, by number, and what it leaves open of its own rows (LEFT_SCHEMA).

    `matched`: the engine found their counterpart. `settled`: people had settled them. `known_decisions`: decisions that
    were replayed; `own`: every fingerprint of its files, by side, where it replaces a run.
    """

    matched: Sequence[int]
    settled: Sequence[int]
    amended: Sequence[int]
    waiting: Sequence[int]
    overdue: Sequence[int]
    left: pa.Table
    known_decisions: Sequence[int]
    own: Mapping[Side, frozenset[str]]


def lock(conn: Connection, reconciliation_id: int) -> None:
    """Let nobody else change the open items until the transaction ends."""
    conn.execute(
        select(reconciliation.c.id).where(reconciliation.c.id == reconciliation_id).with_for_update(key_share=True)
    )


def carried(conn: Connection, reconciliation_id: int, *, another_try_of: int | None) -> dict[Side, pa.Table]:
    """The items a run begins with, by number, as tables of ITEM_SCHEMA: those that are not cleared.

    Another try of the newest run begins with what that run began with: with its own items gone, and those it cleared
    back. What people settled since is there too, to be settled again, and what they took back is.
    """
    columns = [open_item.c[name] for name in ITEM_SCHEMA.names if name != "line"]
    query = select((-open_item.c.id).label("line"), open_item.c.side, *columns).where(
        text(_BEGINS if another_try_of is None else _BEGINS_AGAIN)
    )
    key = {"reconciliation_id": reconciliation_id}
    key |= {} if another_try_of is None else {"run_id": another_try_of}
    rows = conn.execute(query.order_by(open_item.c.id), key).all()
    found = {}
    for side in Side:
        own = [row for row in rows if row.side == side]
        found[side] = pa.table(
            {name: [getattr(row, name) for row in own] for name in ITEM_SCHEMA.names}, schema=ITEM_SCHEMA
        )
    return found


def pool_hash(conn: Connection, reconciliation_id: int, *, another_try_of: int | None) -> str:
    """The hash of the items a run begins with: the same items give the same hash, whatever became of others."""
    key = {"reconciliation_id": reconciliation_id}
    key |= {} if another_try_of is None else {"run_id": another_try_of}
    found: str = conn.execute(_POOL_HASH if another_try_of is None else _POOL_HASH_AGAIN, key).scalar_one()
    return found


_BEGINS: Final = "open_item.reconciliation_id = :reconciliation_id and open_item.state <> 'cleared'"
_TRIES: Final = """
    with recursive tries as (
        select run_id, replaces_id from run_carry where run_id = :run_id
        union all
        select earlier.run_id, earlier.replaces_id
          from run_carry earlier join tries on earlier.run_id = tries.replaces_id)"""
_BEGINS_AGAIN: Final = f"""
    open_item.reconciliation_id = :reconciliation_id
    and open_item.first_run_id not in ({_TRIES} select run_id from tries)
    and (open_item.state <> 'cleared'
         or (open_item.cleared_run_id = :run_id and open_item.cleared_by in ('match', 'amended'))
         or (open_item.cleared_by = 'decision' and exists (
                select from decision where decision.id = open_item.decision_id and decision.at >= ({_TRIES}
                    select min(run.started_at) from tries join run on run.id = tries.run_id))))"""  # noqa: S608 - our own text
"""Each try of the same files begins with what the first one did, whatever was decided since that began."""

_HASH: Final = """
    select encode(sha256(convert_to(coalesce(
           string_agg(side || ' ' || fingerprint, ',' order by side, fingerprint collate "C"), ''), 'UTF8')), 'hex')
      from open_item where """
_POOL_HASH: Final = text(_HASH + _BEGINS)
_POOL_HASH_AGAIN: Final = text(_HASH + _BEGINS_AGAIN)


def apply(
    conn: Connection, changes: Changes, *, run_id: int, reconciliation_id: int, as_of: Any, replaces_id: int | None
) -> dict[str, int]:
    """Make the items what a run found them to be; returns how many of the carried it cleared, and how many it opened.

    The caller holds the lock. Raises `OpenItemsMoved` when someone settled meanwhile what the run matched.
    """
    key = {"run_id": run_id, "reconciliation_id": reconciliation_id, "as_of": as_of, "replaces_id": replaces_id}
    gone_before: Sequence[int] = ()
    if replaces_id is not None:
        gone_before = _vanished(conn, replaces_id)
        conn.execute(_REOPEN, key)
        _take_back(conn, changes)
    cleared = _clear(conn, changes.matched, "match", run_id)
    if cleared != len(changes.matched):
        raise OpenItemsMoved(run_id)
    cleared += _clear(conn, changes.settled, "match", run_id)
    _clear(conn, changes.amended, "amended", run_id)
    for state, ids in (("in_transit", changes.waiting), ("open", changes.overdue)):
        if len(ids):
            conn.execute(_SET_STATE.bindparams(_ids(ids)), {"new_state": state})
    opened = _open(conn, changes, key)
    if replaces_id is not None:
        _settle_replaced(conn, changes, gone_before, run_id=run_id, replaces_id=replaces_id)
    return {"cleared_count": cleared, "opened_count": opened}


_REOPEN: Final = text("""
    update open_item set state = 'open', cleared_by = null, cleared_run_id = null, cleared_at = null
     where reconciliation_id = :reconciliation_id and cleared_run_id = :replaces_id""")

_SET_STATE: Final = text("""
    update open_item set state = :new_state
     where id = any(:ids) and state not in ('cleared', :new_state)""")

_UPSERT: Final = """
    with done as (
    insert into open_item as item (reconciliation_id, first_run_id, first_seen_on, {columns})
    select :reconciliation_id, :run_id, coalesce(amended.first_seen_on, :as_of), {taken}
      from left_open left join open_item amended on amended.id = left_open.amends_id
    on conflict (reconciliation_id, side, fingerprint) do update
       set first_run_id = excluded.first_run_id, first_line = excluded.first_line, due_on = excluded.due_on,
           state = excluded.state, cleared_by = null, cleared_run_id = null, cleared_at = null, decision_id = null
     where item.cleared_by is distinct from 'decision' or item.decision_id = any(:known)
    returning item.id)
    select count(*) from done"""


_TAKE_BACK: Final = text("""
    update open_item set state = 'open', cleared_by = null, cleared_at = null, decision_id = null
     where id = any(:ids) and cleared_by = 'decision' and decision_id = any(:known)""")


def _take_back(conn: Connection, changes: Changes) -> None:
    """What a decision had settled that lost a row is as open as this run found it."""
    ids = [*changes.matched, *changes.waiting, *changes.overdue]
    known = bindparam("known", [int(one) for one in changes.known_decisions], type_=ARRAY(BigInteger))
    conn.execute(_TAKE_BACK.bindparams(_ids(ids), known))


def _ids(ids: Sequence[int]) -> Any:
    return bindparam("ids", [int(one) for one in ids], type_=ARRAY(BigInteger))


def _clear(conn: Connection, ids: Sequence[int], by: str, run_id: int) -> int:
    if not len(ids):
        return 0
    statement = text("""
        update open_item set state = 'cleared', cleared_by = :by, cleared_run_id = :run_id,
               cleared_at = clock_timestamp()
         where id = any(:ids) and state <> 'cleared'""").bindparams(_ids(ids))
    return conn.execute(statement, {"by": by, "run_id": run_id}).rowcount


def _open(conn: Connection, changes: Changes, key: Mapping[str, Any]) -> int:
    if not changes.left.num_rows:
        return 0
    names = changes.left.column_names
    conn.execute(
        text(
            f"create temporary table left_open on commit drop as select {', '.join(names)} from open_item where false"  # noqa: S608 - names of our own
        )
    )
    _copy(conn, changes.left)
    taken = [f"left_open.{name}" for name in names]
    statement = text(_UPSERT.format(columns=", ".join(names), taken=", ".join(taken)))
    known = bindparam("known", [int(one) for one in changes.known_decisions], type_=ARRAY(BigInteger))
    values = {name: key[name] for name in ("run_id", "reconciliation_id", "as_of")}
    return int(conn.execute(statement.bindparams(known), values).scalar_one())


def _copy(conn: Connection, table: pa.Table) -> None:
    raw = conn.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    target = io.BytesIO()
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="all_valid")
    pyarrow.csv.write_csv(table.combine_chunks(), target, options)
    columns = ", ".join(table.column_names)
    with raw.cursor() as cursor, cursor.copy(f"copy left_open ({columns}) from stdin (format csv)") as copy:
        copy.write(target.getvalue())


def _vanished(conn: Connection, run_id: int) -> Sequence[int]:
    """Items of its own earlier tries that a run did not have any more."""
    item = open_item.c
    gone = select(item.id).where(item.cleared_run_id == run_id, item.cleared_by == "vanished")
    return conn.execute(gone).scalars().all()


def _settle_replaced(
    conn: Connection, changes: Changes, gone_before: Sequence[int], *, run_id: int, replaces_id: int
) -> None:
    """Items of earlier tries of this run that it does not have, or has matched: what it left open is its own by now.

    Those are the items the replaced run opened, and the ones that were not in its files any more (`gone_before`).
    """
    item = open_item.c
    earlier_try = or_(item.first_run_id == replaces_id, item.id.in_(gone_before))
    left = conn.execute(
        select(item.id, item.side, item.fingerprint).where(
            earlier_try, item.first_run_id != run_id, item.state != "cleared"
        )
    ).all()
    here = [row.id for row in left if row.fingerprint in changes.own[Side(row.side)]]
    gone = [row.id for row in left if row.fingerprint not in changes.own[Side(row.side)]]
    if here:
        conn.execute(update(open_item).where(item.id.in_(here)).values(first_run_id=run_id))
    _clear(conn, here, "match", run_id)
    _clear(conn, gone, "vanished", run_id)
    decided = conn.execute(_DECIDED_IN_TRIES, {"run_id": replaces_id}).all()
    gone = [row.id for row in decided if row.fingerprint not in changes.own[Side(row.side)]]
    if gone:  # whatever was decided about it: taken back, that must not bring a row back which no file has
        conn.execute(_VANISH.bindparams(_ids(gone)), {"run_id": run_id})


_DECIDED_IN_TRIES: Final = text(f"""
    select id, side, fingerprint from open_item
     where cleared_by = 'decision' and first_run_id in ({_TRIES} select run_id from tries)""")  # noqa: S608 - our own text

_VANISH: Final = text("""
    update open_item set cleared_by = 'vanished', cleared_run_id = :run_id, decision_id = null where id = any(:ids)""")
