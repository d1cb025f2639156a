"""What triage writes off or adjusts is in the books: once, with both sides naming each other, and gone with it."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Engine, select

from recon.errors import CorrectionUnclear, WriteOffRefused
from recon.ledger.refusals import LedgerRefusal
from recon.model.correction import Booking, Correction
from recon.model.ledger import Book, PostEntry, ReverseEntry, WantedLine
from recon.model.outcome import DiscrepancyKind
from recon.model.people import Person, PersonRole, ProposalState
from recon.model.people_refusals import SecondPersonNeeded
from recon.model.triage import Command, Move, Resolution, Seen, Verdict
from recon.model.triage_sheet import RowFate
from recon.queries.discrepancies import DiscrepancyFilter, Order, Sort
from recon.queries.proposals import find_proposal
from recon.store.evidence import Evidence
from recon.store.ledger_tables import journal_entry
from recon.store.tables import discrepancy, discrepancy_event
from recon.workflows.command_ledger import command_ledger
from recon.workflows.manage_people import list_person
from recon.workflows.name_write_off_accounts import name_write_off_accounts
from recon.workflows.post_waiting import post_waiting
from recon.workflows.proposals import approve
from recon.workflows.propose_resolution import propose_resolution
from recon.workflows.resolve_discrepancies import resolve_discrepancies
from recon.workflows.triage_sheet import export_triage_sheet, import_triage_sheet
from recon.workflows.undo_decision import undo_decision
from tests.builders import Item, published_run, readings_of
from tests.workflows.books import TODAY, accounts, balance, ledger_sum, named_accounts, standing_sum
from tests.workflows.sheets import edited

AMOUNTS = (500, -200, 30)
ITEMS = [
    *(
        Item(kind=DiscrepancyKind.MISSING_IN_REFERENCE, amount=amount, source_line=place)
        for place, amount in enumerate(AMOUNTS, start=2)
    ),
    Item(kind=DiscrepancyKind.MISSING_IN_REFERENCE, amount=7, source_line=9, currency="JPY"),
]
"""Three in euros and one in yen."""


@pytest.fixture
def run_id(engine: Engine) -> int:
    return published_run(engine, ITEMS)


def seen(engine: Engine, run_id: int) -> list[Seen]:
    """The run's discrepancies as they stand."""
    with engine.connect() as conn:
        query = select(discrepancy.c.id, discrepancy.c.version).where(discrepancy.c.run_id == run_id)
        return [Seen(id=row.id, version=row.version) for row in conn.execute(query.order_by(discrepancy.c.id))]


def write_off(engine: Engine, rows: Sequence[Seen], key: str = "off", **values: Any) -> Verdict:
    said = {"move": Move.RESOLVE, "resolution": Resolution.WRITTEN_OFF, "comment": "Small.", "action_key": key}
    return resolve_discrepancies(engine, Command(**said | values), rows, actor="ana")


def adjust(engine: Engine, rows: Sequence[Seen], key: str = "adjusted", **correction: Any) -> Verdict:
    said = Correction(**correction) if correction else None
    return write_off(engine, rows, key, resolution=Resolution.ADJUSTED, correction=said)


def reopen(engine: Engine, rows: Sequence[Seen], key: str = "again") -> Verdict:
    return resolve_discrepancies(engine, Command(move=Move.REOPEN, action_key=key), rows, actor="ana")


def entries(engine: Engine) -> list[Any]:
    with engine.connect() as conn:
        return list(conn.execute(select(journal_entry).order_by(journal_entry.c.id)))


def statuses(engine: Engine, run_id: int) -> list[str]:
    with engine.connect() as conn:
        query = select(discrepancy.c.status).where(discrepancy.c.run_id == run_id).order_by(discrepancy.c.id)
        return list(conn.execute(query).scalars())


