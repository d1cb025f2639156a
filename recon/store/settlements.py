"""The workbench's writes: a run's open rows, the decisions that settle them, and what is taken back.

Rules kept: whoever changes anything holds the lock of the reconciliation (`lock_scope`), so a row is never in two
decisions that stand; a decision, its rows, its open items and its settlement change together or not at all.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import psycopg
import pyarrow as pa
import pyarrow.csv
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Engine,
    Text,
    and_,
    bindparam,
    func,
    insert,
    literal,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError

from recon.errors import RowsChanged, RunNotFound
from recon.model.decisions import DecisionKind
from recon.model.rules import Rules
from recon.model.settlement import OpenRow, SeenRow, Settlement, WriteOffAccounts
from recon.model.transactions import Side
from recon.store import open_items
from recon.store.settlement_tables import settlement, workbench_row, workbench_run, write_off_account, write_off_entry
from recon.store.tables import discrepancy, run
from recon.store.workbench_tables import decision, decision_member

ROW_COLUMNS: Final = (
    "side",
    "line",
    "fingerprint",
    "kind",
    "discrepancy_id",
    "date",
    "amount",
    "open_amount",
    "currency",
    "txn_id",
    "payment_ref",
    "description",
    "counterparty",
)

MANY_ROWS: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a command on a run's rows works in."""

    run_id: int
    reconciliation_id: int
    rules: Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One decision to take: its rows by side and fingerprint with their whole amounts, and how it is kept."""

    kind: DecisionKind
    rows: Sequence[OpenRow]
    action_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A settlement as it is stored, with what its decision says."""

    decision_id: int
    run_id: int
    reconciliation_id: int
    kind: DecisionKind
    move: str
    resolution: str
    reason_code: str | None
    reason: str
    residual: tuple[str, str, int] | None  # side, fingerprint, amount
    replaces: tuple[int, ...]
    is_standing: bool


def lock_scope(conn: Connection, run_id: int) -> Scope:
    """The run's reconciliation, locked against other decisions. Raises RunNotFound when it has published nothing."""
    found = conn.execute(
        select(run.c.reconciliation_id, run.c.rules).where(run.c.id == run_id, run.c.published_attempt.is_not(None))
    ).one_or_none()
    if found is None:
        raise RunNotFound(run_id)
    open_items.lock(conn, found.reconciliation_id)
    return Scope(run_id=run_id, reconciliation_id=found.reconciliation_id, rules=Rules.from_dict(found.rules))


def is_prepared(conn: Connection, run_id: int) -> bool:
    return bool(
        conn.execute(
            select(workbench_run.c.run_id).where(workbench_run.c.run_id == run_id).exists().select()
        ).scalar_one()
    )


def store_rows(conn: Connection, run_id: int, rows: pa.Table) -> bool:
    """Keep a run's rows (columns of ROW_COLUMNS); False when somebody else did meanwhile."""
    made = conn.execute(
        upsert(workbench_run).values(run_id=run_id).on_conflict_do_nothing().returning(workbench_run.c.run_id)
    )
    if made.one_or_none() is None:
        return False
    copy_rows(conn, run_id, rows)
    return True


def count_anew(engine: Engine, row_count: int) -> None:
    """After many rows came: let PostgreSQL look at them. What stops it is no harm."""
    if row_count < MANY_ROWS:
        return
    with suppress(DBAPIError), engine.begin() as conn:
        conn.execute(text("set local lock_timeout = '2s'"))
        conn.execute(text("analyze workbench_row"))


def copy_rows(conn: Connection, run_id: int, rows: pa.Table) -> None:
    """Add rows to the run's."""
    raw = conn.connection.driver_connection
    assert isinstance(raw, psycopg.Connection)
    full = rows.select(ROW_COLUMNS).add_column(0, "run_id", pa.array([run_id] * rows.num_rows, pa.int64()))
    target = io.BytesIO()
    full = full.combine_chunks()  # an empty first chunk is written as whatever was in memory
    pyarrow.csv.write_csv(full, target, pyarrow.csv.WriteOptions(include_header=False, quoting_style="all_valid"))
    columns = ", ".join(full.column_names)
    statement = f"copy workbench_row ({columns}) from stdin (format csv)"
    with raw.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(target.getvalue())


