"""Carry out one ledger command: open an account, transfer, post an entry, reverse one. All of it or nothing.

The same command sent again gives the event of its first time. A refusal is a sentence, and leaves the ledger as it was.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from recon.ledger import check, decide, posting_of, repeat
from recon.ledger.refusals import LedgerBusy, LedgerRefusal
from recon.model.ledger import Command, Fact, LedgerEvent, fingerprint
from recon.model.people import Action
from recon.store import ledger
from recon.workflows.permit import permit_often

TRIES: Final = 5
"""Deciding again after another command won a race; each time someone else got on, so a few are plenty."""


def command_ledger(engine: Engine, command: Command, *, actor: str, today: date) -> LedgerEvent:
    """The event that carries the command out; an entry it posts has the event's id. Raises a `LedgerRefusal`.

    `today` is the day of an entry whose command names none.
    """
    check(command)
    permit_often(engine, actor, Action.LEDGER)
    for _ in range(TRIES):
        try:
            return _once(engine, command, actor=actor, today=today)
        except DBAPIError as error:
            if not ledger.lost_a_race(error):
                raise
    raise LedgerBusy


def _once(engine: Engine, command: Command, *, actor: str, today: date) -> LedgerEvent:
    said = fingerprint(command)
    with engine.begin() as conn:
        try:
            found = _answer(conn, command, said, today=today)
        except LedgerRefusal:
            # What others did while we waited for the locks shows only to a second look: it may be this very command.
            found = _answer(conn, command, said, today=today)
        if isinstance(found, LedgerEvent):
            return found
        return ledger.append(conn, found, posting_of(found), key=command.key, fingerprint=said, actor=actor)


def _answer(conn: Connection, command: Command, said: str, *, today: date) -> LedgerEvent | Fact:
    """What came of the command before, or the fact that carries it out now."""
    standing = ledger.standing(conn, command)
    if standing.earlier is not None:
        return repeat(standing.earlier, fingerprint=said)
    return decide(command, standing, today=today)
