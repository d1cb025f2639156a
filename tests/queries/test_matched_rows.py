from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest
from sqlalchemy import Engine

from recon.errors import EvidenceMissing
from recon.model.outcome import NETTED_SCHEMA, MatchStatus, Pass
from recon.model.rules import Rules
from recon.queries.group_members import group_sides
from recon.queries.matched_pair import PairAsked
from recon.queries.matched_rows import MatchFilter, MatchSort, matched_count, matched_rows
from recon.queries.netted_rows import netted_rows
from recon.queries.runs import RunDetail, run_detail
from recon.store.evidence import Evidence, run_name
from recon.ui.runs.matched import matched_frame
from recon.workflows.explain_pair import explain_pair
from tests.builders import matches, published_run, run_with_rows, transactions


@pytest.fixture
def evidence(evidence_url: str) -> Evidence:
    return Evidence(evidence_url)


@pytest.fixture
def detail(engine: Engine, evidence: Evidence) -> RunDetail:
    source = transactions(
        {"amount": 5_000, "payment_ref": "INV-1", "description": "Kestrel Energy plc"},
        {"amount": 700, "currency": "JPY", "txn_id": "T2", "date": date(2026, 3, 5)},
        {"amount": 1_000, "payment_ref": "INV-3"},
        {"amount": 9, "payment_ref": "INV-4"},
    )
    reference = transactions(
        {"amount": 1_005, "payment_ref": "INV-3", "counterparty": "Pacific Tin Co"},
        {"amount": 5_000, "payment_ref": "INV-1"},
        {"amount": 700, "currency": "JPY"},
        {"amount": 9, "payment_ref": "100% of_it"},
    )
    found = matches(
        {"source_row": 0, "reference_row": 1},
        {"source_row": 1, "reference_row": 2, "pass": "exact", "confidence": 0.97},
        {"source_row": 2, "reference_row": 0, "pass": "scored", "confidence": 0.8, "amount_delta": -5, "days": 1},
        {"source_row": 3, "reference_row": 3, "status": "suggested", "confidence": 0.6},
    )
    return run_detail(engine, run_with_rows(engine, evidence, source, reference, found))


def lines(evidence: Evidence, detail: RunDetail, wanted: MatchFilter) -> list[tuple[int, int]]:
    rows = matched_rows(evidence, detail, wanted)
    assert matched_count(evidence, detail, wanted) == len(rows)
    return [(row.source_line, row.reference_line) for row in rows]


def test_each_pair_brings_both_its_rows(evidence: Evidence, detail: RunDetail) -> None:
    first, second, third = matched_rows(evidence, detail, MatchFilter())
    assert (first.source_line, first.reference_line, first.source_amount, first.reference_amount) == (
        2,
        3,
        5_000,
        5_000,
    )
    assert (second.source_id, second.reference_id, second.currency, second.source_date) == (
        "T2",
        None,
        "JPY",
        date(2026, 3, 5),
    )
    assert (third.amount_delta, third.days, third.match_pass, third.reference_text) == (
        -5,
        1,
        "scored",
        "Pacific Tin Co",
    )


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (MatchFilter(), [(2, 3), (3, 4), (4, 2)]),
        (MatchFilter(statuses=(MatchStatus.SUGGESTED,)), [(5, 5)]),
        (MatchFilter(statuses=()), [(2, 3), (3, 4), (4, 2), (5, 5)]),
        (MatchFilter(passes=(Pass.EXACT, Pass.SCORED)), [(3, 4), (4, 2)]),
        (MatchFilter(currency="JPY"), [(3, 4)]),
        (MatchFilter(has_delta=True), [(4, 2)]),
        (MatchFilter(search="kestrel"), [(2, 3)]),
        (MatchFilter(search="  pacific TIN "), [(4, 2)]),
        (MatchFilter(search="inv-3", currency="EUR", has_delta=True), [(4, 2)]),
        (MatchFilter(search="100%", statuses=()), [(5, 5)]),
        (MatchFilter(search="%"), []),
        (MatchFilter(search="_"), []),
        (MatchFilter(search="' or 1=1 --"), []),
    ],
)
def test_a_filter_keeps_exactly_what_fits(
    evidence: Evidence, detail: RunDetail, wanted: MatchFilter, expected: list[tuple[int, int]]
) -> None:
    assert lines(evidence, detail, wanted) == expected


@pytest.mark.parametrize(
    ("sort", "ascending"),
    [
        (MatchSort.LINE, [2, 3, 4]),
        (MatchSort.AMOUNT, [3, 4, 2]),
        (MatchSort.DATE, [2, 4, 3]),
        (MatchSort.DELTA, [2, 3, 4]),
        (MatchSort.DAYS, [2, 3, 4]),
        (MatchSort.CONFIDENCE, [4, 3, 2]),
    ],
)
def test_rows_come_in_the_order_asked_for(
    evidence: Evidence, detail: RunDetail, sort: MatchSort, ascending: list[int]
) -> None:
    for is_descending, expected in ((False, ascending), (True, ascending[::-1])):
        rows = matched_rows(evidence, detail, MatchFilter(), sort=sort, is_descending=is_descending)
        assert [row.source_line for row in rows] == expected


def test_pages_are_cut_in_the_engine_and_meet_without_gap(evidence: Evidence, detail: RunDetail) -> None:
    pages = [matched_rows(evidence, detail, MatchFilter(), limit=2, offset=offset) for offset in (0, 2, 4)]
    assert [[row.source_line for row in page] for page in pages] == [[2, 3], [4], []]


