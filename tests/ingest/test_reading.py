"""A whole reading: rows add up, a mapping brings the same answers back, and drifted headers stop."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from recon.ingest import read_file
from recon.ingest.detect import MAX_FILE_BYTES
from recon.ingest.findings import ACCEPTED
from recon.model.reading import Mapping
from recon.model.transactions import TRANSACTION_SCHEMA
from tests.hostile.make import corpus
from tests.ingest.files import TODAY, column, only_question, read_bytes, read_lines

SMALL = [case for case in corpus() if len(case.data) < 20_000]
CUTS = st.sampled_from(
    [b"", b'"', b",", b"\n", b"\r", b";", b"'", b"\x00", b"\xff", b"total", b"\xc3\xa9", b"#", b"12"]
)


def test_a_plain_export_becomes_transactions() -> None:
    reading = read_lines("""
        id,date,amount,currency,description,customer,fee,type,payout_id,invoice
        T1,2026-01-05,"1,234.50",eur,Coffee,Ann,0.30,charge,po_1,INV-1
        T2,2026-01-06,-5,JPY,Refund,Bob,,refund,,
    """)
    first, second = reading.table.to_pylist()
    assert reading.table.schema == TRANSACTION_SCHEMA
    assert first == {
        "line": 2,
        "txn_id": "T1",
        "payment_ref": "INV-1",
        "date": date(2026, 1, 5),
        "at": None,
        "amount": 123450,
        "currency": "EUR",
        "description": "Coffee",
        "counterparty": "Ann",
        "group_id": "po_1",
        "fee": 30,
        "kind": "charge",
    }
    assert (second["amount"], second["currency"], second["fee"], second["payment_ref"]) == (-5, "JPY", None, None)


def test_an_instant_with_a_zone_is_kept_beside_its_date() -> None:
    reading = read_lines("created,amount_zar\n2026-01-05T23:30:00-02:00,1.00\n")
    assert column(reading, "at") == [datetime(2026, 1, 6, 1, 30, tzinfo=UTC)]
    assert column(reading, "date") == [date(2026, 1, 5)]


def test_bad_rows_never_hold_up_good_ones() -> None:
    reading = read_lines("""
        date,amount,currency
        2026-01-05,1.00,EUR
        2026-02-30,1.00,EUR
        2026-01-06,one,EUR
        2026-01-07,2.00,EURO DOLLAR
        2026-01-08,3.00
        2026-01-09,4.00,EUR
    """)
    assert column(reading, "line") == [2, 7]
    assert [(r.line, r.column, r.value, r.code) for r in reading.rejects] == [
        (3, "date", "2026-02-30", "DATE_IMPOSSIBLE"),
        (4, "amount", "one", "AMOUNT_NOT_A_NUMBER"),
        (5, "currency", "EURO DOLLAR", "CURRENCY_UNKNOWN"),
        (6, None, "2026-01-08 | 3.00", "ROW_COLUMNS"),
    ]
    assert (reading.rows_read, reading.rows_accepted, reading.rows_rejected, reading.rows_ignored) == (6, 2, 4, 0)


def test_a_long_raw_value_is_clipped() -> None:
    (reject,) = read_lines(f"date,amount,currency\n2026-01-05,{'9' * 5000},EUR\n").rejects
    assert reject.value == "9" * 200


ASKED = """
    date,amount,D/C
    03/04/2026,"1,234",Zz
    05/06/2026,"5,678",D
