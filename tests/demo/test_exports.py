"""The sample company's files hold every fault, say where, and are the same each time."""

from __future__ import annotations

import csv
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from recon.demo import Fault, build_period, write_demo
from recon.demo.company import FAULT_SHARE, movements
from recon.demo.exports import Export
from recon.model.outcome import DiscrepancyKind

BY_PEOPLE = {DiscrepancyKind.DECISION_LOST, DiscrepancyKind.IN_TRANSIT, DiscrepancyKind.SET_ASIDE}
BY_PAYOUT = {
    DiscrepancyKind.INCOMPLETE_GROUP,
    DiscrepancyKind.FEE,
    DiscrepancyKind.FX_VARIANCE,
    DiscrepancyKind.FX_CONVERSION,
}


@pytest.fixture(scope="module")
def month() -> tuple[Export, ...]:
    made = build_period(first_on=date(2026, 3, 1), days=31, count=600)
    return made.gateway, made.bank, made.billing


def test_every_fault_happens_even_in_a_small_period() -> None:
    happened = {m.fault for m in movements(first_on=date(2026, 5, 4), days=7, count=60, seed=1)}
    assert happened == set(Fault)


def test_faulty_amounts_stand_far_apart() -> None:
    moved = movements(first_on=date(2026, 3, 1), days=31, count=600, seed=7)
    faulty = sorted((m.currency, abs(m.amount)) for m in moved if m.fault is not Fault.NONE)
    ordinary = {(m.currency, abs(m.amount)) for m in moved if m.fault is Fault.NONE}
    gaps = [b - a for (one, a), (other, b) in pairwise(faulty) if one == other]
    assert len(faulty) >= len(Fault) * FAULT_SHARE * 500
    assert min(gaps) > 100
    assert all(abs(a - b) > 100 for one, a in faulty for other, b in ordinary if one == other)


def test_there_are_currencies_without_decimals_and_with_three() -> None:
    found = {m.currency for m in movements(first_on=date(2026, 3, 1), days=7, count=80, seed=7)}
    assert {"JPY", "KWD", "ZAR"} <= found


def test_an_entry_stands_on_the_line_it_says(month: tuple[Export, ...]) -> None:
    for export in month:
        lines = export.text.split("\n")
        for entry in export.entries:
            cell = entry.cells[2].split("\n")[0]
            assert cell in lines[entry.line - 1], (entry, lines[entry.line - 1])


def test_the_billing_file_has_memos_of_two_lines(month: tuple[Export, ...]) -> None:
    billing = month[2]
    rows = list(csv.reader(billing.text.splitlines(keepends=True)))
    assert any("\n" in row[-1] for row in rows)
    assert len(rows) == len(billing.entries) + 1


def test_the_truth_names_every_kind_and_every_readable_row_once() -> None:
    made = build_period(first_on=date(2026, 3, 1), days=31, count=600)
    for truth, source, reference, elsewhere in (
        (made.gateway_to_billing, made.gateway, made.billing, BY_PAYOUT),
        (made.bank_to_gateway, made.bank, made.gateway, set()),
    ):
        told_kinds = {kind for kind, _, _ in truth.findings}
        assert told_kinds == set(DiscrepancyKind) - {DiscrepancyKind.SUGGESTION} - BY_PEOPLE - elsewhere
        for index, export in enumerate((source, reference)):
            told = [*{pair[index] for pair in truth.pairs}, *truth.netted[index]]
            told += [lines for group in truth.ambiguous for lines in group[index]]
            told += [f[index + 1] for f in truth.findings if None in f]
            told = [line for line in told if line is not None]
            assert sorted(told) == sorted(e.line for e in export.entries if e.is_readable)


def test_the_sample_month_is_the_same_bytes_each_time(tmp_path: Path) -> None:
    one, two = write_demo(tmp_path / "one"), write_demo(tmp_path / "two")
    assert one.bank.read_bytes() == two.bank.read_bytes()
    assert one.period == two.period
    assert [pair.name for pair in one.pairs()] == ["Gateway to billing", "Bank to gateway"]
