"""A try-out: a real child on a stored run, which leaves every table and every file of evidence as it was."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text

from recon.model.outcome import RowOutcome
from recon.model.rules import Rules
from recon.model.tryout import PairChange
from recon.queries.runs import run_detail
from recon.store.evidence import Evidence, reading_name
from recon.store.reading_files import TRANSACTIONS
from recon.store.tables import metadata
from recon.workflows import run_key as run_key_module
from recon.workflows import try_rules
from recon.workflows.run_in_foreground import finish_run
from recon.workflows.submit_run import submit_run
from recon.workflows.try_rules import Phase, TryOut, TryOuts, engine_has_changed
from tests.workflows.sides import DAY, store_both, table

WIDE = Rules(amount_tolerance_minor=300, days_after=3)
SOURCE = table([(None, DAY, 1_000, "EUR", "Kestrel Energy"), (None, DAY, 2_500, "EUR", "Marlow and Sons")])
REFERENCE = table([(None, DAY, 1_000, "EUR", "Kestrel Energy"), (None, DAY, 2_300, "EUR", "Marlow and Sons")])
FAULTY = {
    "slow": """if True:
        import time
        print('{"stage": "exact", "rows_done": 2, "rows_total": 4}', flush=True)
        time.sleep(60)
    """,
    "refused": 'import sys; print(\'{"text": "The stored file x is gone."}\'); sys.exit(2)',
    "hungry": "import sys; print('noise'); sys.exit(3)",
    "broken": "import sys; sys.exit(1)",
}


@pytest.fixture
def run_id(engine: Engine, evidence: Evidence) -> int:
    """A published run in which one pair is 2.00 off and so no match."""
    source, reference = store_both(engine, evidence, source=SOURCE, reference=REFERENCE)
    wanted = {"source_reading_id": source, "reference_reading_id": reference, "rules": Rules(), "actor": "ana"}
    run = submit_run(engine, evidence, reconciliation="Bank vs ledger", **wanted)
    assert finish_run(engine, evidence, run.run_id, lease_seconds=60).status == "succeeded"
    return run.run_id


@pytest.fixture
def wanted(engine: Engine, run_id: int) -> TryOut:
    return TryOut.of(run_detail(engine, run_id), WIDE)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def ended(outs: TryOuts, wanted: TryOut) -> Phase:
    def phase() -> Phase | None:
        standing = outs.standing(wanted.key)
        return standing.phase if standing and not standing.is_live else None

    until(lambda: phase() is not None)
    found = phase()
    assert found is not None
    return found


def stored_rows(engine: Engine) -> dict[str, object]:
    """What every table holds, by its size and its newest transaction."""
    with engine.connect() as conn:
        rows = {name: conn.execute(select(func.count()).select_from(t)).scalar() for name, t in metadata.tables.items()}
        newest = func.max(text("xmin::text::bigint"))
        changed = {name: conn.execute(select(newest).select_from(t)).scalar() for name, t in metadata.tables.items()}
    return {**rows, **{f"{name} changed": value for name, value in changed.items()}}


def files(evidence_url: str) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for path in Path(evidence_url).rglob("*") if path.is_file()}


def test_a_try_out_says_what_the_rules_would_have_made_of_the_run_and_changes_nothing(
    engine: Engine, evidence_url: str, home: Path, wanted: TryOut
) -> None:
    rows, before = stored_rows(engine), files(evidence_url)
    outs = TryOuts(evidence_url, home / "tryouts")
    assert outs.standing(wanted.key) is None
    outs.start(wanted)
    assert ended(outs, wanted) is Phase.DONE
    result = outs.result(wanted.key)
    assert result is not None
    assert (result.matched_count, result.suggested_count, result.discrepancy_count) == (2, 0, 1)
    assert result.changes == {PairChange.NEWLY_MATCHED: 1, PairChange.NO_LONGER_MATCHED: 0, PairChange.CHANGED: 0}
    assert [line.unexplained for line in result.proof] == [0]
    assert {(total.outcome, total.row_count) for total in result.totals} >= {(RowOutcome.MATCHED, 2)}
    assert outs.changes_path(wanted.key).exists()
    assert (stored_rows(engine), files(evidence_url)) == (rows, before)


def test_what_was_tried_is_there_at_once_also_after_a_restart(
    evidence_url: str, home: Path, wanted: TryOut, monkeypatch: pytest.MonkeyPatch
) -> None:
    outs = TryOuts(evidence_url, home / "tryouts")
    outs.start(wanted)
    assert ended(outs, wanted) is Phase.DONE
    monkeypatch.setattr(try_rules.subprocess, "Popen", None)
    again = TryOuts(evidence_url, home / "tryouts")
    again.start(wanted)
    assert ended(again, wanted) is Phase.DONE


def test_a_try_out_says_how_far_it_is_and_is_cancelled_at_work_and_waiting(home: Path, wanted: TryOut) -> None:
    outs = TryOuts("unused", home / "tryouts", command=[sys.executable, "-c", FAULTY["slow"]])
    second = replace(wanted, rules=Rules())
    outs.start(wanted)
    until(lambda: getattr(outs.standing(wanted.key), "stage", "") == "exact")
    standing = outs.standing(wanted.key)
    assert standing is not None
    assert (standing.phase, standing.rows_done, standing.rows_total) == (Phase.RUNNING, 2, 4)
    outs.start(second)
    waiting = outs.standing(second.key)
    assert waiting is not None
    assert waiting.phase is Phase.WAITING
    for one in (second, wanted):
        outs.cancel(one.key)
        outs.cancel(one.key)
        assert ended(outs, one) is Phase.CANCELLED
    until(lambda: not outs.is_busy())


@pytest.mark.parametrize(
    ("fault", "sentence"), [("refused", "x is gone"), ("hungry", "more memory"), ("broken", "process stopped")]
)
def test_a_try_out_that_fails_says_why_and_may_be_asked_for_again(
    home: Path, wanted: TryOut, fault: str, sentence: str
) -> None:
    outs = TryOuts("unused", home / "tryouts", command=[sys.executable, "-c", FAULTY[fault]])
    for _ in range(2):
        outs.start(wanted)
        assert ended(outs, wanted) is Phase.FAILED
        standing = outs.standing(wanted.key)
        assert standing is not None
        assert sentence in str(standing.problem)


def test_a_run_knows_whether_the_engine_is_still_the_one_that_made_it(
    engine: Engine, run_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    detail = run_detail(engine, run_id)
    assert not engine_has_changed(engine, detail)
    monkeypatch.setattr(run_key_module, "engine_version", lambda: "another")
    assert engine_has_changed(engine, detail)


def test_rows_that_are_gone_are_a_sentence(evidence_url: str, home: Path, wanted: TryOut) -> None:
    gone = replace(wanted, source_rows=reading_name("0" * 64, TRANSACTIONS))
    outs = TryOuts(evidence_url, home / "tryouts")
    outs.start(gone)
    assert ended(outs, gone) is Phase.FAILED
    standing = outs.standing(gone.key)
    assert standing is not None
    assert "is not in the evidence store" in str(standing.problem)


def test_only_the_newest_results_are_kept(home: Path, wanted: TryOut, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(try_rules, "KEPT", 2)
    for n in range(4):
        (home / "tryouts" / f"old-{n}").mkdir(parents=True)
    outs = TryOuts("unused", home / "tryouts", command=[sys.executable, "-c", FAULTY["broken"]])
    outs.start(wanted)
    until(lambda: len(list((home / "tryouts").iterdir())) == 2)
