"""Which rows of a file are new: counted by what they say, whatever the order, and told where they changed."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from recon.discrepancies.carry_forward import recognise
from recon.model.open_items import ITEM_SCHEMA
from tests.builders import transactions

WORDS = st.lists(st.sampled_from("abc"), max_size=8)
NO_ITEMS = ITEM_SCHEMA.empty_table()


def rows(words: list[str]) -> list[dict[str, object]]:
    return [{"amount": 100, "description": word} for word in words]


@given(WORDS, WORDS, st.randoms(use_true_random=False))
def test_of_rows_that_are_alike_as_many_are_new_as_were_not_there_before(
    before: list[str], now: list[str], rng: random.Random
) -> None:
    found = recognise(transactions(*rows(now)), pool=NO_ITEMS, earlier=[transactions(*rows(before))])
    new = Counter(word for word, is_new in zip(now, found.is_new.tolist(), strict=True) if is_new)
    assert new == Counter(now) - Counter(before)
    assert found.earlier_count == len(now) - new.total()
    shuffled = rng.sample(before, len(before))
    again = recognise(transactions(*rows(now)), pool=NO_ITEMS, earlier=[transactions(*rows(shuffled))])
    assert again.is_new.tolist() == found.is_new.tolist()


def charge(number: int, amount: int, day: int = 2, **values: object) -> dict[str, object]:
    return {"txn_id": f"ch_{number}", "amount": amount, "date": date(2026, 3, day), **values}


def test_an_id_that_comes_again_with_another_amount_or_day_is_amended() -> None:
    before = transactions(charge(1, 100), charge(2, 200), charge(3, 300), charge(4, 400))
    now = transactions(charge(1, 100), charge(2, 250), charge(3, 300, 3), charge(4, 444, 4))
    found = recognise(now, pool=NO_ITEMS, earlier=[before])
    assert [one.row for one in found.amendments] == []  # the fourth has nothing in common: are these names at all?
    found = recognise(now.slice(0, 3), pool=NO_ITEMS, earlier=[before])
    assert [(one.row, one.item_id) for one in found.amendments] == [(1, None), (2, None)]
    assert found.is_new.tolist() == [False, False, False]
    assert (found.earlier_count, found.settled_count) == (1, 2)


def test_an_id_that_names_several_rows_names_none() -> None:
    before = transactions(charge(1, 100))
    now = transactions(charge(1, 150), charge(1, -20))
    assert recognise(now, pool=NO_ITEMS, earlier=[before]).amendments == ()


def test_the_same_id_in_another_currency_is_another_row() -> None:
    before, now = transactions(charge(1, 100)), transactions(charge(1, 100, currency="USD"))
    found = recognise(now, pool=NO_ITEMS, earlier=[before])
    assert (found.amendments, found.is_new.tolist()) == ((), [True])


def test_an_empty_file_has_nothing_new() -> None:
    found = recognise(transactions(), pool=NO_ITEMS, earlier=[transactions(charge(1, 100))])
    assert (found.earlier_count, len(found.is_new)) == (0, 0)
