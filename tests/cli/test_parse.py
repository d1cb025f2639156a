"""`parse` tells what was read, what was not, and what is to be decided; scripts can rely on its words and status."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from recon.demo import DemoFiles
from tests.cli.conftest import Command

CsvFile = Callable[..., Path]
HEADS = ["Zeit", "Zweck", "Summe X", "W"]
HEADER = "date,description,amount,currency"


def test_the_document_has_the_keys_scripts_rely_on(tieout: Command, sample: DemoFiles) -> None:
    ended = tieout("parse", sample.bank, "--json")
    told = ended.document
    contract = {"format", "encoding", "rows", "totals", "rejects", "questions", "refused"}
    assert ended.status == 0
    assert contract <= set(told)
    assert set(told["rows"]) == {"read", "accepted", "rejected", "ignored"}
    assert set(told["totals"][0]) == {
        *("currency", "transactions", "credits", "debits", "first_date", "last_date"),
    }
    assert set(told["rejects"][0]) == {"line", "column", "value", "code", "problem"}
    assert told["refused"] is None
    assert told["questions"] == []


def test_credits_and_debits_are_positive_decimal_strings(tieout: Command, csv_file: CsvFile) -> None:
    path = csv_file(
        "a.csv", HEADER, "2026-03-13,in,1250.50,EUR", "2026-03-14,out,-20.00,EUR", "2026-03-15,yen,1500,JPY"
    )
    totals = tieout("parse", path, "--json").document["totals"]
    assert totals == [
        {"currency": "EUR", "transactions": 2, "credits": "1250.50", "debits": "20.00"}
        | {"first_date": "2026-03-13", "last_date": "2026-03-14"},
        {"currency": "JPY", "transactions": 1, "credits": "1500", "debits": "0"}
        | {"first_date": "2026-03-15", "last_date": "2026-03-15"},
    ]


def test_a_reject_names_its_physical_line(tieout: Command, sample: DemoFiles) -> None:
    told = tieout("parse", sample.billing, "--json").document
    assert {reject["line"] for reject in told["rejects"]} == sample.period.billing.reject_lines()


def test_an_open_question_ends_with_3_and_its_answer_with_0(tieout: Command, csv_file: CsvFile) -> None:
    path = csv_file("a.csv", HEADER, "03/04/2026,rent,-900.00,EUR", "05/04/2026,fee,-1.00,EUR")
    asked = tieout("parse", path, "--json")
    (question,) = asked.document["questions"]
    assert asked.status == 3
    assert set(question) >= {"code", "column", "choices", "examples"}
    answer = f"{question['code']}={question['choices'][0]}"
    answered = tieout("parse", path, "--answer", answer, "--json")
    assert answered.status == 0
    assert answered.document["totals"][0]["first_date"] == "2026-04-03"


def test_the_question_on_screen_says_how_to_answer_it(tieout: Command, csv_file: CsvFile) -> None:
    path = csv_file("a.csv", HEADER, "03/04/2026,rent,-900.00,EUR")
    ended = tieout("parse", path)
    assert ended.status == 3
    assert "--answer DAY_MONTH_ORDER=DMY" in ended.stdout
    assert "line 2: date = 03/04/2026" in ended.stdout


def test_a_file_that_is_none_is_refused_with_2(tieout: Command, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 20)
    ended = tieout("parse", path, "--json")
    assert ended.status == 2
    assert set(ended.document["refused"]) == {"code", "problem"}


def test_a_missing_file_is_one_sentence(tieout: Command) -> None:
    ended = tieout("parse", "nowhere.csv", "--json")
    assert (ended.status, ended.stdout) == (2, "")
    assert ended.stderr == "nowhere.csv is not there. Check the name and try again.\n"


def test_a_folder_is_no_file(tieout: Command, tmp_path: Path) -> None:
    assert "is a folder, not a file" in tieout("parse", tmp_path).stderr


@pytest.mark.parametrize("answer", ["DAY_MONTH_ORDER", "=DMY"])
def test_an_answer_without_code_or_choice_is_explained(tieout: Command, sample: DemoFiles, answer: str) -> None:
    ended = tieout("parse", sample.bank, "--answer", answer)
    assert ended.status == 2
    assert "Write it as --answer CODE=CHOICE." in ended.stderr


def test_a_currency_can_be_given(tieout: Command, csv_file: CsvFile) -> None:
    path = csv_file("a.csv", "date,description,amount", "2026-03-13,in,1234.500")
    totals = tieout("parse", path, "--currency", "KWD", "--json").document["totals"]
    assert [(total["currency"], total["credits"]) for total in totals] == [("KWD", "1234.500")]


def test_a_mapping_says_which_column_means_what(tieout: Command, csv_file: CsvFile) -> None:
    path = csv_file("a.csv", ",".join(HEADS), "2026-03-13,in,12.34,EUR")
    mapping = csv_file(
        "m.toml",
        f"header = {HEADS}",
        "[roles]",
        'date = "Zeit"',
        'description = "Zweck"',
        'amount = "Summe X"',
        'currency = "W"',
    )
    ended = tieout("parse", path, "--mapping", mapping, "--json")
    assert ended.status == 0, ended.stdout
    assert ended.document["totals"][0]["credits"] == "12.34"


def test_a_misspelt_key_of_a_mapping_is_told_with_the_nearest(
    tieout: Command, csv_file: CsvFile, sample: DemoFiles
) -> None:
    ended = tieout("parse", sample.bank, "--mapping", csv_file("m.toml", "[role]", 'date = "Date"'))
    assert ended.status == 2
    assert ended.stderr == "m.toml has role, which we do not know. Did you mean roles?\n"


def test_a_misspelt_role_of_a_mapping_is_told_with_the_nearest(
    tieout: Command, csv_file: CsvFile, sample: DemoFiles
) -> None:
    ended = tieout("parse", sample.bank, "--mapping", csv_file("m.toml", "[roles]", 'ammount = "Date"'))
    assert ended.status == 2
    assert ended.stderr == "m.toml, roles, has ammount, which we do not know. Did you mean amount?\n"


def test_a_mapping_without_a_header_finds_it_by_its_roles(tieout: Command, csv_file: CsvFile) -> None:
    path = csv_file("a.csv", "Konto 7", ",".join(HEADS), "2026-03-13,in,12.34,EUR")
    mapping = csv_file("m.toml", "[roles]", 'date = "Zeit"', 'amount = "Summe X"', 'currency = "W"')
    assert tieout("parse", path, "--mapping", mapping, "--json").document["totals"][0]["credits"] == "12.34"


def test_control_characters_of_a_file_do_not_reach_the_terminal(tieout: Command, csv_file: CsvFile) -> None:
    path = csv_file("a.csv", HEADER, "2026-03-13,x,\x1b[31m12,EUR", "2026-03-14,y,1.00,EUR", "2026-03-15,z,2.00,EUR")
    ended = tieout("parse", path)
    assert "\x1b" not in ended.stdout
    assert "\ufffd[31m12" in ended.stdout


def test_a_statement_tells_its_accounts_and_controls(tieout: Command, csv_file: CsvFile) -> None:
    fields = (":20:X", ":25:ACC", ":28C:1/2", ":60F:C260105EUR1,00", ":61:260107D0,50NMSC", ":62F:C260131EUR0,50", "-")
    told = tieout("parse", csv_file("a.sta", *fields), "--json").document
    assert told["format"] == "mt940"
    assert told["accounts"] == [
        {"account": "ACC", "currency": "EUR", "transactions": 1, "total": "-0.50"}
        | {"opening_balance": "1.00", "opened_on": "2026-01-05"}
        | {"closing_balance": "0.50", "closed_on": "2026-01-31"}
    ]
    (control,) = told["controls"]
    assert (control["kind"], control["stated"], control["found"], control["agrees"]) == (
        "balance",
        "0.50",
        "0.50",
        True,
    )


def test_the_formats_are_listed_without_a_file(tieout: Command) -> None:
    ended = tieout("parse", "--list-formats")
    assert ended.status == 0
    assert all(name in ended.stdout for name in ("stripe_itemized", "mt940", "camt", "csv"))
