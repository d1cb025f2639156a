"""What is written in a format is read back, and damage is never a wrong total in silence."""

from __future__ import annotations

import re
from datetime import date
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from recon.bench.statements import WRITERS, Movement
from recon.model.reading import Reading
from tests.ingest.files import read_bytes

ENTRY = {
    "mt940": re.compile(rb":61:.*?(?=:6[12])", re.S),
    "camt": re.compile(rb"<Ntry>.*?</Ntry>"),
    "bai2": re.compile(rb"16,[^\n]*\n"),
}
"""One entry, in the formats that state an opening and a closing balance: a change of any amount shows."""

CURRENCIES = st.sampled_from(("EUR", "JPY", "KWD"))
TEXTS = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=8)
MOVEMENTS = st.lists(
    st.builds(
        Movement,
        date=st.dates(date(2025, 1, 13), date(2026, 6, 30)),
        amount=st.integers(-(10**12), 10**12).filter(bool),
        reference=st.from_regex(r"R[0-9]{1,10}", fullmatch=True),
        text=st.lists(TEXTS, min_size=1, max_size=4).map(" ".join),
    ),
    min_size=1,
    max_size=6,
)


def read(name: str, data: bytes, currency: str) -> Reading:
    answers = {"DAY_MONTH_ORDER": "DMY", "DECIMAL_MARK": "."} if name == "qif" else {}
    return read_bytes(data, filename="statement", currency=currency if name == "qif" else None, **answers)


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=40)
@given(movements=MOVEMENTS, currency=CURRENCIES)
def test_a_statement_is_read_back(name: str, movements: list[Movement], currency: str) -> None:
    reading = read(name, WRITERS[name](movements, currency), currency)
    assert (reading.questions, reading.refused, reading.rejects) == ((), None, ())
    assert reading.format == name
    rows = reading.table.to_pylist()
    assert [row["amount"] for row in rows] == [each.amount for each in movements]
    assert [row["payment_ref"] for row in rows] == [each.reference for each in movements]
    assert [row["description"] for row in rows] == [each.text for each in movements]
    assert {row["currency"] for row in rows} == {currency}
    if name != "bai2":  # whose entries have the day of the file
        assert [row["date"] for row in rows] == [each.date for each in movements]
    assert all(control.agrees for control in reading.controls)


@pytest.mark.parametrize("name", WRITERS)
@settings(max_examples=40)
@given(movements=MOVEMENTS, share=st.floats(0.05, 0.99))
def test_a_file_cut_anywhere_is_never_a_smaller_total_in_silence(
    name: str, movements: list[Movement], share: float
) -> None:
    whole = WRITERS[name](movements, "EUR")
    cut = whole[: int(len(whole) * share)]
    if name == "qif":  # a file of whole records cannot tell that more followed
        assume(b"\n" in cut and not cut.rstrip().endswith((b"^", b"!Type:Bank")))
    assert is_told(read(name, cut, "EUR"), movements)


@pytest.mark.parametrize("name", ENTRY)
@settings(max_examples=40)
@given(movements=MOVEMENTS, place=st.randoms(use_true_random=False))
def test_a_digit_changed_anywhere_is_never_another_total_in_silence(
    name: str, movements: list[Movement], place: Random
) -> None:
    data = bytearray(WRITERS[name](movements, "EUR"))
    at = place.choice([i for i, byte in enumerate(data) if chr(byte).isdigit()])
    data[at] = ord("0") + (data[at] - ord("0") + place.randint(1, 9)) % 10
    assert is_told(read(name, bytes(data), "EUR"), movements)


@pytest.mark.parametrize("name", ENTRY)
@settings(max_examples=40)
@given(movements=MOVEMENTS, place=st.randoms(use_true_random=False))
def test_an_entry_doubled_or_lost_is_never_another_total_in_silence(
    name: str, movements: list[Movement], place: Random
) -> None:
    data = WRITERS[name](movements, "EUR")
    entry = place.choice(list(ENTRY[name].finditer(data)))
    doubled, lost = (data[: entry.start()] + entry[0] * times + data[entry.end() :] for times in (2, 0))
    assert is_told(read(name, doubled, "EUR"), movements)
    assert is_told(read(name, lost, "EUR"), movements)


def is_told(reading: Reading, movements: list[Movement]) -> bool:
    """Whether the reading has the right total, or says that something is wrong."""
    says = reading.refused or reading.questions or reading.rejects or not all(c.agrees for c in reading.controls)
    return bool(says) or sum(reading.table["amount"].to_pylist()) == sum(each.amount for each in movements)
