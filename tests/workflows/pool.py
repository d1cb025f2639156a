"""A reconciliation that carries its open items, run file by file; and what its open items are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import Engine, select

from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.store import carry, runs
from recon.store.carry import CarrySettings
from recon.store.evidence import Evidence
from recon.store.runs import Run
from recon.store.workbench_tables import open_item, run_carry, run_side
from recon.workflows.execute_run import execute_run
from recon.workflows.submit_run import Submitted, submit_run
from tests.builders import transactions
from tests.workflows.sides import store

AS_OF = date(2026, 3, 31)
Rows = Sequence[dict[str, Any]]


@dataclass(kw_only=True)
class Pool:
    """The reconciliation under test. Rows are dicts as `tests.builders.transactions` takes them."""

    engine: Engine
    evidence: Evidence
    calendar: str = ""
    source_due_days: int | None = None
    reference_due_days: int | None = None
    rules: Rules = field(default_factory=Rules)
    name: str = "Gateway vs bank"
    carries: bool = True

    def __post_init__(self) -> None:
        with self.engine.begin() as conn:
            self.id = runs.reconciliation_id(conn, name=self.name, actor="ana")
            due = {Side.SOURCE: self.source_due_days, Side.REFERENCE: self.reference_due_days}
            carry.save_settings(conn, self.id, CarrySettings(is_on=self.carries, calendar=self.calendar, due_days=due))

    def readings(self, source: Rows, reference: Rows) -> tuple[int, int]:
        """Both files, read."""
        return tuple(  # type: ignore[return-value]
            store(self.engine, self.evidence, transactions(*rows), filename=f"{side}.csv")
            for side, rows in (("source", source), ("reference", reference))
        )

    def submit(
        self,
        source: Rows,
        reference: Rows,
        *,
        as_of: date | None = AS_OF,
        rerun_of: int | None = None,
        rules: Rules | None = None,
    ) -> Submitted:
        ours, theirs = self.readings(source, reference)
        return submit_run(
            self.engine,
            self.evidence,
            reconciliation=self.name,
            source_reading_id=ours,
            reference_reading_id=theirs,
            rules=rules or self.rules,
            actor="ana",
            rerun_of=rerun_of,
            as_of=as_of,
        )

    def run(self, source: Rows, reference: Rows, **asked: Any) -> int:
        """Run two files; returns the run's number once it is published."""
        run_id = self.submit(source, reference, **asked).run_id
        assert self.execute(run_id).status == "succeeded"
        return run_id

    def execute(self, run_id: int) -> Run:
        """Work on a waiting run here."""
        with self.engine.begin() as conn:
            claim = runs.claim(conn, run_id, worker="test", lease_seconds=60)
        if claim is not None:
            execute_run(self.engine, self.evidence, claim, lease_seconds=60)
        with self.engine.connect() as conn:
            return runs.get(conn, run_id)

    def open(self) -> list[str]:
        """What is open, by description; `~` before it where its counterpart is not due yet."""
        return sorted(
            ("~" if row.state == "in_transit" else "") + (row.description or "?")
            for row in self.items()
            if row.state != "cleared"
        )

    def items(self) -> Sequence[Any]:
        """All items ever, by number."""
        with self.engine.connect() as conn:
            own = open_item.c.reconciliation_id == self.id
            return conn.execute(select(open_item).where(own).order_by(open_item.c.id)).all()

    def item(self, description: str) -> Any:
        """The one item with this description."""
        (found,) = [row for row in self.items() if row.description == description]
        return found

    def carry_of(self, run_id: int) -> Any:
        with self.engine.connect() as conn:
            return conn.execute(select(run_carry).where(run_carry.c.run_id == run_id)).one()

    def side_of(self, run_id: int, side: Side) -> Any:
        with self.engine.connect() as conn:
            wanted = run_side.c.run_id == run_id, run_side.c.side == side.value
            return conn.execute(select(run_side).where(*wanted)).one()


def row(text: str, amount: int, day: int = 2, **values: Any) -> dict[str, Any]:
    """A movement of March; `text` names it, and is its payment_ref unless another is given."""
    return {"description": text, "payment_ref": text, "amount": amount, "date": date(2026, 3, day), **values}
