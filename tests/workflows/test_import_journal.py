"""Entries from a file: each whole or not at all, each once, and every row accounted for."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import pytest
from openpyxl import Workbook
from sqlalchemy import Engine, text

from recon.model.journal import JournalImport
from recon.model.ledger import AccountType, Book
from recon.model.people import Deed
from recon.queries.ledger import JournalFilter, journal
from recon.store.evidence import Evidence
from recon.workflows import post_entries
from recon.workflows.import_journal import import_journal
from recon.workflows.manage_people import set_limits
from recon.workflows.replay_ledger import replay_ledger
from tests.ledger.builders import TODAY, Ledger, contents

HEADER = "entry,date,account,amount,currency,description\n"
SOUND = """E2,2026-03-03,Alice,-20.00,USD,Dinner
E2,2026-03-03,Bob,20.00,USD,Dinner
E1,2026-03-02,Float,-50.00,USD,Funding
E1,2026-03-02,Alice,50.00,USD,Funding
"""


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    """Accounts Float, Alice and Bob in dollars, and two that go by one name."""
    made = Ledger(engine)
    made.open(AccountType.LIABILITY, overdraft=True, metadata={"name": "Float", "code": "2000"})
    for name in ("Alice", "Bob", "Twin", "Twin"):
        made.open(metadata={"name": name})
    return made


@pytest.fixture
def post(ledger: Ledger, evidence_url: str, tmp_path: Path) -> Importer:
    return Importer(ledger, Evidence(evidence_url), tmp_path)


class Importer:
    """Posts texts as files."""

    def __init__(self, ledger: Ledger, evidence: Evidence, folder: Path) -> None:
        self.ledger, self.evidence, self.file = ledger, evidence, folder / "journal.csv"

    def __call__(self, rows: str, *, header: str = HEADER, book: Book = Book.UAE) -> JournalImport:
        self.file.write_text(header + rows)
        return import_journal(self.ledger.engine, self.evidence, self.file, book=book, actor="ana", today=TODAY)

    def balances(self) -> dict[str, int]:
        with self.ledger.engine.connect() as conn:
            query = "select metadata ->> 'name', balance from account join account_balance on account_id = id"
            return {name: int(balance) for name, balance in conn.execute(text(query)) if balance}


def codes(found: JournalImport) -> list[tuple[int, str]]:
    return [(reject.line, reject.code) for reject in found.rejects]


def test_entries_are_posted_in_the_order_of_their_days(post: Importer) -> None:
    found = post(SOUND)
    assert (found.posted_count, found.rows_posted, found.rejects) == (2, 4, ())
    assert post.balances() == {"Float": -50_00, "Alice": 30_00, "Bob": 20_00}
    last = journal(post.ledger.engine, JournalFilter(), limit=1)[0]
    assert (last.source_system, last.source_txn_id, last.metadata) == ("file", "E2", {"description": "Dinner"})
    assert not replay_ledger(post.ledger.engine).differences


def test_an_entry_that_needs_a_second_person_is_rejected_and_holds_no_other_up(post: Importer) -> None:
    set_limits(post.ledger.engine, Deed.POST, above={"USD": 20_00}, actor="ana")
    found = post(SOUND.replace("E2,2026-03-03", "E2,2026-03-01").replace("Alice,-20.00", "Float,-20.00"))
    assert (found.posted_count, codes(found)) == (1, [(4, "SECOND_PERSON_NEEDED"), (5, "SECOND_PERSON_NEEDED")])
    assert "50.00 USD is more than you may post alone. Post it by hand" in found.rejects[0].problem
    assert post.balances() == {"Float": -20_00, "Bob": 20_00}


def test_the_same_entries_again_in_any_order_change_nothing(post: Importer) -> None:
    post(SOUND)
    before = contents(post.ledger.engine)
    rows = SOUND.splitlines(keepends=True)
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        found = post("".join(rows))
        assert (found.posted_count, found.known_count, found.rows_known) == (0, 2, 4)
    assert contents(post.ledger.engine) == before


def test_an_entry_that_says_something_else_now_is_refused(post: Importer) -> None:
    post(SOUND)
    before = contents(post.ledger.engine)
    found = post(SOUND.replace("20.00", "21.00"))
    assert codes(found) == [(2, "ENTRY_CHANGED"), (3, "ENTRY_CHANGED")]
    assert (found.known_count, found.posted_count) == (1, 0)
    assert contents(post.ledger.engine) == before


def test_an_entry_with_a_line_that_cannot_be_used_is_rejected_whole(post: Importer) -> None:
    found = post(
        SOUND
        + """E3,2026-03-04,Alice,-1.00,USD,
E3,2026-03-04,Nobody,1.00,USD,
E4,2026-03-04,Alice,-1.00,USD,
E4,2026-03-04,Bob,1.0o,USD,
E5,2026-03-04,Alice,-1.00,USD,
E5,2026-03-05,Bob,1.00,USD,
E6,2026-03-04,Twin,-1.00,USD,
E6,2026-03-04,Bob,1.00,USD,
E7,2026-03-04,Alice,-1.00,EUR,
E7,2026-03-04,Bob,1.00,EUR,
"""
    )
    assert codes(found) == [
        (6, "ENTRY_INCOMPLETE"), (7, "ACCOUNT_UNKNOWN"), (8, "ENTRY_INCOMPLETE"), (9, "AMOUNT_NOT_A_NUMBER"),
        (10, "ENTRY_DATES"), (11, "ENTRY_DATES"), (12, "ACCOUNT_UNKNOWN"), (13, "ENTRY_INCOMPLETE"),
        (14, "ACCOUNT_UNKNOWN"), (15, "ACCOUNT_UNKNOWN"),
    ]  # fmt: skip
    assert "2 accounts in USD go by this name" in found.rejects[6].problem
    assert (found.posted_count, found.rows_read) == (2, 14)


def test_what_the_ledger_refuses_is_told_for_each_line_and_holds_no_other_up(post: Importer) -> None:
    found = post(
        SOUND
        + """E3,2026-03-04,Bob,-20.01,USD,too much
