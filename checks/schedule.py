"""The checks on the sidecar's timetable, and the process that works on their slots: `python -m checks.schedule`.

A slot has one result, however often it is begun: a check that was made and not marked so gives its result again.
"""

from __future__ import annotations

import sys
from typing import Final

import structlog
from sqlalchemy import Connection, Engine

from checks import CHECKS, runner
from checks.check import CheckBook, CheckStatus, Judgement
from recon.alerts import outbox
from recon.model.checks import EXAMINED
from recon.model.schedule import ScheduledCheck
from recon.store import checks as store
from recon.store.schedules import GAVE_UP, SlotClaim
from recon.worker import slots
from recon.worker.timetable import Timetable
from recon.workflows.child_process import module_command

REQUESTED_BY: Final = "schedule"

log = structlog.get_logger(__name__)


def run_slot(engine: Engine, claim: SlotClaim) -> None:
    """Make the check of the slot and record what it finds; what a check cannot do is recorded too."""
    wanted = _wanted(claim)
    if wanted is None:
        return
    check, book = wanted
    try:
        runner.run_check(engine, check, book, as_of=claim.slot_at.date(), requested_by=REQUESTED_BY, slot=claim.slot_at)
    except runner.CheckSuperseded:
        log.warning("check_superseded", check=claim.check_name, book=claim.book, slot_at=claim.slot_at.isoformat())


def record_given_up(conn: Connection, claim: SlotClaim) -> None:
    """The check could not be carried out in this slot: an error, and an alert if that is news."""
    wanted = _wanted(claim)
    if wanted is None:
        return
    check, book = wanted
    begun = store.begin(
        conn, check.line, book=book, as_of=claim.slot_at.date(), requested_by=REQUESTED_BY, slot=claim.slot_at
    )
    if begun is None:
        return  # it was made, and only its end was not noted
    judgement = Judgement(status=CheckStatus.ERROR, summary=GAVE_UP, metrics={EXAMINED: 0})
    change = store.finish(conn, begun, judgement, duration_ms=0)
    if change is not None:
        outbox.add(conn, change)


def _wanted(claim: SlotClaim) -> runner.Wanted | None:
    """The check of the slot; None when this version has it no more, and the slot is left from an earlier one."""
    found = runner.select(name=claim.check_name, book=CheckBook(claim.book))
    if not found:
        log.warning("check_unknown", check=claim.check_name, book=claim.book)
    return found[0] if found else None


TIMETABLE: Final = Timetable(
    checks=tuple(
        ScheduledCheck(check_name=check.name, book=book, category=check.line.category)
        for check in CHECKS
        for book in check.line.books
    ),
    child=module_command("checks.schedule"),
    record_given_up=record_given_up,
)

if __name__ == "__main__":
    raise SystemExit(slots.main(sys.argv[1:], run_slot))
