"""Matches held against what people decided: every ruling gets one answer, and the answer is about whole matches."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.model.decisions import Decision, DecisionKind, Member
from recon.model.rulings import FEWEST, Ruling, RulingKind, Score, Stand
from recon.model.transactions import Side
from recon.triage.rulings import rulings, score, stands
from tests.builders import matches


def pairs(*lines: tuple[int, int], status: str = "matched", group: int | None = None) -> pa.Table:
    return matches(
        *({"source_row": one, "reference_row": other, "status": status, "group": group} for one, other in lines)
    )


def together(source: tuple[int, ...], reference: tuple[int, ...]) -> Ruling:
    return Ruling(kind=RulingKind.TOGETHER, source=source, reference=reference)


def apart(source: tuple[int, ...], reference: tuple[int, ...]) -> Ruling:
    return Ruling(kind=RulingKind.APART, source=source, reference=reference)


def decision(number: int, kind: DecisionKind, source: str, reference: str) -> Decision:
    members = [(Side.SOURCE, name) for name in source] + [(Side.REFERENCE, name) for name in reference]
    return Decision(
        id=number,
        kind=kind,
        actor="ana",
        at=datetime(2026, 3, 2, tzinfo=UTC),
        members=tuple(Member(side=side, fingerprint=name, amount=1, currency="EUR") for side, name in members),
    )


ROWS = {Side.SOURCE: {"a": 0, "b": 1}, Side.REFERENCE: {"x": 0, "y": 1}}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (pairs((0, 0)), Score(together_booked=1)),
        (pairs((0, 0), status="suggested"), Score(together_suggested=1)),
        (pairs((0, 1)), Score(together_otherwise=1)),
        (pairs((1, 0)), Score(together_otherwise=1)),
        (pairs((1, 1)), Score(together_open=1)),
        (pairs(), Score(together_open=1)),
    ],
)
def test_a_pair_that_belongs_together_is_booked_suggested_left_or_booked_otherwise(
    found: pa.Table, expected: Score
) -> None:
    assert score(found, [together((0,), (0,))]) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (pairs((0, 0)), Score(apart_booked=1)),
        (pairs((0, 0), status="suggested"), Score(apart_suggested=1)),
        (pairs((0, 1)), Score(apart_kept=1)),
    ],
)
def test_a_pair_that_was_ruled_out_is_kept_apart_suggested_or_booked(found: pa.Table, expected: Score) -> None:
    assert score(found, [apart((0,), (0,))]) == expected


def test_rows_of_one_group_are_booked_together_whichever_of_its_lines_names_them() -> None:
    group = pairs((0, 0), (1, 1), group=1)
    assert score(group, [apart((0,), (1,))]) == Score(apart_booked=1)
    assert score(group, [together((0, 1), (0, 1))]) == Score(together_booked=1)
    assert score(group, [together((0,), (0,))]) == Score(together_otherwise=1)


def test_a_part_of_what_a_person_matched_is_another_movement() -> None:
    assert score(pairs((0, 0)), [together((0, 1), (0,))]) == Score(together_otherwise=1)


def test_of_two_decisions_about_one_row_the_later_one_counts_and_before_any_resolution() -> None:
    decided = [
        decision(1, DecisionKind.MANUAL_MATCH, "a", "x"),
        decision(2, DecisionKind.WRITE_OFF, "a", "y"),
        decision(3, DecisionKind.NEVER_PAIR, "a", "x"),
        decision(4, DecisionKind.IGNORE, "b", ""),
    ]
    said, absent_count = rulings(decided, [(0, 0), (1, 0)], ROWS)
    assert set(said) == {together((0,), (1,)), together((1,), (0,)), apart((0,), (0,))}
    assert absent_count == 0


def test_a_match_with_a_row_that_is_not_here_is_counted_and_left_out() -> None:
    assert rulings([decision(1, DecisionKind.MANUAL_MATCH, "az", "x")], [], ROWS) == ((), 1)


def test_a_share_of_too_few_is_none() -> None:
    assert Score(together_booked=FEWEST - 1).precision is None
    assert Score(together_booked=FEWEST - 1, together_open=1).recall == Decimal("0.9")
    assert Score(together_booked=9, together_open=3, together_otherwise=1).precision == Decimal("0.9")


def test_a_change_goes_with_or_against_what_was_decided() -> None:
    said = [together((0,), (0,)), apart((1,), (1,))]
    right, wrong, nothing = pairs((0, 0)), pairs((0, 1), (1, 1)), pairs()
    assert stands(nothing, right, said, [0, 1, 2]) == [Stand.AS_DECIDED, None, None]
    assert stands(right, wrong, said, [0, 1]) == [Stand.OTHERWISE, Stand.OTHERWISE]
    assert stands(right, nothing, said, [0]) == [Stand.OTHERWISE]
    assert stands(wrong, nothing, said, [0, 1]) == [None, Stand.AS_DECIDED]


ROW = st.integers(0, 3)
SOME = st.sets(ROW, min_size=1, max_size=3).map(lambda rows: tuple(sorted(rows)))
SAID = st.lists(st.builds(Ruling, kind=st.sampled_from(RulingKind), source=SOME, reference=SOME), max_size=5)
LINES = st.lists(
    st.fixed_dictionaries(
        {
            "source_row": ROW,
            "reference_row": ROW,
            "status": st.sampled_from(["matched", "suggested"]),
            "group": st.sampled_from([None, None, 1]),
        }
    ),
    max_size=6,
)


@given(said=SAID, lines=LINES)
def test_every_ruling_has_one_answer_whatever_the_order_of_the_matches(
    said: list[Ruling], lines: list[dict[str, object]]
) -> None:
    found = score(matches(*lines), said)
    assert found.together_count == sum(one.kind is RulingKind.TOGETHER for one in said)
    assert found.apart_count == sum(one.kind is RulingKind.APART for one in said)
    assert score(matches(*lines[::-1]), said[::-1]) == found
