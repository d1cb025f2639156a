"""BAI2: signs by type code, funds types, continued texts, exponents, and trailers that do not add up."""

from __future__ import annotations

import pytest

from recon.model.reading import Reading
from tests.ingest.files import column, only_question, read_bytes


def file(
    *details: str, currency: str = "", balances: str = "010,100000,,,015,112500,,", total: int | None = None
) -> str:
    amounts = [int(line.split(",")[2]) for line in details if line.startswith("16") and line.split(",")[2]]
    stated = [int(part) for part in balances.split(",")[1::4] if part]
    total = sum(amounts) + sum(stated) if total is None else total
    account = [f"03,ACC-1,{currency},{balances}/", *details]
    account.append(f"49,{total},{len(account) + 1}/")
    group = ["02,ME,BANK,1,260131,,USD,2/", *account]
    group.append(f"98,{total},1,{len(group) + 1}/")
    whole = ["01,BANK,ME,260131,0800,1,,,2/", *group]
    whole.append(f"99,{total},1,{len(whole) + 1}/")
    return "\n".join(whole) + "\n"


def read(text: str, **answers: str) -> Reading:
    return read_bytes(text.encode(), filename="report.bai", **answers)


def test_a_detail_is_signed_by_its_type_and_everything_adds_up() -> None:
    details = ("16,165,15000,,BANK-1,CUST-1,Deposit, of cash/ today", "16,475,2500,,BANK-2,,Check 1001/")
    reading = read(file(*details))
    assert column(reading, "amount") == [15000, -2500]
    assert column(reading, "currency") == ["USD", "USD"]
    assert column(reading, "txn_id") == ["BANK-1", "BANK-2"]
    assert column(reading, "payment_ref") == ["CUST-1", None]
    assert column(reading, "description") == ["Deposit, of cash/ today", "Check 1001"]
    assert column(reading, "line") == [4, 5]
    assert all(control.agrees for control in reading.controls)
    assert len(reading.controls) == 9
    (account,) = reading.accounts
    assert (account.number, account.opening, account.closing) == ("ACC-1", 100000, 112500)


@pytest.mark.parametrize("funds", ["S,100,200,300", "V,260201,1200", "D,2,0,100,1,200", "Z", "1", ""])
def test_what_a_funds_type_brings_is_no_reference(funds: str) -> None:
    reading = read(file(f"16,165,12500,{funds},BANK-1,CUST-1,text"))
    assert column(reading, "txn_id") == ["BANK-1"]
    assert column(reading, "payment_ref") == ["CUST-1"]


def test_a_text_goes_on_in_the_records_below() -> None:
    reading = read(file("16,165,12500,,BANK-1,,first words", "88,and more of it", "88,to the end"))
    assert column(reading, "description") == ["first words and more of it to the end"]


def test_fields_go_on_behind_a_slash() -> None:
    reading = read(file("16,165,12500,/", "88,BANK-1,CUST-1,text"))
    assert column(reading, "txn_id") == ["BANK-1"]


def test_minor_units_are_those_of_the_currency() -> None:
    yen = read(file("16,165,12500,,B,,x", currency="JPY"))
    assert column(yen, "amount") == [12500]
    assert column(yen, "currency") == ["JPY"]
    assert column(read(file("16,165,12500,,B,,x", currency="KWD")), "amount") == [12500]


def test_a_detail_of_no_direction_is_a_reject_and_one_without_an_amount_is_counted() -> None:
    reading = read(file("16,165,12500,,B,,x", "16,900,5,,B,,custom", "16,890,,,B,,a remark"))
    assert [reject.code for reject in reading.rejects] == ["STATEMENT_ENTRY"]
    assert (reading.rows_read, reading.rows_accepted, reading.rows_ignored) == (3, 1, 1)


def test_a_control_total_or_count_that_differs_is_asked_about() -> None:
    good = "16,165,12500,,B,,x"
    assert "states a control total of 5" in only_question(read(file(good, total=5))).text
    lost = file(good, "16,165,100,,B,,y", balances="").replace("16,165,100,,B,,y\n", "")
    assert "records" in only_question(read(lost)).text
    assert only_question(read(file(good, balances="010,0,,,015,1,,"))).code == "CONTROL_TOTAL"


def test_a_file_without_its_trailer_is_refused() -> None:
    refused = read(file("16,165,12500,,B,,x").rpartition("99,")[0]).refused
    assert refused is not None
    assert refused.code == "FILE_DAMAGED"
