"""The sample company in the database: its ledger, and some weeks of its exports, each reconciled twice.

Everything takes the path that any company's files and commands take.

The weeks differ, and follow each other: what one leaves open goes on in the next, as of the Monday after it. The older
one is, the more of it is cleared; the newest is run again with what was decided about it.

Loading twice in one week changes nothing: the same files under the same rules are the same runs, and what is there is
not decided on again. Only the ledger has money that left yesterday, whatever day that is.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from recon.config import settings
from recon.demo.books import load_books
from recon.demo.clear import clear_some
from recon.demo.period import DEMO_RULES
from recon.demo.weeks import DAYS, build_week, write_week
from recon.demo.write_offs import name_accounts
from recon.errors import RulesChanged
from recon.model.progress import Progress, silent
from recon.model.transactions import Side
from recon.queries.carrying import carrying
from recon.store.carry import OF_NEW
from recon.store.evidence import Evidence
from recon.workflows.read_upload import StoredReading, read_upload
from recon.workflows.receive_upload import receive_upload
from recon.workflows.run_in_foreground import finish_run
from recon.workflows.save_carrying import CarryChange, save_carrying
from recon.workflows.save_rules import save_rules
from recon.workflows.start_run import start_run
from recon.workflows.store_reading import store_reading
from recon.workflows.submit_run import Submitted

WEEKS: Final = 4
CLEARED_TENTHS: Final = (2, 5, 8, 9)
"""How much of a week is cleared one, two, three or more weeks later."""

RULES_NOTE: Final = "The bank rounds, and books up to two days later."

PAIRS: Final = {"Gateway to billing": ("gateway", "billing"), "Bank to gateway": ("bank", "gateway")}
CARRIES: Final = {
    "Gateway to billing": CarryChange(is_on=True, calendar="ZA", source_due_days=2, reference_due_days=2),
    "Bank to gateway": CarryChange(is_on=True, calendar="ZA", reference_due_days=7),
}
"""An invoice follows within two South African business days; the bank has money of the gateway within seven."""


ANSWERS: Final = {"DAY_MONTH_ORDER": "DMY"}
"""What the files of a week early in a month leave open."""


def load_demo(
    engine: Engine,
    evidence: Evidence,
    *,
    actor: str,
    today: date | None = None,
    weeks: int = WEEKS,
    on_progress: Progress = silent,
) -> tuple[int, ...]:
    """Keep the ledger of the last weeks before `today`, and upload, read and reconcile their exports, oldest first.

    Returns the runs' numbers, two a week. `on_progress` hears the week at hand, how many weeks are done, and of how
    many.
    """
    today = today or datetime.now(UTC).date()
    run_ids: list[int] = []
    load_books(engine, actor=actor, today=today, mondays=_mondays(today, weeks))
    _carry_open_items(engine, actor)
    for done, first_on in enumerate(_mondays(today, weeks)):
        on_progress(f"Week of {first_on.day} {first_on:%B}", done, weeks)
        tenths = CLEARED_TENTHS[min(weeks - done, len(CLEARED_TENTHS)) - 1]
        run_ids += _load_week(engine, evidence, first_on, actor, tenths=tenths, is_newest=done == weeks - 1)
    on_progress("All weeks", weeks, weeks)
    return tuple(run_ids)


def _mondays(today: date, weeks: int) -> Iterator[date]:
    """The first days of the last whole weeks, oldest first."""
    monday = today - timedelta(days=today.weekday())
    return (monday - timedelta(weeks=weeks_ago) for weeks_ago in range(weeks, 0, -1))


def _carry_open_items(engine: Engine, actor: str) -> None:
    """As the company wants it, unless a person said otherwise since."""
    for name in PAIRS:
        if carrying(engine, name) == OF_NEW:
            save_carrying(engine, reconciliation=name, change=CARRIES[name], actor=actor)


def _load_week(
    engine: Engine, evidence: Evidence, first_on: date, actor: str, *, tenths: int, is_newest: bool
) -> Iterator[int]:
    with tempfile.TemporaryDirectory(prefix="tieout-demo-") as folder:
        paths = write_week(Path(folder), build_week(first_on), suffix=f"-{first_on:%G-W%V}")
        readings = {name: _read(engine, evidence, path, actor) for name, path in paths.items()}
    as_of = first_on + timedelta(days=DAYS)
    for name, (source, reference) in PAIRS.items():
        sides = {Side.SOURCE: readings[source], Side.REFERENCE: readings[reference]}
        started = _run(engine, evidence, name, sides, as_of, actor)
        if not started.cached:
            name_accounts(engine, started.run_id, actor=actor, today=as_of)
            clear_some(engine, evidence, started.run_id, tenths=tenths, actor=actor)
            if is_newest:  # what was decided holds in it
                started = _run(engine, evidence, name, sides, as_of, actor)
        yield started.run_id


def _read(engine: Engine, evidence: Evidence, path: Path, actor: str) -> StoredReading:
    receipt = receive_upload(engine, evidence, path, filename=path.name, actor=actor)
    return read_upload(engine, evidence, receipt.upload.id, answers=ANSWERS, read_here=store_reading)


def _run(
    engine: Engine, evidence: Evidence, name: str, sides: Mapping[Side, StoredReading], as_of: date, actor: str
) -> Submitted:
    started = start_run(engine, evidence, reconciliation=name, sides=sides, rules=DEMO_RULES, actor=actor, as_of=as_of)
    with suppress(RulesChanged):  # a person saved others since: theirs stand
        save_rules(engine, reconciliation=name, rules=DEMO_RULES, after=0, note=RULES_NOTE, actor=actor)
    finish_run(engine, evidence, started.run_id, lease_seconds=settings().lease_seconds)
    return started
