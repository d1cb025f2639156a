"""Fingerprints depend on what rows say and on nothing else, and no two rows of a file share one."""

from __future__ import annotations

import random
from collections import Counter
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.model.fingerprint import CONTENT, contents, fingerprints
from recon.model.transactions import TRANSACTION_SCHEMA, empty_transactions
from tests.builders import transactions

TEXTS = st.none() | st.text(alphabet="ab1:,\x1f", min_size=1, max_size=3)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "date": st.sampled_from([date(2026, 3, 1), date(2026, 3, 2)]),
            "amount": st.integers(-2, 2),
            "currency": st.sampled_from(["EUR", "JPY"]),
            "txn_id": TEXTS,
            "description": TEXTS,
            "fee": st.none() | st.integers(0, 1),
        }
    ),
    max_size=12,
)


@given(ROWS, st.randoms(use_true_random=False))
def test_order_and_lines_do_not_matter(rows: list[dict[str, Any]], rng: random.Random) -> None:
    named = _by_row(rows)
    shuffled = rng.sample(rows, len(rows))
    assert Counter(named) == Counter(_by_row(shuffled, first_line=77))


@given(ROWS)
def test_equal_rows_are_numbered_and_no_two_rows_share_a_fingerprint(rows: list[dict[str, Any]]) -> None:
    table = transactions(*rows)
    found = fingerprints(table).to_pylist()
    assert len(set(found)) == len(rows)
    said = [tuple(row[name] for name in CONTENT) for row in table.to_pylist()]
    for content, count in Counter(said).items():
        own = {name.partition(":") for name, one in zip(found, said, strict=True) if one == content}
        assert len({head for head, _, _ in own}) == 1
        assert {int(number) for _, _, number in own} == set(range(1, count + 1))
    assert len(set(contents(table).to_pylist())) == len(set(said))


@given(ROWS)
def test_a_file_in_pieces_has_the_same_contents(rows: list[dict[str, Any]]) -> None:
    whole = transactions(*rows)
    pieces = pa.concat_tables([whole.slice(0, len(rows) // 2), whole.slice(len(rows) // 2)])
    assert fingerprints(pieces).equals(fingerprints(whole))


@pytest.mark.parametrize("column", CONTENT)
def test_every_column_of_the_content_counts(column: str) -> None:
    plain = {"amount": 100, "currency": "EUR", "date": date(2026, 3, 1)}
    other: dict[str, Any] = {"amount": 101, "currency": "USD", "date": date(2026, 3, 2)}
    other["at"] = datetime(2026, 3, 1, 9, tzinfo=UTC)
    changed = {**plain, column: other.get(column, "x")}
    assert contents(transactions(plain)) != contents(transactions(changed))


def test_texts_cannot_run_into_each_other() -> None:
    one = transactions({"amount": 1, "txn_id": "a", "payment_ref": "b1:c"})
    other = transactions({"amount": 1, "txn_id": "a1:b", "payment_ref": "c"})
    assert contents(one) != contents(other)


def test_a_fingerprint_lasts() -> None:
    table = transactions({"amount": 100, "txn_id": "ch_1", "description": "Zoë"})
    assert fingerprints(table).to_pylist() == ["33306f194abbdddb28d11dc7aaee2d74:1"]
    assert fingerprints(empty_transactions()).to_pylist() == []
    assert set(CONTENT) < set(TRANSACTION_SCHEMA.names)


def _by_row(rows: list[dict[str, Any]], *, first_line: int = 2) -> list[tuple[str, str]]:
    table = transactions(*({**row, "line": first_line + place} for place, row in enumerate(rows)))
    said = [str({name: value for name, value in row.items() if name != "line"}) for row in table.to_pylist()]
    return list(zip(fingerprints(table).to_pylist(), said, strict=True))
