"""Data meant to break an engine: everything equal, everything alike, nothing there, numbers at the edge."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from recon.errors import RunCancelled
from recon.matching import match
from recon.model.outcome import Matching
from recon.model.rules import Rules, Scoring
from recon.model.transactions import TRANSACTION_SCHEMA, empty_transactions
from recon.money import MAX_MINOR

DAY = dt.date(2026, 3, 2)
LEARNED = Rules(scoring=Scoring.LEARNED)


def rows(
    amounts: list[int],
    texts: list[str | None],
    *,
    currencies: list[str] | None = None,
    days: list[dt.date] | None = None,
) -> pa.Table:
    count = len(amounts)
    columns = {
        "line": pa.array(range(1, count + 1)),
        "date": pa.array(days or [DAY] * count),
        "amount": pa.array(amounts),
        "currency": pa.array(currencies or ["EUR"] * count),
        "description": pa.array(texts, pa.string()),
    }
    missing = {field.name: pa.nulls(count, field.type) for field in TRANSACTION_SCHEMA if field.name not in columns}
    return pa.table({**columns, **missing}, schema=None).select(TRANSACTION_SCHEMA.names).cast(TRANSACTION_SCHEMA)


EACH_SCORING = pytest.mark.parametrize("rules", [Rules(scoring=scoring) for scoring in Scoring], ids=list(Scoring))


def counts(matching: Matching) -> tuple[int, int]:
    """(matched, suggested) pairs."""
    status = matching.matches["status"].to_pylist()
    return status.count("matched"), status.count("suggested")


@EACH_SCORING
def test_twenty_thousand_equal_rows_a_side_all_match(rules: Rules) -> None:
    side = rows([999] * 20_000, ["Seat"] * 20_000)
    assert counts(match(side, side, rules)) == (20_000, 0)


@EACH_SCORING
def test_twenty_thousand_equal_rows_without_text_all_match(rules: Rules) -> None:
    side = rows([999] * 20_000, [None] * 20_000)
    assert counts(match(side, side, rules)) == (20_000, 0)


def test_one_row_without_text_too_many_makes_all_of_them_a_question() -> None:
    one, other = rows([999] * 3_000, [None] * 3_000), rows([999] * 2_999, [None] * 2_999)
    matched, suggested = counts(match(one, other, Rules()))
    assert matched == 0
    assert suggested >= 3_000


def test_twenty_thousand_equal_amounts_with_texts_of_their_own_find_each_other() -> None:
    one = rows([999] * 20_000, [f"{number * 7919:06} seat" for number in range(20_000)])
    other = rows([999] * 20_000, [f"Seat-{number * 7919:06}" for number in reversed(range(20_000))])
    found = match(one, other, Rules())
    assert counts(found) == (20_000, 0)
    assert set(found.matches["similarity"].to_pylist()) == {100}


def test_three_thousand_equal_amounts_with_texts_that_only_resemble_each_other_come_to_an_end() -> None:
    one = rows([999] * 3_000, [f"invoice {number}" for number in range(3_000)])
    other = rows([999] * 3_000, [f"payment invoice {number + 5_000}" for number in range(3_000)])
    matched, suggested = counts(match(one, other, Rules(description_threshold=60)))
    assert matched + suggested >= 1_500


def test_three_thousand_textless_rows_against_as_many_texts_all_match() -> None:
    one = rows([999] * 3_000, [None] * 3_000)
    other = rows([999] * 3_000, [f"{number} {number * 31 % 1000} word" for number in range(3_000)])
    assert counts(match(one, other, Rules())) == (3_000, 0)


def test_one_giant_component_is_solved_within_its_limits() -> None:
    amounts = [100_000 + number * 3 for number in range(3_000)]
    one = rows(amounts, ["Monthly fee"] * 3_000)
    other = rows([amount + 1 for amount in amounts], ["Monthly fees"] * 3_000)
    found = match(one, other, Rules(amount_tolerance_minor=40))
    assert counts(found)[0] > 2_900
    assert len(set(found.matches["reference_row"].to_pylist())) == found.matches.num_rows


def test_batches_of_one_price_under_one_id_stay_linear() -> None:
    count = 6_000
    days = [DAY + dt.timedelta(days=number % 5) for number in range(count)]
    side = rows([999] * count, [f"seat {number % 3}" for number in range(count)], days=days)
    refs = pa.array([f"po_{number // 150}" for number in range(count)])
    side = side.set_column(2, TRANSACTION_SCHEMA.field("payment_ref"), refs)
    found = match(side, side, Rules()).matches
    assert set(found["pass"].to_pylist()) == {"identity"}
    assert found["source_row"].to_pylist() == found["reference_row"].to_pylist() == list(range(count))


def test_copies_in_a_component_beyond_the_limit_are_decided_once() -> None:
    amounts = [50_000 + number * 7919 % 2_000 for number in range(3_000)]
    one = rows(amounts, ["Monthly fee"] * 3_000)
    other = rows([amount + number % 13 - 6 for number, amount in enumerate(amounts)], ["Fee monthly"] * 3_000)
    found = match(one, other, Rules(amount_tolerance_minor=50)).matches
    matched = [row for row in found.to_pylist() if row["status"] == "matched"]
    assert len({row["source_row"] for row in matched}) == len({row["reference_row"] for row in matched}) == len(matched)
    assert len(matched) > 1_500


@EACH_SCORING
def test_zero_amounts_without_ids_or_texts_stay_free(rules: Rules) -> None:
    side = rows([0] * 500, [None] * 500)
    assert counts(match(side, side, rules)) == (0, 0)


@EACH_SCORING
def test_an_empty_side_matches_nothing(rules: Rules) -> None:
    side = rows([1, 2, 3], ["a", "b", "c"])
    assert counts(match(side, empty_transactions(), rules)) == (0, 0)
    assert counts(match(empty_transactions(), side, rules)) == (0, 0)
    assert counts(match(empty_transactions(), empty_transactions(), rules)) == (0, 0)


@EACH_SCORING
def test_the_same_file_on_both_sides_matches_row_for_row(rules: Rules) -> None:
    side = rows([100, 100, -100, 0, 250, 250], ["a b", "a b", "a b", "zero", None, "x"])
    matches = match(side, side, rules).matches
    assert matches["source_row"].to_pylist() == matches["reference_row"].to_pylist() == list(range(6))


@EACH_SCORING
def test_ten_currencies_do_not_mix(rules: Rules) -> None:
    codes = ["AED", "CHF", "EUR", "GBP", "INR", "JPY", "KES", "KWD", "USD", "ZAR"]
    one = rows([500] * 10, ["same text"] * 10, currencies=codes)
    other = rows([500] * 10, ["same text"] * 10, currencies=codes[::-1])
    matches = match(one, other, rules).matches
    assert [row["source_row"] + row["reference_row"] for row in matches.to_pylist()] == [9] * 10


def test_amounts_at_the_edge_of_what_a_row_may_carry() -> None:
    edge = [MAX_MINOR, -MAX_MINOR, MAX_MINOR - 1, 1, 0]
    days = [dt.date(1, 1, 1), dt.date(9999, 12, 31), DAY, DAY, DAY]
    texts: list[str | None] = ["top", "bottom", "next", "one", "zero"]
    side = rows(edge, texts, days=days)
    for rules in (Rules(), Rules(amount_tolerance_minor=10**15, days_before=366, days_after=366)):
        matches = match(side, side, rules).matches
        assert matches["source_row"].to_pylist() == matches["reference_row"].to_pylist() == [0, 1, 2, 3, 4]


def test_learned_scoring_takes_amounts_at_the_edge_too() -> None:
    edge = [MAX_MINOR, -MAX_MINOR, MAX_MINOR - 1, 1, 0]
    side = rows(edge, ["top", "bottom", "next", "one", "zero"])
    later = rows(edge, ["top", "bottom", "next", "one", "zero"], days=[DAY + dt.timedelta(days=2)] * 5)
    for reference in (side, later):
        found = match(side, reference, Rules(scoring=Scoring.LEARNED)).matches.to_pylist()
        assert all(row["source_row"] == row["reference_row"] for row in found if row["status"] == "matched")
        assert all(abs(row["amount_delta"]) <= 2 * MAX_MINOR for row in found)


def test_one_giant_component_of_learned_scoring_is_decided_once() -> None:
    amounts = [100_000 + number * 3 for number in range(1_500)]
    one = rows(amounts, ["Monthly fee"] * 1_500)
    other = rows([amount + 1 for amount in amounts], ["Monthly fees"] * 1_500)
    found = match(one, other, Rules(scoring=Scoring.LEARNED)).matches.to_pylist()
    matched = [row for row in found if row["status"] == "matched"]
    assert found
    assert len({row["source_row"] for row in matched}) == len({row["reference_row"] for row in matched}) == len(matched)


@pytest.mark.parametrize("stop_at", ["columns", "identity", "exact", "scored", "evidence"])
def test_a_cancelled_match_stops_at_once(stop_at: str) -> None:
    def cancel(stage: str, done_count: int, total_count: int) -> None:
        if stage.startswith(stop_at):
            raise RunCancelled(7)

    side = rows([1, 2, 3], ["a", "b", "c"])
    with pytest.raises(RunCancelled):
        match(side, side, Rules(), on_progress=cancel)


def test_progress_never_goes_beyond_the_total() -> None:
    seen: list[tuple[str, int, int]] = []
    side = rows([number // 3 for number in range(900)], [f"{number % 7} text" for number in range(900)])
    match(side, side, Rules(amount_tolerance_minor=2), on_progress=lambda *told: seen.append(told))
    assert all(0 <= done <= total for _, done, total in seen)
    assert seen[-1][1] == seen[-1][2]


LATER = dt.date(2026, 3, 5)


def test_learned_scoring_decides_a_crowd_of_equal_amounts_by_their_texts() -> None:
    texts = [
        f"{name} subscription {at}" for at, name in enumerate(["anna botha", "bert coetzee", "carl dlamini"] * 400)
    ]
    one = rows([999] * len(texts), list(texts))
    other = rows([999] * len(texts), [text.upper() for text in texts], days=[LATER] * len(texts))
    matches = match(one, other, LEARNED).matches
    booked = matches.filter(pc.equal(matches["status"], "matched"))
    assert len(booked) > 0.98 * len(texts)
    assert booked["source_row"].equals(booked["reference_row"])


def test_learned_scoring_asks_where_one_of_a_crowd_of_equal_rows_without_text_is_too_many() -> None:
    one, other = rows([999] * 1_500, [None] * 1_500), rows([999] * 1_499, [None] * 1_499, days=[LATER] * 1_499)
    matched, suggested = counts(match(one, other, LEARNED))
    assert matched == 0
    assert suggested >= 1_500
