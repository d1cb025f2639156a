"""The array moves the engine is made of, each against plain Python."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.matching.arrays import at_once, order_of

small = st.integers(-3, 3)
large = st.integers(-(2**63), 2**63 - 1)


@given(st.lists(st.tuples(small | large, small, small | large), min_size=1))
def test_rows_are_ordered_by_one_column_after_the_other_and_stay_in_place_where_equal(
    rows: list[tuple[int, int, int]],
) -> None:
    columns = [np.array(column, np.int64) for column in zip(*rows, strict=True)]
    assert order_of(*columns).tolist() == sorted(range(len(rows)), key=rows.__getitem__)


def test_words_beyond_the_signed_range_are_ordered_as_unsigned() -> None:
    assert order_of(np.array([2**64 - 1, 0, 2**63], np.uint64)).tolist() == [1, 2, 0]


@pytest.mark.parametrize("threads", [1, 2])
def test_jobs_side_by_side_answer_in_their_order_and_fail_as_one_would(threads: int) -> None:
    assert at_once(threads, lambda: 1, lambda: 2, lambda: 3) == [1, 2, 3]
    with pytest.raises(ZeroDivisionError):
        at_once(threads, lambda: 1, lambda: 1 // 0)
