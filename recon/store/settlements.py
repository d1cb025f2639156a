"""The workbench's writes: a run's open rows, the decisions that settle them, and what is taken back.

Rules kept: whoever changes anything holds the lock of the reconciliation (`lock_scope`), so a row is never in two
decisions that stand; a decision, its rows, its open items and its settlement change together or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    Text,
    bindparam,
    select,
    text,
)

from recon.errors import RowsChanged, RunNotFound
from recon.model.decisions import DecisionKind
from recon.model.rules import Rules
from recon.model.settlement import OpenRow, Settlement
from recon.store import open_items
from recon.store.settlement_tables import settlement
from recon.store.tables import run
from recon.store.workbench_tables import decision, decision_member


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


def kept(conn: Connection, decision_id: int) -> Kept | None:
    """The settlement of a decision."""
    query = _KEPT.where(settlement.c.decision_id == decision_id)
    row = conn.execute(query).one_or_none()
    return None if row is None else _kept(row)


def kept_by_key(conn: Connection, action_key: str) -> tuple[Kept, ...]:
    """What the command with this key settled before."""
    rows = conn.execute(_KEPT.where(settlement.c.action_key == action_key).order_by(settlement.c.decision_id))
    return tuple(_kept(row) for row in rows)


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
   and item.side = m.side and item.fingerprint = m.fingerprint and item.state <> 'cleared'
   and not exists (select from settlement part
                    where part.decision_id = m.decision_id and part.residual_side is not null)""")
"""But for those of a match that leaves a part of a row open: its rows go into the next run together."""


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


def _numbers(name: str) -> Any:
    return bindparam(name, type_=ARRAY(BigInteger))


def _texts(name: str) -> Any:
    return bindparam(name, type_=ARRAY(Text))
