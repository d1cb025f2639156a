"""A run on the workbench, for tests of what people do there."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from sqlalchemy import Engine, select

from recon.model.settlement import Ask, OpenRow, SettleMove
from recon.model.transactions import Side
from recon.model.triage import Resolution
from recon.store.evidence import Evidence
from recon.store.settlement_tables import workbench_row
from recon.store.tables import discrepancy
from recon.workflows.prepare_workbench import prepare_workbench
from recon.workflows.run_in_foreground import finish_run
from tests.workflows.sides import DAY, Row, submit_both, table

_serial = itertools.count()

SOURCE: tuple[Row, ...] = (
    ("INV-1", DAY, 1_000, "EUR", "Kestrel Energy"),
    ("INV-2", DAY, 2_500, "EUR", "Marlow and Sons"),
    (None, DAY, 10_000, "EUR", "Payout of the week"),
    (None, DAY, 6_000, "EUR", "Transfer"),
    (None, DAY, 777, "EUR", "Charge"),
    (None, DAY, -778, "EUR", "Reversal, wrong by a cent"),
    (None, DAY, 333, "JPY", "Osaka Tools"),
)
REFERENCE: tuple[Row, ...] = (
    ("INV-1", DAY, 1_000, "EUR", "Kestrel Energy"),
    ("INV-2", DAY, 2_300, "EUR", "Marlow and Sons"),
    (None, DAY, 4_000, "EUR", "Part one"),
    (None, DAY, 5_500, "EUR", "Part two"),
    (None, DAY, 500, "EUR", "Part three"),
)
"""One exact, one 2.00 off; the rest has no partner: 100.00 is 40.00, 55.00 and 5.00."""


def opened(
    engine: Engine,
    evidence: Evidence,
    *,
    source: Sequence[Row] = SOURCE,
    reference: Sequence[Row] = REFERENCE,
    reconciliation: str = "Bank vs ledger",
) -> int:
    """A published run, ready for the workbench; its id."""
    run_id = submit_both(
        engine, evidence, source=table(source), reference=table(reference), reconciliation=reconciliation
    )
    finish_run(engine, evidence, run_id, lease_seconds=60)
    prepare_workbench(engine, evidence, run_id)
    return run_id


def row(engine: Engine, run_id: int, side: Side, line: int) -> OpenRow:
    """One row as it stands."""
    w = workbench_row.c
    with engine.connect() as conn:
        found = conn.execute(
            select(*(w[name] for name in OpenRow.__slots__)).where(w.run_id == run_id, w.side == side, w.line == line)
        ).one()
    return OpenRow(**{**found._mapping, "side": Side(found.side)})


def ask(
    engine: Engine,
    run_id: int,
    move: SettleMove,
    *,
    source: Sequence[int] = (),
    reference: Sequence[int] = (),
    reason_code: Resolution | None = None,
    reason: str = "",
) -> Ask:
    """A command on these lines as they stand."""
    rows = [row(engine, run_id, Side.SOURCE, line) for line in source]
    rows += [row(engine, run_id, Side.REFERENCE, line) for line in reference]
    return Ask(
        run_id=run_id,
        move=move,
        rows=tuple(one.seen for one in rows),
        reason_code=reason_code,
        reason=reason,
        action_key=f"key {next(_serial)}",
    )


def open_lines(engine: Engine, run_id: int) -> dict[str, dict[int, int]]:
    """Side -> line -> what is open of it."""
    w = workbench_row.c
    with engine.connect() as conn:
        rows = conn.execute(select(w.side, w.line, w.open_amount).where(w.run_id == run_id, w.is_open).order_by(w.line))
        found: dict[str, dict[int, int]] = {"source": {}, "reference": {}}
        for one in rows:
            found[one.side][one.line] = one.open_amount
    return found


def statuses(engine: Engine, run_id: int) -> dict[int, tuple[str, str | None]]:
    """Discrepancy -> status and resolution."""
    d = discrepancy.c
    with engine.connect() as conn:
        rows = conn.execute(select(d.id, d.status, d.resolution).where(d.run_id == run_id).order_by(d.id))
        return {one.id: (one.status, one.resolution) for one in rows}