def lock_rows(conn: Connection, run_id: int, seen: Iterable[SeenRow]) -> tuple[OpenRow, ...]:
    """The rows as they were seen and still are, open. Raises RowsChanged where one is not.

    The caller holds the lock of the reconciliation.
    """
    wanted = {(row.side, row.line): row.open_amount for row in seen}
    rows = _rows(conn, _FIND, run_id=run_id, sides=[s.value for s, _ in wanted], lines=[n for _, n in wanted])
    changed = sum(
        1
        for key, amount in wanted.items()
        if key not in rows or not rows[key].is_open or rows[key].open_amount != amount
    )
    if changed:
        raise RowsChanged(changed, len(wanted))
    return tuple(rows[key] for key in sorted(wanted, key=lambda key: (key[0].value, key[1])))


def rows_of_discrepancies(conn: Connection, run_id: int, ids: Sequence[int]) -> tuple[OpenRow, ...]:
    """The rows of these discrepancies, by discrepancy."""
    found = _rows(conn, _OF_DISCREPANCIES, run_id=run_id, ids=list(ids))
    return tuple(sorted(found.values(), key=lambda row: (row.discrepancy_id or 0, row.side.value, row.line)))


def rows_at(conn: Connection, run_id: int, sides: Sequence[str], lines: Sequence[int]) -> tuple[OpenRow, ...]:
    """The rows there, open or not."""
    return tuple(_rows(conn, _FIND, run_id=run_id, sides=list(sides), lines=list(lines)).values())


def rows_of_decision(conn: Connection, run_id: int, decision_id: int) -> tuple[OpenRow, ...]:
    """The rows of the run that the decision settled, wholly or in part."""
    return tuple(_rows(conn, _OF_DECISION, run_id=run_id, decision_id=decision_id).values())


def runs_of_decision(conn: Connection, decision_id: int) -> tuple[int, ...]:
    """The runs that show rows the decision settled."""
    row = workbench_row.c
    query = select(row.run_id).where(row.decision_id == decision_id).distinct().order_by(row.run_id)
    return tuple(conn.execute(query).scalars())


def refuse_settled(
    conn: Connection, reconciliation_id: int, rows: Sequence[OpenRow], *, but: Sequence[int] = ()
) -> None:
    """Raises RowsChanged where a decision that stands, in whatever run it was taken, has settled one of the rows."""
    statement = _SETTLED.bindparams(_texts("sides"), _texts("names"), _numbers("but"))
    taken = conn.execute(
        statement,
        {
            "reconciliation_id": reconciliation_id,
            "sides": [row.side.value for row in rows],
            "names": [row.fingerprint for row in rows],
            "but": list(but),
        },
    ).scalar_one()
    if taken:
        raise RowsChanged(int(taken), len(rows))


def take(
    conn: Connection,
    reconciliation_id: int,
    wanted: Sequence[Wanted],
    *,
    actor: str,
    reason: str,
    reason_code: str | None = None,
    proposal_id: int | None = None,
) -> tuple[int, ...]:
    """Take decisions on rows that are free, many at once; their numbers, in the same order."""
    made = conn.execute(
        _DECISIONS.bindparams(_texts("kinds"), _texts("keys")),
        {
            "kinds": [one.kind.value for one in wanted],
            "keys": [one.action_key for one in wanted],
            "reconciliation_id": reconciliation_id,
            "reason": reason,
            "reason_code": reason_code,
            "actor": actor,
            "proposal_id": proposal_id,
        },
    )
    number = {row.action_key: int(row.id) for row in made}
    members = [(number[one.action_key], row) for one in wanted for row in one.rows]
    conn.execute(
        _MEMBERS.bindparams(*(_numbers(name) for name in ("ids", "amounts"))),
        {
            "ids": [id_ for id_, _ in members],
            "sides": [row.side.value for _, row in members],
            "names": [row.fingerprint for _, row in members],
            "amounts": [row.amount for _, row in members],
            "currencies": [row.currency for _, row in members],
        },
    )
    return tuple(number[one.action_key] for one in wanted)


