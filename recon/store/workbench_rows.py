"""The rows of a run that do not tie out, as the workbench shows them: made once, locked to be settled, opened again."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

import psycopg
import pyarrow as pa
import pyarrow.csv
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Engine,
    and_,
    bindparam,
    func,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.exc import DBAPIError

from recon.errors import RowsChanged
from recon.model.settlement import OpenRow, SeenRow
from recon.model.transactions import Side
from recon.store.settlement_tables import settlement, workbench_row, workbench_run
from recon.store.tables import discrepancy, discrepancy_event

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


def rows_taken_apart(conn: Connection, run_id: int, decision_id: int) -> tuple[OpenRow, ...]:
    """The rows of the run of which the decision says that they do not go with their partners."""
    return tuple(_rows(conn, _TAKEN_APART, run_id=run_id, decision_id=decision_id).values())


def reopen_rows(conn: Connection, decision_id: int) -> None:
    """Open the rows of a decision that is taken back."""
    conn.execute(_REOPEN, {"id": decision_id})


def settled_discrepancies(conn: Connection, run_id: int, ids: Iterable[int]) -> tuple[int, ...]:
    """Of these discrepancies the open ones of which no row is open any more."""
    return _discrepancies(conn, ids, "open", ~_has_open_row(run_id))


def unsettled_discrepancies(conn: Connection, run_id: int, ids: Iterable[int]) -> tuple[int, ...]:
    """Of these discrepancies the ones that a decision resolved, and of which a row is open.

    What a person resolved in triage stays so: it was resolved before the decision, and without it.
    """
    return _discrepancies(conn, ids, "resolved", and_(_has_open_row(run_id), _was_settled()))


def standing_of(conn: Connection, discrepancy_ids: Sequence[int]) -> tuple[int, ...]:
    """The decisions that settled rows of these discrepancies."""
    row = workbench_row.c
    query = select(row.decision_id).where(_of_one(discrepancy_ids), row.decision_id.is_not(None)).distinct()
    return tuple(conn.execute(query.order_by(row.decision_id)).scalars())


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


_TAKEN_APART: Final = f"""
select {_NAMES}, {_OPEN} {_FROM} where w.run_id = %(run_id)s and w.opened_by = %(decision_id)s"""


_REOPEN: Final = text("""
update workbench_row set decision_id = null, open_amount = amount, is_open = true where decision_id = :id""")


_SET_OPENED: Final = text("""
update workbench_row w set opened_by = wanted.decision
  from unnest(:discrepancies, :decisions) as wanted (discrepancy, decision)
 where w.discrepancy_id = wanted.discrepancy""")


def _rows(conn: Connection, statement: str, **values: Any) -> dict[tuple[Side, int], OpenRow]:
    found = conn.exec_driver_sql(statement, values).mappings()
    rows = (OpenRow(**{**row, "side": Side(row["side"])}) for row in found)
    return {(row.side, row.line): row for row in rows}


def _has_open_row(run_id: int) -> Any:
    row = workbench_row.c
    return select(row.line).where(row.run_id == run_id, row.discrepancy_id == discrepancy.c.id, row.is_open).exists()


def _was_settled() -> Any:
    """Whether what resolved a discrepancy last was a decision on its rows: by its own key, or by its command's."""
    event = discrepancy_event.c
    key = (
        select(event.action_key)
        .where(event.discrepancy_id == discrepancy.c.id, event.action == "resolved")
        .order_by(event.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return or_(key.like("decision-%"), select(settlement.c.decision_id).where(settlement.c.action_key == key).exists())


def _discrepancies(conn: Connection, ids: Iterable[int], status: str, rows: Any) -> tuple[int, ...]:
    wanted = discrepancy.c.id == func.any(literal(sorted(set(ids)), ARRAY(BigInteger)))
    query = select(discrepancy.c.id).where(wanted, discrepancy.c.status == status, rows)
    return tuple(conn.execute(query.order_by(discrepancy.c.id)).scalars())


def _of_one(discrepancy_ids: Sequence[int]) -> Any:
    return workbench_row.c.discrepancy_id == func.any(literal(list(discrepancy_ids), ARRAY(BigInteger)))


def _numbers(name: str) -> Any:
    return bindparam(name, type_=ARRAY(BigInteger))