def test_a_command_posts_one_entry_a_currency_with_losses_and_gains_apart(engine: Engine, run_id: int) -> None:
    losses, receivable = named_accounts(engine, run_id)
    named_accounts(engine, run_id, currency="JPY")
    verdict = write_off(engine, seen(engine, run_id))
    euros, yen = entries(engine)
    assert verdict.sentence() == f"All 4 resolved. Posted entries {euros.id}, {yen.id}."
    assert (balance(engine, losses), balance(engine, receivable)) == (330, -330)
    ids = [row.id for row in seen(engine, run_id)]
    assert euros.metadata == {
        "resolution": "written_off",
        "reason": "Small.",
        "runs": [run_id],
        "discrepancies": ids[:3],
        "discrepancy_count": 3,
    }


def test_sending_a_write_off_twice_posts_it_once(engine: Engine, run_id: int) -> None:
    losses, _ = named_accounts(engine, run_id)
    before, start = seen(engine, run_id)[:2], Barrier(5)

    def click(_: int) -> str:
        start.wait()
        return write_off(engine, before).sentence()

    with ThreadPoolExecutor(5) as clicks:
        (said,) = set(clicks.map(click, range(5)))
    assert said == f"All 2 resolved. Posted entry {entries(engine)[0].id}."
    assert (balance(engine, losses), len(entries(engine))) == (300, 1)


def test_taking_a_whole_command_back_reverses_its_entry(engine: Engine, run_id: int) -> None:
    losses, _ = named_accounts(engine, run_id)
    verdict = write_off(engine, seen(engine, run_id)[:3])
    undone = undo_decision(engine, verdict, action_key="back", actor="ana")
    posted, reversal = entries(engine)
    assert undone.sentence() == f"All 3 reopened. Reversed by entry {reversal.id}."
    assert (reversal.reverses_id, balance(engine, losses)) == (posted.id, 0)


def test_what_is_reopened_of_a_command_is_taken_out_of_the_books_and_no_more(engine: Engine, run_id: int) -> None:
    losses, _ = named_accounts(engine, run_id)
    write_off(engine, seen(engine, run_id)[:3])
    reopen(engine, seen(engine, run_id)[:1])
    assert (balance(engine, losses), entries(engine)[1].reverses_id) == (-170, None)
    reopen(engine, seen(engine, run_id)[1:3], "rest")
    assert (balance(engine, losses), ledger_sum(engine), len(entries(engine))) == (0, 0, 3)
    write_off(engine, seen(engine, run_id)[:1], "anew")
    assert balance(engine, losses) == 500


def test_undoing_a_reopening_books_it_again(engine: Engine, run_id: int) -> None:
    losses, _ = named_accounts(engine, run_id)
    write_off(engine, seen(engine, run_id)[:1])
    other = accounts(engine)[::-1]
    adjust(engine, seen(engine, run_id)[1:2], booking=Booking.POSTED, accounts=other)
    assert balance(engine, losses) == 700  # the gain of 2.00 was credited to the receivable
    verdict = reopen(engine, seen(engine, run_id)[:2])
    assert balance(engine, losses) == 0
    undo_decision(engine, verdict, action_key="back", actor="ana")
    assert balance(engine, losses) == 700


def test_without_accounts_it_is_kept_and_posted_once_they_are_named(engine: Engine, run_id: int) -> None:
    verdict = write_off(engine, seen(engine, run_id)[:3])
    assert verdict.sentence() == "All 3 resolved. Nothing is posted in EUR: no accounts are named."
    reopen(engine, seen(engine, run_id)[2:3])
    losses, _ = named_accounts(engine, run_id)
    reconciliation_id = 1
    assert post_waiting(engine, reconciliation_id, "EUR", actor="ana") == entries(engine)[0].id
    assert post_waiting(engine, reconciliation_id, "EUR", actor="ana") is None
    assert balance(engine, losses) == 300
    reopen(engine, seen(engine, run_id)[:2], "rest")
    assert (balance(engine, losses), entries(engine)[1].reverses_id) == (0, entries(engine)[0].id)


