"""What must hold for any two tables in several currencies: nothing lost or twice, no order, no side, an exact proof."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from itertools import permutations

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.matching import match
from recon.model.fx import fx_rates
from recon.model.outcome import RowOutcome
from recon.model.rules import PassName, Rules
from recon.model.transactions import TRANSACTION_SCHEMA
from recon.workflows.reconcile import reconcile_tables

Row = dict[str, object]
Pair = tuple[int, int]

FAR = dt.date(2026, 3, 2)
row = st.fixed_dictionaries(
    {
        "date": st.integers(0, 3).map(lambda day: FAR + dt.timedelta(days=day)),
        "amount": st.sampled_from([0, 1, 100, 108, 1000, 1084, 1090, -1084, 163, 1635, 16347]),
        "currency": st.sampled_from(["EUR", "USD", "JPY", "KWD"]),
        "description": st.sampled_from([None, "Ann order 10234", "order Ann 10234", "Beta rent", "Zoo"]),
        "payment_ref": st.sampled_from([None, None, "A", "B"]),
        "txn_id": st.sampled_from([None, None, "A", "C"]),
        "group_id": st.sampled_from([None, None, "A", "C"]),
    }
)
side = st.lists(row, max_size=7)
rules = st.builds(
    Rules,
    fx_rates=st.sampled_from(
        [
            fx_rates(["2026-01-01 EUR/USD 1.0842", "2026-01-01 EUR/JPY 163.47"]),
            fx_rates(["2026-01-01 EUR/USD 1.0842", "2026-03-04 USD/EUR 0.9", "2026-03-03 USD/JPY 150"]),
        ]
    ),
    fx_tolerance_bps=st.sampled_from([0, 50, 1000]),
    fx_max_age_days=st.sampled_from([0, 1]),
    days_before=st.integers(0, 2),
    days_after=st.integers(0, 2),
    description_threshold=st.sampled_from([0, 70]),
)
law = settings(max_examples=60, deadline=None)


def build(rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist([{"line": number, **one} for number, one in enumerate(rows, 1)], TRANSACTION_SCHEMA)


def lines(source: pa.Table, reference: pa.Table, given_rules: Rules, threads: int = 1) -> list[tuple[object, ...]]:
    found = match(source, reference, given_rules, threads=threads).matches.to_pylist()
    ours, theirs = source["line"].to_pylist(), reference["line"].to_pylist()
    return sorted(
        (ours[one.pop("source_row")], theirs[one.pop("reference_row")], *map(str, one.values())) for one in found
    )


@law
@given(side, side, rules, st.randoms(use_true_random=False))
def test_neither_order_nor_threads_matter(
    source: list[Row], reference: list[Row], given_rules: Rules, random: object
) -> None:
    tables = build(source), build(reference)
    orders = [list(range(len(rows))) for rows in (source, reference)]
    for order in orders:
        random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = [rows.take(pa.array(order, pa.int64())) for rows, order in zip(tables, orders, strict=True)]
    assert lines(*shuffled, given_rules, threads=3) == lines(*tables, given_rules)


@law
@given(side, side, rules)
def test_swapping_the_sides_gives_the_mirrored_result(
    source: list[Row], reference: list[Row], given_rules: Rules
) -> None:
    mirrored = replace(given_rules, days_before=given_rules.days_after, days_after=given_rules.days_before)
    forth = lines(build(source), build(reference), given_rules)
    back = lines(build(reference), build(source), mirrored)
    assert sorted(pair[:5] for pair in forth) == sorted((pair[1], pair[0], *pair[2:5]) for pair in back)


@law
@given(side, side, rules)
def test_every_row_has_one_outcome_and_every_currency_its_proof(
    source: list[Row], reference: list[Row], given_rules: Rules
) -> None:
    outcome = reconcile_tables(build(source), build(reference), given_rules)
    for name, rows in (("source", source), ("reference", reference)):
        assert sum(total.row_count for total in outcome.totals if total.side == name) == len(rows)
    for line in outcome.proof:
        own = [one for one in outcome.discrepancies.to_pylist() if one["currency"] == line.currency]
        assert line.source_total - line.reference_total == sum(one["amount"] for one in own)
        assert sum(one["kind"] == "fx_conversion" for one in own) <= 1
    matched = sum(total.row_count for total in outcome.totals if total.outcome is RowOutcome.MATCHED)
    assert matched <= len(source) + len(reference)


@law
@given(side, side, rules)
def test_rates_change_nothing_where_rows_of_one_currency_meet(
    source: list[Row], reference: list[Row], given_rules: Rules
) -> None:
    alone = replace(given_rules, fx_rates=())
    for rows in (source, reference):
        for one in rows:
            one["currency"] = "EUR"
    assert lines(build(source), build(reference), given_rules) == lines(build(source), build(reference), alone)


plain = st.fixed_dictionaries(
    {
        "amount": st.integers(990, 1010),
        "text": st.sampled_from(["Ann order", "Beta rent"]),
    }
)


@law
@given(st.lists(plain, max_size=4), st.lists(plain, max_size=4))
def test_no_other_choice_of_pairs_is_larger_or_nearer_to_the_rate(ours: list[Row], theirs: list[Row]) -> None:
    """Against trying all: as many pairs as can be, and of those the ones with the least squared distance in all."""
    given_rules = Rules(
        fx_rates=fx_rates(["2026-01-01 EUR/USD 2"]),
        fx_tolerance_bps=50,
        description_threshold=70,
        passes=(PassName.FX,),
    )
    tables = [
        build(
            [
                {"date": FAR, "currency": code, "amount": one["amount"] * times, "description": one["text"]}
                for one in rows
            ]
        )
        for rows, code, times in ((ours, "EUR", 1), (theirs, "USD", 2))
    ]
    found = match(*tables, given_rules).matches.to_pylist()
    booked = {(one["source_row"], one["reference_row"]) for one in found if one["status"] == "matched"}
    fits = {
        (a, b): float(abs(one["amount"] - two["amount"]) / max(one["amount"], two["amount"]) * 10_000)  # type: ignore
        for a, one in enumerate(ours)
        for b, two in enumerate(theirs)
        if one["text"] == two["text"] and _near(int(str(one["amount"])), int(str(two["amount"])))
    }
    assert booked <= set(fits)
    best = _best(fits, len(ours), len(theirs))
    if len(found) == len(booked):  # nothing was too close to call
        assert len(booked) == best[0]
        assert abs(_cost(booked, fits) - best[1]) < 1e-3 * max(len(booked), 1)


def _near(one: int, other: int) -> bool:
    """Within 50 basis points of the larger, in minor units of either currency."""
    return any(abs(one - other) * n <= max(one, other) * n * 50 // 10_000 for n in (1, 2))


def _cost(chosen: set[Pair], fits: dict[Pair, float]) -> float:
    return sum((min(fits[pair] / 51, 1)) ** 2 for pair in chosen)


def _best(fits: dict[Pair, float], height: int, width: int) -> tuple[int, float]:
    """(most pairs there can be, least cost of so many) over all one-to-one choices."""
    options = []
    for order in permutations([*range(width), *[-1] * height], height):
        chosen = {(a, b) for a, b in enumerate(order) if (a, b) in fits}
        options.append((len(chosen), _cost(chosen, fits)))
    most = max(count for count, _ in options)
    return most, min(cost for count, cost in options if count == most)
