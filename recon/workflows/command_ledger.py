"""Carry out one ledger command: open an account, transfer, post an entry, reverse one. All of it or nothing.

The same command sent again gives the event of its first time. A refusal is a sentence, and leaves the ledger as it was.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from recon.ledger import check, decide, posting_of, repeat
from recon.ledger.refusals import EntryStands, LedgerBusy, LedgerRefusal
from recon.model.ledger import Command, Fact, LedgerEvent, Posting, ReverseEntry, fingerprint
from recon.model.people import Action, Deed, Person
from recon.store import ledger, write_offs
from recon.workflows.permit import limited_person, permit_alone, permit_often

TRIES: Final = 5
"""Deciding again after another command won a race; each time someone else got on, so a few are plenty."""

LEDGER_DEEDS: Final = (Deed.POST, Deed.REVERSE)


def command_ledger(engine: Engine, command: Command, *, actor: str, today: date) -> LedgerEvent:
    """The event that carries the command out; an entry it posts has the event's id. Raises a `LedgerRefusal`.

    `today` is the day of an entry whose command names none. Raises SecondPersonNeeded for an entry that is more than
    the actor may post alone: then it can be proposed.
    """
    check(command)
    permit_often(engine, actor, Action.LEDGER)
    alone = limited_person(engine, actor, LEDGER_DEEDS)
    for _ in range(TRIES):
        try:
            return _once(engine, command, actor=actor, today=today, alone=alone)
        except DBAPIError as error:
            if not ledger.lost_a_race(error):
                raise
    raise LedgerBusy


def carry_out(
    conn: Connection, command: Command, *, actor: str, today: date, alone: Person | None = None
) -> LedgerEvent:
    """The same in the caller's transaction. `alone`: the person whose limits count; None where there are none."""
    said = fingerprint(command)
    try:
        found = _answer(conn, command, said, today=today)
    except LedgerRefusal:
        # What others did while we waited for the locks shows only to a second look: it may be this very command.
        found = _answer(conn, command, said, today=today)
    if isinstance(found, LedgerEvent):
        return found
    posting = posting_of(found)
    if alone is not None and posting is not None:
        permit_alone(conn, alone, deed_of(posting))
    return ledger.append(conn, found, posting, key=command.key, fingerprint=said, actor=actor)


def deed_of(posting: Posting) -> dict[Deed, dict[str, int]]:
    """What posting it is, with its debits by currency."""
    debits: dict[str, int] = {}
    for line in posting.lines:
        debits[line.currency] = debits.get(line.currency, 0) + max(line.amount, 0)
    return {Deed.POST if posting.reverses_id is None else Deed.REVERSE: debits}


def _once(engine: Engine, command: Command, *, actor: str, today: date, alone: Person | None) -> LedgerEvent:
    with engine.begin() as conn:
        return carry_out(conn, command, actor=actor, today=today, alone=alone)


def _answer(conn: Connection, command: Command, said: str, *, today: date) -> LedgerEvent | Fact:
    """What came of the command before, or the fact that carries it out now."""
    standing = ledger.standing(conn, command)
    if standing.earlier is not None:
        return repeat(standing.earlier, fingerprint=said)
    if isinstance(command, ReverseEntry):
        _refuse_standing(conn, command.entry_id)
    return decide(command, standing, today=today)


def _refuse_standing(conn: Connection, entry_id: int) -> None:
    """An entry behind a write-off or an adjustment is not reversed under it: that is taken back first."""
    standing = write_offs.standing_in(conn, entry_id)
    if not standing:
        return
    first, more = standing[0], len(standing) - 1
    others = f" and {more:,} more" if more else ""
    if first.discrepancy_id is not None:
        what = f"discrepancy {first.discrepancy_id}{others} of run {first.run_id}"
        raise EntryStands(entry_id, behind=what, undo="Reopen on Triage what was resolved so")
    undo = "Take that back on the Workbench"
    raise EntryStands(entry_id, behind=f"decision {first.decision_id}{others} of run {first.run_id}", undo=undo)
