"""A row that stays open is one discrepancy through all the runs that carry it: whose it is and what was said stays."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine, select

from recon.model.rules import Rules
from recon.model.triage import Command, Move, Resolution, Seen
from recon.queries.discrepancy_detail import DiscrepancyDetail, discrepancy_detail
from recon.queries.write_off_list import Shown, matched_in, write_off_page
from recon.queries.write_offs import booked_of
from recon.store.evidence import Evidence
from recon.store.tables import discrepancy
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from tests.workflows.books import balance, ledger_sum, named_accounts
from tests.workflows.pool import Pool, row

FIRST = ([row("A", 100), row("B", 200), row("C", 300)], [row("A", 100)])
SECOND = ([row("N", 7, 9)], [row("N", 7, 9)])


@pytest.fixture
def pool(engine: Engine, evidence: Evidence) -> Pool:
    return Pool(engine=engine, evidence=evidence)


def about(pool: Pool, run_id: int, text: str) -> DiscrepancyDetail:
    """The run's one discrepancy of that text."""
    d = discrepancy.c
    with pool.engine.connect() as conn:
        query = select(d.id).where(d.run_id == run_id, d.description == text)
        number = conn.execute(query).scalar_one()
    return discrepancy_detail(pool.engine, number)


def act(pool: Pool, run_id: int, text: str, move: Move, **said: Any) -> None:
    row = about(pool, run_id, text).row
    command = Command(move=move, action_key=f"{run_id} {text} {move} {row.version}", **said)
    verdict = resolve_discrepancies(pool.engine, command, [Seen(id=row.id, version=row.version)], actor="ben")
    assert verdict.is_complete


def test_whose_it_is_and_what_was_said_goes_on_in_every_later_run(pool: Pool) -> None:
    first = pool.run(*FIRST)
    act(pool, first, "B", Move.ASSIGN, assignee="ana")
    act(pool, first, "B", Move.COMMENT, comment="The bank was asked.")
    second = pool.run(*SECOND)
    third = pool.run([row("M", 8, 10)], [row("M", 8, 10)])
    now = about(pool, third, "B")
    assert (now.row.assignee, now.row.status) == ("ana", "open")
    assert ("The bank was asked.", first) in [(event.comment, event.run_id) for event in now.history]
    assert about(pool, first, "B").goes_on == (third, now.row.id)
    assert about(pool, second, "B").goes_on == (third, now.row.id)
    assert now.goes_on is None
    assert about(pool, third, "C").history == ()


def test_what_was_resolved_stays_so_but_timing_is_open_again_when_nothing_came(pool: Pool) -> None:
    first = pool.run(*FIRST)
    act(pool, first, "B", Move.RESOLVE, resolution=Resolution.DISMISSED, comment="A test payment.")
    act(pool, first, "C", Move.RESOLVE, resolution=Resolution.TIMING, comment="Comes next week.")
    second = pool.run(*SECOND)
    settled, waits = about(pool, second, "B"), about(pool, second, "C")
    assert (settled.row.status, settled.resolution, settled.resolved_by) == ("resolved", "dismissed", "ben")
    assert (settled.comment, waits.row.status) == ("A test payment.", "open")
    assert "its counterpart has not come" in (waits.history[-1].comment or "")
    act(pool, second, "B", Move.REOPEN)
    assert about(pool, second, "B").row.status == "open"


def test_a_row_that_was_amended_keeps_whose_it_is_and_is_decided_anew(pool: Pool) -> None:
    files = [row("B", 200, txn_id="ch_1"), row("K", 1, txn_id="ch_2")]
    first = pool.run(files, [row("Z", 7)])
    act(pool, first, "B", Move.ASSIGN, assignee="ana")
    act(pool, first, "B", Move.RESOLVE, resolution=Resolution.DISMISSED, comment="Fine.")
    second = pool.run([row("B2", 250, txn_id="ch_1"), files[1]], [row("Y", 5)], as_of=date(2026, 4, 7))
    now = about(pool, second, "B2")
    assert (now.row.assignee, now.row.status) == ("ana", "open")


def test_another_try_of_the_newest_files_stands_where_the_one_before_stood(pool: Pool) -> None:
    pool.run(*FIRST)
    files = ([row("P", 400, 2, payment_ref=None)], [row("P", 410, 9, payment_ref=None)])
    second = pool.run(*files)
    act(pool, second, "B", Move.ASSIGN, assignee="ana")
    third = pool.run(*files, rules=Rules(days_after=4))
    assert pool.carry_of(third).replaces_id == second
    assert about(pool, third, "B").row.assignee == "ana"
    assert about(pool, second, "B").goes_on == (third, about(pool, third, "B").row.id)


def test_what_was_written_off_is_followed_and_not_posted_again_and_goes_in_every_run(pool: Pool) -> None:
    first = pool.run(*FIRST)
    losses, _ = named_accounts(pool.engine, first)
    act(pool, first, "B", Move.RESOLVE, resolution=Resolution.WRITTEN_OFF)
    second = pool.run(*SECOND)
    third = pool.run([row("M", 8, 10)], [row("M", 8, 10)])
    assert (about(pool, third, "B").resolution, balance(pool.engine, losses)) == ("written_off", 200)
    act(pool, second, "B", Move.REOPEN)
    assert [about(pool, run_id, "B").row.status for run_id in (first, second, third)] == ["open"] * 3
    assert (balance(pool.engine, losses), ledger_sum(pool.engine)) == (0, 0)


def test_a_counterpart_that_comes_after_its_row_was_written_off_is_told(pool: Pool) -> None:
    first = pool.run(*FIRST)
    named_accounts(pool.engine, first)
    act(pool, first, "B", Move.RESOLVE, resolution=Resolution.WRITTEN_OFF)
    (booked,) = booked_of(pool.engine, about(pool, first, "B").row.id)
    assert matched_in(pool.engine, booked.id) is None
    second = pool.run([row("N", 7, 9)], [row("N", 7, 9), row("B", 200, 9)])
    assert matched_in(pool.engine, booked.id) == second
    assert [one.booked.id for one in write_off_page(pool.engine, Shown.MATCHED, limit=9)] == [booked.id]
