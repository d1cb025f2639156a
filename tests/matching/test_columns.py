"""Texts as numbers, keys as words, rows in canonical order, amounts within tolerance: each against plain Python."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz
from rapidfuzz.utils import default_process

from recon.matching.arrays import meet, sift
from recon.matching.columns import read_sides
from recon.matching.comparisons import NOT_COMPARED, similarities, text_similarities
from recon.matching.crowds import neighbours
from recon.matching.keys import exact_keys
from recon.matching.normal import NormalForms, long_numbers, normal_form, normal_forms
from recon.matching.strings import Texts, hashes, same_bytes, texts
from recon.matching.tolerance import Tolerance
from recon.model.rules import Rules
from recon.money import MAX_MINOR
from tests.matching.test_laws import Row, build, side

text = st.text(st.characters(codec="utf-8"), max_size=20) | st.sampled_from(["", "INV-10234 Acme", "acme inv 10234"])
amount = st.integers(-MAX_MINOR, MAX_MINOR) | st.integers(-200, 200)


@given(st.lists(text, min_size=1), st.integers(0, 3))
def test_equal_texts_and_only_those_have_equal_hashes_whatever_stands_around_them(values: list[str], cut: int) -> None:
    whole = hashes(texts(pa.array(values)))
    assert hashes(texts(pa.array(["x" * 9, *values])).slice(1)).tolist() == whole.tolist()
    assert hashes(texts(pa.chunked_array([values[:cut], values[cut:]], pa.string())), 2).tolist() == whole.tolist()
    assert len(set(whole.tolist())) == len(set(values))
    assert [value == 0 for value in whole.tolist()] == [value == "" for value in values]


@given(st.lists(st.text("aB1 9-é", max_size=12) | st.text("aB1_ ,", max_size=90) | text, min_size=1))
def test_normal_forms_of_a_whole_column_are_those_of_each_text(values: list[str]) -> None:
    forms, numbers = normal_forms(texts(pa.array(["x y", *values])).slice(1))
    assert forms.to_pylist() == [normal_form(value) for value in values]
    assert numbers.to_pylist() == [long_numbers(form) for form in forms.to_pylist()]


def test_words_alike_in_their_first_bytes_are_in_order_too() -> None:
    forms, numbers = normal_forms(texts(pa.array(["payments payment 12345678901 1234567890", "7" * 40, None])))
    assert forms.to_pylist() == ["1234567890 12345678901 payment payments", "7" * 40, ""]
    assert numbers.to_pylist() == ["1234567890 12345678901", "7" * 40, ""]


@given(text, text)
def test_both_ways_to_compare_texts_are_token_sort_ratio(one: str, other: str) -> None:
    expected = fuzz.token_sort_ratio(one, other, processor=default_process)
    if not default_process(one) or not default_process(other):
        expected = NOT_COMPARED
    forms = [np.array([normal_form(value)], dtype=object) for value in (one, other)]
    assert similarities(*forms, 1)[0] == np.float32(expected)
    assert text_similarities(texts(pa.array([one])), texts(pa.array([other])), 1)[0] == np.float32(expected)


def test_a_null_text_is_no_text() -> None:
    column = texts(pa.array([None, "", "x"]))
    assert (hashes(column) == 0).tolist() == [True, True, False]
    assert NormalForms(Texts(column), np.arange(3)).at(np.array([2, 0, 2])).tolist() == ["x", "", "x"]


def test_same_bytes_tells_what_a_hash_only_suggests() -> None:
    one, other = texts(pa.array(["a", "b"])), texts(pa.array(["b", "a"]))
    assert same_bytes(one, other.take(pa.array([1, 1]))).tolist() == [True, False]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-(10**6), 10**6), amount), min_size=2, max_size=20))
def test_exact_keys_sort_and_compare_as_their_columns_do_however_wide(rows: list[tuple[int, int, int]]) -> None:
    columns = [np.array(column, np.int64) for column in zip(*rows, strict=True)]
    cut = len(rows) // 2
    source, reference = exact_keys([column[:cut] for column in columns], [column[cut:] for column in columns])
    keys = [*source.tolist(), *reference.tolist()]
    assert sorted(range(len(rows)), key=keys.__getitem__) == sorted(range(len(rows)), key=rows.__getitem__)
    assert len(set(keys)) == len(set(rows))


@given(side)
def test_canonical_order_is_by_content_then_line(rows: list[Row]) -> None:
    table = build(rows)
    found = read_sides(table, table, 1, lambda done_count: None).source
    contents = [(row["currency"], row["date"], row["amount"]) for row in (rows[at] for at in found.row.tolist())]
    assert contents == sorted(contents)  # type: ignore[type-var]
    assert sorted(found.row.tolist()) == list(range(len(rows)))
    for before, after in zip(found.row.tolist(), found.row.tolist()[1:], strict=False):
        if rows[before] == rows[after]:
            assert before < after


@settings(max_examples=400)
@example(0, -1, 0, Decimal(100))
@given(amount, st.integers(-300, 300) | amount, st.integers(0, 100), st.decimals(0, 100, places=4))
def test_tolerance_is_exact_and_its_bounds_hold_all_it_accepts(one: int, apart: int, minor: int, part: Decimal) -> None:
    other = max(-MAX_MINOR, min(MAX_MINOR, one + apart))
    tolerance = Tolerance.of(Rules(amount_tolerance_minor=minor, amount_tolerance_percent=part))
    within = abs(one - other) <= max(Fraction(minor), Fraction(part) / 100 * max(abs(one), abs(other)))
    accepted = bool(tolerance.accepts(np.array([one]), np.array([other]))[0])
    assert accepted == (within and not (one > 0 > other or one < 0 < other))
    if accepted:
        low, high = tolerance.bounds(np.array([one]))
        assert low[0] <= other <= high[0]


def test_a_percentage_of_many_decimals_is_exact_too() -> None:
    tolerance = Tolerance.of(Rules(amount_tolerance_percent=Decimal("33.33333333333333333")))
    assert tolerance.allowed(np.array([3 * 10**17]), np.array([0])).tolist() == [99999999999999999]


@given(st.lists(st.integers(0, 5)), st.lists(st.integers(0, 5)))
def test_rows_meet_where_their_words_are_equal(source: list[int], reference: list[int]) -> None:
    met = meet(np.array(source, np.uint64), np.array(reference, np.uint64))
    expected = {(i, j) for i, one in enumerate(source) for j, other in enumerate(reference) if one == other}
    assert set(zip(*(column.tolist() for column in met.product()), strict=True)) == expected
    paired = list(zip(*(column.tolist() for column in met.paired()), strict=True))
    counts, others = Counter(source), Counter(reference)
    assert len(paired) == sum(min(counts[word], others[word]) for word in counts)
    assert all(source[i] == reference[j] for i, j in paired)
    assert paired == sorted(paired, key=lambda pair: (source[pair[0]], pair))


def test_sifting_keeps_every_word_that_both_sides_have() -> None:
    random = np.random.default_rng(5)
    source, reference = random.integers(0, 2**63, 30_000).astype(np.uint64), random.integers(0, 2**63, 30_000)
    reference = reference.astype(np.uint64)
    reference[:50] = source[100:150]
    kept, other_kept = sift(source, reference)
    assert set(range(100, 150)) <= set(kept.tolist())
    assert set(range(50)) <= set(other_kept.tolist())
    assert len(kept) < 1_000


def test_neighbours_find_a_shared_rare_word_in_a_crowd_of_common_ones() -> None:
    source = [normal_form(f"payment invoice k{number * 7919}x") for number in range(2_000)]
    reference = [normal_form(f"zahlung rechnung k{number * 7919}x") for number in reversed(range(2_000))]
    one, other = neighbours(np.array(source, dtype=object), np.array(reference, dtype=object))
    found = set(zip(one.tolist(), other.tolist(), strict=True))
    assert all((number, 1_999 - number) in found for number in range(2_000))
    assert len(found) < 2_000 * 100