def test_rows_that_are_gone_are_a_sentence(engine: Engine, evidence: Evidence) -> None:
    detail = run_detail(engine, published_run(engine))
    with pytest.raises(EvidenceMissing):
        matched_rows(evidence, detail, MatchFilter())


@pytest.fixture
def grouped(engine: Engine, evidence: Evidence) -> RunDetail:
    source = transactions(
        {"amount": 100, "group_id": "po_1", "counterparty": "Ann"},
        {"amount": 50, "group_id": "po_1", "counterparty": "Bob", "fee": 2},
        {"amount": -20, "group_id": "po_1", "counterparty": "Cid"},
        {"amount": 7},
    )
    reference = transactions({"amount": 125, "payment_ref": "po_1"}, {"amount": 7})
    lines_of_one = [
        {"source_row": row, "reference_row": 0, "pass": "groups", "group": 1, "evidence": "group_id=payment_ref"}
        for row in range(3)
    ]
    lines_of_one[1]["amount_delta"] = 5
    found = matches(*lines_of_one, {"source_row": 3, "reference_row": 1, "pass": "exact"})
    return run_detail(engine, run_with_rows(engine, evidence, source, reference, found))


def test_a_match_of_several_rows_is_one_line_with_their_sum(evidence: Evidence, grouped: RunDetail) -> None:
    group, pair = matched_rows(evidence, grouped, MatchFilter())
    assert (group.shape, group.source_amount, group.reference_amount, group.amount_delta) == ("3:1", 130, 125, 5)
    assert (pair.shape, pair.group, pair.source_amount) == ("1:1", None, 7)
    assert lines(evidence, grouped, MatchFilter(has_delta=True)) == [(2, 2)]
    assert [row.source_amount for row in matched_rows(evidence, grouped, MatchFilter(), sort=MatchSort.AMOUNT)] == [
        7,
        130,
    ]


def test_a_match_of_several_rows_is_found_by_any_of_them(evidence: Evidence, grouped: RunDetail) -> None:
    assert lines(evidence, grouped, MatchFilter(search="bob")) == [(2, 2)]
    assert lines(evidence, grouped, MatchFilter(search="bob", passes=(Pass.EXACT,))) == []


def test_a_match_of_several_rows_can_be_opened(evidence: Evidence, grouped: RunDetail) -> None:
    ours, theirs = group_sides(evidence, PairAsked.of_run(grouped, 2, 2), 1)
    assert (ours.count, ours.amount, theirs.count, theirs.amount) == (3, 130, 1, 125)
    assert [(row.line, row.amount, row.fee, row.text) for row in ours.rows] == [
        (2, 100, None, "Ann"),
        (3, 50, 2, "Bob"),
        (4, -20, None, "Cid"),
    ]
    pair = explain_pair(evidence, PairAsked.of_run(grouped, 2, 2), Rules())
    assert pair is not None
    assert pair.sides == (ours, theirs)


def test_a_run_made_before_there_were_groups_still_opens(engine: Engine, evidence: Evidence) -> None:
    one = transactions({"amount": 5})
    found = matches({"source_row": 0, "reference_row": 0}).drop_columns(["group"])
    detail = run_detail(engine, run_with_rows(engine, evidence, one, one, found))
    assert [row.shape for row in matched_rows(evidence, detail, MatchFilter())] == ["1:1"]
    assert lines(evidence, detail, MatchFilter(search="x")) == []


def test_rows_that_cancel_each_other_are_told_by_side(engine: Engine, evidence: Evidence) -> None:
    rows = transactions({"amount": 5, "description": "Ann"}, {"amount": -5, "date": date(2026, 3, 4)}, {"amount": 1})
    run_id = run_with_rows(engine, evidence, rows, rows, matches({"source_row": 2, "reference_row": 2}))
    detail = run_detail(engine, run_id)
    assert netted_rows(evidence, detail) == ()  # as a run made before rows could be netted
    pairs = [{"side": "reference", "row": 0, "other_row": 1}]
    evidence.write_table(run_name(run_id, 1, "netted.parquet"), pa.Table.from_pylist(pairs, schema=NETTED_SCHEMA))
    (found,) = netted_rows(evidence, detail)
    assert (found.side, found.line, found.other_line, found.other_date) == ("reference", 2, 3, date(2026, 3, 4))
    assert (found.amount, found.text) == (5, "Ann")


def test_what_was_exchanged_has_both_its_currencies_and_is_found_by_either(engine: Engine, evidence: Evidence) -> None:
    source, reference = transactions({"amount": 10_000}), transactions({"amount": 16_347, "currency": "JPY"})
    found = matches({"source_row": 0, "reference_row": 0, "pass": "fx", "amount_delta": 3})
    detail = run_detail(engine, run_with_rows(engine, evidence, source, reference, found))
    (row,) = matched_rows(evidence, detail, MatchFilter())
    assert (row.currency, row.source_amount, row.reference_currency, row.reference_amount) == (
        "EUR",
        10_000,
        "JPY",
        16_347,
    )
    for currency, count in (("EUR", 1), ("JPY", 1), ("USD", 0)):
        assert matched_count(evidence, detail, MatchFilter(currency=currency)) == count
    shown = matched_frame([row]).iloc[0]
    assert (shown["Amount"], shown["Ccy"], shown["Ref. amount"]) == ("100.00", "EUR", "16,347 JPY")
    assert shown["Difference"] == "0.03"