def test_what_the_ledger_refuses_is_not_resolved(engine: Engine, run_id: int) -> None:
    losses, _ = named_accounts(engine, run_id)
    with pytest.raises(LedgerRefusal, match="holds EUR, not JPY"):
        adjust(engine, seen(engine, run_id), booking=Booking.POSTED, accounts=accounts(engine))
    assert (set(statuses(engine, run_id)), balance(engine, losses)) == ({"open"}, 0)


def test_an_adjustment_without_accounts_says_what_to_do(engine: Engine, run_id: int) -> None:
    with pytest.raises(WriteOffRefused, match="No accounts are named for EUR"):
        adjust(engine, seen(engine, run_id)[:1], booking=Booking.POSTED)
    with pytest.raises(CorrectionUnclear, match="where it was corrected"):
        write_off(engine, seen(engine, run_id)[:1], resolution=Resolution.ADJUSTED, comment=" ")
    assert adjust(engine, seen(engine, run_id)[:1]).sentence() == "Resolved."
    assert entries(engine) == []


def posted(engine: Engine, amount: str) -> int:
    losses, receivable = accounts(engine)
    lines = tuple(
        WantedLine(account_id=id_, amount=text, currency="EUR")
        for id_, text in ((losses, amount), (receivable, f"-{amount}"))
    )
    command = PostEntry(key=f"by hand {amount}", book=Book.UAE, lines=lines)
    return command_ledger(engine, command, actor="ivo", today=TODAY).id


def test_an_entry_that_corrected_it_is_named_and_stays_when_the_decision_goes(engine: Engine, run_id: int) -> None:
    entry_id = posted(engine, "5.00")
    adjust(engine, seen(engine, run_id)[:1], booking=Booking.NAMED, entry_id=entry_id)
    for more in (seen(engine, run_id)[2:3], seen(engine, run_id)[3:]):
        with pytest.raises(WriteOffRefused, match=f"Entry {entry_id} moves"):
            adjust(engine, more, "more", booking=Booking.NAMED, entry_id=entry_id)
    with pytest.raises(LedgerRefusal, match="stands behind"):
        command_ledger(engine, ReverseEntry(key="r", entry_id=entry_id), actor="ivo", today=TODAY)
    reopen(engine, seen(engine, run_id)[:1])
    assert len(entries(engine)) == 1
    command_ledger(engine, ReverseEntry(key="r", entry_id=entry_id), actor="ivo", today=TODAY)
    with pytest.raises(WriteOffRefused, match="or it is reversed"):
        adjust(engine, seen(engine, run_id)[:1], "late", booking=Booking.NAMED, entry_id=entry_id)


def test_nobody_reverses_a_write_off_behind_its_decisions_back(engine: Engine, run_id: int) -> None:
    named_accounts(engine, run_id)
    (entry_id,) = write_off(engine, seen(engine, run_id)[:1]).entry_ids
    with pytest.raises(LedgerRefusal, match="Reopen"):
        command_ledger(engine, ReverseEntry(key="r", entry_id=entry_id), actor="ivo", today=TODAY)
    with pytest.raises(WriteOffRefused, match="is a write-off itself"):
        adjust(engine, seen(engine, run_id)[2:3], booking=Booking.NAMED, entry_id=entry_id)


def test_the_same_rows_of_another_run_are_written_off_with_them_and_reopened_with_them(
    engine: Engine, run_id: int
) -> None:
    losses, _ = named_accounts(engine, run_id)
    source, reference = readings_of(engine, run_id)
    again = published_run(engine, ITEMS, source_reading_id=source, reference_reading_id=reference)
    write_off(engine, seen(engine, run_id)[:2])
    verdict = write_off(engine, seen(engine, again)[:1], "again off")
    assert (verdict.sentence(), len(entries(engine)), balance(engine, losses)) == ("Resolved.", 1, 300)
    with pytest.raises(WriteOffRefused, match=f"was written off in run {run_id} already"):
        adjust(engine, seen(engine, again)[1:2], booking=Booking.POSTED)
    reopen(engine, seen(engine, again)[:1])
    assert (statuses(engine, run_id)[:2], balance(engine, losses)) == (["open", "resolved"], -200)
    with engine.connect() as conn:
        said = conn.execute(select(discrepancy_event.c.comment)).scalars().all()
        assert "Its rows were reopened in another run." in said


