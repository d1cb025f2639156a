"""Seals over the logs: a chain of digests that shows whether a row was changed, removed or slipped in since.

A log is sealed every so often, off the path of those who write it: each seal takes the rows since the one before, up to
the last that can have no unfinished neighbour, and its digest covers them, its own figures and the seal before it. What
a chain cannot show is that its newest seals were cut off together with their rows: for that its head is recorded with
each run of the check that verifies it and in the evidence of every run, and belongs into reports and mails that leave
this machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, Table, cast, func, insert, select, text
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.types import Text

from recon.store import roles
from recon.store.check_tables import audit_seal, variance_event
from recon.store.ledger_tables import ledger_event
from recon.store.tables import audit_event, discrepancy_event
from recon.store.workbench_tables import decision, decision_member

LOGS: Final[tuple[Table, ...]] = (audit_event, ledger_event, discrepancy_event, variance_event, decision)
"""Append-only, with ids that only grow."""

_NEVER_CHANGED: Final = {
    "decision": (
        *("id", "reconciliation_id", "kind", "reason_code", "reason", "actor", "at", "action_key", "proposal_id"),
        "members",
    )
}
"""What is sealed of a log that can still say of a row that it was taken back."""

SEAL_ROWS: Final = 100_000
"""Rows under one seal at most."""

BATCH: Final = 5_000
FIRST: Final = ""
"""What the first seal of a log has for the digest before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A row of `audit_seal`."""

    log: str
    first_id: int
    last_id: int
    row_count: int
    columns: tuple[str, ...]
    digest: str
    previous_digest: str
    sealed_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LogState:
    """What verifying one log found. `problem` is None when every seal holds; `broken_from` is the first id in doubt."""

    log: str
    sealed_count: int
    unsealed_count: int
    unsealed_since: datetime | None
    seal_count: int
    head: str | None  # the newest digest
    sealed_at: datetime | None
    problem: str | None = None
    broken_from: int | None = None
    row_difference: int = 0  # of the seal that does not hold: rows there are - rows that were sealed


def settled_id(conn: Connection, log: Table) -> int:
    """The last id up to which no row can appear any more; 0 for an empty log.

    Writers wait while the caller's transaction lasts: it should do nothing else, and end at once.
    """
    roles.as_owner(conn)
    conn.execute(text("set local lock_timeout = '5s'"))
    conn.execute(text(f"lock table {log.name} in share mode"))
    return int(conn.execute(select(func.coalesce(func.max(log.c.id), 0))).scalar_one())


def seal(conn: Connection, log: Table, *, up_to: int) -> Seal | None:
    """Seal what is new up to a settled id; None when nothing is. Of two who seal at once, one violates uniqueness."""
    before = _seals(conn, log.name, newest_first=True, limit=1)
    last_id = before[0].last_id if before else 0
    ids = select(log.c.id).where(log.c.id > last_id, log.c.id <= up_to).order_by(log.c.id).limit(SEAL_ROWS).subquery()
    span = conn.execute(select(func.min(ids.c.id), func.max(ids.c.id), func.count())).one()
    if not span[2]:
        return None
    columns = _NEVER_CHANGED.get(log.name) or tuple(column.name for column in log.columns)
    previous = before[0].digest if before else FIRST
    digest = _digest(conn, log, columns, first_id=span[0], last_id=span[1], previous=previous)[0]
    row = {
        "log": log.name,
        "first_id": span[0],
        "last_id": span[1],
        "row_count": span[2],
        "columns": list(columns),
        "digest": digest,
        "previous_digest": previous,
    }
    sealed_at = conn.execute(insert(audit_seal).values(row).returning(audit_seal.c.sealed_at)).scalar_one()
    return Seal(**row | {"columns": columns}, sealed_at=sealed_at)


def verify(conn: Connection, log: Table, *, anchors: Mapping[str, str] = MappingProxyType({})) -> LogState:
    """Check every seal of the log against its rows.

    `anchors`: heads recorded elsewhere, which must be in the chain, each with when or where it was (`with run 12`).
    """
    previous, end, sealed_count = FIRST, None, 0
    seals = _seals(conn, log.name)
    problem: tuple[str, int, int] | None = None
    for one in seals:
        problem = _problem(conn, log, one, previous=previous, after=end)
        if problem is not None:
            break
        previous, end, sealed_count = one.digest, one.last_id, sealed_count + one.row_count
    lost = anchors.keys() - {one.digest for one in seals}
    if problem is None and lost:
        where = min(anchors[digest] for digest in lost)
        problem = (f"The newest seals are gone: the head recorded {where} is not in the chain.", (end or 0) + 1, 0)
    last_id = seals[-1].last_id if seals else 0
    tail = conn.execute(select(func.count(), func.min(log.c.at)).where(log.c.id > last_id)).one()
    return LogState(
        log=log.name,
        sealed_count=sealed_count,
        unsealed_count=tail[0],
        unsealed_since=tail[1],
        seal_count=len(seals),
        head=seals[-1].digest if seals else None,
        sealed_at=seals[-1].sealed_at if seals else None,
        problem=problem and problem[0],
        broken_from=problem and problem[1],
        row_difference=problem[2] if problem else 0,
    )


def _problem(
    conn: Connection, log: Table, one: Seal, *, previous: str, after: int | None
) -> tuple[str, int, int] | None:
    """What is wrong with a seal, from which id on, and by how many rows. `after`: where the seal before it ends."""
    if one.previous_digest != previous:
        return "A seal is missing, or was put in: the chain is broken.", (after or 0) + 1, 0
    is_stray = (log.c.id < one.first_id, *(() if after is None else (log.c.id > after,)))
    stray_count, first_id = conn.execute(select(func.count(), func.min(log.c.id)).where(*is_stray)).one()
    if stray_count:
        return "Rows appeared between two seals.", first_id, stray_count
    digest, row_count = _digest(conn, log, one.columns, first_id=one.first_id, last_id=one.last_id, previous=previous)
    if digest == one.digest and row_count == one.row_count:
        return None
    changed = "Rows were changed" if row_count == one.row_count else "Rows were removed or slipped in"
    return f"{changed} since they were sealed.", one.first_id, row_count - one.row_count


def _seals(conn: Connection, log: str, *, newest_first: bool = False, limit: int | None = None) -> tuple[Seal, ...]:
    order = audit_seal.c.first_id.desc() if newest_first else audit_seal.c.first_id
    found = conn.execute(select(audit_seal).where(audit_seal.c.log == log).order_by(order).limit(limit)).mappings()
    return tuple(
        Seal(**{name: row[name] for name in Seal.__dataclass_fields__} | {"columns": tuple(row["columns"])})
        for row in found
    )


def _digest(
    conn: Connection, log: Table, columns: Sequence[str], *, first_id: int, last_id: int, previous: str
) -> tuple[str, int]:
    """sha256 over the chain so far, the span, and each row as a JSON array of texts; and how many rows there are."""
    hashed = hashlib.sha256(_line([previous, log.name, str(first_id), str(last_id), *columns]))
    row_count = 0
    for row in _rows(conn, log, columns, first_id=first_id, last_id=last_id):
        hashed.update(_line(row))
        row_count += 1
    return hashed.hexdigest(), row_count


def _rows(
    conn: Connection, log: Table, columns: Sequence[str], *, first_id: int, last_id: int
) -> Iterator[list[str | None]]:
    """Rows of a span in the order of their ids."""
    shown = [_MEMBERS if name == "members" else _as_text(log.c[name]) for name in columns]
    start = first_id
    while True:
        span = log.c.id.between(start, last_id)
        rows = conn.execute(select(log.c.id, *shown).where(span).order_by(log.c.id).limit(BATCH)).all()
        if not rows:
            return
        for id_, *row in rows:
            start = id_ + 1
            yield row


_MEMBERS: Final = (
    select(
        func.string_agg(
            func.concat_ws(":", *(decision_member.c[name] for name in ("side", "fingerprint", "amount", "currency"))),
            aggregate_order_by(text("','"), decision_member.c.side, decision_member.c.fingerprint),
        )
    )
    .where(decision_member.c.decision_id == decision.c.id)
    .scalar_subquery()
)
"""The rows a decision is about, as text."""


def _as_text(column: Any) -> Any:
    """A column as text that says the same in every session, whatever its time zone."""
    if column.type.python_type is datetime:
        return func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US')
    return cast(column, Text)


def _line(parts: Sequence[str | None]) -> bytes:
    return json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