def keep(
    conn: Connection,
    run_id: int,
    decided: Sequence[tuple[int, Settlement, int]],
    *,
    move: str,
    action_key: str,
    residual: tuple[str, str, int] | None = None,
    replaces: Sequence[int] = (),
) -> None:
    """Write down what each decision (number, settlement, count of rows) settles."""
    side, name, amount = residual or (None, None, None)
    conn.execute(
        _KEEP.bindparams(_numbers("ids"), _texts("resolutions"), _numbers("counts"), _numbers("replaces")),
        {
            "ids": [number for number, _, _ in decided],
            "resolutions": [one.resolution.value for _, one, _ in decided],
            "counts": [row_count for _, _, row_count in decided],
            "run_id": run_id,
            "action_key": action_key,
            "move": move,
            "side": side,
            "name": name,
            "amount": amount,
            "replaces": list(replaces),
        },
    )


def settle_rows(conn: Connection, decision_ids: Sequence[int]) -> None:
    """Close the rows of these decisions (of one reconciliation) in every run that shows them, and their open items."""
    ids = list(decision_ids)
    runs = list(conn.execute(_SHOWN_IN, {"id": ids[0]}).scalars())
    conn.execute(_CLOSE.bindparams(_numbers("ids"), _numbers("runs")), {"ids": ids, "runs": runs})
    conn.execute(_CLEAR_ITEMS.bindparams(_numbers("ids")), {"ids": ids})


def reopen_rows(conn: Connection, decision_id: int) -> None:
    """Open the rows of a decision that is taken back."""
    conn.execute(_REOPEN, {"id": decision_id})


def settled_discrepancies(conn: Connection, run_id: int, ids: Iterable[int]) -> tuple[int, ...]:
    """Of these discrepancies the open ones of which no row is open any more."""
    return _discrepancies(conn, ids, "open", ~_has_open_row(run_id))


def unsettled_discrepancies(conn: Connection, run_id: int, ids: Iterable[int]) -> tuple[int, ...]:
    """Of these discrepancies the resolved ones of which a row is open."""
    return _discrepancies(conn, ids, "resolved", _has_open_row(run_id))


def kept(conn: Connection, decision_id: int) -> Kept | None:
    """The settlement of a decision."""
    query = _KEPT.where(settlement.c.decision_id == decision_id)
    row = conn.execute(query).one_or_none()
    return None if row is None else _kept(row)


def kept_by_key(conn: Connection, action_key: str) -> tuple[Kept, ...]:
    """What the command with this key settled before."""
    rows = conn.execute(_KEPT.where(settlement.c.action_key == action_key).order_by(settlement.c.decision_id))
    return tuple(_kept(row) for row in rows)


def standing_of(conn: Connection, discrepancy_ids: Sequence[int]) -> tuple[int, ...]:
    """The decisions that settled rows of these discrepancies."""
    row = workbench_row.c
    query = select(row.decision_id).where(_of_one(discrepancy_ids), row.decision_id.is_not(None)).distinct()
    return tuple(conn.execute(query.order_by(row.decision_id)).scalars())


def runs_of_settled(conn: Connection, discrepancy_ids: Sequence[int]) -> tuple[int, ...]:
    """The runs of those discrepancies of which a decision settled a row."""
    row = workbench_row.c
    query = select(row.run_id).where(_of_one(discrepancy_ids), row.decision_id.is_not(None)).distinct()
    return tuple(conn.execute(query.order_by(row.run_id)).scalars())


def decision_of_members(conn: Connection, reconciliation_id: int, rows: Sequence[OpenRow]) -> tuple[int, ...]:
    """The standing decisions that settle any of these rows."""
    statement = _STANDING_OF.bindparams(_texts("sides"), _texts("names"))
    found = conn.execute(
        statement,
        {
            "reconciliation_id": reconciliation_id,
            "sides": [row.side.value for row in rows],
            "names": [row.fingerprint for row in rows],
        },
    )
    return tuple(found.scalars())


def members_of(conn: Connection, decision_id: int) -> tuple[Any, ...]:
    """side, fingerprint, amount and currency of a decision's rows."""
    m = decision_member.c
    query = select(m.side, m.fingerprint, m.amount, m.currency).where(m.decision_id == decision_id)
    return tuple(conn.execute(query.order_by(m.side, m.fingerprint)))


def set_opened(conn: Connection, run_id: int, rows: Sequence[OpenRow], decision_id: int) -> None:
    """Say of rows that they do not go with their partners any more."""
    row = workbench_row.c
    for side in Side:
        lines = [one.line for one in rows if one.side is side]
        own = and_(row.run_id == run_id, row.side == side.value, row.line.in_(lines))
        conn.execute(update(workbench_row).where(own).values(opened_by=decision_id))


