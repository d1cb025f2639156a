"""Usual fees and working days are found in pairs of amounts and dates, and only where they are."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from recon.matching.habits import Fee, fee_text, usual_fees, working_days

AMOUNTS = np.random.default_rng(4).integers(1_000, 90_000, 600)


def test_a_percentage_and_a_fixed_part_are_found() -> None:
    net = AMOUNTS - np.rint(AMOUNTS * 0.029).astype(np.int64) - 30
    assert usual_fees(AMOUNTS, net) == (Fee(is_less=True, rate=58, fixed=30),)
    assert usual_fees(net, AMOUNTS) == (Fee(is_less=False, rate=58, fixed=30),)


def test_a_refund_has_the_same_fee() -> None:
    assert usual_fees(-AMOUNTS, -(AMOUNTS - 250)) == (Fee(is_less=True, rate=0, fixed=250),)


def test_several_fees_are_told_apart_commonest_first() -> None:
    net = AMOUNTS - np.where(np.arange(600) < 400, 250, 1_200 - 1)
    assert usual_fees(AMOUNTS, net)[:2] == (
        Fee(is_less=True, rate=0, fixed=250),
        Fee(is_less=True, rate=0, fixed=1_199),
    )


def test_amounts_that_differ_anyhow_or_not_at_all_have_no_usual_fee() -> None:
    anyhow = AMOUNTS - np.rint(AMOUNTS * np.random.default_rng(5).uniform(-0.12, 0.12, 600)).astype(np.int64)
    assert usual_fees(AMOUNTS, anyhow) == ()
    assert usual_fees(AMOUNTS, AMOUNTS) == ()


def test_a_handful_of_pairs_makes_no_habit() -> None:
    assert usual_fees(AMOUNTS[:5], AMOUNTS[:5] - 30) == ()


def test_a_fee_is_written_in_words() -> None:
    assert fee_text(Fee(is_less=True, rate=58, fixed=30), 2) == "less by 2.9 % and 0.30, a usual fee"
    assert fee_text(Fee(is_less=False, rate=0, fixed=250), 0) == "more by 250, a usual fee"


@pytest.mark.parametrize(
    ("begin", "end", "days"),
    [
        ("2026-03-06", "2026-03-09", 1),  # Friday to Monday
        ("2026-03-02", "2026-03-09", 5),
        ("2026-03-07", "2026-03-08", 0),  # Saturday to Sunday
        ("2026-03-09", "2026-03-06", -1),
        ("1969-12-31", "1970-01-01", 1),
    ],
)
def test_working_days_leave_out_weekends(begin: str, end: str, days: int) -> None:
    one, other = (np.array([(dt.date.fromisoformat(day) - dt.date(1970, 1, 1)).days]) for day in (begin, end))
    assert working_days(one, other).tolist() == [days]
