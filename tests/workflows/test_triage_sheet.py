"""The Excel loop on real workbooks: what was edited is carried out, each row gets its own answer, once."""

from __future__ import annotations

import hashlib
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from sqlalchemy import Engine, select

from recon.errors import SheetNotOurs, SheetUnreadable
from recon.model.outcome import DiscrepancyKind
from recon.model.people import Person, PersonRole
from recon.model.people_refusals import NotAllowed
from recon.model.triage import Command, Move, Resolution, Seen
from recon.model.triage_sheet import RowFate
from recon.queries import discrepancies
from recon.queries.discrepancies import DiscrepancyFilter, Order, Sort
from recon.store.tables import audit_event, discrepancy, discrepancy_event
from recon.workflows.manage_people import change_person, list_person
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.triage_sheet import export_triage_sheet, import_triage_sheet
from tests.builders import Item, published_run
from tests.workflows.sheets import edited

BY_ID = Order(by=Sort.ID, is_descending=False)


@pytest.fixture
def run_id(engine: Engine) -> int:
    items = [Item(kind=DiscrepancyKind.DUPLICATE, amount=100 * n, payment_ref=f"=1+{n}") for n in range(1, 7)]
    return published_run(engine, items)


def exported(engine: Engine, run_id: int, actor: str = "mara") -> bytes:
    return export_triage_sheet(engine, DiscrepancyFilter(run_id=run_id), BY_ID, actor=actor)


def fates(engine: Engine, run_id: int, content: bytes, actor: str = "mara") -> list[RowFate]:
    return [verdict.fate for verdict in import_triage_sheet(engine, run_id, content, actor=actor)]


def rows_of(engine: Engine, table: Any = discrepancy) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(select(table).order_by(table.c.id)))


def test_only_three_columns_can_be_edited_and_nothing_in_the_sheet_runs(engine: Engine, run_id: int) -> None:
    sheet = load_workbook(BytesIO(exported(engine, run_id)))["Discrepancies"]
    header = [cell.value for cell in sheet[1]]
    columns = dict(zip(header, sheet[2], strict=True))
    hidden = [name for name, cell in columns.items() if sheet.column_dimensions[cell.column_letter].hidden]
    assert hidden == ["id", "version", "assigned_then", "reason_then"]
    assert sheet.protection.sheet
    unlocked = [n for n, c in columns.items() if not sheet.column_dimensions[c.column_letter].protection.locked]
    assert unlocked == ["assign_to", "reason", "comment"]
    assert (columns["reference"].value, columns["reference"].data_type) == ("=1+1", "s")
    (choice,) = sheet.data_validations.dataValidation
    assert choice.formula1.strip('"').split(",") == list(Resolution)
    assert sheet.max_row == 7


def test_who_took_the_queue_away_is_in_the_audit_log(engine: Engine, run_id: int) -> None:
    content = exported(engine, run_id)
    (event,) = rows_of(engine, audit_event)
    assert (event.actor, event.action, event.subject) == ("mara", "exported", f"run {run_id}")
    assert event.detail["sha256"] == hashlib.sha256(content).hexdigest()


def test_what_was_edited_is_carried_out_and_each_row_gets_its_answer(engine: Engine, run_id: int) -> None:
    content = exported(engine, run_id)
    other = rows_of(engine)[3]
    command = Command(move=Move.RESOLVE, resolution=Resolution.FEE, action_key="other")
    resolve_discrepancies(engine, command, [Seen(id=other.id, version=1)], actor="j.okafor")
    content = edited(
        content,
        {
            2: {"reason": "Rounding", "comment": "A cent.", "assign_to": "ivo"},
            3: {"comment": "Ask the bank."},
            5: {"reason": "fx"},
            6: {"reason": "magic"},
            7: {"id": 424242, "reason": "fx"},
        },
    )
    assert fates(engine, run_id, content) == [
        RowFate.APPLIED,
        RowFate.APPLIED,
        RowFate.UNCHANGED,
        RowFate.CHANGED_MEANWHILE,
        RowFate.UNKNOWN_REASON,
        RowFate.NOT_FOUND,
    ]
    first = rows_of(engine)[0]
    assert (first.resolution, first.comment, first.assignee, first.version) == ("rounding", "A cent.", "ivo", 3)
    assert import_triage_sheet(engine, run_id, content, actor="mara")[3].by == "j.okafor"