"""
ANSWERS = {"DAY_MONTH_ORDER": "DMY", "DECIMAL_MARK": ",", "CURRENCY": "KWD", "SIGN_MODEL": "Zz=in"}


def test_answers_settle_the_questions_and_the_mapping_keeps_them() -> None:
    reading = read_lines(ASKED, **ANSWERS)
    assert column(reading, "amount") == [1234, -5678]
    assert column(reading, "date") == [date(2026, 4, 3), date(2026, 6, 5)]
    again = read_lines(ASKED, mapping=reading.mapping)
    assert again.table.equals(reading.table)
    assert again.mapping == reading.mapping


def test_what_one_file_proved_is_known_for_the_next_one() -> None:
    proven = read_lines('date,amount\n25/04/2026,"1.234,50"\n', currency="EUR")
    assert column(proven, "amount") == [123450]
    next_month = read_lines("date,amount\n03/05/2026,1.234\n", mapping=proven.mapping)
    assert column(next_month, "amount") == [123400]
    assert column(next_month, "date") == [date(2026, 5, 3)]


def test_an_answer_that_is_no_choice_asks_again() -> None:
    question = only_question(read_lines("date,amount\n2026-01-05,1.00\n", CURRENCY="bananas"))
    assert question.code == "CURRENCY"
    assert "'bananas'" in question.text


def test_an_answer_about_one_word_says_nothing_about_another() -> None:
    text = "date,amount,D/C,currency\n2026-01-05,1.00,{},EUR\n"
    mapping = read_lines(text.format("Zz"), SIGN_MODEL="Zz=out").mapping
    assert only_question(read_lines(text.format("Yy"), mapping=mapping)).code == "SIGN_MODEL"


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("date,net_amount,currency", "Renamed: amount is now net_amount."),
        ("date,currency", "Missing: amount."),
        ("date,amount,currency,branch", "New: branch."),
        ("currency,date,amount", "They stand in another order."),
    ],
)
def test_a_drifted_header_stops_and_shows_what_changed(header: str, said: str) -> None:
    mapping = Mapping(roles={"date": "date", "amount": "amount"}, header=("date", "amount", "currency"))
    row = ",".join(
        {"date": "2026-01-05", "currency": "EUR", "branch": "x"}.get(name, "1.00") for name in header.split(",")
    )
    question = only_question(read_lines(f"{header}\n{row}\n", mapping=mapping, HEADER="1"))
    assert question.code == "HEADER_CHANGED"
    assert said in question.text


def test_an_accepted_change_is_the_new_mapping() -> None:
    mapping = Mapping(roles={"date": "date", "amount": "amount"}, header=("date", "amount", "currency"))
    text = "date,amount,currency,branch\n2026-01-05,1.00,EUR,x\n"
    reading = read_lines(text, mapping=mapping, HEADER_CHANGED="accept")
    assert column(reading, "amount") == [100]
    assert reading.mapping.header == ("date", "amount", "currency", "branch")
    assert column(read_lines(text, mapping=reading.mapping), "amount") == [100]


def test_roles_of_the_mapping_stand_before_the_names() -> None:
    text = "date,gross,net,currency\n2026-01-05,10.00,9.70,EUR\n"
    assert column(read_lines(text, mapping=Mapping(roles={"amount": "net"})), "amount") == [970]


def test_a_total_accepted_once_is_not_accepted_for_another_file() -> None:
    text = "date,amount,currency\n2026-01-05,1.00,EUR\nTotal,{},\n"
    accepted = read_lines(text.format("2.00"), CONTROL_TOTAL=ACCEPTED)
    assert accepted.rows_accepted == 1
    assert read_lines(text.format("2.00"), mapping=accepted.mapping).rows_accepted == 1
    assert only_question(read_lines(text.format("3.00"), mapping=accepted.mapping)).code == "CONTROL_TOTAL"


def test_debits_and_credits_of_a_total_row_are_checked_apart() -> None:
    text = "date,debit,credit,currency\n2026-01-05,1.00,,EUR\n2026-01-06,,3.00,EUR\nTotal,{},\n"
    assert read_lines(text.format("1.00,3.00")).rows_accepted == 2
    assert only_question(read_lines(text.format("1.00,2.00"))).code == "CONTROL_TOTAL"


def test_totals_of_pages_are_checked_page_by_page() -> None:
    reading = read_lines("""
        date,amount,currency
        2026-01-05,1.00,EUR
        Subtotal,1.00,
        2026-01-06,2.00,EUR
        Subtotal,2.00,
        Total,3.00,
    """)
    assert (reading.rows_accepted, reading.rows_ignored) == (2, 3)


def test_the_given_currency_counts_only_where_the_file_says_none() -> None:
    assert column(read_lines("date,amount\n2026-01-05,1.00\n", currency="eur"), "currency") == ["EUR"]
    assert column(read_lines("date,amount_zar\n2026-01-05,1.00\n", currency="EUR"), "currency") == ["ZAR"]
    mixed = read_lines("date,amount,currency\n2026-01-05,1.00,USD\n2026-01-05,1,\n", currency="JPY")
    assert (column(mixed, "currency"), column(mixed, "amount")) == (["USD", "JPY"], [100, 1])


def test_the_preview_shows_the_first_rows_as_they_stand() -> None:
    reading = read_lines("date,amount,currency\n" + "2026-01-05, 1.00,EUR\n" * 300)
    assert reading.raw.num_rows == 200
    assert reading.raw.to_pylist()[0] == {"line": 2, "date": "2026-01-05", "amount": " 1.00", "currency": "EUR"}


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(case=st.sampled_from(SMALL), at=st.integers(0, 20_000), length=st.integers(0, 12), piece=CUTS)
@example(case=SMALL[0], at=0, length=0, piece=b"\n")
def test_no_damage_to_a_file_makes_the_reader_raise_or_lose_a_row(case, at: int, length: int, piece: bytes) -> None:
    at %= len(case.data) + 1
    data = case.data[:at] + piece + case.data[at + length :]
    reading = read_bytes(data, filename=case.filename, currency=case.currency, **case.answers)
    assert reading.rows_read == reading.rows_accepted + reading.rows_rejected + reading.rows_ignored
    lines = [*reading.table["line"].to_pylist(), *(reject.line for reject in reading.rejects)]
    assert len(lines) == len(set(lines))
    if not reading.questions and not reading.refused:
        again = read_bytes(data, filename=case.filename, mapping=reading.mapping)
        assert again.table.equals(reading.table)
        assert again.rejects == reading.rejects


ROWS = st.lists(
    st.tuples(st.integers(1, 28), st.integers(-(10**9), 10**9), st.sampled_from(["EUR", "JPY", "KWD"])),
    min_size=1,
    max_size=30,
)


@given(ROWS, st.randoms())
@settings(max_examples=50)
def test_the_order_of_rows_changes_nothing_but_their_lines(rows, random) -> None:
    def contents(shuffled):
        body = "".join(f"2026-01-{day:02d},{amount},{currency}\n" for day, amount, currency in shuffled)
        table = read_bytes(f"date,amount,currency\n{body}".encode()).table
        return sorted(zip(*(table[name].to_pylist() for name in ("date", "amount", "currency")), strict=True))

    mixed = list(rows)
    random.shuffle(mixed)
    assert contents(rows) == contents(mixed)


def test_a_file_over_the_limit_is_refused_before_it_is_read(tmp_path) -> None:
    path = tmp_path / "export.csv"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)
    refused = read_file(path).refused
    assert refused is not None
    assert refused.code == "FILE_TOO_LARGE"


def test_the_encoding_question_shows_the_lines_as_each_encoding_reads_them() -> None:
    question = only_question(read_bytes("date,amount,memo\n2026-01-05,1.00,Café – €\n".encode("cp1252")))
    assert question.choices[0].value == "cp1252"
    (example,) = question.examples
    assert (example.line, example.cells["cp1252"]) == (2, "2026-01-05,1.00,Café – €")


def test_a_saved_header_is_found_below_another_preamble() -> None:
    saved = read_lines("a statement\ndate,amount,currency\n2026-01-05,1.00,EUR\n").mapping
    moved = read_lines("a statement\nof account\n\ndate,amount,currency\n2026-02-05,2.00,EUR\n", mapping=saved)
    assert (column(moved, "amount"), column(moved, "line")) == ([200], [5])
    assert [(note.code, note.count) for note in moved.notes] == [("PREAMBLE", 2)]


def test_a_time_without_a_zone_is_an_instant_only_below_a_name_that_says_utc() -> None:
    text = "{},amount_zar\n2026-01-05 10:00:00,1.00\n"
    assert column(read_lines(text.format("created_utc")), "at") == [datetime(2026, 1, 5, 10, tzinfo=UTC)]
    assert column(read_lines(text.format("created")), "at") == [None]


def test_many_rejects_are_said_so() -> None:
    reading = read_lines("date,amount_zar\n2026-01-05,1.00\nx,1.00\n")
    assert {note.code for note in reading.notes} >= {"MANY_REJECTS"}


def test_a_packed_file_reads_like_the_plain_one(tmp_path) -> None:
    plain = b"date,amount,currency\n2026-01-05,1.00,EUR\n"
    path = tmp_path / "export.csv.gz"
    path.write_bytes(gzip.compress(plain))
    assert read_file(path, today=TODAY).table.equals(read_bytes(plain).table)


def test_a_header_that_does_not_decode_asks_for_the_encoding_even_for_a_single_letter() -> None:
    text = "Datum;Betrag;Währung\n05.01.2026;1,00;EUR\n06.01.2026;2,00;USD\n"
    question = only_question(read_bytes(text.encode("cp1252")))
    assert question.code == "ENCODING"
    assert column(read_bytes(text.encode("cp1252"), ENCODING="cp1252"), "currency") == ["EUR", "USD"]
