"""Amounts written by the million read as one amount written by itself."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recon.discrepancies.sentences import amounts_text
from recon.discrepancies.sums import exact_sums
from recon.money import MAX_MINOR, to_display

CURRENCIES = ("CLF", "EUR", "JPY", "KWD")
minor = st.integers(-MAX_MINOR, MAX_MINOR) | st.integers(-2000, 2000) | st.integers(-(2**63) + 1, 2**63 - 1)


@given(st.lists(st.tuples(minor, st.integers(0, 3)), min_size=1))
def test_a_column_of_amounts_is_written_as_to_display_writes_one(rows: list[tuple[int, int]]) -> None:
    amounts, currencies = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    expected = [to_display(amount, CURRENCIES[currency]) for amount, currency in rows]
    assert amounts_text(amounts, currencies, CURRENCIES).to_pylist() == expected


def test_no_amounts_are_no_texts() -> None:
    none = np.zeros(0, np.int64)
    assert amounts_text(none, none, CURRENCIES).to_pylist() == []


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-(2**63), 2**63 - 1))))
def test_sums_are_exact_beyond_64_bits(rows: list[tuple[int, int]]) -> None:
    group = np.array([row[0] for row in rows], np.int64)
    amount = np.array([row[1] for row in rows], np.int64)
    expected = [sum(amount for at, amount in rows if at == number) for number in range(4)]
    assert exact_sums(group, amount, 4) == expected