E3,2026-03-04,Alice,20.01,USD,too much
E4,2026-03-04,Bob,-20.00,USD,
E4,2026-03-04,Alice,19.99,USD,
E5,2026-03-04,Bob,-20.00,USD,just enough
E5,2026-03-04,Alice,20.00,USD,just enough
"""
    )
    assert codes(found) == [(6, "OVERDRAFT"), (7, "OVERDRAFT"), (8, "ENTRY_UNBALANCED"), (9, "ENTRY_UNBALANCED")]
    assert post.balances() == {"Float": -50_00, "Alice": 50_00}


def test_an_account_is_named_by_its_id_its_code_or_its_name(post: Importer) -> None:
    carol = post.ledger.open()
    found = post(f"E1,2026-03-02,2000,-5.00,USD,\nE1,2026-03-02,{str(carol).upper()},5.00,USD,\n")
    assert found.posted_count == 1
    assert post.ledger.balance(carol) == 5_00


def test_accounts_of_another_book_are_unknown(post: Importer) -> None:
    assert {code for _, code in codes(post(SOUND, book=Book.INDIA))} == {"ACCOUNT_UNKNOWN"}


def test_debits_and_credits_in_columns_of_their_own(post: Importer) -> None:
    post(
        "V1,2026-03-02,Alice,7.00,,USD\nV1,2026-03-02,Float,,7.00,USD\n",
        header="voucher,date,account,debit,credit,ccy\n",
    )
    assert post.balances() == {"Alice": 7_00, "Float": -7_00}


def test_nothing_is_posted_while_something_is_open(post: Importer) -> None:
    before = contents(post.ledger.engine)
    found = post(SOUND.replace("2026-03-03", "03/03/2026").replace("2026-03-02", "02/03/2026"))
    assert [question.code for question in found.questions] == ["DAY_MONTH_ORDER"]
    assert contents(post.ledger.engine) == before


def test_a_workbook_is_read_as_text_is(post: Importer) -> None:
    book = Workbook()
    sheet = book.worksheets[0]
    for row in (HEADER.strip() + "\n" + SOUND).splitlines():
        entry, day, account, amount, *rest = row.split(",")
        is_head = entry == "entry"
        sheet.append([entry, day if is_head else date.fromisoformat(day), account, amount, *rest])
    post.file = post.file.with_suffix(".xlsx")
    book.save(post.file)
    found = import_journal(post.ledger.engine, post.evidence, post.file, book=Book.UAE, actor="ana", today=TODAY)
    assert (found.posted_count, found.rejects) == (2, ())
    post.file = post.file.with_suffix(".csv")
    assert post(SOUND).known_count == 2


def test_two_imports_of_one_file_at_once_post_each_entry_once(post: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post_entries, "BATCH", 5)
    rows = [f"E{n:02},2026-03-02,Float,-1.00,USD,\nE{n:02},2026-03-02,Alice,1.00,USD,\n" for n in range(30)]
    post.file.write_text(HEADER + "".join(rows))

    def once(_: int) -> JournalImport:
        return import_journal(post.ledger.engine, post.evidence, post.file, book=Book.UAE, actor="ana", today=TODAY)

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(once, range(3)))
    assert sum(one.posted_count for one in found) == 30
    assert all(one.posted_count + one.known_count == 30 for one in found)
    assert post.balances() == {"Float": -30_00, "Alice": 30_00}


def test_batches_see_what_those_before_them_posted(post: Importer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(post_entries, "BATCH", 3)
    rows = [f"E{n:02},2026-03-02,Float,-1.00,USD,\nE{n:02},2026-03-02,Alice,1.00,USD,\n" for n in range(7)]
    rows += [f"F{n:02},2026-03-03,Alice,-1.00,USD,\nF{n:02},2026-03-03,Bob,1.00,USD,\n" for n in range(8)]
    found = post("".join(rows))
    assert found.posted_count == 14
    assert codes(found) == [(30, "OVERDRAFT"), (31, "OVERDRAFT")]
    assert post.balances() == {"Float": -7_00, "Bob": 7_00}


def test_a_wallet_follows_what_is_imported(post: Importer) -> None:
    wallet = post.ledger.wallet(post.ledger.customer())
    post(f"E1,2026-03-02,Float,-5.00,USD,\nE1,2026-03-02,{wallet},5.00,USD,\n")
    with post.ledger.engine.connect() as conn:
        assert conn.execute(text("select balance from wallet")).scalar_one() == 5_00


def test_an_import_is_on_record(post: Importer) -> None:
    post(SOUND + f"E9,{TODAY + timedelta(days=1)},Alice,1.00,USD,\n")
    with post.ledger.engine.connect() as conn:
        query = "select subject, detail from audit_event where action = 'journal_imported'"
        subject, detail = conn.execute(text(query)).one()
    assert subject == "book uae"
    assert (detail["posted_count"], detail["rows_read"], detail["rows_rejected"]) == (2, 5, 1)
