"""`ledger`: proves the projections or puts them right, brings entries in from a file, stores balances."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from recon.model.ledger import AccountType
from tests.cli.conftest import Command
from tests.ledger.builders import Ledger

pytestmark = pytest.mark.usefixtures("stored")


@pytest.fixture
def ledger(engine: Engine) -> Ledger:
    made = Ledger(engine)
    made.transfer(made.open(AccountType.LIABILITY, overdraft=True), made.open(), "500.00")
    return made


def test_a_sound_ledger_is_proved(tieout: Command, ledger: Ledger) -> None:
    told = tieout("ledger", "replay")
    assert (told.status, told.stdout) == (
        0,
        "Events: 3. Accounts: 2. Journal entries: 1.\nAccounts, journal and balances are what the events say.\n",
    )


def test_a_balance_that_was_changed_is_told_and_put_right(tieout: Command, ledger: Ledger) -> None:
    with ledger.engine.begin() as conn:
        conn.execute(text("update account_balance set balance = balance + 1 where protected_side = 1"))
    told = tieout("ledger", "replay")
    assert told.status == 1
    assert "account_balance" in told.stdout
    asked = tieout("ledger", "replay", "--json")
    assert (asked.status, asked.document["is_proved"], len(asked.document["differences"])) == (1, False, 1)
    assert tieout("ledger", "replay", "--rebuild").status == 0
    assert tieout("ledger", "replay", "--json").document["is_proved"]


JOURNAL = """entry,date,account,amount,currency
E1,2026-03-02,Float,-50.00,USD
E1,2026-03-02,Alice,50.00,USD
E2,2026-03-02,Float,-50.00,USD
E2,2026-03-02,Nobody,50.00,USD
"""


@pytest.fixture
def file(engine: Engine, tmp_path: Path) -> Path:
    made = Ledger(engine)
    made.open(AccountType.LIABILITY, metadata={"name": "Float"})
    made.open(metadata={"name": "Alice"})
    path = tmp_path / "journal.csv"
    path.write_text(JOURNAL)
    return path


def test_entries_are_brought_in_from_a_file_once(tieout: Command, file: Path) -> None:
    first = tieout("ledger", "import", file, "--book", "uae", "--json")
    assert first.status == 1
    assert first.document["entries"] == {"posted": 1, "known": 0}
    assert first.document["rows"] == {"read": 4, "posted": 2, "known": 0, "rejected": 2, "ignored": 0}
    file.write_text("".join(JOURNAL.splitlines(keepends=True)[:3]))
    again = tieout("ledger", "import", file, "--book", "uae")
    assert (again.status, again.stdout) == (0, "0 entries were posted, 1 were there already. 0 rows were rejected.\n")


def test_what_a_journal_leaves_open_is_asked(tieout: Command, file: Path) -> None:
    file.write_text(JOURNAL.replace("currency", "x").replace(",USD", ","))
    asked = tieout("ledger", "import", file, "--book", "uae")
    assert asked.status == 3
    assert "--answer CURRENCY=" in asked.stdout


def test_a_file_that_is_none_is_refused(tieout: Command, file: Path) -> None:
    file.write_text("")
    assert tieout("ledger", "import", file, "--book", "uae").status == 2


def test_balances_of_a_day_are_stored_once(tieout: Command, file: Path) -> None:
    tieout("ledger", "import", file, "--book", "uae")
    first = tieout("ledger", "snapshot", "--book", "uae", "--as-of", "2026-03-02", "--json")
    assert first.document == {"book": "uae", "as_of": "2026-03-02", "taken": 2}
    again = tieout("ledger", "snapshot", "--book", "uae", "--as-of", "2026-03-02")
    assert again.stdout == "0 balances of 2026-03-02 were stored in book uae.\n"
