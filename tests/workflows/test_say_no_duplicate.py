"""A row that looks like a copy and is none: said once, it holds in every later run, until it is taken back."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select

from recon.errors import SettlementRefused
from recon.queries.discrepancy_detail import discrepancy_detail
from recon.store.evidence import Evidence
from recon.store.tables import discrepancy
from recon.workflows.say_no_duplicate import SAID, say_no_duplicate
from recon.workflows.undo_settlement import undo_settlement
from tests.workflows.pool import Pool, row

FILES = ([row("T", 5), row("T", 5), row("K", 9)], [row("T", 5)])


def duplicates(pool: Pool, run_id: int) -> list[int]:
    wanted = discrepancy.c.run_id == run_id, discrepancy.c.kind == "duplicate"
    with pool.engine.connect() as conn:
        return list(conn.execute(select(discrepancy.c.id).where(*wanted)).scalars())


@pytest.mark.parametrize("carries", [True, False])
def test_it_is_a_movement_of_its_own_from_the_next_run_on(engine: Engine, evidence: Evidence, carries: bool) -> None:
    pool = Pool(engine=engine, evidence=evidence, carries=carries)
    first = pool.run(*FILES)
    (copy,) = duplicates(pool, first)
    said = say_no_duplicate(engine, evidence, first, [copy], actor="ana", action_key="k")
    assert say_no_duplicate(engine, evidence, first, [copy], actor="ana", action_key="k") == said
    detail = discrepancy_detail(engine, copy)
    assert (detail.row.status, detail.denied_by, detail.history[-1].comment) == ("open", said[0], SAID)
    with pytest.raises(SettlementRefused):
        say_no_duplicate(engine, evidence, first, [copy], actor="ben", action_key="again")
    assert duplicates(pool, pool.run(*FILES)) == []
    undo_settlement(engine, said[0], actor="ana")
    assert len(duplicates(pool, pool.run(*FILES))) == 1


def test_only_a_duplicate_can_be_none(engine: Engine, evidence: Evidence) -> None:
    pool = Pool(engine=engine, evidence=evidence)
    first = pool.run(*FILES)
    missing = discrepancy.c.run_id == first, discrepancy.c.kind == "missing_in_reference"
    with engine.connect() as conn:
        (number,) = conn.execute(select(discrepancy.c.id).where(*missing)).scalars()
    with pytest.raises(SettlementRefused):
        say_no_duplicate(engine, evidence, first, [number], actor="ana", action_key="k")
