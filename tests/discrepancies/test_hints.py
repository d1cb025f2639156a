"""What the figures of two rows say about how they came to differ; exactly so, or not at all."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from recon.discrepancies.hints import (
    SENTENCES,
    Ends,
    Hint,
    amount_hints,
    date_hints,
    hint_text,
    hints_between,
    telling_amounts,
)
from recon.model.candidate import TellingAmounts
from recon.money import MAX_MINOR

DAY = "2026-03-02"


def row(amount: int, day: str = DAY, fee: int | None = None, currency: str = "EUR") -> dict[str, Any]:
    return {"amount": amount, "date": date.fromisoformat(day), "fee": fee, "currency": currency}


MIRRORED = {
    Hint.SOURCE_FEE: Hint.REFERENCE_FEE,
    Hint.SOURCE_1000: Hint.REFERENCE_1000,
    Hint.SOURCE_100: Hint.REFERENCE_100,
    Hint.SOURCE_10: Hint.REFERENCE_10,
}
MIRRORED |= {other: one for one, other in MIRRORED.items()}


@pytest.mark.parametrize(
    ("source", "reference", "expected"),
    [
        (row(9_710, fee=290), row(10_000), [Hint.SOURCE_FEE]),
        (row(9_710), row(10_000, fee=-290), [Hint.REFERENCE_FEE]),
        (row(9_711, fee=290), row(10_000), []),
        (row(10_000, fee=0), row(10_000, fee=0), []),
        (row(5_000), row(-5_000), [Hint.SIGN]),
        (row(0), row(0), []),
        (row(0), row(5_000), []),
        (row(123_400), row(1_234), [Hint.SOURCE_100]),
        (row(-1_234), row(-1_234_000), [Hint.REFERENCE_1000]),
        (row(1_234), row(12_340), [Hint.REFERENCE_10]),
        (row(1_234), row(-12_340), []),
        (row(1_234), row(1_324), [Hint.TRANSPOSED]),
        (row(-4_310), row(-3_410), [Hint.TRANSPOSED]),
        (row(1_234), row(2_143), []),
        (row(1_234), row(1_243_0), []),
        (row(9_100), row(1_900), [Hint.TRANSPOSED]),
        (row(1_000), row(100), [Hint.SOURCE_10]),
        (row(5_000, currency="EUR"), row(5_000, currency="USD"), [Hint.OTHER_CURRENCY]),
        (row(5_000, currency="EUR"), row(50, currency="JPY"), [Hint.OTHER_CURRENCY]),
        (row(5_000, currency="EUR"), row(5_000, currency="JPY"), []),
        (row(50_000, currency="KWD"), row(5_000, currency="EUR"), [Hint.OTHER_CURRENCY]),
        (row(5_000), row(5_000, "2026-03-03"), [Hint.ONE_DAY]),
        (row(5_000), row(5_000, "2026-03-04"), []),
        (row(5_000), row(5_000, "2026-02-03"), [Hint.DAY_MONTH]),
        (row(5_000), row(5_000, "2026-04-02"), [Hint.ONE_MONTH]),
        (row(5_000, "2026-12-31"), row(5_000, "2027-01-31"), [Hint.ONE_MONTH]),
        (row(5_000, "2026-01-31"), row(5_000, "2026-02-28"), [Hint.ONE_MONTH]),
        (row(5_000, "2026-01-30"), row(5_000, "2026-03-02"), []),
        (row(5_000, "2026-01-02"), row(5_000, "2026-02-01"), [Hint.DAY_MONTH]),
        (row(5_000, "2025-03-02"), row(5_000, "2026-02-03"), []),
        (row(5_000), row(500_000, "2026-03-01"), [Hint.REFERENCE_100, Hint.ONE_DAY]),
        (row(MAX_MINOR), row(-MAX_MINOR), [Hint.SIGN]),
        (row(MAX_MINOR), row(MAX_MINOR - 9), []),
    ],
)
def test_hints_of_a_pair(source: dict[str, Any], reference: dict[str, Any], expected: list[Hint]) -> None:
    assert list(hints_between(source, reference)) == expected
    assert list(hints_between(reference, source)) == [MIRRORED.get(hint, hint) for hint in expected]


amount = st.integers(-MAX_MINOR, MAX_MINOR) | st.integers(-20_000, 20_000)
day = st.integers(-300_000, 2_900_000).map(lambda number: date(1970, 1, 1) + timedelta(days=number % 2_000_000))
rows = st.fixed_dictionaries(
    {
        "amount": amount,
        "date": day,
        "fee": st.none() | st.integers(-500, 500),
        "currency": st.sampled_from(["EUR", "JPY", "KWD"]),
    }
)


@given(rows, rows)
def test_the_other_way_round_the_hints_are_mirrored(source: dict[str, Any], reference: dict[str, Any]) -> None:
    assume(abs(source["fee"] or 0) != abs(reference["fee"] or 0))  # where both fees fit, the source's is named
    forth, back = hints_between(source, reference), hints_between(reference, source)
    assert tuple(MIRRORED.get(hint, hint) for hint in forth) == back


def test_where_both_fees_fit_the_source_s_is_named() -> None:
    assert hints_between(row(10, fee=1), row(11, fee=1)) == (Hint.SOURCE_FEE,)
    assert hints_between(row(11, fee=1), row(10, fee=1)) == (Hint.SOURCE_FEE,)


@given(rows)
def test_equal_rows_have_no_hint(source: dict[str, Any]) -> None:
    assert hints_between(source, source) == ()


@given(st.integers(10, MAX_MINOR), st.integers(0, 16), st.sampled_from([1, -1]))
def test_swapping_any_two_neighbouring_digits_is_seen(size: int, place: int, sign: int) -> None:
    digits = list(str(size))
    at = place % (len(digits) - 1)
    digits[at], digits[at + 1] = digits[at + 1], digits[at]
    other = int("".join(digits))
    found = hints_between(row(sign * size), row(sign * other))
    if other == size:
        assert found == ()
    elif Hint.TRANSPOSED not in found:  # 10 and 01 are also a factor of ten apart
        assert size in (other * 10, other * 100, other * 1000) or other in (size * 10, size * 100, size * 1000)


def test_a_column_says_of_each_pair_what_the_pair_says_alone() -> None:
    sources = [row(9_710, fee=290), row(5_000), row(1_234, "2026-01-31"), row(7)]
    references = [row(10_000), row(-5_000, "2026-03-03"), row(1_324, "2026-02-28"), row(7)]
    ends = [
        Ends(
            amount=np.array([one["amount"] for one in side]),
            fee=np.array([one["fee"] or 0 for one in side]),
            day=np.array([(one["date"] - date(1970, 1, 1)).days for one in side]),
            currency=np.zeros(len(side), np.int64),
            places=np.full(len(side), 2),
        )
        for side in (sources, references)
    ]
    texts = hint_text(amount_hints(*ends), date_hints(*ends)).to_pylist()
    alone = [hints_between(one, other) for one, other in zip(sources, references, strict=True)]
    assert texts == ["".join(f" {SENTENCES[hint]}" for hint in found) for found in alone]
    assert texts[3] == ""


@pytest.mark.parametrize(
    ("amount", "other"),
    [(5_000, -5_000), (123_400, 1_234), (-1_234, -1_234_000), (1_234, 1_324), (9_710, 10_000), (10, 1)],
)
def test_the_amount_a_hint_is_about_is_one_of_the_telling_ones(amount: int, other: int) -> None:
    assert other in telling_amounts(row(amount, fee=290)).alike


def test_telling_amounts_are_others_and_fit_a_row() -> None:
    assert telling_amounts(row(0)) == TellingAmounts()
    for amount in (1, -1, 1_000, 999, MAX_MINOR, -MAX_MINOR):
        told = telling_amounts(row(amount, fee=amount))
        assert amount not in told.alike
        assert 0 not in told.alike
        assert amount in told.other
        assert all(abs(one) <= MAX_MINOR for one in told.alike | told.other)


def test_the_same_value_in_a_currency_of_other_decimals_is_telling() -> None:
    assert telling_amounts(row(5_000)).other >= {5_000, 50, 50_000}


def test_no_pairs_have_no_hints() -> None:
    none = np.zeros(0, np.int64)
    ends = Ends(amount=none, fee=none, day=none, currency=none, places=none)
    assert hint_text(amount_hints(ends, ends), date_hints(ends, ends)).to_pylist() == []


def test_every_hint_has_its_sentence() -> None:
    assert set(SENTENCES) == set(Hint)