def set_opened_many(conn: Connection, decision_of: Mapping[int, int]) -> None:
    """The same of all rows of discrepancies: discrepancy -> decision."""
    conn.execute(
        _SET_OPENED.bindparams(_numbers("discrepancies"), _numbers("decisions")),
        {"discrepancies": list(decision_of), "decisions": list(decision_of.values())},
    )


def take_opened_back(conn: Connection, decision_id: int) -> tuple[int, ...]:
    """Undo `set_opened`; rows that were no discrepancy go. Returns the decisions that meanwhile settled one of them."""
    row = workbench_row.c
    used = conn.execute(
        select(row.decision_id).where(row.opened_by == decision_id, row.decision_id.is_not(None)).distinct()
    )
    blocking = tuple(used.scalars())
    if not blocking:
        mine = row.opened_by == decision_id
        conn.execute(workbench_row.delete().where(mine, row.discrepancy_id.is_(None)))
        conn.execute(update(workbench_row).where(mine).values(opened_by=None))
    return blocking


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


def keep_entry(conn: Connection, decision_id: int, *, currency: str, amount: int, entry_id: int) -> None:
    conn.execute(
        insert(write_off_entry).values(decision_id=decision_id, currency=currency, amount=amount, entry_id=entry_id)
    )


def entries_of(conn: Connection, decision_id: int) -> tuple[tuple[str, int], ...]:
    """(currency, entry) of the entries a decision posted and nothing has reversed."""
    e = write_off_entry.c
    query = select(e.currency, e.entry_id).where(e.decision_id == decision_id, e.reversal_id.is_(None))
    return tuple((row.currency, row.entry_id) for row in conn.execute(query.order_by(e.currency)))


def keep_reversal(conn: Connection, entry_id: int, reversal_id: int) -> None:
    this = write_off_entry.c.entry_id == entry_id
    conn.execute(update(write_off_entry).where(this).values(reversal_id=reversal_id))


# Statements -----------------------------------------------------------------------------------------------------------

_NAMES: Final = ", ".join(f"w.{name}" for name in OpenRow.__slots__ if name != "is_open")
_OPEN: Final = "w.is_open and coalesce(d.status, 'open') = 'open' as is_open"
_FROM: Final = "from workbench_row w left join discrepancy d on d.id = w.discrepancy_id"
_FIND: Final = f"""
select {_NAMES}, {_OPEN} from unnest(%(sides)s::text[], %(lines)s::bigint[]) as wanted (side, line)
  join workbench_row w on w.run_id = %(run_id)s and w.side = wanted.side and w.line = wanted.line
  left join discrepancy d on d.id = w.discrepancy_id"""  # noqa: S608 - our own text, here and below
_OF_DISCREPANCIES: Final = f"""
select {_NAMES}, {_OPEN} {_FROM} where w.run_id = %(run_id)s and w.discrepancy_id = any(%(ids)s::bigint[])"""
_OF_DECISION: Final = f"""
select {_NAMES}, {_OPEN} {_FROM} where w.run_id = %(run_id)s and w.decision_id = %(decision_id)s"""

_SETTLED: Final = text("""
select count(distinct (m.side, m.fingerprint)) from unnest(:sides, :names) as wanted (side, name)
  join decision_member m on m.fingerprint = wanted.name and m.side = wanted.side
  join decision on decision.id = m.decision_id
 where decision.reconciliation_id = :reconciliation_id and decision.revoked_at is null
   and decision.kind in ('manual_match', 'ignore', 'write_off', 'net') and decision.id <> all(:but)""")

_STANDING_OF: Final = text("""
select distinct decision.id from unnest(:sides, :names) as wanted (side, name)
  join decision_member m on m.fingerprint = wanted.name and m.side = wanted.side
  join decision on decision.id = m.decision_id
 where decision.reconciliation_id = :reconciliation_id and decision.revoked_at is null
   and decision.kind in ('manual_match', 'ignore', 'write_off', 'net') order by 1""")

_DECISIONS: Final = text("""
insert into decision (reconciliation_id, kind, action_key, reason, reason_code, actor, proposal_id)
select :reconciliation_id, kind, action_key, :reason, :reason_code, :actor, cast(:proposal_id as bigint)
  from unnest(:kinds, :keys) with ordinality as one (kind, action_key, place) order by place
returning id, action_key""")

