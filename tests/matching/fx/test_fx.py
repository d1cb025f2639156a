"""Rows in two currencies are one movement if an id says so, or rate, date and text agree; the proof stays exact."""

from __future__ import annotations

import pytest

from recon.matching import match
from recon.model.fx import fx_rates
from recon.model.rules import PassName, Rules
from recon.workflows.reconcile import reconcile_tables
from tests.matching.builders import pairs, table

RULES = Rules(fx_rates=fx_rates(["2026-01-01 EUR/USD 1.0842", "2026-01-01 EUR/JPY 163.47"]))


def found(source: str, reference: str, rules: Rules = RULES) -> list[str]:
    return pairs(table(source), table(reference), rules)


def discrepancies(source: str, reference: str, rules: Rules = RULES) -> list[tuple[str, str, int]]:
    outcome = reconcile_tables(table(source), table(reference), rules)
    assert all(line.unexplained == 0 for line in outcome.proof)
    columns = (outcome.discrepancies[name].to_pylist() for name in ("kind", "currency", "amount"))
    return list(zip(*columns, strict=True))


def detail(source: str, reference: str, rules: Rules = RULES) -> str:
    outcome = reconcile_tables(table(source), table(reference), rules)
    return str(outcome.discrepancies["detail"][0])


ONE = "S1  2026-03-02  100.00 EUR  Ann order  ref=A"


@pytest.mark.parametrize("ids", ["ref=A", "id=A", "group=A"])
def test_rows_of_two_currencies_that_share_an_id_match(ids: str) -> None:
    assert found(ONE, f"R1  2026-03-20  108.42 USD  Else  {ids}") == ["S1=R1 fx"]


def test_without_rates_rows_of_two_currencies_never_meet() -> None:
    assert found(ONE, "R1  2026-03-02  108.42 USD  Ann order  ref=A", Rules()) == []


def test_the_evidence_names_id_rate_day_and_distance() -> None:
    matches = match(table(ONE), table("R1  2026-03-03  108.60 USD  x  ref=A"), RULES).matches
    assert matches["evidence"].to_pylist() == ["payment_ref+fx EUR/USD 1.0842 of 2026-01-01 at 16.6 bps"]
    assert matches["amount_delta"].to_pylist() == [-17]


def test_each_leg_is_explained_in_its_own_currency_by_one_sum() -> None:
    source = f"{ONE}\nS2  2026-03-02  50.00 EUR  Beta  ref=B"
    reference = "R1  2026-03-02  108.42 USD  a  ref=A\nR2  2026-03-02  54.30 USD  b  ref=B"
    assert discrepancies(source, reference) == [
        ("fx_conversion", "EUR", 150_00),
        ("fx_conversion", "USD", -(108_42 + 54_30)),
    ]


def test_an_id_far_from_the_rate_is_a_variance_in_the_currency_of_the_source() -> None:
    reference = "R1  2026-03-02  104.00 USD  a  ref=A"
    assert found(ONE, reference) == ["S1=R1 fx +408"]
    assert discrepancies(ONE, reference) == [
        ("fx_variance", "EUR", 408),
        ("fx_conversion", "EUR", 95_92),
        ("fx_conversion", "USD", -104_00),
    ]
    assert detail(ONE, reference) == (
        "The reference has 104.00 USD, which is 95.92 EUR at EUR/USD 1.0842 of 2026-01-01; the source has 100.00 EUR: "
        "4.08 EUR more, 407.7 basis points where 50 may be."
    )


def test_an_id_without_a_rate_is_matched_and_the_missing_rate_is_said() -> None:
    reference = "R1  2026-03-05  31.000 KWD  a  ref=A"
    assert discrepancies(ONE, reference) == [
        ("fx_variance", "EUR", 0),
        ("fx_conversion", "EUR", 100_00),
        ("fx_conversion", "KWD", -31_000),
    ]
    assert detail(ONE, reference) == (
        "There is no rate EUR/KWD on 2026-03-02: 100.00 EUR in the source and 31.000 KWD in the reference share an id "
        "and cannot be held against each other."
    )