def test_the_same_file_again_changes_nothing(engine: Engine, run_id: int) -> None:
    content = edited(exported(engine, run_id), {2: {"reason": "fx", "comment": "Rate."}, 3: {"comment": "Seen."}})
    first = fates(engine, run_id, content)
    events = rows_of(engine, discrepancy_event)
    assert fates(engine, run_id, content) == first
    assert rows_of(engine, discrepancy_event) == events


def test_what_one_may_not_do_is_said_row_by_row(engine: Engine, run_id: int) -> None:
    list_person(engine, Person(name="ana", role=PersonRole.OPERATOR, limits={"EUR": 50}), actor="ada")
    list_person(engine, Person(name="vera", role=PersonRole.VIEWER), actor="ada")
    list_person(engine, Person(name="gone", role=PersonRole.OPERATOR), actor="ada")
    change_person(engine, Person(name="gone", role=PersonRole.OPERATOR, is_active=False, version=1), actor="ada")
    content = edited(
        exported(engine, run_id, "vera"),
        {
            2: {"reason": "written_off"},
            3: {"assign_to": "mallory", "reason": "fee"},
            4: {"reason": "fee"},
            5: {"assign_to": "gone"},
            6: {"assign_to": "vera"},
        },
    )
    assert fates(engine, run_id, content, "ana")[:5] == [
        RowFate.SECOND_PERSON,
        RowFate.UNKNOWN_PERSON,
        RowFate.APPLIED,
        RowFate.UNKNOWN_PERSON,
        RowFate.UNKNOWN_PERSON,
    ]
    assert [row.status for row in rows_of(engine)[:3]] == ["open", "open", "resolved"]
    assert not any(row.assignee for row in rows_of(engine))
    with pytest.raises(NotAllowed):
        import_triage_sheet(engine, run_id, content, actor="vera")


def test_a_row_that_stands_twice_or_is_of_another_run_is_left_alone(engine: Engine, run_id: int) -> None:
    first = rows_of(engine)[0].id
    content = edited(exported(engine, run_id), {2: {"reason": "fee"}, 3: {"id": first, "reason": "fx"}})
    assert fates(engine, run_id, content)[:2] == [RowFate.TWICE, RowFate.TWICE]
    other = published_run(engine)
    assert set(fates(engine, other, content)) == {RowFate.NOT_FOUND}
    assert {row.status for row in rows_of(engine)} == {"open"}


def test_hostile_cells_are_answers_not_crashes(engine: Engine, run_id: int) -> None:
    content = edited(
        exported(engine, run_id),
        {
            2: {"id": "x", "reason": "fee"},
            3: {"id": 1e300, "reason": "fee"},
            4: {"version": -1, "reason": "fee"},
            5: {"reason_then": "fee"},
            6: {"comment": "x" * 2_001},
            7: {"assign_to": "y" * 300},
        },
    )
    assert fates(engine, run_id, content) == [
        RowFate.NOT_FOUND,
        RowFate.NOT_FOUND,
        RowFate.CHANGED_MEANWHILE,
        RowFate.UNKNOWN_REASON,
        RowFate.LONG_COMMENT,
        RowFate.UNKNOWN_PERSON,
    ]


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04 torn"])
def test_what_is_no_workbook_is_a_sentence(engine: Engine, run_id: int, content: bytes) -> None:
    with pytest.raises(SheetUnreadable, match="nothing was changed"):
        import_triage_sheet(engine, run_id, content, actor="mara")


def test_another_workbook_is_a_sentence(engine: Engine, run_id: int) -> None:
    book, saved = Workbook(), BytesIO()
    book.save(saved)
    with pytest.raises(SheetNotOurs):
        import_triage_sheet(engine, run_id, saved.getvalue(), actor="mara")


@pytest.mark.parametrize("sort", Sort)
def test_a_stream_is_the_queue_in_its_order(engine: Engine, sort: Sort, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discrepancies, "CHUNK", 4)
    run_id = published_run(engine, [Item(kind=DiscrepancyKind.DUPLICATE, amount=n % 3) for n in range(11)])
    wanted, order = DiscrepancyFilter(run_id=run_id), Order(by=sort)
    whole = discrepancies.page(engine, wanted, order)
    assert tuple(discrepancies.stream(engine, wanted, order, limit=100)) == whole
    assert tuple(discrepancies.stream(engine, wanted, order, limit=7)) == whole[:7]
