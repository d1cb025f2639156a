"""Seal the append-only logs, and verify the seals: each log in a transaction of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sqlalchemy import Engine, Table
from sqlalchemy.exc import DBAPIError

from recon.store import audit_seal
from recon.store.audit_seal import LogState, Seal

BUSY: Final = ("55P03", "23505", "40P01")
"""What PostgreSQL says when a lock was not to be had in time, another seal came first, or of a deadlock."""


def seal_logs(engine: Engine) -> tuple[Seal, ...]:
    """Seal what is new, log by log; a log that others keep busy, or another process is sealing, waits for next time."""
    sealed = []
    for log in audit_seal.LOGS:
        try:
            with engine.begin() as conn:
                up_to = audit_seal.settled_id(conn, log)
            while (found := _seal(engine, log, up_to)) is not None:
                sealed.append(found)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in BUSY:
                raise
    return tuple(sealed)


def _seal(engine: Engine, log: Table, up_to: int) -> Seal | None:
    with engine.begin() as conn:
        return audit_seal.seal(conn, log, up_to=up_to)


def verify_logs(engine: Engine, *, anchors: Mapping[str, Mapping[str, str]] | None = None) -> tuple[LogState, ...]:
    """Whether every seal still holds. `anchors`: log -> heads noted elsewhere, which must be in its chain -> where."""
    recorded = anchors or {}
    states = []
    for log in audit_seal.LOGS:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as conn:
            states.append(audit_seal.verify(conn, log, anchors=recorded.get(log.name, {})))
    return tuple(states)
