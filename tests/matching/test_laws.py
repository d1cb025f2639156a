"""What must hold for any two tables: nothing lost, nothing twice, no order, no side, no neighbour that matters."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import replace

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from recon.matching import match
from recon.model.rules import ALL_PASSES, PassName, Rules, Scoring
from recon.model.transactions import TRANSACTION_SCHEMA

Row = dict[str, object]

TEXTS = [None, None, "INV 10234 Acme", "Acme inv 10234", "ACME INV 10234 CARD", "Beta rent", "Beta rent", "Zoo", "---"]
IDS = [None, None, None, "A", "B", "C"]

row = st.fixed_dictionaries(
    {
        "date": st.integers(0, 3).map(lambda day: dt.date(2026, 3, 2) + dt.timedelta(days=day)),
        "amount": st.sampled_from([0, 1, 5000, 5000, 5000, 5010, 5050, 5051, -5000, -4990]),
        "currency": st.sampled_from(["EUR", "EUR", "USD"]),
        "description": st.sampled_from(TEXTS),
        "payment_ref": st.sampled_from(IDS),
        "txn_id": st.sampled_from(IDS),
        "group_id": st.sampled_from(IDS),
        "fee": st.sampled_from([None, None, 0, 10]),
    }
)
side = st.lists(row, max_size=7)
orders = [
    ALL_PASSES,
    ALL_PASSES,
    (PassName.EXACT,),
    (PassName.IDENTITY, PassName.EXACT),
    (PassName.SCORED, PassName.IDENTITY),
    (PassName.SCORED, PassName.EXACT, PassName.LEFTOVERS),
]
"""All of them twice as often; some alone, some turned round."""

rules = st.builds(
    Rules,
    amount_tolerance_minor=st.sampled_from([0, 10, 50]),
    days_before=st.integers(0, 2),
    days_after=st.integers(0, 2),
    description_threshold=st.sampled_from([0, 50, 70, 100]),
    scoring=st.sampled_from(Scoring),
    subset_rows=st.sampled_from([0, 0, 3]),
    passes=st.sampled_from(orders),
)
law = settings(max_examples=150, deadline=None)
few = settings(max_examples=60, deadline=None)


def build(rows: list[Row]) -> pa.Table:
    """Rows with lines from 1, unless they already have one."""
    return pa.Table.from_pylist(
        [{"line": number, **row} for number, row in enumerate(rows, 1)], schema=TRANSACTION_SCHEMA
    )


def result(source: pa.Table, reference: pa.Table, given_rules: Rules, threads: int = 1) -> list[tuple[object, ...]]:
    """Everything decided, rows named by line, sorted."""
    matches = match(source, reference, given_rules, threads=threads).matches.to_pylist()
    source_lines, reference_lines = source["line"].to_pylist(), reference["line"].to_pylist()
    return sorted(
        (source_lines[found.pop("source_row")], reference_lines[found.pop("reference_row")], *map(str, found.values()))
        for found in matches
    )


def group_of(pair: tuple[object, ...]) -> object:
    """What tells a match from the others: the number of its group, or its own rows."""
    return pair[:2] if pair[-1] == "None" else pair[-1]


@law
@given(side, side, rules)
def test_a_row_is_matched_once_or_suggested_or_left(
    source: list[Row], reference: list[Row], given_rules: Rules
) -> None:
    for number, rows in ((0, source), (1, reference)):
        found = result(build(source), build(reference), given_rules)
        matched = Counter(row for row, _ in {(pair[number], group_of(pair)) for pair in found if pair[2] == "matched"})
        suggested = {pair[number] for pair in found if pair[2] == "suggested"}
        assert all(count == 1 for count in matched.values())
        assert not suggested & set(matched)
        assert suggested | set(matched) <= set(range(1, len(rows) + 1))
        assert len(found) == len({pair[:2] for pair in found})


@law
@given(side, side, rules, st.randoms(use_true_random=False))
def test_shuffling_either_side_changes_nothing(
    source: list[Row], reference: list[Row], given_rules: Rules, random: object
) -> None:
    one, other = build(source), build(reference)
    order, other_order = list(range(len(source))), list(range(len(reference)))
    random.shuffle(order)  # type: ignore[attr-defined]
    random.shuffle(other_order)  # type: ignore[attr-defined]
    shuffled = result(one.take(pa.array(order, pa.int64())), other.take(pa.array(other_order, pa.int64())), given_rules)
    assert shuffled == result(one, other, given_rules)


def content(row: Row) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in sorted(row))


@law
@given(side, side, rules, st.randoms(use_true_random=False))
def test_a_file_in_another_order_gives_the_same_contents(
    source: list[Row], reference: list[Row], given_rules: Rules, random: object
) -> None:
    def contents(rows: list[Row], others: list[Row]) -> list[tuple[object, ...]]:
        return sorted(
            (content(rows[one - 1]), content(others[other - 1]), *rest)  # type: ignore[operator]
            for one, other, *rest in result(build(rows), build(others), given_rules)
        )

    before = contents(source, reference)
    random.shuffle(source)  # type: ignore[attr-defined]
    random.shuffle(reference)  # type: ignore[attr-defined]
    assert contents(source, reference) == before


@law
@given(side, side, rules)
def test_swapping_the_sides_gives_the_mirrored_result(
    source: list[Row], reference: list[Row], given_rules: Rules
) -> None:
    mirrored = replace(given_rules, days_before=given_rules.days_after, days_after=given_rules.days_before)
    forth = result(build(source), build(reference), given_rules)
    back = result(build(reference), build(source), mirrored)
    assert sorted(pair[:5] for pair in forth) == sorted((pair[1], pair[0], *pair[2:5]) for pair in back)


@law
@given(side, side, rules)
def test_an_unrelated_row_changes_nothing_for_the_others(
    source: list[Row], reference: list[Row], given_rules: Rules
) -> None:
    stranger: Row = {
        "line": 99,
        "date": dt.date(2030, 1, 1),
        "amount": 777_777,
        "currency": "EUR",
        "description": "nobody knows",
        "payment_ref": "alone",
        "txn_id": None,
        "group_id": "lonely",
        "fee": None,
    }
    given_rules = replace(given_rules, scoring=Scoring.RULES)  # what is learned is learned from every row
    before = result(build(source), build(reference), given_rules)
    assert result(build([*source, stranger]), build(reference), given_rules) == before
    assert result(build(source), build([*reference, stranger]), given_rules) == before


@law
@given(side, side, rules)
def test_a_wider_tolerance_never_loses_an_exact_match(
    source: list[Row], reference: list[Row], given_rules: Rules
) -> None:
    given_rules = replace(given_rules, passes=ALL_PASSES)  # where near ones are tried first, they do take exact ones
    wider = replace(
        given_rules,
        amount_tolerance_minor=given_rules.amount_tolerance_minor + 40,
        days_before=given_rules.days_before + 1,
        days_after=given_rules.days_after + 1,
    )

    def exact(which: Rules) -> set[tuple[object, ...]]:
        found = result(build(source), build(reference), which)
        return {pair[:2] for pair in found if pair[2] == "matched" and pair[3] in {"identity", "groups", "exact"}}

    assert exact(given_rules) <= exact(wider)


@law
@given(side, side, rules)
def test_a_matched_pair_keeps_to_the_rules_of_its_pass(
    source: list[Row], reference: list[Row], given_rules: Rules
) -> None:
    for one, other, status, by, *_ in result(build(source), build(reference), given_rules):
        mine, theirs = source[one - 1], reference[other - 1]  # type: ignore[operator]
        assert mine["currency"] == theirs["currency"]
        delta = abs(mine["amount"] - theirs["amount"])  # type: ignore[operator]
        days = (theirs["date"] - mine["date"]).days  # type: ignore[operator]
        if status == "matched" and by == "exact":
            assert (delta, days) == (0, 0)
        if status == "matched" and by == "scored" and given_rules.scoring is Scoring.RULES:
            assert delta <= given_rules.amount_tolerance_minor
            assert -given_rules.days_before <= days <= given_rules.days_after
        if status == "matched" and by == "identity":
            mine_ids, their_ids = ({row["payment_ref"], row["txn_id"]} - {None} for row in (mine, theirs))
            assert mine_ids & their_ids


@settings(max_examples=30, deadline=None)
@given(side, side, rules)
def test_threads_and_chunks_change_nothing(source: list[Row], reference: list[Row], given_rules: Rules) -> None:
    one, other = build(source), build(reference)
    halves = pa.concat_tables([one.slice(0, len(source) // 2), one.slice(len(source) // 2)])
    rows = pa.concat_tables([other.slice(0, 0), *(other.slice(place, 1) for place in range(other.num_rows))])
    assert result(halves, rows, given_rules, threads=3) == result(one, other, given_rules, threads=1)


@few
@given(side, side, rules)
def test_the_same_ids_by_other_names_give_the_same_result(
    source: list[Row], reference: list[Row], given_rules: Rules
) -> None:
    """But for which of several copies is taken: they are told apart by nothing but their ids."""
    columns = ("payment_ref", "txn_id", "group_id")
    names = {None: None, "A": "INV-7", "B": "zoe", "C": "10000000000000000000017"}

    def renamed(rows: list[Row]) -> list[Row]:
        return [row | {name: names[row[name]] for name in columns} for row in rows]  # type: ignore[index]

    def found(rows: list[Row], others: list[Row]) -> list[tuple[object, ...]]:
        nameless = [[{**row, **dict.fromkeys(columns)} for row in one] for one in (rows, others)]
        return sorted(
            (content(nameless[0][one - 1]), content(nameless[1][other - 1]), *rest[:-1])  # type: ignore[operator]
            for one, other, *rest in result(build(rows), build(others), given_rules)
        )

    assert found(renamed(source), renamed(reference)) == found(source, reference)


@few
@given(side, side, rules)
def test_passes_that_are_not_reached_take_nothing_away(
    source: list[Row], reference: list[Row], given_rules: Rules
) -> None:
    def matched(passes: tuple[PassName, ...]) -> set[tuple[object, ...]]:
        found = result(build(source), build(reference), replace(given_rules, passes=passes))
        return {pair[:4] for pair in found if pair[2] == "matched"}

    whole = matched(given_rules.passes)
    for count in range(1, len(given_rules.passes)):
        assert matched(given_rules.passes[:count]) <= whole


@few
@given(side, side, rules)
def test_exact_passes_alone_find_the_exact_matches_of_a_whole_run(
    source: list[Row], reference: list[Row], given_rules: Rules
) -> None:
    exact = ALL_PASSES[: ALL_PASSES.index(PassName.EXACT) + 1]
    alone, whole = (
        {pair[:4] for pair in result(build(source), build(reference), which) if pair[2] == "matched"}
        for which in (replace(given_rules, passes=exact), replace(given_rules, passes=ALL_PASSES))
    )
    assert alone == {pair for pair in whole if pair[3] in exact}


@few
@given(side, side, rules)
def test_only_passes_that_run_find_anything(source: list[Row], reference: list[Row], given_rules: Rules) -> None:
    found = {pair[3] for pair in result(build(source), build(reference), given_rules) if pair[2] == "matched"}
    assert found <= set(given_rules.passes)