def test_where_two_runs_write_the_same_rows_off_at_once_they_are_in_the_books_once(engine: Engine, run_id: int) -> None:
    losses, _ = named_accounts(engine, run_id)
    source, reference = readings_of(engine, run_id)
    again = published_run(engine, ITEMS, source_reading_id=source, reference_reading_id=reference)
    start = Barrier(2)

    def work(number: int) -> None:
        rows = seen(engine, number)[:3]
        start.wait()
        for place, row in enumerate(rows):
            write_off(engine, [row], f"{number}-{place}")

    with ThreadPoolExecutor(2) as people:
        list(people.map(work, (run_id, again)))
    assert (balance(engine, losses), standing_sum(engine), ledger_sum(engine)) == (330, 330, 0)


def test_nothing_is_posted_for_what_differs_by_nothing(engine: Engine) -> None:
    run_id = published_run(engine, [Item(kind=DiscrepancyKind.SUGGESTION, amount=0, reference_line=2)])
    named_accounts(engine, run_id)
    assert write_off(engine, seen(engine, run_id)).sentence() == "Resolved."
    assert entries(engine) == []


def proposed(engine: Engine, rows: Sequence[Seen], **values: Any) -> tuple[int, str]:
    """A write-off above the operator's limit, proposed; its number and digest."""
    list_person(engine, Person(name="ana", role=PersonRole.OPERATOR, limits={"EUR": 100}), actor="ada")
    list_person(engine, Person(name="ben", role=PersonRole.APPROVER), actor="ada")
    command = Command(move=Move.RESOLVE, resolution=Resolution.WRITTEN_OFF, action_key="asked")
    with pytest.raises(SecondPersonNeeded):
        resolve_discrepancies(engine, command, rows, actor="ana")
    number = propose_resolution(engine, command, rows, actor="ana")
    asked = find_proposal(engine, number)
    assert asked is not None
    return number, asked.digest


def test_an_approved_write_off_is_posted_as_it_was_shown(engine: Engine, evidence: Evidence, run_id: int) -> None:
    losses, _ = named_accounts(engine, run_id)
    number, digest = proposed(engine, seen(engine, run_id)[:1])
    assert approve(engine, evidence, number, digest=digest, actor="ben") is ProposalState.APPROVED
    assert (balance(engine, losses), entries(engine)[0].metadata["resolution"]) == (500, "written_off")


def test_other_accounts_than_were_shown_void_the_approval(engine: Engine, evidence: Evidence, run_id: int) -> None:
    losses, receivable = named_accounts(engine, run_id)
    number, digest = proposed(engine, seen(engine, run_id)[:1])
    swapped = (receivable, losses)
    name_write_off_accounts(engine, run_id, currency="EUR", book=Book.UAE, accounts=swapped, actor="ada")
    assert approve(engine, evidence, number, digest=digest, actor="ben") is ProposalState.VOID
    assert (entries(engine), statuses(engine, run_id)[0]) == ([], "open")


def test_a_sheet_posts_what_it_writes_off_and_says_what_the_books_refuse(engine: Engine, run_id: int) -> None:
    losses, _ = named_accounts(engine, run_id)
    wanted = DiscrepancyFilter(run_id=run_id)
    content = export_triage_sheet(engine, wanted, Order(by=Sort.ID, is_descending=False), actor="ana")
    edits = {2: {"reason": "written_off"}, 3: {"reason": "adjusted"}, 4: {"reason": "adjusted", "comment": "In SAP."}}
    fates = [row.fate for row in import_triage_sheet(engine, run_id, edited(content, edits), actor="ana")]
    assert fates == [RowFate.APPLIED, RowFate.WORDS_MISSING, RowFate.APPLIED, RowFate.UNCHANGED]
    assert (balance(engine, losses), len(entries(engine))) == (500, 1)
