"""Fees explain differences: a row's own to the cent, a scheduled one to its rounding; another fee is a variance."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from recon.errors import RulesInvalid
from recon.model.rules import Rules
from recon.model.terms import FeeSchedule
from recon.workflows.reconcile import reconcile_tables
from tests.matching.builders import pairs, table

CARD = FeeSchedule.parse("2026-01-01 USD 2.9 % + 0.30")
RULES = Rules(fee_schedules=(CARD,))


def kinds(source: str, reference: str, rules: Rules = RULES) -> list[tuple[str, int]]:
    outcome = reconcile_tables(table(source), table(reference), rules)
    assert all(line.unexplained == 0 for line in outcome.proof)
    return list(
        zip(outcome.discrepancies["kind"].to_pylist(), outcome.discrepancies["amount"].to_pylist(), strict=True)
    )


def test_a_schedule_rounds_halves_up_and_costs_nothing_for_money_out() -> None:
    amounts = np.array([10_000, 1, 50, 0, -10_000], np.int64)
    assert CARD.fees(amounts).tolist() == [320, 30, 31, 0, 0]
    half = FeeSchedule.parse("2026-01-01 JPY 0.5 %")
    assert half.fees(np.array([100, 99, 300], np.int64)).tolist() == [1, 0, 2]


def test_a_schedule_is_written_as_it_is_read() -> None:
    assert str(CARD) == "2026-01-01 USD 2.9 % + 0.30"
    assert FeeSchedule.parse("2026-01-01 JPY 3 %+40").fixed == 40
    assert (CARD.percent, CARD.fixed) == (Decimal("2.9"), 30)


@pytest.mark.parametrize("text", ["2026-02-30 USD 1 %", "2026-01-01 XXY 1 %", "USD 1 %", "2026-01-01 JPY 1 % + 0.5", 7])
def test_what_is_no_schedule_is_refused(text: object) -> None:
    with pytest.raises(RulesInvalid):
        FeeSchedule.parse(text)


@pytest.mark.parametrize(("net", "found"), [("96.78", False), ("96.79", True), ("96.81", True), ("96.82", False)])
def test_a_pair_that_differs_by_the_scheduled_fee_give_or_take_its_rounding_matches(net: str, found: bool) -> None:
    gross = table("S1  2026-03-01  100.00 USD  Ann Smith order")
    paid = table(f"R1  2026-03-02  {net} USD  Ann Smith order")
    assert bool(pairs(gross, paid, RULES)) is found
    assert bool(pairs(paid, gross, RULES)) is found


def test_the_rows_own_fee_needs_no_schedule() -> None:
    gross, paid = "S1  2026-03-01  100.00 USD  Ann order  fee=275", "R1  2026-03-01  97.25 USD  Ann order"
    assert pairs(table(gross), table(paid)) == ["S1=R1 fees +275"]
    assert kinds(gross, paid, Rules()) == [("fee", 275)]


def test_before_the_schedule_begins_nothing_is_explained() -> None:
    assert kinds("S1  2025-12-31  100.00 USD  a  ref=A", "R1  2025-12-31  96.80 USD  a  ref=A") == [
        ("amount_mismatch", 320)
    ]


def test_fees_of_one_currency_are_one_discrepancy() -> None:
    source = "S1  2026-03-01  100.00 USD  a  ref=A\nS2  2026-03-01  50.00 USD  b  ref=B"
    reference = "R1  2026-03-01  96.80 USD  a  ref=A\nR2  2026-03-01  48.25 USD  b  ref=B"
    assert kinds(source, reference) == [("fee", 320 + 175)]


def test_another_fee_than_the_scheduled_one_is_a_variance() -> None:
    assert kinds("S1  2026-03-01  100.00 USD  a  ref=A", "R1  2026-03-01  96.00 USD  a  ref=A") == [
        ("fee_variance", 400)
    ]
    outcome = reconcile_tables(
        table("S1  2026-03-01  100.00 USD  a  ref=A  fee=400"), table("R1  2026-03-01  100.00 USD  a  ref=A"), RULES
    )
    assert outcome.discrepancies["kind"].to_pylist() == ["fee_variance"]
    assert outcome.discrepancies["amount"].to_pylist() == [0]
    (said,) = outcome.discrepancies["detail"].to_pylist()
    assert said == "The fee is 4.00 USD; scheduled is 3.20 USD: 0.80 USD too much."


def test_what_is_far_from_any_fee_is_an_amount_mismatch() -> None:
    assert kinds("S1  2026-03-01  100.00 USD  a  ref=A", "R1  2026-03-01  60.00 USD  a  ref=A") == [
        ("amount_mismatch", 4000)
    ]


def test_a_payout_may_be_net_of_scheduled_fees() -> None:
    source = table("S1  2026-03-01  100.00 USD  a  group=p1\nS2  2026-03-01  50.00 USD  b  group=p1")
    reference = table("R1  2026-03-03  145.05 USD  payout  ref=p1")
    assert pairs(source, reference, RULES) == ["S1=R1 groups", "S2=R1 groups +495"]
