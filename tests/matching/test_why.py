"""Why two rows were paired, as sentences that speak for the pair or against it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from recon.matching import match
from recon.matching.why import reasons
from recon.model.fx import fx_rates
from recon.model.rules import Rules, Scoring
from tests.matching.builders import table

RULES = Rules(amount_tolerance_minor=20, days_before=1, days_after=2, description_threshold=70)


def why(source: str, reference: str, rules: Rules = RULES) -> list[str]:
    """The reasons of the one pair these two rows make: `+` speaks for it, `-` against."""
    one, other = table(source), table(reference)
    (found,) = match(one, other, rules).matches.to_pylist()
    told = reasons(one.to_pylist()[0], other.to_pylist()[0], found, rules)
    return [f"{'+' if reason.is_for else '-'} {reason.text}" for reason in told]


def test_an_exact_pair_agrees_in_everything() -> None:
    assert why("S1  2026-03-02  50.00 USD  Acme rent", "R1  2026-03-02  50.00 USD  RENT Acme") == [
        "+ The amounts are equal.",
        "+ The dates are the same.",
        "+ The descriptions have the same words.",
    ]


def test_a_near_pair_says_how_near_it_is_and_what_the_rules_allow() -> None:
    assert why("S1  2026-03-02  50.00 USD  Acme rent May", "R1  2026-03-04  49.90 USD  Acme rent June") == [
        "+ The amounts differ by 0.10 USD; up to 0.20 USD may be.",
        "+ The reference is dated 2 days after the source; up to 2 days may be.",
        "+ The descriptions are 74 % alike; 70 % is enough.",
    ]


def test_a_shared_reference_outweighs_what_differs() -> None:
    assert why("S1  2026-03-12  50.00 USD  Acme  ref=A", "R1  2026-03-02  40.00 USD  Zeta works  ref=A") == [
        "+ Both rows carry the same payment reference.",
        "- The amounts differ by 10.00 USD: the shared reference outweighs that.",
        "- The reference is dated 10 days before the source: the shared reference outweighs that.",
        "- The descriptions are only 14 % alike.",
    ]


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("id=A", "id=A", "Both rows carry the same ID."),
        ("ref=A", "id=A", "The source's payment reference is the reference row's ID."),
        ("id=A", "ref=A", "The source's ID is the reference row's payment reference."),
    ],
)
def test_which_columns_share_the_id_is_said(one: str, other: str, said: str) -> None:
    assert why(f"S1  2026-03-02  5.00 USD  a  {one}", f"R1  2026-03-02  5.00 USD  a  {other}")[0] == f"+ {said}"


def test_what_is_only_suggested_says_what_speaks_against_it() -> None:
    assert why("S1  2026-03-02  50.00 USD  Acme  ref=A", "R1  2026-03-02  -50.00 USD  -  ref=A")[1:] == [
        "- The signs are opposite: one is money in, the other money out.",
        "+ The dates are the same.",
        "- There is no description on both sides to compare.",
    ]


def test_under_learned_scoring_its_own_reach_counts() -> None:
    rules = Rules(scoring=Scoring.LEARNED, amount_tolerance_percent=Decimal(1))
    found = why("S1  2026-03-02  50.00 USD  Acme  ref=A", "R1  2026-03-22  45.00 USD  Acme  ref=A", rules)
    assert found[1:3] == [
        "+ The amounts differ by 5.00 USD; up to 7.50 USD may be.",
        "+ The reference is dated 20 days after the source; up to 31 days may be.",
    ]


FX = Rules(fx_rates=fx_rates(["2026-01-01 EUR/USD 1.0842"]))


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        (
            "2026-03-02  108.60 USD  a  ref=A",
            "+ 108.60 USD is 100.17 EUR at EUR/USD 1.0842 of 2026-01-01: 16.6 basis points apart, 50 may be.",
        ),
        (
            "2026-03-02  104.00 USD  a  ref=A",
            "- 104.00 USD is 95.92 EUR at EUR/USD 1.0842 of 2026-01-01: 407.7 basis points apart, 50 may be.",
        ),
        (
            "2026-03-02  31.000 KWD  a  ref=A",
            "- There is no rate EUR/KWD on 2026-03-02 to hold 31.000 KWD against: the shared id outweighs that.",
        ),
    ],
)
def test_across_currencies_the_rate_says_how_near_amounts_are(reference: str, said: str) -> None:
    told = why("S1  2026-03-02  100.00 EUR  a  ref=A", f"R1  {reference}", FX)
    assert told[:2] == ["+ Both rows carry the same payment reference.", said]


def test_a_group_number_may_be_the_id_two_currencies_share() -> None:
    told = why("S1  2026-03-02  100.00 EUR  a  ref=p1", "R1  2026-03-02  108.42 USD  b  group=p1", FX)
    assert told[0] == "+ The source's payment reference is the reference row's group number."
