"""Two match tables of the same rows, compared: one line for each source row whose partner is another."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from recon.model.tryout import CHANGE_SCHEMA
from recon.workflows.changed_pairs import changed_pairs
from tests.builders import matches, transactions

SOURCE = transactions(*({"amount": 100 * n, "description": f"S{n}"} for n in range(1, 5)))
REFERENCE = transactions(*({"amount": 100 * n + 1, "description": f"R{n}", "line": 20 + n} for n in range(1, 5)))


def compare(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[dict[str, Any]]:
    changes = changed_pairs(matches(*before), matches(*after), SOURCE, REFERENCE)
    assert changes.schema == CHANGE_SCHEMA
    return changes.to_pylist()


def pair(source: int, reference: int, **values: Any) -> dict[str, Any]:
    return {"source_row": source, "reference_row": reference, **values}


def test_equal_matches_differ_in_nothing() -> None:
    both = [pair(0, 0), pair(1, 2, status="suggested", confidence=0.5)]
    assert compare(both, both) == []
    assert compare([], []) == []


def test_a_row_that_finds_a_partner_is_newly_matched_and_shows_both_rows() -> None:
    (line,) = compare([], [pair(1, 2, **{"pass": "scored"}, confidence=0.9)])
    assert line["change"] == "newly_matched"
    assert (line["source_line"], line["source_amount"], line["source_text"]) == (3, 200, "S2")
    assert (line["reference_line"], line["reference_amount"], line["reference_text"]) == (23, 301, "R3")
    assert (line["before_status"], line["before_line"]) == (None, None)
    assert (line["after_status"], line["after_pass"], line["after_line"]) == ("matched", "scored", 23)
    assert (line["amount_delta"], line["days"], line["confidence"]) == (-101, 0, 0.9)


def test_a_row_that_loses_its_partner_shows_the_one_it_had() -> None:
    (line,) = compare([pair(0, 0)], [])
    assert (line["change"], line["before_line"], line["after_line"]) == ("no_longer_matched", 21, None)
    assert line["reference_line"] == 21


def test_another_partner_another_pass_and_a_mere_suggestion_are_changes() -> None:
    before = [pair(0, 0), pair(1, 1), pair(2, 2, status="suggested")]
    after = [pair(0, 1), pair(1, 0, **{"pass": "scored"}), pair(3, 3, status="suggested")]
    lines = compare(before, after)
    assert [(line["change"], line["before_line"], line["after_line"]) for line in lines] == [
        ("changed", 21, 22),
        ("changed", 22, 21),
        ("changed", 23, None),
        ("changed", None, 24),
    ]


def test_a_suggestion_that_is_booked_is_newly_matched_and_the_other_way_round_no_longer() -> None:
    suggested, booked = pair(0, 0, status="suggested"), pair(0, 0)
    assert [line["change"] for line in compare([suggested], [booked])] == ["newly_matched"]
    assert [line["change"] for line in compare([booked], [suggested])] == ["no_longer_matched"]


def test_of_several_suggested_partners_the_most_likely_counts() -> None:
    several = [pair(0, n, status="suggested", confidence=c) for n, c in ((0, 0.5), (1, 0.7), (2, 0.7))]
    (line,) = compare([], several)
    assert line["after_line"] == 22
    assert compare(several, several[1:]) == []


def test_the_lines_are_in_the_order_of_the_change_and_then_of_the_file() -> None:
    lines = compare([pair(0, 0), pair(3, 3)], [pair(1, 1), pair(2, 2), pair(3, 0)])
    assert [(line["change"], line["source_line"]) for line in lines] == [
        ("newly_matched", 3),
        ("newly_matched", 4),
        ("no_longer_matched", 2),
        ("changed", 5),
    ]


def test_no_rows_at_all_are_no_changes() -> None:
    nothing = SOURCE.slice(0, 0)
    assert changed_pairs(matches(), matches(), nothing, nothing).equals(pa.table(CHANGE_SCHEMA.empty_table()))


def test_a_partner_in_another_currency_differs_by_what_its_match_says() -> None:
    source, reference = transactions({"amount": 10_000}), transactions({"amount": 16_347, "currency": "JPY"})
    after = matches({"source_row": 0, "reference_row": 0, "pass": "fx", "amount_delta": 3})
    (row,) = changed_pairs(matches(), after, source, reference).to_pylist()
    assert (row["currency"], row["reference_currency"], row["reference_amount"]) == ("EUR", "JPY", 16_347)
    assert row["amount_delta"] == 3
