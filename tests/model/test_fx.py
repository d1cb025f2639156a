"""A rate is a fraction in both directions; only what it gives is rounded, and a rate holds until the next one."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.errors import RulesInvalid
from recon.model.fx import NO_RATE, FxRate, FxTerms, Legs, converted, fx_rates
from recon.model.rules import Rules
from recon.money import MAX_MINOR, exponent

CODES = ("EUR", "JPY", "KWD", "USD")
DAY = 20_514  # 2026-03-02

rates = st.decimals("0.000001", "99999", places=6).filter(bool)
amounts = st.integers(-MAX_MINOR, MAX_MINOR) | st.integers(-100_000, 100_000)


def terms(*lines: str, bps: int = 50, age: int = 0) -> FxTerms:
    return FxTerms(rates=fx_rates(list(lines)), tolerance_bps=bps, max_age_days=age)


def leg(currency: str, amount: int, day: int = DAY) -> Legs:
    return Legs(currency=np.array([CODES.index(currency)]), day=np.array([day]), amount=np.array([amount]))


@given(amounts, rates, st.sampled_from(CODES), st.sampled_from(CODES))
def test_a_conversion_is_what_fractions_say_with_halves_away_from_zero(
    amount: int, rate: Decimal, base: str, quote: str
) -> None:
    if base == quote:
        return
    one = FxRate.parse(f"2026-01-01 {base}/{quote} {rate:f}")
    for of, to, exact in ((base, quote, Fraction(rate)), (quote, base, 1 / Fraction(rate))):
        ratio = exact * 10 ** exponent(to) / 10 ** exponent(of)
        value = abs(amount) * ratio
        whole = min(value.__floor__() + (value - value.__floor__() >= Fraction(1, 2)), MAX_MINOR)
        assert converted(np.array([amount]), one.ratio(to)).tolist() == [whole if amount >= 0 else -whole]


def test_a_conversion_rounds_as_decimal_does() -> None:
    one = FxRate.parse("2026-01-01 EUR/JPY 163.475")
    for cents in (1, 2, 99, 100, 12_345, 200_000):
        yen = (Decimal(cents) / 100 * one.rate).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        assert converted(np.array([cents]), one.ratio("JPY")).tolist() == [int(yen)]


def test_many_are_converted_as_each_alone_is() -> None:
    ratio = FxRate.parse("2026-01-01 EUR/USD 1.0842").ratio("USD")
    some = np.array([1, -1, 5_000, MAX_MINOR, -MAX_MINOR, 0])
    assert converted(some, ratio).tolist() == [int(converted(some[at : at + 1], ratio)[0]) for at in range(len(some))]


def test_a_rate_holds_from_its_day_until_the_next_one_in_both_directions() -> None:
    held = terms("2026-03-10 USD/EUR 0.9", "2026-01-01 EUR/USD 1.0842")
    days = np.array([DAY - 61, DAY - 60, DAY, DAY + 7, DAY + 8, DAY + 900])
    told = [NO_RATE if at == NO_RATE else str(held.rates[at]) for at in held.in_force("USD", "EUR", days).tolist()]
    early, late = "2026-01-01 EUR/USD 1.0842", "2026-03-10 USD/EUR 0.9"
    assert told == [NO_RATE, early, early, early, late, late]
    assert held.in_force("EUR", "USD", days).tolist() == held.in_force("USD", "EUR", days).tolist()
    assert held.in_force("EUR", "JPY", days).tolist() == [NO_RATE] * 6


@pytest.mark.parametrize(("age", "found"), [(7, True), (6, False), (0, True)])
def test_a_rate_that_is_too_old_is_none_and_said_so(age: int, found: bool) -> None:
    held = terms("2026-02-23 EUR/USD 1.0842", age=age)
    assert (held.in_force("EUR", "USD", np.array([DAY])).tolist() != [NO_RATE]) is found
    assert held.no_rate("USD", "EUR", DAY) == "no rate EUR/USD on 2026-03-02; the last one is of 2026-02-23"
    assert held.no_rate("JPY", "EUR", DAY) == "no rate EUR/JPY on 2026-03-02"


@pytest.mark.parametrize(
    ("reference", "delta", "is_within"),
    [(10_842, 0, True), (10_896, -50, True), (10_897, -51, False), (10_788, 50, True), (10_787, 51, False)],
)
def test_a_tolerance_is_in_basis_points_of_the_larger_amount(reference: int, delta: int, is_within: bool) -> None:
    valued = terms("2026-01-01 EUR/USD 1.0842").value(CODES, leg("EUR", 10_000), leg("USD", reference))
    assert (valued.delta.tolist(), valued.is_within.tolist()) == ([delta], [is_within])


def test_what_either_direction_rounds_to_is_no_difference() -> None:
    exact = terms("2026-01-01 EUR/JPY 163.47", bps=0)
    valued = exact.value(CODES, leg("JPY", 10_000), leg("EUR", 6_117))  # 6117 is 9999.5 JPY, 10000 JPY is 61.17 EUR
    assert (valued.delta.tolist(), valued.bps.tolist(), valued.is_within.tolist()) == ([0], [0.0], [True])


def test_the_rate_of_the_earlier_day_counts() -> None:
    held = terms("2026-01-01 EUR/USD 1.1", "2026-03-03 EUR/USD 2")
    for forth, back in ((DAY, DAY + 1), (DAY + 1, DAY)):
        valued = held.value(CODES, leg("EUR", 100, forth), leg("USD", 110, back))
        assert valued.delta.tolist() == [0]


def test_money_in_is_never_money_out_in_another_currency() -> None:
    valued = terms("2026-01-01 EUR/USD 1").value(CODES, leg("EUR", 1), leg("USD", -1))
    assert not valued.is_within[0]


@given(amounts, amounts, rates, st.integers(0, 1_000), st.integers(0, 3))
def test_the_other_way_round_the_verdict_is_the_same(
    amount: int, other: int, rate: Decimal, bps: int, days: int
) -> None:
    held = terms(f"2026-01-01 EUR/JPY {rate:f}", bps=bps)
    ends = leg("EUR", amount), leg("JPY", other, DAY + days)
    forth, back = held.value(CODES, *ends), held.value(CODES, *ends[::-1])
    assert (forth.bps.tolist(), forth.rate.tolist(), forth.is_within.tolist()) == (
        back.bps.tolist(),
        back.rate.tolist(),
        back.is_within.tolist(),
    )
    assert bool(forth.delta[0]) == bool(back.delta[0]) or not forth.bps[0]


def test_rates_are_written_as_they_are_read_and_sorted() -> None:
    lines = ["2026-02-01 USD/EUR 0.92", "2026-01-01 EUR/USD 1.0842", "2026-01-01 USD/JPY 150.10"]
    rules = Rules(fx_rates=fx_rates(lines), fx_tolerance_bps=25, fx_max_age_days=7)
    assert [str(rate) for rate in rules.fx_rates] == [
        "2026-01-01 EUR/USD 1.0842",
        "2026-02-01 USD/EUR 0.92",
        "2026-01-01 USD/JPY 150.1",
    ]
    assert Rules.from_dict(rules.as_dict()) == rules


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-30 EUR/USD 1",
        "2026-01-01 EUR/XXY 1",
        "2026-01-01 EUR/EUR 1",
        "2026-01-01 EUR/USD 0",
        "2026-01-01 EUR/USD 0.00",
        "2026-01-01 EUR/USD 1,08",
        "2026-01-01 EUR/USD -1",
        "EUR/USD 1.08",
        7,
    ],
)
def test_what_is_no_rate_is_refused(text: object) -> None:
    with pytest.raises(RulesInvalid):
        fx_rates([text])


def test_two_rates_of_one_pair_on_one_day_are_refused_in_either_direction() -> None:
    with pytest.raises(RulesInvalid, match="two rates of EUR and USD begin on 2026-01-01"):
        fx_rates(["2026-01-01 EUR/USD 1.08", "2026-01-01 USD/EUR 0.92"])


@pytest.mark.parametrize(("rule", "most"), [("fx_tolerance_bps", 1_000), ("fx_max_age_days", 366)])
def test_tolerance_and_age_have_limits(rule: str, most: int) -> None:
    Rules(**{rule: most})  # type: ignore[arg-type]
    for wrong in (-1, most + 1):
        with pytest.raises(RulesInvalid):
            Rules(**{rule: wrong})  # type: ignore[arg-type]
