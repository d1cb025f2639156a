"""Exports of a company with much to clear, dated up to today: what the README's pictures show."""

from __future__ import annotations

import csv
import random
from datetime import date, timedelta
from pathlib import Path

PARTIES = (
    "Kestrel Energy plc", "Delta Agri Coop", "Pacific Tin Co", "Stellar Insurance NV", "Hanseatic Freight GmbH",
    "Banco do Vale SA", "Oryx Pharma SAS", "Tessera Software Inc", "Marlow & Sons", "Highveld Grain Ltd",
    "Aurora Hotels AB", "Lagoa Textil Lda", "Northwind Traders", "Osaka Tools KK", "Table Bay Shipping",
)  # fmt: skip
COLUMNS = ("date", "txn_id", "reference", "amount", "currency", "counterparty", "description")
Row = tuple[str, ...]


def write_pair(folder: Path, *, today: date, number: int, rows: int, fault_share: float) -> tuple[Path, Path]:
    """Write one source and reference of about `rows` rows each; returns their paths."""
    rng = random.Random(number)
    source: list[Row] = []
    reference: list[Row] = []
    for serial in range(rows):
        row = _row(rng, today, number * 100_000 + serial)
        source.append(row)
        reference.append(row)
        if rng.random() < fault_share:
            _spoil(rng, source, reference)
    paths = folder / f"gateway-{number}.csv", folder / f"ledger-{number}.csv"
    for path, written in zip(paths, (source, reference), strict=True):
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([COLUMNS, *written])
    return paths


def _row(rng: random.Random, today: date, serial: int) -> Row:
    party = rng.choice(PARTIES)
    booked = today - timedelta(days=min(int(rng.expovariate(1 / 9)), 60))
    cents = 100 + int(rng.paretovariate(0.9) * 4_000) % 1_500_000
    currency = rng.choices(("EUR", "USD", "GBP"), (7, 2, 1))[0]
    amount = f"{cents // 100}.{cents % 100:02d}"
    return (booked.isoformat(), f"STM-{serial}", f"INV-{serial}", amount, currency, party, f"Invoice {serial}, {party}")


def _spoil(rng: random.Random, source: list[Row], reference: list[Row]) -> None:
    """Make the last row of the two tell differently."""
    match rng.choices(("amount", "no reference", "no source", "twice"), (5, 4, 3, 2))[0]:
        case "amount":
            row = reference[-1]
            whole, _, cents = row[3].partition(".")
            reference[-1] = (*row[:3], f"{int(whole) + rng.randint(1, 90)}.{cents}", *row[4:])
        case "no reference":
            reference.pop()
        case "no source":
            source.pop()
        case "twice":
            source.append(source[-1])
