"""The same statements read by the libraries others use: the same amounts and days, format by format."""

from __future__ import annotations

import io
import random
from datetime import date, timedelta
from decimal import Decimal

import bai2.bai2
import mt940
import ofxparse
import pytest
import quiffen
from pycamt.parser import Camt053Parser

from recon.bench.statements import WRITERS, Movement
from recon.money import to_decimal
from tests.ingest.files import read_bytes

Row = tuple[date, Decimal]


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


def by_mt940(data: bytes) -> list[Row]:
    found = mt940.parse(data.decode(), options=mt940.Options.all())
    return [(row.data["entry_date"], row.data["amount"].amount) for row in found.transactions]


def by_pycamt(data: bytes) -> list[Row]:
    rows = Camt053Parser(data).get_transactions()
    sign = {"CRDT": 1, "DBIT": -1}
    return [
        (date.fromisoformat(row["BookingDate"]), sign[row["CreditDebitIndicator"]] * Decimal(row["Amount"]))
        for row in rows
    ]


def by_ofxparse(data: bytes) -> list[Row]:
    return [
        (row.date.date(), row.amount)
        for row in ofxparse.OfxParser.parse(io.BytesIO(data)).account.statement.transactions
    ]


def by_bai2(data: bytes) -> list[Row]:
    file = bai2.bai2.parse_from_string(data.decode())
    sign = {"165": 1, "475": -1}
    return [
        (group.header.as_of_date, sign[row.type_code.code] * to_decimal(row.amount, "EUR"))
        for group in file.children
        for account in group.children
        for row in account.children
    ]


def by_quiffen(data: bytes) -> list[Row]:
    accounts = quiffen.Qif.parse_string(data.decode(), day_first=True).accounts.values()
    return [
        (row.date.date(), row.amount) for account in accounts for rows in account.transactions.values() for row in rows
    ]


LIBRARIES = {"mt940": by_mt940, "camt": by_pycamt, "ofx": by_ofxparse, "bai2": by_bai2, "qif": by_quiffen}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("name", LIBRARIES)
def test_a_library_finds_the_same_amounts_and_days(name: str) -> None:
    data = WRITERS[name](movements(), "EUR")
    reading = read_bytes(data, filename="statement", currency="EUR" if name == "qif" else None)
    ours = [(row["date"], to_decimal(row["amount"], "EUR")) for row in reading.table.to_pylist()]
    assert sorted(LIBRARIES[name](data)) == sorted(ours)


def test_every_statement_format_is_held_against_a_library() -> None:
    assert LIBRARIES.keys() == WRITERS.keys()
