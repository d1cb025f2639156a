"""Every hostile file has the outcome, the code and the lines it should, and no row of it vanishes."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from recon.ingest import read_file
from recon.model.reading import Reading
from recon.model.transactions import TRANSACTION_SCHEMA
from tests.hostile.case import Case, Outcome
from tests.hostile.make import corpus

TODAY = date(2026, 6, 30)
TRACES = re.compile(r"Traceback|/tmp|/home|/root|\.py\b|Error\(|Exception|pyarrow|openpyxl|calamine|0x[0-9a-f]{8}")


@pytest.mark.parametrize("case", corpus(), ids=lambda case: case.name)
def test_a_hostile_file_has_the_outcome_it_should(case: Case, tmp_path: Path) -> None:
    path = tmp_path / "upload"
    path.write_bytes(case.data)
    reading = read_file(path, filename=case.filename, currency=case.currency, answers=case.answers, today=TODAY)
    assert reading.table.schema == TRANSACTION_SCHEMA
    assert reading.rows_read == reading.rows_accepted + reading.rows_rejected + reading.rows_ignored
    assert (reading.rows_accepted, reading.rows_rejected) == (len(reading.table), len(reading.rejects))
    assert not TRACES.search(" ".join(sentences(reading)))
    check_outcome(case, reading)
    check_rows(case, reading)


def sentences(reading: Reading) -> list[str]:
    """Every text of ours a person is shown."""
    found = [reject.problem for reject in reading.rejects] + [note.text for note in reading.notes]
    found += [question.text for question in reading.questions]
    return found + ([reading.refused.problem] if reading.refused else [])


def check_outcome(case: Case, reading: Reading) -> None:
    refused = reading.refused.code if reading.refused else None
    asked = [question.code for question in reading.questions]
    match case.outcome:
        case Outcome.REFUSED:
            assert refused == case.code
            assert not reading.rows_read
        case Outcome.ASKED:
            assert refused is None
            assert case.code in asked
            assert not reading.rows_read
            assert all(question.choices for question in reading.questions)
        case Outcome.REJECTED:
            assert (refused, asked) == (None, [])
            assert tuple(reject.line for reject in reading.rejects) == case.lines
            if case.code:
                assert {reject.code for reject in reading.rejects} == {case.code}
        case Outcome.ACCEPTED | Outcome.STORED:
            assert (refused, asked, reading.rejects) == (None, [], ())
            assert case.code is None or case.code in {note.code for note in reading.notes}


def check_rows(case: Case, reading: Reading) -> None:
    if case.accepted is not None:
        assert reading.rows_accepted == case.accepted
    if case.ignored is not None:
        assert reading.rows_ignored == case.ignored
    if case.amounts is not None:
        assert tuple(reading.table["amount"].to_pylist()) == case.amounts
    if case.shown is not None:
        assert reading.table["description"][0].as_py() == case.shown


def test_the_corpus_is_the_same_every_time() -> None:
    one, other = corpus(), corpus()
    assert [case.name for case in one] == [case.name for case in other]
    assert [case.data for case in one if case.filename == "export.csv"] == [
        case.data for case in other if case.filename == "export.csv"
    ]