def test_a_rate_that_is_too_old_is_no_rate() -> None:
    old = Rules(fx_rates=RULES.fx_rates, fx_max_age_days=30)
    assert "no rate EUR/USD on 2026-03-02; the last one is of 2026-01-01: " in detail(
        ONE, "R1  2026-03-05  108.42 USD  a  ref=A", old
    )


def test_without_ids_rate_date_and_text_must_agree() -> None:
    source = "S1  2026-03-02  100.00 EUR  Ann Smith order"
    assert found(source, "R1  2026-03-03  108.60 USD  Order Ann Smith") == ["S1=R1 fx -17"]
    for other in ("2026-03-04  108.60 USD  Ann Smith order", "2026-03-03  109.60 USD  Ann Smith order"):
        assert found(source, f"R1  {other}") == []
    assert found(source, "R1  2026-03-03  108.60 USD  Zebra Ltd") == []
    assert found(source, "R1  2026-03-03  31.000 KWD  Ann Smith order") == []


def test_yen_have_no_decimals_and_rounding_is_no_deviation() -> None:
    exact = Rules(fx_rates=RULES.fx_rates, fx_tolerance_bps=0)
    assert found("S1  2026-03-02  10000 JPY  Ann order", "R1  2026-03-02  61.17 EUR  Ann order", exact) == ["S1=R1 fx"]
    assert found("S1  2026-03-02  10000 JPY  Ann order", "R1  2026-03-02  61.18 EUR  Ann order", exact) == []


def test_the_best_of_all_pairs_are_taken_one_to_one() -> None:
    source = "S1  2026-03-02  100.00 EUR  Ann order\nS2  2026-03-02  100.20 EUR  Ann order"
    reference = "R1  2026-03-02  108.64 USD  Ann order\nR2  2026-03-02  108.42 USD  Ann order"
    assert found(source, reference) == ["S1=R2 fx", "S2=R1 fx"]


def test_two_equally_good_ones_are_a_suggestion_with_an_amount_in_each_currency() -> None:
    source = "S1  2026-03-02  100.00 EUR  Ann order"
    reference = "R1  2026-03-02  108.42 USD  Ann order x\nR2  2026-03-02  108.42 USD  Ann order y"
    assert found(source, reference) == ["S1?R1 fx", "S1?R2 fx"]
    assert discrepancies(source, reference) == [("suggestion", "EUR", 100_00), ("suggestion", "USD", -216_84)]


def test_an_id_of_several_rows_books_only_what_agrees() -> None:
    source = f"{ONE}\nS2  2026-03-02  20.00 EUR  Ann order  ref=A"
    assert found(source, "R1  2026-03-02  21.70 USD  x  ref=A") == ["S2=R1 fx -1"]
    assert found(source, "R1  2026-03-02  90.00 USD  x  ref=A") == []


def test_a_charge_is_never_its_refund() -> None:
    assert found(ONE, "R1  2026-03-02  -108.42 USD  Ann order  ref=A") == []


def test_numbers_that_only_count_are_no_ids() -> None:
    source = "\n".join(f"S{n}  2026-03-02  {n}.00 EUR  a{n}  id={n}" for n in range(1, 31))
    reference = "\n".join(f"R{n}  2026-03-02  {500 - n}.00 USD  b{n}  id={n}" for n in range(1, 31))
    assert found(source, reference) == []


def test_what_agrees_in_one_currency_goes_first() -> None:
    reference = "R1  2026-03-02  100.00 EUR  Ann order  ref=A\nR2  2026-03-02  108.42 USD  Ann order  ref=A"
    assert found(ONE, reference) == ["S1=R1 identity"]


def test_switched_off_it_does_nothing() -> None:
    rules = Rules(fx_rates=RULES.fx_rates, passes=(PassName.IDENTITY, PassName.SCORED))
    assert found(ONE, "R1  2026-03-02  108.42 USD  Ann order  ref=A", rules) == []


def test_a_difference_of_the_size_of_a_fee_is_none_between_currencies() -> None:
    source = "S1  2026-03-02  100.00 EUR  Ann order  ref=A  fee=17"
    assert discrepancies(source, "R1  2026-03-02  108.60 USD  x  ref=A") == [
        ("fx_conversion", "EUR", 100_00),
        ("fx_conversion", "USD", -108_60),
    ]
