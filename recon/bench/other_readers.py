"""The readers other people use, each for one format: what ours must agree with, and be as fast as.

They are wanted for development only (`requirements-dev.txt`); each is loaded when it is asked.
"""

from __future__ import annotations

import importlib.util
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Final

from recon.money import to_decimal

Row = tuple[date, Decimal]
"""Booking date and signed amount of one movement."""


def by_mt940(data: bytes) -> list[Row]:
    import mt940

    found = mt940.parse(data.decode(), options=mt940.Options.all())
    return [(row.data["entry_date"], row.data["amount"].amount) for row in found.transactions]


def by_pycamt(data: bytes) -> list[Row]:
    from pycamt.parser import Camt053Parser

    rows = Camt053Parser(data).get_transactions()
    sign = {"CRDT": 1, "DBIT": -1}
    amounts = [sign[row["CreditDebitIndicator"]] * Decimal(row["Amount"]) for row in rows]
    return list(zip((date.fromisoformat(row["BookingDate"]) for row in rows), amounts, strict=True))


def by_ofxparse(data: bytes) -> list[Row]:
    import ofxparse

    statement = ofxparse.OfxParser.parse(io.BytesIO(data)).account.statement
    return [(row.date.date(), row.amount) for row in statement.transactions]


def by_bai2(data: bytes) -> list[Row]:
    from bai2 import bai2

    file = bai2.parse_from_string(data.decode())
    sign = {"165": 1, "475": -1}
    return [
        (group.header.as_of_date, sign[row.type_code.code] * to_decimal(row.amount, "EUR"))
        for group in file.children
        for account in group.children
        for row in account.children
    ]


def by_quiffen(data: bytes) -> list[Row]:
    import quiffen

    accounts = quiffen.Qif.parse_string(data.decode(), day_first=True).accounts.values()
    lists = [rows for account in accounts for rows in account.transactions.values()]
    return [(row.date.date(), row.amount) for rows in lists for row in rows]


OTHER_READERS: Final[dict[str, tuple[str, Callable[[bytes], list[Row]]]]] = {
    "mt940": ("mt940", by_mt940),
    "camt": ("pycamt", by_pycamt),
    "ofx": ("ofxparse", by_ofxparse),
    "bai2": ("bai2", by_bai2),
    "qif": ("quiffen", by_quiffen),
}
"""Format -> package and its reader. All amounts in euro."""


def is_installed(package: str) -> bool:
    return importlib.util.find_spec(package) is not None
