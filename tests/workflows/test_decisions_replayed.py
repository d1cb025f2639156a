"""What people decided holds in every later run of its rows, whether or not the reconciliation carries open items."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, select, text

from recon.model.decisions import DecisionKind, Member
from recon.model.fingerprint import fingerprints
from recon.model.settlement import SettleMove
from recon.model.transactions import Side
from recon.model.triage import Resolution
from recon.queries.kept import kept_runs
from recon.queries.runs import run_detail
from recon.store import decisions, open_items, runs, write_offs
from recon.store.evidence import Evidence
from recon.store.tables import discrepancy, run_proof
from recon.workflows.prepare_workbench import prepare_workbench
from recon.workflows.replay_run import replay_run
from recon.workflows.settle_rows import settle_rows
from recon.workflows.submit_run import rerun
from recon.workflows.undo_settlement import undo_settlement
from recon.workflows.unmatch_rows import unmatch_rows
from tests.builders import transactions
from tests.workflows.bench import ask, open_lines
from tests.workflows.pool import Pool, Rows, row

SOURCE = [row("A", 100), row("B", 200), row("W", 4), row("P", 55, payment_ref="X"), row("T", 5), row("T", 5)]
REFERENCE = [row("A", 100), row("C", 190), row("P", 55, payment_ref="X")]
FILES = (SOURCE, REFERENCE)


@pytest.fixture
def pool(engine: Engine, evidence: Evidence) -> Pool:
    return Pool(engine=engine, evidence=evidence, carries=False)


def decide(pool: Pool, kind: DecisionKind, *ends: str, files: tuple[Rows, Rows] = FILES) -> int:
    """Decide about rows by `s:B` or `r:C`: the last row of that text on that side."""
    members = []
    for end in ends:
        side = Side.SOURCE if end[0] == "s" else Side.REFERENCE
        table = transactions(*files[0 if side is Side.SOURCE else 1])
        at = max(place for place, said in enumerate(table["description"].to_pylist()) if said == end[2:])
        amount, currency = table["amount"][at].as_py(), table["currency"][at].as_py()
        name = fingerprints(table)[at].as_py()
        members.append(Member(side=side, fingerprint=name, amount=amount, currency=currency))
    with pool.engine.begin() as conn:
        open_items.lock(conn, pool.id)
        key = f"{kind} {ends} {len(pool.items())}"
        return decisions.add(
            conn,
            reconciliation_id=pool.id,
            kind=kind,
            members=members,
            reason="They said so.",
            actor="ana",
            action_key=key,
        )


def found(pool: Pool, run_id: int) -> list[tuple[str, str | None, int]]:
    """Kind, text and amount of what is left to do in a run."""
    d = discrepancy.c
    query = select(d.kind, d.description, d.amount).where(d.run_id == run_id, d.status == "open")
    with pool.engine.connect() as conn:
        return sorted(tuple(line) for line in conn.execute(query))


def test_every_kind_of_decision_is_replayed_where_nothing_is_carried(pool: Pool) -> None:
    first = pool.run(*FILES)
    assert [kind for kind, _, _ in found(pool, first)] == [
        "duplicate",
        *["missing_in_reference"] * 3,
        "missing_in_source",
    ]
    decide(pool, DecisionKind.MANUAL_MATCH, "s:B", "r:C")
    decide(pool, DecisionKind.IGNORE, "s:W")
    decide(pool, DecisionKind.NEVER_PAIR, "s:P", "r:P")
    decide(pool, DecisionKind.NOT_DUPLICATE, "s:T")
    second = pool.run(*FILES)
    assert second != first
    assert run_detail(pool.engine, second).decision_count == 4
    assert found(pool, second) == [
        ("missing_in_reference", "P", 55),
        ("missing_in_reference", "T", 5),
        ("missing_in_reference", "T", 5),
        ("missing_in_source", "P", -55),
    ]
    with pool.engine.connect() as conn:
        proof = conn.execute(select(run_proof.c.unexplained, run_proof.c.by_kind).where(run_proof.c.run_id == second))
        unexplained, by_kind = proof.one()
    assert (unexplained, by_kind["amount_mismatch"]["amount"], by_kind["set_aside"]["amount"]) == (0, "10", "4")
    assert pool.items() == []


def test_the_key_of_a_run_changes_only_with_decisions_and_comes_back_when_they_are_taken_back(pool: Pool) -> None:
    first = pool.run(*FILES)
    with pool.engine.connect() as conn:
        assert "." not in runs.get(conn, first).run_key
    number = decide(pool, DecisionKind.IGNORE, "s:W")
    second = pool.run(*FILES)
    assert pool.submit(*FILES).run_id == second
    with pool.engine.begin() as conn:
        assert decisions.revoke(conn, number, actor="ben")
    again = pool.submit(*FILES)
    assert (again.run_id, again.cached) == (first, True)


def test_what_is_decided_while_a_run_waits_is_replayed_by_it(pool: Pool) -> None:
    waiting = pool.submit(*FILES).run_id
    decide(pool, DecisionKind.IGNORE, "s:W")
    assert pool.execute(waiting).status == "succeeded"
    assert run_detail(pool.engine, waiting).decision_count == 1
    assert pool.submit(*FILES).run_id == waiting


def test_running_again_loses_no_decision_and_the_run_replays_from_its_evidence(pool: Pool) -> None:
    first = pool.run(*FILES)
    number = decide(pool, DecisionKind.MANUAL_MATCH, "s:B", "r:C")
    again = rerun(pool.engine, pool.evidence, first, actor="ana").run_id
    assert pool.execute(again).status == "succeeded"
    assert "B" not in {said for _, said, _ in found(pool, again)}
    with pool.engine.begin() as conn:
        decisions.revoke(conn, number, actor="ben")
    for run_id in (first, again):
        (kept,) = kept_runs(pool.engine, run_id=run_id)
        assert replay_run(pool.engine, pool.evidence, kept).is_same


def test_a_pair_that_lost_a_row_is_raised_where_nothing_is_carried(pool: Pool) -> None:
    pool.run(*FILES)
    decide(pool, DecisionKind.MANUAL_MATCH, "s:B", "r:C")
    later = pool.run(SOURCE, [row("A", 100), row("P", 55, payment_ref="X")])
    assert ("decision_lost", "B", 0) in found(pool, later)


def test_switched_off_while_it_waited_a_run_carries_nothing(engine: Engine, evidence: Evidence) -> None:
    pool = Pool(engine=engine, evidence=evidence)
    waiting = pool.submit(*FILES).run_id
    with engine.begin() as conn:
        conn.execute(text("update reconciliation set carry_forward = false"))
    assert pool.execute(waiting).status == "succeeded"
    assert pool.items() == []
    (kept,) = kept_runs(engine, run_id=waiting)
    assert replay_run(engine, evidence, kept).is_same


def test_a_match_across_currencies_is_replayed_as_the_match_it_is_and_needs_no_work(pool: Pool) -> None:
    files = ([row("E", 10_000), row("K", 1)], [row("U", -11_000, currency="USD"), row("V", 22_000, currency="USD")])
    pool.run(*files)
    decide(pool, DecisionKind.WRITE_OFF, "s:E", "r:U", "r:V", files=files)
    second = pool.run(*files)
    detail = run_detail(pool.engine, second)
    assert detail.run.matched_count == 1
    assert [(line.currency, line.unexplained) for line in detail.proof] == [("EUR", 0), ("USD", 0)]
    assert found(pool, second) == [("missing_in_reference", "K", 1)]


def test_the_rest_of_a_split_goes_on_into_the_next_run_and_is_matched_there(engine: Engine, evidence: Evidence) -> None:
    pool = Pool(engine=engine, evidence=evidence)
    first = pool.run([row("Payout", 100)], [row("Part one", 40)])
    prepare_workbench(engine, evidence, first)
    split = ask(engine, first, SettleMove.SPLIT, source=[2], reference=[2])
    settle_rows(engine, split, actor="ana")
    assert pool.open() == ["Part one", "Payout"]
    second = pool.run([row("K", 7, 9)], [row("Part two", 60, 9), row("K", 7, 9)])
    payout = -pool.item("Payout").id
    assert open_lines(engine, second) == {"source": {payout: 60}, "reference": {2: 60}}
    settle_rows(engine, ask(engine, second, SettleMove.MATCH, source=[payout], reference=[2]), actor="ana")
    assert pool.open() == []
    assert found(pool, second) == []


def test_taking_back_that_a_match_by_hand_was_taken_apart_brings_the_match_back(pool: Pool) -> None:
    first = pool.run([row("B", 200)], [row("C", 190)])
    prepare_workbench(pool.engine, pool.evidence, first)
    match = ask(pool.engine, first, SettleMove.MATCH, source=[2], reference=[2], reason_code=Resolution.FEE)
    settle_rows(pool.engine, match, actor="ana")
    second = pool.run([row("B", 200)], [row("C", 190)])
    apart = unmatch_rows(
        pool.engine, pool.evidence, second, source_line=2, reference_line=2, actor="ben", action_key="apart"
    )
    assert open_lines(pool.engine, second) == {"source": {2: 200}, "reference": {2: 190}}
    undo_settlement(pool.engine, apart, actor="ben")
    assert open_lines(pool.engine, second) == {"source": {}, "reference": {}}
    with pool.engine.connect() as conn:
        (standing,) = decisions.standing(conn, pool.id)
        written_off = write_offs.of_decision(conn, standing.id)
    assert (standing.kind, [one.amount for one in written_off]) == (DecisionKind.WRITE_OFF, [10])


def test_what_is_left_of_a_match_that_lost_a_row_is_decided_again(engine: Engine, evidence: Evidence) -> None:
    pool = Pool(engine=engine, evidence=evidence)
    first = pool.run([row("B", 200), row("K", 1)], [row("C", 200, 9)])
    prepare_workbench(engine, evidence, first)
    settle_rows(engine, ask(engine, first, SettleMove.MATCH, source=[2], reference=[2]), actor="ana")
    second = pool.run([row("K", 1)], [row("C", 200, 9)], rerun_of=first)
    assert ("decision_lost", "C", 0) in found(pool, second)
    assert pool.open() == ["C", "K"]
    prepare_workbench(engine, evidence, second)
    again = ask(engine, second, SettleMove.IGNORE, reference=[2], reason="It was booked by mistake.")
    settle_rows(engine, again, actor="ana")
    assert pool.open() == ["K"]
    assert pool.item("B").cleared_by == "vanished"
    with engine.connect() as conn:
        (standing,) = decisions.standing(conn, pool.id)
    assert standing.kind is DecisionKind.IGNORE
