"""Working on a run: what is published, what the same work gives again, and how a run ends that cannot be done."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, select, text

from recon.model.progress import Progress
from recon.model.rules import Rules
from recon.store import publication, runs
from recon.store.evidence import Evidence, reading_name, run_name
from recon.store.runs import Claim, Run
from recon.store.tables import discrepancy, run, run_proof, run_total
from recon.workflows import execute_run as execution
from recon.workflows.cancel_run import cancel_run
from recon.workflows.execute_run import execute_run
from recon.workflows.run_in_foreground import finish_run
from recon.workflows.submit_run import rerun
from tests.workflows.sides import REFERENCE, SOURCE, submit_both, table


def execute(engine: Engine, evidence: Evidence, run_id: int, watch: Progress | None = None) -> Run:
    with engine.begin() as conn:
        claim = runs.claim(conn, run_id, worker="test", lease_seconds=60)
    assert claim is not None
    execute_run(engine, evidence, claim, lease_seconds=60, **({"on_progress": watch} if watch else {}))
    with engine.connect() as conn:
        return runs.get(conn, run_id)


def test_a_run_publishes_its_rows_totals_proof_and_evidence(engine: Engine, evidence: Evidence) -> None:
    run_id = submit_both(engine, evidence)
    assert execute(engine, evidence, run_id).status == "succeeded"
    with engine.connect() as conn:
        row = conn.execute(select(run).where(run.c.id == run_id)).mappings().one()
        found = conn.execute(
            select(
                discrepancy.c.kind,
                discrepancy.c.source_line,
                discrepancy.c.reference_line,
                discrepancy.c.currency,
                discrepancy.c.amount,
                discrepancy.c.gross,
                discrepancy.c.payment_ref,
                discrepancy.c["pass"],
            ).order_by(discrepancy.c.id)
        ).all()
        proof = conn.execute(select(run_proof.c.currency, run_proof.c.unexplained).order_by(run_proof.c.currency)).all()
        sides = conn.execute(select(run_total.c.side, run_total.c.row_count)).all()
    assert [tuple(line) for line in found] == [
        ("amount_mismatch", 3, 3, "EUR", 200, 200, "INV-2", "identity"),
        ("missing_in_reference", 4, None, "EUR", 4_200, 4_200, "INV-3", None),
        ("missing_in_source", None, 5, "EUR", 700, 700, "INV-9", None),
    ]
    assert [tuple(line) for line in proof] == [("EUR", 0), ("JPY", 0)]
    assert sum(count for side, count in sides if side == "source") == 4
    assert (row["source_count"], row["reference_count"], row["matched_count"], row["discrepancy_count"]) == (4, 4, 3, 3)
    assert sum(row["confidence"]) == 3
    assert {"load", "store", "publish"} < set(row["seconds"])
    assert evidence.read_table(run_name(run_id, 1, "matches.parquet")).num_rows == 3
    assert set(row["manifest"]) == {
        run_name(run_id, 1, part)
        for part in ("matches.parquet", "netted.parquet", "discrepancies.parquet", "manifest.json")
    }


def test_the_same_inputs_give_the_same_digest_again(engine: Engine, evidence: Evidence) -> None:
    first = submit_both(engine, evidence)
    execute(engine, evidence, first)
    again = rerun(engine, evidence, first, actor="ana")
    assert not again.cached
    execute(engine, evidence, again.run_id)
    with engine.connect() as conn:
        digests = conn.execute(select(run.c.digest)).scalars().all()
    assert len(digests) == 2
    assert len(set(digests)) == 1


def test_shuffled_files_give_the_same_digest_and_another_amount_another_one(engine: Engine, evidence: Evidence) -> None:
    order = np.random.default_rng(7).permutation(4)
    changed = (*SOURCE[:3], ("INV-4", SOURCE[3][1], 901, "JPY", "Osaka Tools"))
    sides = [
        {},
        {"source": table([SOURCE[i] for i in order]), "reference": table([REFERENCE[i] for i in order[::-1]])},
        {"source": table(changed)},
    ]
    for one in sides:
        execute(engine, evidence, submit_both(engine, evidence, **one))
    with engine.connect() as conn:
        first, shuffled, other = conn.execute(select(run.c.digest).order_by(run.c.id)).scalars()
    assert first == shuffled
    assert first != other


def test_empty_files_reconcile_to_nothing(engine: Engine, evidence: Evidence) -> None:
    run_id = submit_both(engine, evidence, source=table([]), reference=table([]))
    assert execute(engine, evidence, run_id).status == "succeeded"


def test_text_that_the_database_cannot_hold_is_cut_or_marked(engine: Engine, evidence: Evidence) -> None:
    day = SOURCE[0][1]
    hostile = table(
        [("A\x00B", day, 100, "EUR", "x" * 2_000_000), ("C", day, 200, "EUR", '\\.\n"; drop table run; --')]
    )
    run_id = submit_both(engine, evidence, source=hostile, reference=table([]))
    assert execute(engine, evidence, run_id).status == "succeeded"
    with engine.connect() as conn:
        columns = (discrepancy.c.payment_ref, discrepancy.c.description)
        first, second = conn.execute(select(*columns).order_by(discrepancy.c.id)).all()
    assert tuple(first) == ("A\ufffdB", "x" * 2_000)
    assert tuple(second) == ("C", '\\.\n"; drop table run; --')


def stages_of(engine: Engine, evidence: Evidence) -> list[str]:
    seen: dict[str, None] = {}
    execute(engine, evidence, submit_both(engine, evidence), lambda stage, _done, _total: seen.setdefault(stage))
    return list(seen)


def test_a_cancel_at_any_stage_before_the_end_publishes_nothing(engine: Engine, evidence: Evidence) -> None:
    stages = stages_of(engine, evidence)
    assert stages[0] == "load"
    assert stages[-2:] == ["publish", "published"]
    for number, stage in enumerate(stages, start=1):
        run_id = submit_both(engine, evidence, source=table([*SOURCE, (f"X{number}", SOURCE[0][1], 1, "EUR", "x")]))

        def cancel_here(now: str, _done: int, _total: int, stage: str = stage, run_id: int = run_id) -> None:
            if now == stage:
                cancel_run(engine, run_id, actor="ben")

        ended = execute(engine, evidence, run_id, cancel_here)
        assert ended.status == ("succeeded" if stage == "published" else "cancelled"), stage
        with engine.connect() as conn:
            rows = conn.execute(select(discrepancy.c.id).where(discrepancy.c.run_id == run_id)).all()
        assert bool(rows) == (stage == "published")


def test_an_attempt_that_was_replaced_while_it_worked_publishes_nothing(engine: Engine, evidence: Evidence) -> None:
    run_id = submit_both(engine, evidence)

    def replace(stage: str, _done: int, _total: int) -> None:
        if stage == "store":
            with engine.begin() as conn:
                runs.give_back(conn, Claim(run_id=run_id, attempt=1), was_harmless=False)
                assert runs.claim(conn, run_id, worker="other", lease_seconds=60)

    assert execute(engine, evidence, run_id, replace).status == "running"
    with engine.connect() as conn:
        assert conn.execute(select(discrepancy.c.id)).all() == []
    with engine.begin() as conn:
        runs.give_back(conn, Claim(run_id=run_id, attempt=2), was_harmless=True)
    assert execute(engine, evidence, run_id).published_attempt == 3


def test_missing_evidence_fails_the_run_with_a_sentence(engine: Engine, evidence: Evidence) -> None:
    run_id = submit_both(engine, evidence)
    for path in Path(evidence.url).rglob("transactions.parquet"):
        path.unlink()
    failed = execute(engine, evidence, run_id)
    assert (failed.status, failed.error_code) == ("failed", "EVIDENCE_MISSING")
    assert failed.error_text is not None
    assert failed.error_text.endswith("Restore it from a backup.")


def raising(error: Exception) -> Callable[[str, int, int], None]:
    def watch(_stage: str, _done: int, _total: int) -> None:
        raise error

    return watch


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RuntimeError("secret path /srv/x"), "UNEXPECTED"),
        (MemoryError(), "MEMORY"),
        (OSError(28, "No space left on device"), "DISK_FULL"),
    ],
)
def test_an_error_of_ours_is_a_plain_sentence_without_its_details(
    engine: Engine, evidence: Evidence, error: Exception, code: str
) -> None:
    failed = execute(engine, evidence, submit_both(engine, evidence), raising(error))
    assert (failed.status, failed.error_code) == ("failed", code)
    assert failed.error_text is not None
    assert "secret" not in failed.error_text
    assert "Traceback" not in failed.error_text


def test_what_does_not_tie_out_is_not_published(
    engine: Engine, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database counts for itself: a proof that is off by one cent stops the run."""
    honest = execution.reconcile_tables

    def off_by_one(*args: object, **options: object) -> object:
        outcome = honest(*args, **options)
        proof = replace(outcome.proof[0], source_total=outcome.proof[0].source_total + 1)
        return replace(outcome, proof=(proof, *outcome.proof[1:]))

    monkeypatch.setattr(execution, "reconcile_tables", off_by_one)
    failed = execute(engine, evidence, submit_both(engine, evidence))
    assert failed.error_code == "RUN_DOES_NOT_TIE_OUT"
    with engine.connect() as conn:
        assert conn.execute(select(discrepancy.c.id)).all() == []


def test_a_finished_run_is_given_back_without_work(engine: Engine, evidence: Evidence) -> None:
    run_id = submit_both(engine, evidence)
    first = finish_run(engine, evidence, run_id, lease_seconds=60)
    assert first.status == "succeeded"
    assert finish_run(engine, evidence, run_id, lease_seconds=60) == first


def test_the_manifest_names_the_inputs(engine: Engine, evidence: Evidence) -> None:
    run_id = submit_both(engine, evidence)
    execute(engine, evidence, run_id)
    with evidence.open(run_name(run_id, 1, "manifest.json")) as opened:
        manifest = json.load(opened)
    assert evidence.read_table(manifest["source"]).num_rows == len(SOURCE)
    assert manifest["source"] == reading_name(manifest["source"].split("/")[1], "transactions.parquet")
    assert manifest["rules"] == Rules().as_dict()


def test_after_a_large_publication_the_database_looks_at_the_rows_anew(
    engine: Engine, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "MANY_ROWS", 3)
    execute(engine, evidence, submit_both(engine, evidence))
    with engine.connect() as conn:
        known = conn.execute(text("select reltuples from pg_class where relname = 'discrepancy'")).scalar_one()
    assert known == 3
