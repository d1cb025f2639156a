"""A fee is a cost however the sender signs it; gross and net columns prove which way that is."""

from __future__ import annotations

import pytest

from tests.ingest.files import column, read_lines


@pytest.mark.parametrize("sign", ["", "-"])
def test_a_column_of_one_sign_is_a_column_of_costs(sign: str) -> None:
    reading = read_lines(f"date,amount,currency,fee\n2026-01-05,10.00,EUR,{sign}0.30\n2026-01-05,1.00,EUR,\n")
    assert column(reading, "fee") == [30, None]


@pytest.mark.parametrize(("cost", "given_back"), [("0.59", "-0.59"), ("-0.59", "0.59")])
def test_gross_and_net_say_which_sign_is_the_cost_even_beside_a_refund(cost: str, given_back: str) -> None:
    reading = read_lines(
        f"""
        date,currency,gross,fee,net
        2026-01-05,EUR,20.00,{cost},19.41
        2026-01-06,EUR,-20.00,{given_back},-19.41
        """,
        AMOUNT_COLUMN="net",
    )
    assert column(reading, "fee") == [59, -59]


def test_a_month_of_nothing_but_a_fee_given_back_is_no_cost() -> None:
    reading = read_lines("date,currency,gross,fee,net\n2026-01-06,EUR,-20.00,0.59,-19.41\n", AMOUNT_COLUMN="gross")
    assert column(reading, "fee") == [-59]
