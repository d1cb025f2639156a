"""OFX as banks write it: open tags, decimal commas, zones, several accounts, pending entries, and cut files."""

from __future__ import annotations

from datetime import date

import pytest

from recon.model.reading import Reading
from tests.ingest.files import column, only_question, read_bytes

HEADER = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:USASCII\nCHARSET:1252\n\n"


def entry(amount: str, posted: str = "20260108120000[-5:EST]", more: str = "<FITID>F1") -> str:
    return f"<STMTTRN><TRNTYPE>DEBIT<DTPOSTED>{posted}<TRNAMT>{amount}\n{more}</STMTTRN>\n"


def account(number: str, *entries: str, currency: str = "USD", closing: str = "10.00") -> str:
    return (
        f"<STMTTRNRS><STMTRS><CURDEF>{currency}<BANKACCTFROM><BANKID>1<ACCTID>{number}</BANKACCTFROM>"
        f"<BANKTRANLIST><DTSTART>20260101{''.join(entries)}</BANKTRANLIST>"
        f"<LEDGERBAL><BALAMT>{closing}<DTASOF>20260131</LEDGERBAL></STMTRS></STMTTRNRS>"
    )


def read(*accounts: str, header: str = HEADER, **answers: str) -> Reading:
    text = f"{header}<OFX><BANKMSGSRSV1>{''.join(accounts)}</BANKMSGSRSV1></OFX>"
    return read_bytes(text.encode("cp1252"), filename="export.ofx", **answers)


def test_an_entry_with_open_tags_is_a_transaction() -> None:
    said = "<FITID>F-1<CHECKNUM>1001<NAME>Smith &amp; Sons<MEMO>Invoice 9"
    reading = read(account("ACC-1", entry("-12.50", more=said)))
    assert column(reading, "amount") == [-1250]
    assert column(reading, "date") == [date(2026, 1, 8)]
    assert column(reading, "txn_id") == ["F-1"]
    assert column(reading, "payment_ref") == ["1001"]
    assert column(reading, "counterparty") == ["Smith & Sons"]
    assert column(reading, "description") == ["Invoice 9"]
    (known,) = reading.accounts
    assert (known.number, known.currency, known.closing, known.closed_on) == ("ACC-1", "USD", 1000, date(2026, 1, 31))


@pytest.mark.parametrize(
    ("written", "minor"),
    [("+5", 500), ("-3,25", -325), (" 1.5 ", 150), (".46", 46), ("1,234.50", 123450), ("1.234,50", 123450),
     ("12.5000", 1250), ("-0", 0)],
)  # fmt: skip
def test_an_amount_may_be_written_in_any_of_these_ways(written: str, minor: int) -> None:
    assert column(read(account("A", entry(written))), "amount") == [minor]


@pytest.mark.parametrize("written", ["1,234", "abc", "", "1.2.3", "--5"])
def test_an_amount_that_could_be_two_is_a_reject(written: str) -> None:
    reading = read(account("A", entry(written), entry("1.00", more="<FITID>F2")))
    assert (reading.rows_accepted, len(reading.rejects)) == (1, 1)


def test_an_impossible_day_is_a_reject() -> None:
    assert [reject.code for reject in read(account("A", entry("1.00", "20260230"))).rejects] == ["DATE_IMPOSSIBLE"]


def test_the_type_does_not_change_the_sign_and_the_xml_form_is_the_same() -> None:
    xml = '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="211"?>\n'
    closed = "<STMTTRN><TRNTYPE>DEBIT</TRNTYPE><DTPOSTED>20260108</DTPOSTED><TRNAMT>7.00</TRNAMT></STMTTRN>"
    assert column(read(account("A", closed), header=xml), "amount") == [700]


def test_a_bank_s_windows_letters_are_read_as_the_header_says() -> None:
    reading = read(account("A", entry("1.00", more="<NAME>Café €")))
    assert (column(reading, "counterparty"), reading.encoding) == (["Café €"], "cp1252")


def test_several_accounts_are_asked_about() -> None:
    two = (account("A", entry("1.00")), account("B", entry("2.00"), currency="EUR"))
    assert only_question(read(*two)).code == "ACCOUNT"
    assert column(read(*two, ACCOUNT="B"), "amount") == [200]


def test_an_amount_in_another_currency_keeps_it_and_a_converted_one_is_the_account_s() -> None:
    own = entry("1.00", more="<CURRENCY><CURRATE>1.1<CURSYM>EUR</CURRENCY>")
    converted = entry("2.00", more="<ORIGCURRENCY><CURRATE>1.1<CURSYM>EUR</ORIGCURRENCY>")
    assert column(read(account("A", own, converted)), "currency") == ["EUR", "USD"]


def test_pending_entries_and_trades_are_counted_and_left_out() -> None:
    pending = "<STMTTRNP><TRNTYPE>DEBIT<DTTRAN>20260108<TRNAMT>-9.00</STMTTRNP>"
    trade = "<BUYSTOCK><INVBUY><INVTRAN><FITID>T1</INVTRAN><UNITS>5</INVBUY></BUYSTOCK>"
    reading = read(account("A", entry("1.00"), pending, trade))
    assert (reading.rows_accepted, reading.rows_ignored) == (1, 1)
    assert "TRADES_LEFT_OUT" in {note.code for note in reading.notes}


def test_a_cut_file_is_refused_whole() -> None:
    text = f"{HEADER}<OFX><BANKMSGSRSV1>{account('A', entry('1.00'))}"
    refused = read_bytes(text.encode()).refused
    assert refused is not None
    assert refused.code == "FILE_DAMAGED"
