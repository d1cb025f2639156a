"""Reading an upload: in a process of its own, once for each question, and stored so that it comes back as it was."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest
from sqlalchemy import Engine, func, select

from recon.errors import TieoutError, UploadNotFound
from recon.model.reading import (
    Account,
    Choice,
    Control,
    ControlKind,
    Example,
    Mapping,
    Note,
    Question,
    Reading,
    Refusal,
    Reject,
)
from recon.model.transactions import empty_transactions
from recon.store import reading_files
from recon.store.evidence import Evidence, blob_name
from recon.store.tables import reading
from recon.workflows import read_upload as module
from recon.workflows.read_upload import StoredReading, load_reading, read_upload
from recon.workflows.receive_upload import receive_upload
from recon.workflows.totals import currency_totals
from tests.workflows.sides import SOURCE, table

PLAIN = (
    b"date,reference,amount,currency,description\n2026-03-25,INV-1,10.00,EUR,Kestrel\n2026-03-26,INV-2,x,EUR,Marlow\n"
)
UNDECIDED = b"date,reference,amount,currency\n03/04/2026,INV-1,10.00,EUR\n05/06/2026,INV-2,20.00,EUR\n"


def read(
    engine: Engine,
    evidence: Evidence,
    content: bytes,
    *,
    filename: str = "bank.csv",
    answers: dict[str, str] | None = None,
) -> StoredReading:
    receipt = receive_upload(engine, evidence, io.BytesIO(content), filename=filename, actor="ana")
    return read_upload(engine, evidence, receipt.upload.id, answers=answers)


def count(engine: Engine) -> int:
    with engine.connect() as conn:
        return conn.execute(select(func.count()).select_from(reading)).scalar_one()


def test_a_file_is_read_and_its_reading_stored(engine: Engine, evidence: Evidence) -> None:
    stored = read(engine, evidence, PLAIN)
    assert stored.reading_id is not None
    assert stored.preview.table.to_pylist()[0]["amount"] == 1_000
    assert (stored.preview.rows_read, stored.preview.rows_accepted, stored.preview.rows_rejected) == (2, 1, 1)
    assert [reject.line for reject in stored.preview.rejects] == [3]
    assert load_reading(evidence, stored.key) == stored.preview
    with engine.connect() as conn:
        row = conn.execute(select(reading)).mappings().one()
    assert (row["rows_accepted"], row["rows_rejected"], row["reading_key"]) == (1, 1, stored.key)


def test_the_same_question_is_answered_at_once(
    engine: Engine, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = read(engine, evidence, PLAIN)
    monkeypatch.setattr(module, "CHILD", ("false",))  # no child may be needed
    assert read(engine, evidence, PLAIN) == first
    other_name = read(engine, evidence, PLAIN, filename="bank-copy.csv")
    assert other_name.key == first.key
    assert other_name.reading_id != first.reading_id
    assert count(engine) == 2


def test_open_questions_leave_no_row_and_the_answer_makes_one(engine: Engine, evidence: Evidence) -> None:
    asked = read(engine, evidence, UNDECIDED)
    assert asked.reading_id is None
    assert count(engine) == 0
    question = asked.preview.questions[0]
    answered = read(engine, evidence, UNDECIDED, answers={question.code: question.choices[0].value})
    assert answered.key != asked.key
    assert answered.reading_id is not None
    assert answered.preview.rows_accepted == 2


def test_a_refused_file_leaves_no_row(engine: Engine, evidence: Evidence) -> None:
    stored = read(engine, evidence, b"")
    assert stored.preview.refused is not None
    assert stored.reading_id is None
    assert count(engine) == 0


def test_an_upload_that_is_not_there_is_a_sentence(engine: Engine, evidence: Evidence) -> None:
    with pytest.raises(UploadNotFound):
        read_upload(engine, evidence, 99)


@pytest.mark.parametrize(
    ("command", "why"), [(("false",), "its process ended early"), (("sh", "-c", "kill -9 $$"), "more memory")]
)
def test_a_child_that_ends_early_is_a_sentence_and_stores_nothing(
    engine: Engine, evidence: Evidence, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], why: str
) -> None:
    monkeypatch.setattr(module, "CHILD", command)
    with pytest.raises(module.ReadingStopped, match=why):
        read(engine, evidence, PLAIN)
    assert count(engine) == 0


def everything() -> Reading:
    """A reading with something in every field."""
    return Reading(
        format="generic csv",
        encoding="utf-8",
        columns=("Datum", "Betrag"),
        rows_read=7,
        rows_accepted=4,
        rows_rejected=2,
        rows_ignored=1,
        table=table(SOURCE),
        rejects=(
            Reject(line=3, column="Betrag", value="1.2.3", code="AMOUNT", problem="Not an amount."),
            Reject(line=5, column=None, value=None, code="ROW_SHORT", problem="Too few cells."),
        ),
        questions=(
            Question(
                code="DAY_MONTH",
                text="Day first?",
                column="Datum",
                choices=(Choice(value="dmy", label="Day first"),),
                examples=(Example(line=2, cells={"Datum": "03/04/2026"}),),
                free_text=True,
            ),
        ),
        refused=Refusal(code="FILE_EMPTY", problem="Empty."),
        notes=(Note(code="CURRENCY", text="From the header.", count=3),),
        mapping=Mapping(roles={"date": "Datum"}, answers={"DAY_MONTH": "dmy"}, header=("Datum", "Betrag")),
        raw=pa.table({"line": [2], "Datum": ["03/04/2026"], "Betrag": [None]}),
        accounts=(Account(number="ACC", currency="EUR", row_count=1, total=5, opening=1, opened_on=date(2026, 1, 5)),),
        controls=(
            Control(kind=ControlKind.BALANCE, account="ACC", currency="EUR", stated=7, found=6, says="Off by 0.01."),
        ),
    )


def test_a_stored_reading_comes_back_as_it_was(evidence: Evidence) -> None:
    before = everything()
    reading_files.save(evidence, "a" * 64, before)
    assert load_reading(evidence, "a" * 64) == before
    few = load_reading(evidence, "a" * 64, rows=1)
    assert few == replace(before, table=before.table.slice(0, 1), rejects=before.rejects[:1])


def test_totals_are_exact_per_currency() -> None:
    largest = 2**62
    rows = table([("A", date(2026, 3, 2), largest, "EUR", "x")] * 3 + [("B", date(2026, 3, 9), -5, "EUR", "x")])
    (total,) = currency_totals(rows)
    assert (total.transactions, total.credits, total.debits) == (4, 3 * largest, 5)
    assert (total.first_date, total.last_date) == (date(2026, 3, 2), date(2026, 3, 9))
    assert currency_totals(empty_transactions()) == ()


def test_a_file_that_is_gone_from_the_store_is_a_sentence(engine: Engine, evidence: Evidence) -> None:
    receipt = receive_upload(engine, evidence, io.BytesIO(PLAIN), filename="bank.csv", actor="ana")
    evidence.local_path(blob_name(receipt.upload.sha256)).unlink()
    with pytest.raises(TieoutError, match="Restore it from a backup") as caught:
        read_upload(engine, evidence, receipt.upload.id)
    assert caught.value.code == "EVIDENCE_MISSING"


def test_the_stages_of_a_reading_are_told_in_order_and_a_known_one_tells_none(
    engine: Engine, evidence: Evidence
) -> None:
    receipt = receive_upload(engine, evidence, io.BytesIO(PLAIN), filename="bank.csv", actor="ana")
    told: list[str] = []
    read_upload(engine, evidence, receipt.upload.id, on_progress=lambda stage, done, total: told.append(stage))
    assert list(dict.fromkeys(told)) == ["open", "columns", "values", "store"]
    told.clear()
    read_upload(engine, evidence, receipt.upload.id, on_progress=lambda stage, done, total: told.append(stage))
    assert told == []


def test_a_listener_that_has_enough_gets_its_own_error_back_and_the_file_is_read_all_the_same(
    engine: Engine, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = receive_upload(engine, evidence, io.BytesIO(PLAIN), filename="bank.csv", actor="ana")

    def enough(stage: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_upload(engine, evidence, receipt.upload.id, on_progress=enough)
    monkeypatch.setattr(module, "CHILD", ("false",))  # it need not be parsed again
    assert read_upload(engine, evidence, receipt.upload.id).preview.rows_read == 2
