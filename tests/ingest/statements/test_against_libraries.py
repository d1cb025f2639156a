"""The same statements read by the libraries others use: the same amounts and days, format by format."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from recon.bench.other_readers import OTHER_READERS
from recon.bench.statements import WRITERS, Movement
from recon.money import to_decimal
from tests.ingest.files import read_bytes


def movements(count: int = 200) -> list[Movement]:
    rng = random.Random(7)
    return [
        Movement(
            date=date(2026, 1, 13) + timedelta(days=rng.randrange(15)),
            amount=rng.choice((-1, 1)) * rng.randrange(1, 10**7),
            reference=f"R{i}",
            text=f"invoice {i}",
        )
        for i in range(count)
    ]


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", OTHER_READERS)
def test_a_library_finds_the_same_amounts_and_days(name: str) -> None:
    data = WRITERS[name](movements(), "EUR")
    reading = read_bytes(data, filename="statement", currency="EUR" if name == "qif" else None)
    ours = [(row["date"], to_decimal(row["amount"], "EUR")) for row in reading.table.to_pylist()]
    _, read = OTHER_READERS[name]
    assert sorted(read(data)) == sorted(ours)


def test_every_statement_format_we_write_is_held_against_a_library() -> None:
    assert OTHER_READERS.keys() == WRITERS.keys()
