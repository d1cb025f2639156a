"""The commands that keep what they do: `run`, `migrate` and `demo`, on a real PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Engine

from recon.demo import DemoFiles
from recon.model.ledger import AccountType
from recon.model.rules import Rules
from recon.workflows.save_rules import save_rules
from tests.cli.conftest import Command
from tests.ledger.builders import Ledger

CsvFile = Callable[..., Path]
HEADER = "date,description,amount,currency"


@pytest.mark.usefixtures("stored")
def test_the_same_files_again_are_the_same_run(tieout: Command, sample: DemoFiles) -> None:
    arguments = ("run", "--source", sample.gateway, "--reference", sample.billing, "--name", "March", "--json")
    first, second = tieout(*arguments), tieout(*arguments)
    assert (first.status, second.status) == (0, 0)
    assert (first.document["cached"], second.document["cached"]) == (False, True)
    assert first.document["run_id"] == second.document["run_id"]
    assert first.document["proof"] == second.document["proof"]


@pytest.mark.usefixtures("stored")
def test_a_stored_run_finds_what_a_match_finds(tieout: Command, sample: DemoFiles) -> None:
    stored = tieout("run", "--source", sample.bank, "--reference", sample.gateway, "--json").document
    matched = tieout("match", sample.bank, sample.gateway, "--json").document
    for part in ("counts", "proof", "outcomes", "rules"):
        assert stored[part] == matched[part]
    assert stored["status"] == "succeeded"


@pytest.mark.usefixtures("stored")
def test_a_run_starts_from_the_rules_saved_for_its_reconciliation(
    tieout: Command, engine: Engine, csv_file: CsvFile, tmp_path: Path
) -> None:
    source = csv_file("s.csv", HEADER, "2026-04-03,Rent,-900.00,EUR")
    reference = csv_file("r.csv", HEADER, "2026-04-06,Rent,-900.00,EUR")
    arguments = ("run", "--source", source, "--reference", reference, "--name", "Rent", "--json")
    assert tieout(*arguments).document["counts"]["matched"] == 0
    save_rules(engine, reconciliation="Rent", rules=Rules(days_after=4), after=0, note="Slow bank", actor="ana")
    again = tieout(*arguments).document
    assert (again["counts"]["matched"], again["cached"]) == (1, False)
    given = tmp_path / "r.toml"
    given.write_text("days_before = 2\n")
    assert tieout(*arguments, "--rules", given).document["rules"] == Rules(days_before=2, days_after=4).as_dict()


@pytest.mark.usefixtures("stored")
def test_a_question_stops_a_run_before_it_is_one(tieout: Command, csv_file: CsvFile) -> None:
    source = csv_file("s.csv", HEADER, "03/04/2026,Rent,-900.00,EUR")
    reference = csv_file("r.csv", HEADER, "2026-04-03,Rent,-900.00,EUR")
    arguments = ("run", "--source", source, "--reference", reference, "--json")
    asked = tieout(*arguments)
    assert asked.status == 3
    assert asked.document["run_id"] is None
    assert [question["code"] for question in asked.document["questions"]] == ["source.DAY_MONTH_ORDER"]
    answered = tieout(*arguments, "--answer", "source.DAY_MONTH_ORDER=DMY")
    assert answered.status == 0
    assert answered.document["counts"]["matched"] == 1
    again = tieout(*arguments)
    assert (again.status, again.document["run_id"]) == (0, answered.document["run_id"])


@pytest.mark.usefixtures("stored")
def test_a_header_that_changed_since_the_last_run_stops_the_next(tieout: Command, csv_file: CsvFile) -> None:
    reference = csv_file("r.csv", HEADER, "2026-04-03,Rent,-900.00,EUR")
    before = csv_file("s.csv", HEADER, "2026-04-03,Rent,-900.00,EUR")
    assert tieout("run", "--source", before, "--reference", reference, "--json").status == 0
    after = csv_file("s.csv", HEADER.replace("amount", "net amount"), "2026-04-03,Rent,-900.00,EUR")
    stopped = tieout("run", "--source", after, "--reference", reference, "--json")
    assert stopped.status == 3
    assert [question["code"] for question in stopped.document["questions"]] == ["source.HEADER_CHANGED"]


@pytest.mark.usefixtures("stored")
def test_on_screen_a_run_says_what_was_read_and_how_it_ended(tieout: Command, csv_file: CsvFile) -> None:
    source = csv_file("s.csv", HEADER, "2026-04-13,Rent,-900.00,EUR", "2026-04-31,Fee,-1.00,EUR")
    ended = tieout("run", "--source", source, "--reference", source, "--name", "Rent")
    assert ended.status == 0
    assert "s.csv (csv, utf-8): 2 rows read, 1 accepted, 1 rejected, 0 ignored." in ended.stdout
    assert "of Rent: succeeded." in ended.stdout


@pytest.mark.usefixtures("stored")
def test_migrating_an_up_to_date_database_changes_nothing(tieout: Command) -> None:
    assert tieout("migrate", "--json").document == {"changed": False, "shortfall": None}


@pytest.mark.usefixtures("stored")
def test_the_sample_data_is_loaded_once(tieout: Command) -> None:
    arguments = ("demo", "--load", "--weeks", "1", "--json")
    first, second = tieout(*arguments), tieout(*arguments)
    assert len(first.document["run_ids"]) == 2
    assert first.document == second.document


def test_the_sample_files_are_written_where_one_asks(tieout: Command, tmp_path: Path) -> None:
    told = tieout("demo", tmp_path / "here", "--json").document
    assert {Path(path).name for path in told.values()} == {"gateway.csv", "bank.csv", "billing.csv"}
    assert all(Path(path).is_file() for path in told.values())


def test_a_database_that_is_not_one_is_a_sentence(tieout: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://x/y")
    ended = tieout("migrate")
    assert ended.status == 2
    assert "DATABASE_URL is not the address of a PostgreSQL database." in ended.stderr


@pytest.mark.usefixtures("stored")
def test_a_side_may_be_an_account_of_the_ledger(tieout: Command, engine: Engine, csv_file: CsvFile) -> None:
    ledger = Ledger(engine)
    bank, alice = ledger.open(AccountType.LIABILITY, overdraft=True), ledger.open(metadata={"name": "Alice"})
    ledger.transfer(bank, alice, "500.00", source_txn_id="T1", metadata={"description": "Funding"})
    source = csv_file("s.csv", f"txn id,{HEADER}", "T1,2026-03-31,Funding,500.00,USD", "T2,2026-03-31,Rent,-9.00,USD")
    arguments = ("run", "--source", source, "--reference", "ledger:uae/Alice?from=2026-03-01&to=2026-03-31", "--json")
    first, again = tieout(*arguments), tieout(*arguments)
    assert (first.status, first.document["counts"]["matched"], first.document["cached"]) == (0, 1, False)
    assert first.document["reference"]["file"] == "Ledger uae Alice from 2026-03-01 to 2026-03-31.parquet"
    assert again.document["cached"]
    ledger.transfer(bank, alice, "9.00", source_txn_id="T2")
    changed = tieout(*arguments).document
    assert (changed["cached"], changed["run_id"] > first.document["run_id"]) == (False, True)


@pytest.mark.usefixtures("stored")
def test_an_address_that_leads_nowhere_is_told(tieout: Command, csv_file: CsvFile) -> None:
    source = csv_file("s.csv", HEADER, "2026-03-31,Funding,500.00,USD")
    told = tieout("run", "--source", source, "--reference", "ledger:uae/Nobody")
    assert told.status == 2
    assert "book uae has no account 'Nobody'" in told.stderr
