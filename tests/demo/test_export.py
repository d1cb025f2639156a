"""What is exported of the sample company is read by our own reader again, and adds up to the proof (totals = lines)."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pyarrow.compute as pc
import pytest

from recon.demo import DEMO_RULES, DemoFiles, write_demo
from recon.ingest import read_file
from recon.model.outcome import MatchStatus, RowOutcome
from recon.model.reading import Mapping
from recon.model.transactions import Side
from recon.report import discrepancy_rows, matched_rows, write_csv
from recon.workflows.reconcile import reconcile_tables


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> DemoFiles:
    return write_demo(tmp_path_factory.mktemp("export"))


def _sums(path: Path, amount: str, date: str, currency_of: str = "currency") -> dict[str, int]:
    mapping = Mapping(roles={"amount": amount, "date": date, "currency": currency_of})
    reading = read_file(path, mapping=mapping, answers={"HEADER": "1", "DECIMAL_MARK": "."})
    assert not reading.questions
    assert not reading.rejects
    sums: defaultdict[str, int] = defaultdict(int)
    for currency, minor in zip(reading.table["currency"].to_pylist(), reading.table["amount"].to_pylist(), strict=True):
        sums[currency] += minor
    return sums


@pytest.mark.parametrize("pair", [0, 1], ids=["gateway to billing", "bank to gateway"])
def test_the_exported_files_add_up_to_the_proof(files: DemoFiles, pair: int, tmp_path: Path) -> None:
    chosen = files.pairs()[pair]
    source, reference = read_file(chosen.source).table, read_file(chosen.reference).table
    outcome = reconcile_tables(source, reference, DEMO_RULES)
    write_csv(discrepancy_rows(outcome.discrepancies, source, reference), tmp_path / "discrepancies.csv")
    booked = outcome.matches.filter(pc.equal(outcome.matches["status"], MatchStatus.MATCHED))
    booked = matched_rows(booked, source, reference)

    listed = _sums(tmp_path / "discrepancies.csv", "amount", "date")
    assert listed == {line.currency: line.source_total - line.reference_total for line in outcome.proof}

    for side in Side:
        totals = {
            total.currency: total.amount
            for total in outcome.totals
            if (total.side, total.outcome) == (side, RowOutcome.MATCHED)
        }
        once = booked.filter(pc.is_valid(booked[f"{side}_amount"]))  # a payout's amount stands beside one payment
        write_csv(once, tmp_path / "matches.csv")
        own = "currency" if side is Side.SOURCE else "reference_currency"
        assert _sums(tmp_path / "matches.csv", f"{side}_amount", f"{side}_date", own) == totals
