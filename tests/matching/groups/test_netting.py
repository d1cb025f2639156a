"""A charge and its reversal on one side cancel each other; what the other side saw is matched instead."""

from __future__ import annotations

import pytest

from recon.matching import match
from recon.model.rules import Rules
from recon.model.transactions import empty_transactions
from recon.workflows.reconcile import reconcile_tables
from tests.matching.builders import pairs, table

NOTHING = empty_transactions()


def netted(drawing: str, rules: Rules | None = None) -> list[str]:
    """Names of the rows of one side that cancel each other."""
    rows = table(drawing)
    names = rows["kind"].to_pylist()
    found = match(rows, NOTHING, rules or Rules()).netted.to_pylist()
    assert found == [
        {**line, "side": "source"} for line in match(NOTHING, rows, rules or Rules()).netted.to_pylist()
    ], "the sides are treated alike"
    return [f"{names[line['row']]}-{names[line['other_row']]}" for line in found]


@pytest.mark.parametrize(
    "tied",
    [("ref=A1", "ref=A1"), ("id=A1", "ref=A1"), ("ref=A1", "id=A1"), ("id=A1", "id=A1"), ("Acme 9", "Acme 9")],
    ids=" ".join,
)
def test_equal_and_opposite_rows_with_something_in_common_cancel(tied: tuple[str, str]) -> None:
    one, other = tied
    assert netted(f"A  2026-03-01  50.00 USD  {one}\nB  2026-03-03  -50.00 USD  {other}") == ["A-B"]


@pytest.mark.parametrize(
    "reversal",
    [
        "2026-03-03  -50.00 EUR  ref=A1",
        "2026-03-03  -50.01 USD  ref=A1",
        "2026-03-03  -50.00 USD  ref=A2",
        "2026-03-09  -50.00 USD  ref=A1",
        "2026-03-03   50.00 USD  ref=A1",
    ],
)
def test_anything_less_does_not(reversal: str) -> None:
    assert netted(f"A  2026-03-01  50.00 USD  ref=A1\nB  {reversal}") == []


def test_a_week_is_near_and_the_rules_may_say_otherwise() -> None:
    drawing = "A  2026-03-01  50.00 USD  ref=A1\nB  2026-03-08  -50.00 USD  ref=A1"
    assert netted(drawing) == ["A-B"]
    assert netted(drawing, Rules(netting_days=6)) == []


def test_a_description_that_others_have_too_ties_nothing() -> None:
    drawing = "A  2026-03-01  50.00 USD  Card\nB  2026-03-01  -50.00 USD  Card\nC  2026-03-01  7.00 USD  Card"
    assert netted(drawing) == []


def test_a_word_in_an_id_column_ties_nothing() -> None:
    assert netted("A  2026-03-01  50.00 USD  ref=CASH\nB  2026-03-01  -50.00 USD  ref=CASH") == []


def test_the_nearest_reversal_is_taken_and_a_coin_toss_is_not() -> None:
    charge = "A  2026-03-05  50.00 USD  ref=A1"
    assert netted(f"{charge}\nB  2026-03-06  -50.00 USD  ref=A1\nC  2026-03-08  -50.00 USD  ref=A1") == ["A-B"]
    toss = f"{charge}\nB  2026-03-06  -50.00 USD  one  ref=A1\nC  2026-03-04  -50.00 USD  two  ref=A1"
    assert netted(toss) == []


def test_what_the_other_side_saw_is_matched_not_netted() -> None:
    rows = "{0}1  2026-03-01  50.00 USD  Ann  ref=A1\n{0}2  2026-03-03  -50.00 USD  Ann  ref=A1"
    assert pairs(table(rows.format("S")), table(rows.format("R"))) == ["S1=R1 identity", "S2=R2 identity"]


def test_netted_rows_have_an_outcome_and_add_up_to_nothing() -> None:
    source = table("A  2026-03-01  50.00 USD  ref=A1\nB  2026-03-03  -50.00 USD  ref=A1\nC  2026-03-03  9.00 USD  Zoe")
    outcome = reconcile_tables(source, NOTHING, Rules())
    assert {(total.outcome, total.row_count, total.amount) for total in outcome.totals} == {
        ("netted", 2, 0),
        ("missing", 1, 900),
    }
    assert outcome.discrepancies["kind"].to_pylist() == ["missing_in_reference"]
    assert outcome.proof[0].unexplained == 0