_MEMBERS: Final = text("""
insert into decision_member (decision_id, side, fingerprint, amount, currency)
select * from unnest(:ids, cast(:sides as text[]), cast(:names as text[]), :amounts, cast(:currencies as text[]))""")

_KEEP: Final = text("""
insert into settlement (decision_id, run_id, action_key, move, resolution, row_count, residual_side,
                        residual_fingerprint, residual_amount, replaces)
select id, :run_id, :action_key, :move, resolution, row_count, cast(:side as text), cast(:name as text),
       cast(:amount as bigint), :replaces
  from unnest(:ids, :resolutions, :counts) as one (id, resolution, row_count)""")

_SHOWN_IN: Final = text("""
select run.id from run join workbench_run on workbench_run.run_id = run.id
 where run.reconciliation_id = (select reconciliation_id from decision where id = :id)""")

_CLOSE: Final = text("""
update workbench_row w
   set decision_id = m.decision_id, open_amount = coalesce(part.residual_amount, 0),
       is_open = part.decision_id is not null
  from decision_member m
  join decision on decision.id = m.decision_id and decision.revoked_at is null
   and decision.kind in ('manual_match', 'ignore', 'write_off', 'net')
  left join settlement part on part.decision_id = m.decision_id and part.residual_side = m.side
   and part.residual_fingerprint = m.fingerprint
 where m.decision_id = any(:ids) and w.fingerprint = m.fingerprint and w.side = m.side
   and w.run_id = any(:runs)""")

_CLEAR_ITEMS: Final = text("""
update open_item item
   set state = 'cleared', cleared_by = 'decision', cleared_at = clock_timestamp(), decision_id = m.decision_id
  from decision_member m join decision on decision.id = m.decision_id
 where m.decision_id = any(:ids) and item.reconciliation_id = decision.reconciliation_id
   and item.side = m.side and item.fingerprint = m.fingerprint and item.state <> 'cleared'""")

_REOPEN: Final = text("""
update workbench_row set decision_id = null, open_amount = amount, is_open = true where decision_id = :id""")

_SET_OPENED: Final = text("""
update workbench_row w set opened_by = wanted.decision
  from unnest(:discrepancies, :decisions) as wanted (discrepancy, decision)
 where w.discrepancy_id = wanted.discrepancy""")

_KEPT: Final = select(
    settlement,
    decision.c.reconciliation_id,
    decision.c.kind,
    decision.c.reason_code,
    decision.c.reason,
    decision.c.revoked_at,
).join_from(settlement, decision)


def _kept(row: Any) -> Kept:
    side = row.residual_side
    return Kept(
        decision_id=row.decision_id,
        run_id=row.run_id,
        reconciliation_id=row.reconciliation_id,
        kind=DecisionKind(row.kind),
        move=row.move,
        resolution=row.resolution,
        reason_code=row.reason_code,
        reason=row.reason,
        residual=None if side is None else (side, row.residual_fingerprint, row.residual_amount),
        replaces=tuple(row.replaces),
        is_standing=row.revoked_at is None,
    )


def _rows(conn: Connection, statement: str, **values: Any) -> dict[tuple[Side, int], OpenRow]:
    found = conn.exec_driver_sql(statement, values).mappings()
    rows = (OpenRow(**{**row, "side": Side(row["side"])}) for row in found)
    return {(row.side, row.line): row for row in rows}


def _has_open_row(run_id: int) -> Any:
    row = workbench_row.c
    return select(row.line).where(row.run_id == run_id, row.discrepancy_id == discrepancy.c.id, row.is_open).exists()


def _discrepancies(conn: Connection, ids: Iterable[int], status: str, rows: Any) -> tuple[int, ...]:
    wanted = discrepancy.c.id == func.any(literal(sorted(set(ids)), ARRAY(BigInteger)))
    query = select(discrepancy.c.id).where(wanted, discrepancy.c.status == status, rows)
    return tuple(conn.execute(query.order_by(discrepancy.c.id)).scalars())


def _of_one(discrepancy_ids: Sequence[int]) -> Any:
    return workbench_row.c.discrepancy_id == func.any(literal(list(discrepancy_ids), ARRAY(BigInteger)))


def _numbers(name: str) -> Any:
    return bindparam(name, type_=ARRAY(BigInteger))


def _texts(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Text))
