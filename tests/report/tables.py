"""Transactions, matches and discrepancies drawn by hand, as reports get them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from recon.model.outcome import DISCREPANCY_SCHEMA, MATCH_SCHEMA, DiscrepancyKind, OutcomeTotal, ProofLine, RowOutcome
from recon.model.transactions import TRANSACTION_SCHEMA

DAY = date(2026, 3, 2)


def transactions(*rows: tuple[int, str, str | None]) -> pa.Table:
    """One transaction a row: amount in minor units, currency, description; on lines 2, 3, 4, ..."""
    return pa.Table.from_pylist(
        [
            {"line": line, "date": DAY, "amount": amount, "currency": currency, "description": text}
            for line, (amount, currency, text) in enumerate(rows, start=2)
        ],
        schema=TRANSACTION_SCHEMA,
    )


def matches(*rows: tuple[int, int, int]) -> pa.Table:
    """One booked match a row: source row, reference row, amount delta."""
    told: list[dict[str, Any]] = [
        {"source_row": source, "reference_row": reference, "amount_delta": delta}
        | {"status": "matched", "pass": "exact", "confidence": 1.0, "days": 0, "evidence": "amount+date"}
        for source, reference, delta in rows
    ]
    return pa.Table.from_pylist(told, schema=MATCH_SCHEMA)


def discrepancies(*rows: tuple[DiscrepancyKind, int | None, int | None, str, int]) -> pa.Table:
    """One discrepancy a row: kind, source row, reference row, currency, amount."""
    told = [
        {"kind": kind.value, "source_row": source, "reference_row": reference, "currency": currency}
        | {"amount": amount, "detail": "It does not tie out."}
        for kind, source, reference, currency, amount in rows
    ]
    return pa.Table.from_pylist(told, schema=DISCREPANCY_SCHEMA)


SOURCE = transactions(
    (-1250, "EUR", "Office chairs"),
    (500, "JPY", '=HYPERLINK("http://evil.example";"click")'),
    (12345, "KWD", "+1+1"),
    (99, "EUR", "@SUM(A1)"),
)
REFERENCE = transactions((-1200, "EUR", "OFFICE CHAIRS"), (12345, "KWD", "＝cmd"))
MATCHES = matches((0, 0, -50), (2, 1, 0))
DISCREPANCIES = discrepancies(
    (DiscrepancyKind.AMOUNT_MISMATCH, 0, 0, "EUR", -50),
    (DiscrepancyKind.MISSING_IN_REFERENCE, 1, None, "JPY", 500),
    (DiscrepancyKind.MISSING_IN_REFERENCE, 3, None, "EUR", 99),
)
PROOF = (
    ProofLine(
        currency="EUR",
        source_count=2,
        source_total=-1151,
        reference_count=1,
        reference_total=-1200,
        by_kind=((DiscrepancyKind.AMOUNT_MISMATCH, 1, -50), (DiscrepancyKind.MISSING_IN_REFERENCE, 1, 99)),
        unexplained=0,
    ),
    ProofLine(
        currency="JPY",
        source_count=1,
        source_total=500,
        reference_count=0,
        reference_total=0,
        by_kind=((DiscrepancyKind.MISSING_IN_REFERENCE, 1, 500),),
        unexplained=0,
    ),
    ProofLine(
        currency="KWD",
        source_count=1,
        source_total=12345,
        reference_count=1,
        reference_total=12345,
        by_kind=(),
        unexplained=0,
    ),
)
TOTALS = (OutcomeTotal(side="source", currency="EUR", outcome=RowOutcome.MATCHED, row_count=1, amount=-1250),)
