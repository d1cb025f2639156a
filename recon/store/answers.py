"""The decisions of one command on suggestions, taken back together.

The caller holds the lock of the reconciliation. Such decisions write nothing off and take the place of none.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ARRAY, BigInteger, Connection, bindparam, text


def needed(conn: Connection, decision_ids: Sequence[int]) -> frozenset[int]:
    """Those that a later decision needs: it settled a row that they opened."""
    found = conn.execute(_NEEDED.bindparams(_ids), {"ids": list(decision_ids)})
    return frozenset(found.scalars())


def discrepancies_of(conn: Connection, decision_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """The discrepancies whose rows they settled: run -> discrepancies."""
    found = conn.execute(_DISCREPANCIES.bindparams(_ids), {"ids": list(decision_ids)})
    return {run_id: tuple(ids) for run_id, ids in found}


def revoke(conn: Connection, decision_ids: Sequence[int], *, actor: str) -> None:
    """Take them back: their rows and the open items they cleared are open again."""
    for statement in (_REVOKE, _ITEMS, _ROWS, _OPENED):
        known = {"actor": actor} if statement is _REVOKE else {}
        conn.execute(statement.bindparams(_ids), {"ids": list(decision_ids), **known})


_ids = bindparam("ids", type_=ARRAY(BigInteger))

_NEEDED = text("""
select distinct opened_by from workbench_row where opened_by = any(:ids) and decision_id is not null""")

_DISCREPANCIES = text("""
select run_id, array_agg(distinct discrepancy_id) from workbench_row
 where decision_id = any(:ids) and discrepancy_id is not null group by run_id""")

_REVOKE = text("""
update decision set revoked_at = clock_timestamp(), revoked_by = :actor
 where id = any(:ids) and revoked_at is null""")

_ITEMS = text("""
update open_item set state = 'open', cleared_by = null, cleared_at = null, decision_id = null
 where decision_id = any(:ids) and cleared_by = 'decision'""")

_ROWS = text("""
update workbench_row set decision_id = null, open_amount = amount, is_open = true where decision_id = any(:ids)""")

_OPENED = text("""
update workbench_row set opened_by = null where opened_by = any(:ids)""")
