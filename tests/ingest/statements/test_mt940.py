"""MT940 and MT942 as banks write them: marks, entry dates, remittance dialects, and balances that do not close."""

from __future__ import annotations

from datetime import date

import pytest

from recon.model.reading import Reading
from tests.ingest.files import column, only_question, read_bytes

STATEMENT = """{{1:F01BANKDEFFAXXX0000000000}}{{2:I940BANKDEFFXXXXN}}{{4:
:20:STARTUMSE
:25:10020030/1234567890
:28C:12/1
:60F:C260105EUR1000,00
{entries}
:62F:C260131EUR{closing}
-}}"""


def read(entries: str, closing: str, **answers: str) -> Reading:
    data = STATEMENT.format(entries=entries, closing=closing).encode()
    return read_bytes(data, filename="statement.sta", **answers)


def test_an_entry_is_a_transaction_and_its_balances_close() -> None:
    reading = read(
        ":61:2601070108D12,5NTRFRE-7//BANK-1\n:86:166?00SEPA transfer?20EREF+INV-9?21SVWZ+Invoice 9 of J?22anuary"
        "?32Acme?33 GmbH\n:61:260110C100,NTRFNONREF\n:86:Cash deposit",
        "1087,5",
    )
    assert column(reading, "amount") == [-1250, 10000]
    assert column(reading, "date") == [date(2026, 1, 8), date(2026, 1, 10)]
    assert column(reading, "payment_ref") == ["INV-9", None]
    assert column(reading, "txn_id") == ["BANK-1", None]
    assert column(reading, "description") == ["Invoice 9 of January", "Cash deposit"]
    assert column(reading, "counterparty") == ["Acme GmbH", None]
    assert column(reading, "kind") == ["SEPA transfer", "NTRF"]
    assert column(reading, "line") == [6, 8]
    (account,) = reading.accounts
    assert (account.number, account.opening, account.closing, account.row_count) == (
        "10020030/1234567890",
        100000,
        108750,
        2,
    )
    assert [control.agrees for control in reading.controls] == [True]


@pytest.mark.parametrize(("mark", "amount"), [("C", 100), ("D", -100), ("RC", -100), ("RD", 100)])
def test_a_reversal_turns_its_mark_round(mark: str, amount: int) -> None:
    reading = read(f":61:260107{mark}1,00NMSCNONREF", f"{(100000 + amount) / 100:.2f}".replace(".", ","))
    assert column(reading, "amount") == [amount]


def test_what_is_only_expected_moved_nothing_and_is_counted() -> None:
    reading = read(":61:260107EC1,00NMSCNONREF\n:61:260107C2,00NMSCNONREF", "1002,00")
    assert column(reading, "amount") == [200]
    assert (reading.rows_read, reading.rows_ignored) == (2, 1)


def test_a_balance_that_does_not_close_is_asked_about_and_can_be_accepted() -> None:
    question = only_question(read(":61:260107C2,00NMSCNONREF", "1003,00"))
    assert question.code == "CONTROL_TOTAL"
    assert "Statement 12/1 of 10020030/1234567890: opening balance 1000.00 and movements 2.00" in question.text
    accepted = read(":61:260107C2,00NMSCNONREF", "1003,00", CONTROL_TOTAL="accept")
    assert accepted.rows_accepted == 1
    assert [(c.agrees, c.is_accepted, c.stated - c.found) for c in accepted.controls] == [(False, True, 100)]


@pytest.mark.parametrize(
    ("entry", "booked"),
    [
        ("2512310102", "2026-01-02"),
        ("2601021231", "2025-12-31"),
        ("2601070230", "2026-01-07"),
        ("260107", "2026-01-07"),
    ],
)
def test_an_entry_date_is_the_one_nearest_to_the_value_date(entry: str, booked: str) -> None:
    reading = read(f":61:{entry}C2,00NMSCNONREF", "1002,00")
    assert column(reading, "date") == [date.fromisoformat(booked)]


def test_a_line_that_is_no_entry_is_a_reject_with_its_reason() -> None:
    reading = read(":61:26010XC2,00NMSC\n:61:260230C2,00NMSC\n:61:260107C2,00NMSCNONREF", "1002,00")
    assert [(reject.line, reject.code) for reject in reading.rejects] == [(6, "STATEMENT_LINE"), (7, "DATE_IMPOSSIBLE")]
    assert reading.rows_accepted == 1


def test_dutch_pairs_give_reference_name_and_text() -> None:
    said = "/EREF/E2E-1//CNTP/NL69INGB0123456789/INGBNL2A/J. Jansen///REMI/USTD//Factuur 12\n3/"
    reading = read(f":61:260107C2,00NMSCNONREF\n:86:{said}", "1002,00")
    assert column(reading, "payment_ref") == ["E2E-1"]
    assert column(reading, "description") == ["Factuur 123"]
    assert column(reading, "counterparty") == ["J. Jansen"]


def test_dialects_with_long_references_and_empty_forward_balances_are_read() -> None:
    reading = read(":61:260107D0,01NTRFNL47INGB0123456789\nhr j jansen", "999,99\n:65:Dnullnull")
    assert column(reading, "amount") == [-1]
    assert column(reading, "payment_ref") == ["NL47INGB0123456789"]
    assert column(reading, "description") == ["hr j jansen"]


def test_a_file_of_several_accounts_asks_which_and_keeps_the_others_apart() -> None:
    one = ":20:A\n:25:ACC-1EUR\n:28C:1\n:60F:C260105EUR1,00\n:61:260107C2,00NMSC\n:62F:C260131EUR3,00\n-\n"
    two = ":20:B\n:25:ACC-2\n:28C:1\n:60F:C260105USD1,00\n:61:260107D0,50NMSC\n:62F:C260131USD0,50\n-\n"
    data = (one + two).encode()
    question = only_question(read_bytes(data))
    assert [choice.value for choice in question.choices] == ["ACC-1", "ACC-2", "all"]
    reading = read_bytes(data, ACCOUNT="ACC-2")
    assert column(reading, "amount") == [-50]
    assert (reading.rows_read, reading.rows_ignored) == (2, 1)
    assert [account.number for account in reading.accounts] == ["ACC-1", "ACC-2"]
    assert column(read_bytes(data, ACCOUNT="all"), "currency") == ["EUR", "USD"]


def test_an_interim_report_states_counts_and_sums_instead_of_balances() -> None:
    text = ":20:X\n:25:ACC\n:28C:1\n:34F:EURD0,\n:13D:2601071200+0100\n{}:90D:1EUR5,00\n:90C:1EUR2,00\n-\n"
    entries = ":61:260107C2,00NMSC\n:61:260107D5,00NMSC\n"
    assert all(control.agrees for control in read_bytes(text.format(entries).encode()).controls)
    question = only_question(read_bytes(text.format(":61:260107C2,00NMSC\n").encode()))
    assert "states 2 entries; 1 were found" in question.text


def test_three_decimals_are_decimals_where_the_currency_has_them() -> None:
    text = ":20:X\n:25:ACC\n:28C:1\n:60F:C260105KWD1,000\n:61:260107C1,234NMSC\n:62F:C260131KWD2,234\n-\n"
    assert column(read_bytes(text.encode()), "amount") == [1234]


def test_a_statement_without_its_closing_balance_may_be_cut_short() -> None:
    text = ":20:X\n:25:ACC\n:28C:1\n:60F:C260105EUR1,00\n:61:260107C2,00NMSC\n"
    question = only_question(read_bytes(text.encode()))
    assert (question.code, "cut short" in question.text) == ("CONTROL_TOTAL", True)
