"""Open items live on across runs: what is late clears them, what comes twice adds nothing, the proof stays exact."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, select, text

from recon.model.decisions import DecisionKind, Member
from recon.model.rules import Rules
from recon.model.transactions import Side
from recon.store import decisions, open_items, runs
from recon.store.evidence import Evidence, run_name
from recon.store.settlement_tables import workbench_run
from recon.store.tables import discrepancy, run_proof
from recon.workflows import execute_run as execution
from recon.workflows.prepare_workbench import prepare_workbench
from recon.workflows.submit_run import rerun
from tests.workflows.pool import AS_OF, Pool, row


@pytest.fixture
def pool(engine: Engine, evidence: Evidence) -> Pool:
    return Pool(engine=engine, evidence=evidence)


JANUARY = ([row("A", 100), row("B", 200)], [row("A", 100)])


def test_what_has_no_counterpart_is_open_and_a_late_counterpart_clears_it(pool: Pool) -> None:
    first = pool.run(*JANUARY)
    assert pool.open() == ["B"]
    second = pool.run([row("C", 300, 9)], [row("B", 200, 3), row("C", 300, 9)])
    assert pool.open() == []
    item = pool.item("B")
    assert (item.first_run_id, item.cleared_run_id, item.cleared_by) == (first, second, "match")
    carried = pool.carry_of(second)
    assert (carried.carried_count, carried.cleared_count, carried.opened_count) == (1, 1, 0)
    assert pool.carry_of(first).opened_count == 1


def test_the_proof_of_a_run_is_about_its_new_rows_and_what_it_carried(pool: Pool) -> None:
    pool.run(*JANUARY)
    second = pool.run([row("C", 300, 9)], [row("D", 50, 9)])
    with pool.engine.connect() as conn:
        proof = conn.execute(select(run_proof).where(run_proof.c.run_id == second)).one()
        found = conn.execute(
            select(discrepancy.c.kind, discrepancy.c.source_line).where(discrepancy.c.run_id == second)
        )
        lines = {(line.kind, line.source_line) for line in found}
    assert (proof.source_count, proof.source_total, proof.reference_total, proof.unexplained) == (2, 500, 50, 0)
    assert ("missing_in_reference", -pool.item("B").id) in lines
    assert pool.open() == ["B", "C", "D"]


def test_an_item_keeps_the_day_it_was_first_seen(pool: Pool) -> None:
    pool.run(*JANUARY, as_of=date(2026, 3, 3))
    pool.run([row("C", 300, 9)], [row("C", 300, 9)], as_of=date(2026, 3, 10))
    assert pool.item("B").first_seen_on == date(2026, 3, 3)


def test_the_same_question_is_the_same_run_even_after_it_changed_the_open_items(pool: Pool) -> None:
    first = pool.run(*JANUARY)
    again = pool.submit(*JANUARY)
    assert (again.run_id, again.cached) == (first, True)
    another = pool.submit(*JANUARY, as_of=AS_OF + timedelta(days=1))
    assert another.run_id != first


def test_files_of_an_older_run_are_that_run_unless_another_day_is_asked_for(pool: Pool) -> None:
    first = pool.run(*JANUARY)
    pool.run([row("C", 300, 9)], [row("C", 300, 9)])
    assert pool.submit(*JANUARY).run_id == first
    assert pool.submit(*JANUARY, as_of=None).cached
    again = pool.run(*JANUARY, as_of=AS_OF + timedelta(days=1))
    assert again != first
    assert pool.open() == ["B"]
    assert pool.side_of(again, Side.SOURCE).earlier_count == 2


def test_a_file_sent_again_with_more_rows_adds_only_those(pool: Pool) -> None:
    twins = [row("T", 5), row("T", 5)]
    pool.run([*twins, row("B", 200)], [row("X", 1)])
    second = pool.run([row("N", 7), row("B", 200), *twins, row("T", 5)], [row("Y", 2)])
    source = pool.side_of(second, Side.SOURCE)
    assert (source.file_count, source.earlier_count, source.carried_count, source.row_count) == (5, 3, 3, 5)
    assert pool.open() == ["B", "N", "T", "T", "T", "X", "Y"]


def test_a_row_that_was_matched_before_is_not_matched_again(pool: Pool) -> None:
    pool.run(*JANUARY)
    second = pool.run([row("A", 100), row("C", 300, 9)], [row("A", 100), row("C", 300, 9)])
    assert pool.side_of(second, Side.REFERENCE).earlier_count == 1
    assert pool.open() == ["B"]
    assert pool.carry_of(second).cleared_count == 0


def test_other_rules_for_the_newest_files_take_its_place(pool: Pool) -> None:
    first = pool.run(*JANUARY)
    files = ([row("P", 400, 2, payment_ref=None)], [row("P", 400, 9, payment_ref=None)])
    second = pool.run(*files)
    before = pool.open()
    third = pool.run(*files, rules=Rules(days_after=10))
    assert pool.carry_of(second).replaced_by_id == third
    assert "P" in before
    assert "P" not in pool.open()
    assert pool.carry_of(third).replaces_id == second
    assert pool.carry_of(first).replaced_by_id is None
    fourth = pool.run(*files)
    assert pool.open() == before
    assert fourth not in (second, third)


def test_an_older_run_done_again_changes_no_item_and_finds_the_same(pool: Pool) -> None:
    pool.run(*JANUARY)
    second = pool.run([row("C", 300, 9)], [row("C", 300, 9)])
    pool.run([row("D", 1, 10)], [row("B", 200, 3)])
    before = pool.items()
    again = rerun(pool.engine, pool.evidence, second, actor="ana").run_id
    assert pool.execute(again).status == "succeeded"
    assert pool.items() == before
    with pool.engine.connect() as conn:
        digests = conn.execute(text("select digest from run where id = any(:ids)"), {"ids": [second, again]}).scalars()
        assert len(set(digests)) == 1


def test_a_corrected_file_takes_the_place_of_the_one_it_corrects(pool: Pool) -> None:
    first = pool.run([row("A", 100), row("B", 200), row("V", 9)], [row("A", 100)])
    assert pool.open() == ["B", "V"]
    pool.run([row("A", 100), row("B", 200)], [row("A", 100)], rerun_of=first)
    assert pool.open() == ["B"]
    assert pool.item("V").cleared_by == "vanished"


def test_before_its_counterpart_is_due_an_item_is_in_transit_and_after_that_missing(
    engine: Engine, evidence: Evidence
) -> None:
    pool = Pool(engine=engine, evidence=evidence, calendar="DE", source_due_days=2)
    friday = [row("B", 200, 6)]  # due on Tuesday the 10th
    found = {}
    for day in (9, 10, 11):
        number = pool.run(friday, [row("A", 1, 6)], as_of=date(2026, 3, day))
        with engine.connect() as conn:
            kinds = select(discrepancy.c.kind).where(discrepancy.c.run_id == number).order_by(discrepancy.c.kind)
            proof = conn.execute(select(run_proof.c.by_kind).where(run_proof.c.run_id == number)).scalar_one()
            found[day] = (pool.open(), list(conn.execute(kinds).scalars()), sorted(proof))
    missing = (["A", "B"], ["missing_in_reference", "missing_in_source"], ["missing_in_reference", "missing_in_source"])
    assert found == {
        9: (["A", "~B"], ["missing_in_source"], ["in_transit", "missing_in_source"]),
        10: missing,
        11: missing,
    }


def test_a_changed_row_takes_the_place_of_its_open_item_and_keeps_its_age(pool: Pool) -> None:
    pool.run([row("B", 200, txn_id="ch_1"), row("K", 1, txn_id="ch_2")], [row("A", 7)], as_of=date(2026, 3, 3))
    second = pool.run([row("B2", 250, txn_id="ch_1"), row("K", 1, txn_id="ch_2")], [row("Z", 5)])
    assert pool.open() == ["A", "B2", "K", "Z"]
    old, new = pool.item("B"), pool.item("B2")
    assert (old.cleared_by, old.cleared_run_id) == ("amended", second)
    assert (new.amends_id, new.first_seen_on) == (old.id, date(2026, 3, 3))


def test_a_row_changed_after_it_was_settled_is_told_and_not_counted_twice(pool: Pool) -> None:
    pool.run([row("A", 100, txn_id="ch_1"), row("K", 1, txn_id="ch_2")], [row("A", 100), row("K", 1)])
    second = pool.run([row("A", 120, txn_id="ch_1"), row("K", 1, txn_id="ch_2")], [row("Z", 5)])
    assert pool.side_of(second, Side.SOURCE).amended_count == 1
    assert pool.open() == ["Z"]


def test_line_numbers_in_the_place_of_ids_amend_nothing(pool: Pool) -> None:
    pool.run([row(f"O{n}", 10 + n, 2, txn_id=str(n)) for n in range(9)], [row("A", 1)])
    pool.run(
        [row(f"N{n}", 30 + n * 2, 3, txn_id=str(n)) for n in range(8)] + [row("X", 18, 3, txn_id="8")], [row("Z", 5)]
    )
    assert len(pool.open()) == 9 + 1 + 9 + 1


def decide(pool: Pool, kind: DecisionKind, *names: str) -> int:
    with pool.engine.begin() as conn:
        open_items.lock(conn, pool.id)
        members = [
            Member(side=Side(item.side), fingerprint=item.fingerprint, amount=item.amount, currency=item.currency)
            for item in pool.items()
            if item.description in names
        ]
        return decisions.add(
            conn,
            reconciliation_id=pool.id,
            kind=kind,
            members=members,
            reason="They belong together.",
            actor="ana",
            action_key=f"{kind} {names}",
        )


def test_what_people_settle_is_open_no_more_and_stays_so_when_the_run_is_done_again(pool: Pool) -> None:
    files = ([row("B", 200), row("I", 4)], [row("C", 190)])
    first = pool.run(*files)
    match = decide(pool, DecisionKind.MANUAL_MATCH, "B", "C")
    decide(pool, DecisionKind.IGNORE, "I")
    assert pool.open() == []
    again = pool.run(*files)
    assert again != first
    assert pool.open() == []
    assert pool.item("B").decision_id == match
    with pool.engine.begin() as conn:
        assert decisions.revoke(conn, match, actor="ben")
        assert not decisions.revoke(conn, match, actor="ben")
    assert pool.open() == ["B", "C"]
    pool.run(*files)
    assert pool.open() == ["B", "C"]


def test_each_try_of_the_newest_files_begins_with_what_the_first_one_did(pool: Pool) -> None:
    pool.run(*JANUARY)
    files = ([row("C", 300, 9)], [row("D", 50, 9)])
    first = pool.run(*files)
    decide(pool, DecisionKind.IGNORE, "B")
    decide(pool, DecisionKind.IGNORE, "C")
    second = pool.run(*files)
    assert pool.carry_of(second).pool_hash == pool.carry_of(first).pool_hash
    again = pool.submit(*files)
    assert (again.run_id, again.cached) == (second, True)


def test_what_a_decision_settles_is_resolved_as_soon_as_the_next_run_is_published(pool: Pool) -> None:
    first = pool.run([row("B", 200), row("W", 4)], [row("K", 190)])
    assert prepared(pool) == []
    decide(pool, DecisionKind.WRITE_OFF, "W")
    second = pool.run([row("B", 200), row("W", 4)], [row("K", 190)])
    assert second != first
    assert prepared(pool) == [second]


def test_a_run_whose_decisions_could_not_be_settled_yet_is_published_all_the_same(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def out_of_reach(*_: object) -> None:
        raise OSError("The evidence store is out of reach.")

    pool.run([row("B", 200), row("W", 4)], [])
    decide(pool, DecisionKind.WRITE_OFF, "W")
    monkeypatch.setattr(execution, "prepare_workbench", out_of_reach)
    second = pool.run([row("B", 200), row("W", 4)], [])
    assert prepared(pool) == []
    monkeypatch.undo()
    prepare_workbench(pool.engine, pool.evidence, second)
    assert prepared(pool) == [second]


def prepared(pool: Pool) -> list[int]:
    """Runs that are ready for the workbench."""
    with pool.engine.connect() as conn:
        return list(conn.execute(select(workbench_run.c.run_id).order_by(workbench_run.c.run_id)).scalars())


def test_a_match_by_hand_that_loses_a_row_is_raised_and_its_other_row_is_open_again(pool: Pool) -> None:
    first = pool.run([row("B", 200), row("K", 1)], [row("C", 190)])
    decide(pool, DecisionKind.MANUAL_MATCH, "B", "C")
    second = pool.run([row("K", 1)], [row("C", 190)], rerun_of=first)
    with pool.engine.connect() as conn:
        found = conn.execute(
            select(discrepancy.c.kind, discrepancy.c.side, discrepancy.c.amount)
            .where(discrepancy.c.run_id == second)
            .order_by(discrepancy.c.kind)
        ).all()
    assert ("decision_lost", "reference", 0) in [tuple(line) for line in found]
    assert pool.open() == ["C", "K"]


def test_of_two_runs_at_once_the_second_begins_again_with_what_the_first_left(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool.run(*JANUARY)
    slow = pool.submit([row("C", 300, 9)], [row("B", 200, 3)]).run_id
    fast = pool.submit([row("B again", 200, 3)], [row("B", 200, 4)]).run_id
    conclude = execution.conclude_carrying

    def late(*args: object) -> None:
        monkeypatch.setattr(execution, "conclude_carrying", conclude)
        assert pool.execute(fast).status == "succeeded"
        conclude(*args)

    monkeypatch.setattr(execution, "conclude_carrying", late)
    assert pool.execute(slow).status == "queued"
    assert pool.item("B").cleared_run_id == fast
    assert pool.execute(slow).status == "succeeded"
    assert pool.carry_of(slow).number == pool.carry_of(fast).number + 1
    assert pool.evidence.exists(run_name(slow, 2, "source.parquet"))


def test_a_reconciliation_that_carries_nothing_is_as_before(engine: Engine, evidence: Evidence) -> None:
    pool = Pool(engine=engine, evidence=evidence)
    with engine.begin() as conn:
        conn.execute(text("update reconciliation set carry_forward = false"))
    number = pool.run(*JANUARY)
    assert pool.items() == []
    with engine.connect() as conn:
        assert conn.execute(text("select count(*) from run_carry")).scalar_one() == 0
        assert runs.get(conn, number).status == "succeeded"
