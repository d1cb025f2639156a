"""camt messages: signs, batches, states, versions, balances, reversals, and XML that means harm."""

from __future__ import annotations

from datetime import date

import pytest

from recon.model.reading import Reading
from tests.ingest.files import column, only_question, read_bytes

V2 = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"


def entry(
    amount: str, direction: str, more: str = "", *, status: str = "<Sts>BOOK</Sts>", currency: str = "EUR"
) -> str:
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{direction}</CdtDbtInd>{status}'
        f"<BookgDt><Dt>2026-01-08</Dt></BookgDt><ValDt><Dt>2026-01-07</Dt></ValDt>{more}</Ntry>"
    )


def balance(code: str, amount: str, direction: str = "CRDT") -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='EUR'>{amount}</Amt>"
        f"<CdtDbtInd>{direction}</CdtDbtInd><Dt><Dt>2026-01-31</Dt></Dt></Bal>"
    )


def detail(reference: str, amount: str = "", name: str = "", role: str = "Dbtr", text: str = "") -> str:
    money = f'<Amt Ccy="EUR">{amount}</Amt>' if amount else ""
    party = f"<RltdPties><{role}><Nm>{name}</Nm></{role}></RltdPties>" if name else ""
    remitted = f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf>" if text else ""
    return f"<TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs>{money}{party}{remitted}</TxDtls>"


def message(*parts: str, namespace: str = V2, root: str = "BkToCstmrStmt", of: str = "Stmt") -> bytes:
    account = "<Acct><Id><IBAN>DE02100100100006820101</IBAN></Id><Ccy>EUR</Ccy></Acct>"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="{namespace}"><{root}><{of}><Id>7</Id>{account}'
        f"{''.join(parts)}</{of}></{root}></Document>"
    ).encode()


def read(*parts: str, **answers: str) -> Reading:
    return read_bytes(message(*parts), filename="statement.xml", **answers)


def test_an_entry_is_signed_by_its_direction_and_told_by_its_details() -> None:
    details = f"<NtryDtls>{detail('INV-9', name='Acme', text='Invoice 9')}</NtryDtls>"
    reading = read(
        balance("OPBD", "100.00"),
        entry("12.50", "CRDT", f"<AcctSvcrRef>B-1</AcctSvcrRef>{details}"),
        entry("2.50", "DBIT", "<AddtlNtryInf>Fee</AddtlNtryInf>"),
        balance("CLBD", "110.00"),
    )
    assert column(reading, "amount") == [1250, -250]
    assert column(reading, "date") == [date(2026, 1, 8)] * 2
    assert column(reading, "payment_ref") == ["INV-9", None]
    assert column(reading, "txn_id") == ["B-1", None]
    assert column(reading, "counterparty") == ["Acme", None]
    assert column(reading, "description") == ["Invoice 9", "Fee"]
    assert [control.agrees for control in reading.controls] == [True]
    assert [account.number for account in reading.accounts] == ["DE02100100100006820101"]


def test_a_batch_whose_details_sum_to_it_becomes_one_row_each() -> None:
    details = f"<NtryDtls><Btch><PmtInfId>RUN-1</PmtInfId></Btch>{detail('A', '1.00')}{detail('B', '2.00')}</NtryDtls>"
    reading = read(entry("3.00", "DBIT", f"<AcctSvcrRef>B-1</AcctSvcrRef>{details}"))
    assert column(reading, "amount") == [-100, -200]
    assert column(reading, "payment_ref") == ["A", "B"]
    assert column(reading, "group_id") == ["RUN-1", "RUN-1"]
    assert column(reading, "txn_id") == [None, None]


@pytest.mark.parametrize("second", ["2.50", ""])
def test_a_batch_whose_details_do_not_sum_to_it_stays_one_entry(second: str) -> None:
    reading = read(entry("3.00", "CRDT", f"<NtryDtls>{detail('A', '1.00')}{detail('B', second)}</NtryDtls>"))
    assert column(reading, "amount") == [300]


def test_only_booked_entries_moved_anything() -> None:
    reading = read(
        entry("1.00", "CRDT", status="<Sts><Cd>BOOK</Cd></Sts>"),
        entry("2.00", "CRDT", status="<Sts>PDNG</Sts>"),
        entry("4.00", "CRDT", status="<Sts><Cd>INFO</Cd></Sts>"),
    )
    assert column(reading, "amount") == [100]
    assert (reading.rows_read, reading.rows_ignored) == (3, 2)


def test_a_reversal_keeps_its_sign_and_is_turned_only_where_the_balance_says_so() -> None:
    turned = entry("5.00", "CRDT", "<RvslInd>true</RvslInd>")
    assert column(read(balance("OPBD", "10.00"), turned, balance("CLBD", "15.00")), "amount") == [500]
    reading = read(balance("OPBD", "10.00"), turned, balance("CLBD", "5.00"))
    assert column(reading, "amount") == [-500]
    assert "REVERSALS_TURNED" in {note.code for note in reading.notes}


def test_a_balance_that_does_not_close_is_asked_about() -> None:
    question = only_question(read(balance("OPBD", "10.00"), entry("5.00", "CRDT"), balance("CLBD", "16.00")))
    assert question.code == "CONTROL_TOTAL"


def test_an_overdrawn_balance_is_below_zero() -> None:
    reading = read(balance("PRCD", "10.00", "DBIT"), entry("15.00", "CRDT"), balance("CLBD", "5.00"))
    assert [control.agrees for control in reading.controls] == [True]


@pytest.mark.parametrize(
    ("namespace", "root", "of"),
    [
        ("urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", "BkToCstmrStmt", "Stmt"),
        ("urn:iso:std:iso:20022:tech:xsd:camt.052.001.02", "BkToCstmrAcctRpt", "Rpt"),
        ("", "BkToCstmrDbtCdtNtfctn", "Ntfctn"),
    ],
)
def test_every_version_and_message_is_read(namespace: str, root: str, of: str) -> None:
    data = message(entry("1.00", "CRDT"), namespace=namespace, root=root, of=of)
    assert column(read_bytes(data), "amount") == [100]


def test_an_entry_without_a_direction_is_a_reject() -> None:
    reading = read(entry("1.00", "CRDT"), entry("1.00", "WHAT"))
    assert [(reject.line, reject.code) for reject in reading.rejects] == [(2, "STATEMENT_ENTRY")]


def test_money_of_another_precision_is_a_reject() -> None:
    reading = read(entry("1.005", "CRDT"), entry("1.00", "CRDT"))
    assert [reject.code for reject in reading.rejects] == ["AMOUNT_PRECISION"]


def test_a_cut_file_is_refused_whole() -> None:
    refused = read_bytes(message(entry("1.00", "CRDT"))[:-30]).refused
    assert refused is not None
    assert refused.code == "FILE_DAMAGED"


def test_entities_are_refused() -> None:
    bomb = message(entry("1.00", "CRDT")).replace(b"<Document", b'<!DOCTYPE x [<!ENTITY a "b">]><Document', 1)
    refused = read_bytes(bomb).refused
    assert refused is not None
    assert refused.code == "FILE_ENTITIES"


def test_utf16_says_so_itself() -> None:
    text = message(entry("1.00", "CRDT", "<AddtlNtryInf>Zürich</AddtlNtryInf>")).decode().replace("UTF-8", "UTF-16")
    assert column(read_bytes(text.encode("utf-16")), "description") == ["Zürich"]
