"""Tolerance, window and threshold, each just inside, on, and just outside; and what wins when several fit."""

from __future__ import annotations

from decimal import Decimal

import pytest

from recon.model.rules import Rules
from tests.matching.builders import pairs, table

SOURCE = table("S1  2026-03-10  100.00 USD  Acme 10234")


@pytest.mark.parametrize(("amount", "matched"), [("99.51", True), ("99.50", True), ("99.49", False)])
@pytest.mark.parametrize("above", [False, True])
def test_the_absolute_tolerance_includes_its_edge(amount: str, matched: bool, above: bool) -> None:
    shown = f"{200 - Decimal(amount)}" if above else amount
    reference = table(f"R1  2026-03-10  {shown} USD  Acme 10234")
    assert bool(pairs(SOURCE, reference, Rules(amount_tolerance_minor=50))) is matched


@pytest.mark.parametrize(("amount", "matched"), [("98.01", True), ("98.00", True), ("97.99", False)])
def test_the_percentage_is_of_the_larger_amount(amount: str, matched: bool) -> None:
    reference = table(f"R1  2026-03-10  {amount} USD  Acme 10234")
    assert bool(pairs(SOURCE, reference, Rules(amount_tolerance_percent=Decimal(2)))) is matched


@pytest.mark.parametrize(("amount", "matched"), [("102.03", True), ("102.04", True), ("102.05", False)])
def test_the_percentage_is_of_the_reference_when_that_is_larger(amount: str, matched: bool) -> None:
    reference = table(f"R1  2026-03-10  {amount} USD  Acme 10234")
    assert bool(pairs(SOURCE, reference, Rules(amount_tolerance_percent=Decimal(2)))) is matched


@pytest.mark.parametrize(("amount", "matched"), [("-98.00", True), ("-97.99", False)])
def test_a_refund_has_the_same_tolerance(amount: str, matched: bool) -> None:
    source = table("S1  2026-03-10  -100.00 USD  Acme 10234")
    reference = table(f"R1  2026-03-10  {amount} USD  Acme 10234")
    assert bool(pairs(source, reference, Rules(amount_tolerance_percent=Decimal(2)))) is matched


@pytest.mark.parametrize(("day", "matched"), [("09", True), ("08", True), ("07", False)])
def test_the_window_before_includes_its_last_day(day: str, matched: bool) -> None:
    reference = table(f"R1  2026-03-{day}  100.00 USD  Acme 10234")
    assert bool(pairs(SOURCE, reference, Rules(days_before=2, days_after=0))) is matched


@pytest.mark.parametrize(("day", "matched"), [("12", True), ("13", True), ("14", False)])
def test_the_window_after_includes_its_last_day(day: str, matched: bool) -> None:
    reference = table(f"R1  2026-03-{day}  100.00 USD  Acme 10234")
    assert bool(pairs(SOURCE, reference, Rules(days_before=0, days_after=3))) is matched


@pytest.mark.parametrize(("threshold", "matched"), [(89, True), (90, True), (91, False)])
def test_the_threshold_is_the_least_similarity_that_will_do(threshold: int, matched: bool) -> None:
    source = table("S1  2026-03-10  100.00 USD  abcdefghij")
    reference = table("R1  2026-03-11  100.00 USD  abcdefghiX")
    assert bool(pairs(source, reference, Rules(description_threshold=threshold))) is matched


def test_a_scored_match_carries_its_delta() -> None:
    reference = table("R1  2026-03-11  99.80 USD  10234 acme")
    assert pairs(SOURCE, reference, Rules(amount_tolerance_minor=50)) == ["S1=R1 scored +20"]


def test_the_choice_is_the_best_in_total_not_the_first() -> None:
    source = table("""
        S1  2026-03-10  100.00 USD  Acme seat 77
        S2  2026-03-10  100.10 USD  Acme seat 77
    """)
    reference = table("""
        R1  2026-03-11  100.10 USD  Acme seat 77
        R2  2026-03-11  100.20 USD  Acme seat 77
    """)
    rules = Rules(amount_tolerance_minor=20)
    assert pairs(source, reference, rules) == ["S1=R2 scored -20", "S2=R1 scored"]


def test_a_good_pair_gives_way_where_the_total_gains() -> None:
    source = table("""
        S1  2026-03-10  100.00 USD  Acme seat 77
        S2  2026-03-10  100.00 USD  Acme seat 77 vwxyz
    """)
    reference = table("""
        R1  2026-03-11  100.00 USD  Acme seat 77
        R2  2026-03-11  100.00 USD  Acme seat 77 abcde
    """)
    assert pairs(source, reference) == ["S1=R2 scored", "S2=R1 scored"]


def test_two_equally_near_partners_are_both_shown() -> None:
    reference = table("""
        R1  2026-03-10  99.90 USD  Acme 10234
        R2  2026-03-10  100.10 USD  Acme 10234
    """)
    assert pairs(SOURCE, reference, Rules(amount_tolerance_minor=50)) == ["S1?R1 scored +10", "S1?R2 scored -10"]


def test_a_whole_batch_that_is_one_day_late_matches_row_by_row() -> None:
    source = table("\n".join(f"S{number}  2026-03-10  9.99 USD  Seat" for number in range(60)))
    reference = table("\n".join(f"R{number}  2026-03-11  9.99 USD  Seat" for number in range(60)))
    found = pairs(source, reference)
    assert found == sorted(f"S{number}=R{number} scored" for number in range(60))


def test_equal_amounts_in_the_window_without_a_text_to_compare_are_suggested() -> None:
    assert pairs(SOURCE, table("R1  2026-03-11  100.00 USD  -")) == ["S1?R1 scored"]


def test_without_a_threshold_no_text_is_needed() -> None:
    reference = table("R1  2026-03-11  100.00 USD  -")
    assert pairs(SOURCE, reference, Rules(description_threshold=0)) == ["S1=R1 scored"]
