from __future__ import annotations

from decimal import Decimal

from recon.model.fx import fx_rates
from recon.model.rules import Rules, Scoring
from recon.model.terms import FeeSchedule
from recon.ui.rules.text import rules_sentences


def test_the_default_rules_are_three_plain_sentences() -> None:
    assert rules_sentences(Rules().as_dict()) == (
        "Amounts must be equal to the last digit.",
        "The reference may be dated up to 1 day before or after the source.",
        "Rows without a common reference need descriptions at least 80 % alike.",
    )


def test_a_tolerance_in_minor_units_is_told_once_for_each_number_of_decimals() -> None:
    rules = Rules(amount_tolerance_minor=50, amount_tolerance_percent=Decimal("0.5"), days_before=0, days_after=0)
    amount, dates, _ = rules_sentences(rules.as_dict(), ["EUR", "JPY", "KWD", "USD"])
    assert amount == (
        "Amounts may differ by up to 0.50 EUR (50 JPY, 0.050 KWD), or 0.5 % of the larger amount, whichever is more."
    )
    assert dates == "Dates must be the same, unless both sides carry the same reference."


def test_a_window_is_told_by_the_ends_it_has() -> None:
    def dates(before: int, after: int) -> str:
        return rules_sentences(Rules(days_before=before, days_after=after).as_dict())[1]

    assert dates(0, 3) == "The reference may be dated up to 3 days after the source."
    assert dates(1, 0) == "The reference may be dated up to 1 day before the source."
    assert dates(1, 3) == "The reference may be dated from 1 day before to 3 days after the source."


def test_a_rule_of_a_later_version_is_not_left_out() -> None:
    assert rules_sentences(Rules().as_dict() | {"split_limit": 4})[-1] == "split_limit: 4."


def test_learned_scoring_says_how_far_it_looks_instead_of_rules_that_do_not_bind_it() -> None:
    (sentence,) = rules_sentences(Rules(scoring=Scoring.LEARNED).as_dict())
    assert "up to 15 %, dates by up to 31 days" in sentence


def test_rules_of_one_pass_are_told_where_they_are_not_the_usual_ones() -> None:
    told = rules_sentences(Rules(netting_days=1, subset_rows=4).as_dict())
    assert told[3:] == (
        "Up to 4 rows together may make up one of the other side.",
        "A reversal cancels its charge up to 1 day apart.",
    )


def test_fees_are_told_where_some_are_scheduled() -> None:
    rules = Rules(fee_schedules=(FeeSchedule.parse("2026-01-01 USD 2.9 % + 0.30"),))
    assert rules_sentences(rules.as_dict())[3:] == ("Fees may be kept back: 2026-01-01 USD 2.9 % + 0.30.",)


def test_rates_are_told_with_what_may_differ_from_them() -> None:
    rates = fx_rates(["2026-01-01 EUR/USD 1.0842", "2026-02-01 EUR/USD 1.09"])
    (told,) = rules_sentences(Rules(fx_rates=rates, fx_max_age_days=7).as_dict())[3:]
    assert told == (
        "Currencies are held against each other by these rates: 2026-01-01 EUR/USD 1.0842, 2026-02-01 EUR/USD 1.09. "
        "Amounts may be up to 50 basis points from the rate, and a rate holds for 7 days at most."
    )
    (told,) = rules_sentences(Rules(fx_rates=rates, fx_tolerance_bps=0).as_dict())[3:]
    assert told.endswith("Amounts may be exactly what the rate says.")
