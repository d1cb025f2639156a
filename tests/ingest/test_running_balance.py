"""Running balances: either direction, balances on some rows only, a lost row, and columns that are no balance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recon.model.reading import ControlKind, Reading
from tests.ingest.files import only_question, read_lines


def read(rows: list[tuple[int, str]], **answers: str) -> Reading:
    lines = [f"2026-01-13,{amount}.00,{balance},EUR" for amount, balance in rows]
    return read_lines("\n".join(["date,amount,balance,currency", *lines, ""]), **answers)  # type: ignore[arg-type]


def running(amounts: list[int], opening: int = 100) -> list[tuple[int, str]]:
    return [(amount, f"{opening + sum(amounts[: i + 1])}.00") for i, amount in enumerate(amounts)]


@given(amounts=st.lists(st.integers(-500, 500).filter(bool), min_size=3, max_size=12), newest_first=st.booleans())
def test_a_whole_chain_agrees_in_either_direction(amounts: list[int], newest_first: bool) -> None:
    rows = running(amounts)
    reading = read(rows[::-1] if newest_first else rows, SIGN_MODEL="signed")
    (control,) = reading.controls
    assert (control.kind, control.agrees, control.stated) == (ControlKind.RUNNING_BALANCE, True, len(amounts) - 1)


@pytest.mark.parametrize("step", [1, -1])
def test_a_lost_row_breaks_the_chain_and_is_asked_about(step: int) -> None:
    rows = running([5, -10, 20, -40, 80, -160])
    del rows[3]
    question = only_question(read(rows[::step]))
    assert question.code == "CONTROL_TOTAL"
    assert "3 of 4 balances in balance follow from the one before. Line" in question.text
    assert len(read(rows[::step], CONTROL_TOTAL="accept").table) == 5


def test_balances_may_stand_on_the_last_row_of_a_day_only() -> None:
    rows = running([5, -10, 20, -40, 80, -160, 7])
    sparse = [(amount, balance if i % 2 == 0 else "") for i, (amount, balance) in enumerate(rows)]
    assert [(control.agrees, control.stated) for control in read(sparse).controls] == [(True, 3)]


def test_a_column_that_follows_nothing_checks_nothing() -> None:
    assert read([(5, "9.00"), (-10, "3.00"), (20, "77.00"), (-40, "1.00"), (80, "2.00")]).controls == ()


def test_a_reject_explains_a_broken_chain() -> None:
    rows = running([5, -10, 20, -40, 80, -160])
    lines = [f"2026-01-13,{amount}.00,{balance},EUR" for amount, balance in rows]
    lines[3] = lines[3].replace("-40.00", "oops")
    reading = read_lines("\n".join(["date,amount,balance,currency", *lines, ""]))
    assert (len(reading.rejects), reading.questions) == (1, ())
