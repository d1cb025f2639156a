"""Transactions drawn as tables, and results read back by the names in the drawing."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

from recon.matching import match
from recon.model.rules import Rules
from recon.model.transactions import TRANSACTION_SCHEMA
from recon.money import exponent

_NAMED = ("ref=", "id=", "group=", "fee=", "party=")


def table(drawing: str) -> pa.Table:
    """Rows such as `S1  2026-03-02  50.00 USD  INV-9 Acme  ref=A id=X`: a name, date, amount, currency, text, ids.

    `-` is no text. `ref=` is the payment_ref, `id=` the txn_id, `group=` the group_id, `fee=` the fee in minor units,
    `party=` the counterparty; lines count from 1.
    """
    lines = [line.split() for line in drawing.strip().splitlines() if line.strip()]
    return pa.Table.from_pylist(
        [_row(number, words) for number, words in enumerate(lines, 1)], schema=TRANSACTION_SCHEMA
    )


def _row(line: int, words: list[str]) -> dict[str, object]:
    name, day, amount, currency, *rest = words
    ids = dict(word.split("=", 1) for word in rest if word.startswith(_NAMED))
    text = " ".join(word for word in rest if not word.startswith(_NAMED))
    whole, _, fraction = amount.partition(".")
    return {
        "line": line,
        "txn_id": ids.get("id"),
        "payment_ref": ids.get("ref"),
        "group_id": ids.get("group"),
        "fee": int(ids["fee"]) if "fee" in ids else None,
        "counterparty": ids.get("party"),
        "date": dt.date.fromisoformat(day),
        "amount": int(whole + fraction.ljust(exponent(currency), "0")),
        "currency": currency,
        "description": None if text in {"", "-"} else text,
        "kind": name,
    }


def pairs(source: pa.Table, reference: pa.Table, rules: Rules | None = None) -> list[str]:
    """The result by name: `S1=R1 exact` is a match, `S1?R1 exact` a suggestion, `+20` a delta; sorted."""
    matches = match(source, reference, rules or Rules()).matches
    names, others = source["kind"].to_pylist(), reference["kind"].to_pylist()
    return sorted(
        f"{names[row['source_row']]}{'=' if row['status'] == 'matched' else '?'}{others[row['reference_row']]}"
        f" {row['pass']}" + (f" {row['amount_delta']:+}" if row["amount_delta"] else "")
        for row in matches.to_pylist()
    )
