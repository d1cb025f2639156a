"""Rows without a common number that add up: whole days, and a few of a window; never by chance, never by a toss."""

from __future__ import annotations

import datetime as dt
from itertools import combinations

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.matching import match
from recon.matching.groups import subsets
from recon.model.rules import PassName, Rules
from recon.workflows.reconcile import reconcile_tables
from tests.matching.builders import pairs, table

FEW = Rules(subset_rows=6)


def test_a_days_takings_are_the_deposit_of_the_next_day() -> None:
    takings = table("""
        S1  2026-03-01  123.45 USD  Ann
        S2  2026-03-01   67.89 USD  Bob
        S3  2026-03-01   -5.00 USD  Cid
        S4  2026-03-02   10.00 USD  Zoe
    """)
    deposit = table("R1  2026-03-02  186.34 USD  DEPOSIT")
    assert pairs(takings, deposit) == ["S1=R1 sums", "S2=R1 sums", "S3=R1 sums"]
    assert pairs(deposit, takings) == ["R1=S1 sums", "R1=S2 sums", "R1=S3 sums"]


def test_one_counterpartys_rows_are_its_payment() -> None:
    invoices = table("""
        S1  2026-03-01  100.00 USD  a  party=Acme
        S2  2026-03-01  200.00 USD  b  party=Acme
        S3  2026-03-01  400.00 USD  c  party=Beta
    """)
    paid = table("R1  2026-03-01  300.00 USD  transfer  party=ACME")
    assert pairs(invoices, paid) == ["S1=R1 sums", "S2=R1 sums"]


def test_round_amounts_that_may_be_chance_are_suggested() -> None:
    source = table("S1  2026-03-01  100.00 USD  a\nS2  2026-03-01  200.00 USD  b")
    reference = table("R1  2026-03-01  300.00 USD  other")
    assert pairs(source, reference) == ["S1?R1 sums -20000", "S2?R1 sums -10000"]


def test_a_sum_that_fits_two_rows_is_suggested() -> None:
    source = table("S1  2026-03-01  123.45 USD  a\nS2  2026-03-01  200.00 USD  b")
    reference = table("R1  2026-03-01  323.45 USD  one\nR2  2026-03-02  323.45 USD  two")
    assert all("?" in line for line in pairs(source, reference))
    assert len(pairs(source, reference)) == 4


@pytest.mark.parametrize("day", ["2026-02-27", "2026-03-03"])
def test_a_day_outside_the_window_is_not_looked_at(day: str) -> None:
    source = table("S1  2026-03-01  123.45 USD  a\nS2  2026-03-01  200.00 USD  b")
    assert pairs(source, table(f"R1  {day}  323.45 USD  one")) == []


def test_a_few_rows_of_the_window_that_add_up_are_found_where_the_rules_ask() -> None:
    source = table("""
        S1  2026-03-01  9123.45 USD  a
        S2  2026-03-02  8777.77 USD  b
        S3  2026-03-01  1010.10 USD  c
        S4  2026-03-01  -33.31 USD  d
    """)
    reference = table("R1  2026-03-02  9090.14 USD  one")
    assert pairs(source, reference) == []
    assert pairs(source, reference, FEW) == ["S1=R1 sums", "S4=R1 sums"]


def test_two_subsets_that_fit_are_suggested_never_booked() -> None:
    source = table("""
        S1  2026-03-01  91.23 USD  a
        S2  2026-03-02  10.00 USD  b
        S3  2026-03-01  10.00 USD  c
        S4  2026-03-01   5.55 USD  d
    """)
    found = pairs(source, table("R1  2026-03-02  101.23 USD  one"), FEW)
    assert {line.split()[0] for line in found} == {"S1?R1", "S2?R1", "S3?R1"}


def test_a_search_that_ends_at_its_limit_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subsets, "STEPS_A_ROW", 3)
    source = table("\n".join(f"S{n}  2026-03-01  {n}.37 USD  text{n}" for n in range(1, 9)))
    outcome = reconcile_tables(source, table("R1  2026-03-02  9999.99 USD  one\nR2  2026-03-02  20.01 USD  x"), FEW)
    said = outcome.discrepancies.filter(pa.compute.equal(outcome.discrepancies["kind"], "missing_in_source"))
    told = [text for text in said["detail"].to_pylist() if "within the limit of the search" in text]
    assert [text.split(" USD")[0] for text in told] == ["20.01"]


amounts = st.lists(st.sampled_from([-7, -2, 1, 3, 5, 8, 13, 21, 100]), min_size=0, max_size=6)


@settings(max_examples=200, deadline=None)
@given(amounts, st.integers(-10, 130).filter(bool), st.integers(2, 6))
def test_subsets_are_those_that_trying_all_of_them_finds(near: list[int], target: int, most: int) -> None:
    """Each row has a day of its own, so that there are no whole days, and no two rows are interchangeable."""
    rows = [_row(place, amount) for place, amount in enumerate(near)]
    source, reference = table("\n".join(rows) or "X  2020-01-01  1 JPY"), table(_row(99, target))
    sides = match(source, reference, Rules(passes=(PassName.SUMS,), subset_rows=most, days_before=9, days_after=9))
    every = [
        set(chosen)
        for size in range(2, most + 1)
        for chosen in combinations(range(len(near)), size)
        if sum(near[place] for place in chosen) == target
    ]
    minimal = [one for one in every if not any(other < one for other in every)]
    found = set(sides.matches["source_row"].to_pylist())
    assert bool(found) == bool(every)
    assert found <= set().union(*every) if every else not found
    if "matched" in sides.matches["status"].to_pylist():
        assert len(minimal) == 1


def _row(place: int, amount: int) -> str:
    return f"N{place}  {dt.date(2026, 3, 1) + dt.timedelta(days=place % 7)}  {amount} JPY  text{place}"
