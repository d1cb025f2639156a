"""The exports we know, each in our own words after its documented columns, with the trap it is known for."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pytest

from recon.ingest.answers import Answers
from recon.ingest.formats import FORMATS, format_of
from recon.model.reading import Reading
from tests.ingest.files import column, only_question, read_lines


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A file of one format, and columns of what it must become."""

    format: str
    text: str
    expected: dict[str, list[Any]]
    ignored: int = 0
    currency: str | None = None
    answers: dict[str, str] = field(default_factory=dict)

    def read(self) -> Reading:
        return read_lines(self.text, currency=self.currency, **self.answers)  # type: ignore[arg-type]


SAMPLES = (
    Sample(
        format="stripe_balance",
        text="""
        id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC),Description,Transfer
        txn_1,charge,ch_1,20.00,0.88,19.12,eur,2026-01-05 10:30,2026-01-07 00:00,Order 7,po_1
        txn_2,payout,po_1,-19.12,0.00,-19.12,eur,2026-01-07 00:10,2026-01-07 00:10,STRIPE PAYOUT,
        """,
        expected={"amount": [1912, -1912], "fee": [88, 0], "currency": ["EUR", "EUR"], "group_id": ["po_1", None],
                  "txn_id": ["txn_1", "txn_2"], "payment_ref": ["ch_1", "po_1"], "kind": ["charge", "payout"]},
    ),
    Sample(
        format="stripe_balance",
        text="""
        id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC),order_id (metadata)
        txn_1,charge,ch_1,1200,43,1157,jpy,2026-01-05 23:30,2026-01-07 00:00,A-7
        """,
        expected={"amount": [1157], "currency": ["JPY"], "payment_ref": ["A-7"], "date": [date(2026, 1, 5)]},
    ),
    Sample(
        format="stripe_itemized",
        text="""
        currency,net,fee,gross,balance_transaction_id,reporting_category,created_utc,automatic_payout_id,charge_id
        usd,9.41,0.59,10.00,txn_1,charge,2026-01-05 10:30:00,po_9,ch_1
        usd,-10.00,0.00,-10.00,txn_2,refund,2026-01-06 11:00:00,,ch_1
        """,
        expected={"amount": [941, -1000], "fee": [59, 0], "group_id": ["po_9", None], "payment_ref": ["ch_1", "ch_1"]},
    ),
    Sample(
        format="stripe_itemized",
        text="""
        balance_transaction_id,created,currency,gross,fee,net,reporting_category,payment_metadata[order_id]
        txn_1,2026-01-05 10:30:00,kwd,10.000,0.300,9.700,charge,A-1
        """,
        expected={"amount": [9700], "fee": [300], "payment_ref": ["A-1"]},
    ),
    Sample(
        format="paypal",
        text="""
        "Date","Time","TimeZone","Name","Type","Status","Currency","Gross","Fee","Net","Transaction ID","Invoice Number"
        "13/01/2026","10:30:00","PST","Ann","Payment","Completed","USD","20.00","-0.88","19.12","TX1","INV-1"
        "14/01/2026","10:30:00","PST","Ann","Refund","Completed","USD","-20.00","0.59","-19.41","TX2","INV-1"
        "14/01/2026","10:31:00","PST","","Bank Deposit to PP Account","Pending","USD","50.00","0.00","50.00","TX3",""
        """,
        expected={"amount": [1912, -1941, 5000], "fee": [88, -59, 0], "txn_id": ["TX1", "TX2", "TX3"],
                  "payment_ref": ["INV-1", "INV-1", None], "counterparty": ["Ann", "Ann", None]},
    ),
    Sample(
        format="paypal",
        text="""
        Datum;Uhrzeit;Zeitzone;Name;Typ;Status;Währung;Brutto;Gebühr;Netto;Transaktionscode
        13.01.2026;10:30:00;Europe/Berlin;Ann;Zahlung;Abgeschlossen;EUR;1.020,00;-0,88;1.019,12;TX1
        """,
        expected={"amount": [101912], "fee": [88], "kind": ["Zahlung"]},
    ),
    Sample(
        format="paypal",
        text="""
        "Date","Heure","Fuseau horaire","Nom","Type","État","Devise","Brut","Frais","Net","N° de transaction"
        "1/13/2026","10:30:00","PST","Ann","Paiement","Terminé","EUR","-59,30","0,00","-59,30","TX1"
        """,
        expected={"amount": [-5930], "date": [date(2026, 1, 13)]},
    ),
    Sample(
        format="paypal",
        text="""
        "Fecha","Hora","Zona horaria","Nombre","Tipo","Estado","Divisa","Bruto","Comisión","Neto","Id. de transacción"
        "13/01/2026","10:30:00","CET","Ana","Pago","Completado","EUR","20,00","-0,88","19,12","TX1"
        """,
        expected={"amount": [1912], "fee": [88]},
    ),
    Sample(
        format="square",
        text="""
        Date,Time,Time Zone,Gross Sales,Total Collected,Fees,Net Total,Transaction ID,Payment ID,Event Type,Deposit ID
        2026-01-05,10:30:00,Eastern Time (US & Canada),"$1,020.00","$1,020.00",-$26.52,$993.48,T1,P1,Payment,D1
        2026-01-06,10:30:00,Eastern Time (US & Canada),-$20.00,-$20.00,$0.52,-$19.48,T1,P2,Refund,D1
        """,
        currency="USD",
        expected={"amount": [99348, -1948], "fee": [2652, -52], "txn_id": ["P1", "P2"], "payment_ref": ["T1", "T1"],
                  "group_id": ["D1", "D1"], "kind": ["Payment", "Refund"]},
    ),
    Sample(
        format="square",
        text="""
        Date,Time,Time Zone,Total Collected,Fees,Net Total,Transaction ID,Payment ID,Event Type
        2026-01-05,10:30:00,Pacific Time (US & Canada),£5.00,£0.00,£5.00,T1,P1,Payment
        """,
        expected={"amount": [500], "currency": ["GBP"], "at": [datetime(2026, 1, 5, 18, 30, tzinfo=UTC)]},
    ),
    Sample(
        format="adyen_settlement",
        text="""
        Psp Reference,Merchant Reference,Creation Date,TimeZone,Type,Modification Reference,Gross Currency,Gross Debit (GC),Gross Credit (GC),Net Currency,Net Debit (NC),Net Credit (NC),Commission (NC),Markup (NC),Scheme Fees (NC),Interchange (NC),Batch Number
        PSP1,ORD-1,2026-01-05 10:30:00,CET,Settled,MOD1,EUR,,100.00,EUR,,98.70,,0.50,0.30,0.50,380
        PSP1,ORD-1,2026-01-06 10:30:00,CET,Refunded,MOD2,EUR,50.00,,EUR,50.10,,0.10,,,,380
        ,,2026-01-07 10:30:00,CET,MerchantPayout,PAY1,EUR,,,EUR,48.60,,,,,,380
        """,  # noqa: E501
        expected={"amount": [9870, -5010, -4860], "fee": [130, 10, None], "txn_id": ["MOD1", "MOD2", "PAY1"],
                  "payment_ref": ["ORD-1", "ORD-1", None], "group_id": ["380", "380", "380"]},
    ),
    Sample(
        format="adyen_settlement",
        text="""
        Psp Reference,Merchant Reference,Creation Date,TimeZone,Type,Modification Reference,Net Currency,Net Debit (NC),Net Credit (NC),Batch Number,Booking Date
        PSP1,ORD-1,2026-01-05 23:30:00,CET,Settled,MOD1,JPY,,9870,380,2026-01-06 00:10:00
        """,  # noqa: E501
        expected={"amount": [9870], "currency": ["JPY"], "date": [date(2026, 1, 6)]},
    ),
    Sample(
        format="shopify_payments",
        text="""
        Transaction Date,Type,Order,Card Brand,Card Source,Payout Status,Payout Date,Payout ID,Available On,Amount,Fee,Net,Checkout,Currency
        2026-01-05 10:30:00 -0400,charge,#1001,visa,online,paid,2026-01-07,77,2026-01-07,20.00,0.88,19.12,#C1,CAD
        2026-01-06 10:30:00 -0400,refund,#1001,visa,online,pending,,,2026-01-08,-20.00,0.00,-20.00,#C1,CAD
        """,  # noqa: E501
        expected={"amount": [1912, -2000], "payment_ref": ["#1001", "#1001"], "group_id": ["77", None],
                  "kind": ["charge", "refund"]},
    ),
    Sample(
        format="shopify_payments",
        text="""
        Transaction Date,Type,Order,Payout Status,Payout Date,Amount,Fee,Net,Currency
        2026-01-05 10:30:00 +0000,chargeback,#1001,paid,2026-01-07,-20.00,15.00,-35.00,EUR
        """,
        expected={"amount": [-3500], "fee": [1500], "group_id": ["2026-01-07"]},
    ),
    Sample(
        format="shopify_payouts",
        text="""
        Payout Date,Status,Charges,Refunds,Adjustments,Reserved Funds,Fees,Retried Amount,Total,Currency
        2026-01-07,paid,100.00,-20.00,0.00,0.00,-3.20,0.00,76.80,EUR
        2026-01-08,failed,100.00,0.00,0.00,0.00,-3.20,0.00,96.80,EUR
        """,
        expected={"amount": [7680], "currency": ["EUR"]},
        ignored=1,
    ),
    Sample(
        format="shopify_payouts",
        text="""
        Payout Date,Status,Charges,Refunds,Adjustments,Fees,Total,Currency
        2026-01-07,paid,0.00,-20.00,0.00,0.00,-20.00,EUR
        """,
        expected={"amount": [-2000]},
    ),
    Sample(
        format="sibs",
        text="""
        Data;Hora;Nº Lote;Montante Bruto;Comissão;Montante Líquido
        05/01/2026;10:30;12;1.020,00;5,10;1.014,90
        """,
        currency="EUR",
        expected={"amount": [101490], "fee": [510], "group_id": ["12"], "date": [date(2026, 1, 5)]},
    ),
    Sample(
        format="sibs",
        text="""
        Data;Nº Lote;Montante Bruto;Comissão;Montante Líquido
        05/01/2026;13;-20,00;-0,10;-19,90
        """,
        currency="EUR",
        expected={"amount": [-1990], "fee": [-10]},
    ),
    Sample(
        format="amazon_date_range",
        text="""
        "Includes Amazon Marketplace and other transactions"
        "All amounts in USD, unless specified"
        "date/time","settlement id","type","order id","sku","description","product sales","selling fees","other","total"
        "Sep 3, 2025 10:12:11 AM PDT","111","Order","111-222","S1","A thing","20.00","-3.00","0","17.00"
        "Sep 4, 2025 10:12:11 AM PDT","111","Transfer","","","To account","0","0","-1,017.00","-1,017.00"
        """,
        currency="USD",
        expected={"amount": [1700, -101700], "payment_ref": ["111-222", None], "group_id": ["111", "111"],
                  "date": [date(2025, 9, 3), date(2025, 9, 4)]},
    ),
    Sample(
        format="amazon_date_range",
        text="""
        date/time,settlement id,type,order id,sku,description,product sales,selling fees,other,total
        "13 Sep 2025 10:12:11 UTC",111,Refund,111-222,S1,A thing,-20.00,3.00,0,-17.00
        """,
        currency="GBP",
        expected={"amount": [-1700]},
    ),
    Sample(
        format="ebay",
        text="""
        Transaction report
        Seller,me
        Period,January
        Report generated,now
        Transaction creation date,Type,Order number,Buyer username,Net amount,Payout currency,Payout date,Payout ID,Gross transaction amount,Reference ID
        5 Jan 2026,Order,01-1,ann,17.35,GBP,7 Jan 2026,99,20.00,R1
        7 Jan 2026,Payout,--,--,-17.35,GBP,7 Jan 2026,99,--,R2
        """,  # noqa: E501
        expected={"amount": [1735, -1735], "group_id": ["99", "99"], "txn_id": ["R1", "R2"]},
    ),
    Sample(
        format="ebay",
        text="""
        Transaction creation date,Type,Order number,Net amount,Payout currency,Payout ID
        5 Jan 2026,Other fee,--,-1.20,EUR,99
        """,
        expected={"amount": [-120], "payment_ref": [None]},
    ),
    Sample(
        format="etsy",
        text="""
        Date,Type,Title,Info,Currency,Amount,Fees & Taxes,Net,Tax Details
        "January 24, 2026",Sale,Payment for Order #1,Order #1,USD,$16.08,--,$16.08,
        "January 24, 2026",Fee,Processing fee,Order #1,USD,--,-$1.08,-$1.08,
        """,
        expected={"amount": [1608, -108], "fee": [None, 108], "payment_ref": ["Order #1", "Order #1"]},
    ),
    Sample(
        format="etsy",
        text="""
        Date,Type,Title,Info,Currency,Amount,Fees & Taxes,Net,Tax Details
        "13 January, 2026",Refund,Refund for Order #1,Order #1,EUR,-€16.08,--,-€16.08,
        """,
        expected={"amount": [-1608]},
    ),
    Sample(
        format="booking",
        text="""
        Reference number,Guest name,Currency,Amount,Commission,Net,Payout date,Payout ID
        123,Ann,EUR,200.00,-30.00,170.00,2026-01-13,PAY1
        """,
        expected={"amount": [17000], "fee": [3000], "group_id": ["PAY1"], "payment_ref": ["123"]},
    ),
    Sample(
        format="booking",
        text="""
        Reference number,Currency,Amount,Commission,Net,Payout date,Payout ID
        123,EUR,-200.00,30.00,-170.00,13 Jan 2026,PAY2
        """,
        expected={"amount": [-17000], "fee": [-3000]},
    ),
    Sample(
        format="wise",
        text="""
        TransferWise ID,Date,Amount,Currency,Description,Payment Reference,Running Balance,Payee Name,Total fees
        TRANSFER-1,04-03-2026,-1.50,EUR,Wise charges for TRANSFER-1,,98.50,,0
        TRANSFER-1,04-03-2026,-100.00,EUR,Sent money to Ann,INV-1,100.00,Ann,1.50
        """,
        expected={"amount": [-150, -10000], "date": [date(2026, 3, 4)] * 2, "fee": [None, None],
                  "txn_id": ["TRANSFER-1", "TRANSFER-1"], "payment_ref": [None, "INV-1"]},
    ),
    Sample(
        format="wise",
        text="""
        TransferWise ID,Date,Date Time,Amount,Currency,Description,Running Balance,Transaction Type
        CARD-1,04-03-2026,04-03-2026 10:30:00.123,-1200,JPY,Card,98000,DEBIT
        """,
        expected={"amount": [-1200], "currency": ["JPY"]},
    ),
    Sample(
        format="revolut",
        text="""
        Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance
        EXCHANGE,Current,2026-01-05 9:30:00,2026-01-05 9:30:01,Exchanged,-100.00,0.50,EUR,COMPLETED,99.50
        CARD_PAYMENT,Current,2026-01-06 9:30:00,,Shop,-5.00,0.00,EUR,PENDING,
        """,
        expected={"amount": [-10050], "fee": [50]},
        ignored=1,
    ),
    Sample(
        format="revolut",
        text="""
        Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance
        TOPUP,Current,2026-01-31 23:59:00,2026-02-01 0:01:00,Top-up,100.00,0.00,GBP,COMPLETED,100.00
        TRANSFER,Current,2026-02-01 9:30:00,2026-02-01 9:30:01,To Ann,-20.00,0.00,GBP,REVERTED,
        """,
        expected={"amount": [10000], "date": [date(2026, 2, 1)]},
        ignored=1,
    ),
    Sample(
        format="revolut_business",
        text="""
        Date started (UTC),Date completed (UTC),ID,Type,State,Description,Reference,Orig currency,Orig amount,Payment currency,Amount,Total amount,Exchange rate,Fee,Fee currency,Balance,Account
        2026-01-13,2026-01-14,abc,TRANSFER,COMPLETED,To Ann,INV-1,USD,-110.00,EUR,-100.00,-100.20,1.1,0.20,EUR,899.80,Main
        """,  # noqa: E501
        expected={"amount": [-10020], "fee": [20], "txn_id": ["abc"], "payment_ref": ["INV-1"]},
    ),
    Sample(
        format="revolut_business",
        text="""
        Date started (UTC),Date completed (UTC),ID,Type,State,Description,Payment currency,Amount,Total amount,Fee,Balance
        01-13-2026,01-14-2026,abc,CARD_REFUND,COMPLETED,Shop,EUR,100.00,100.00,0.00,1000.00
        01-13-2026,,abd,CARD_PAYMENT,DECLINED,Shop,EUR,-5.00,-5.00,0.00,
        """,  # noqa: E501
        expected={"amount": [10000], "date": [date(2026, 1, 14)]},
        ignored=1,
    ),
    Sample(
        format="venmo",
        text="""
         ID,Datetime,Type,Status,Note,From,To,Amount (total),Amount (fee),Funding Source,Destination,Beginning Balance
        ,,,,,,,,,,,$10.00
        1,2026-01-05T10:30:00,Payment,Complete,dinner,Ann,Me,+ $73.01,,,Venmo balance,
        2,2026-01-06T10:30:00,Payment,Complete,taxi,Me,Bob,- $20.00,,Visa,,
        """,
        currency="USD",
        expected={"amount": [7301], "txn_id": ["1"]},
        ignored=2,
    ),
    Sample(
        format="venmo",
        text="""
        ID,Datetime,Type,Status,Note,From,To,Amount (total),Funding Source,Destination
        1,2026-01-05T10:30:00,Standard Transfer,Issued,,,,"- $1,073.01",,Bank
        """,
        currency="USD",
        expected={"amount": [-107301]},
    ),
    Sample(
        format="mercury",
        text="""
        Date (UTC),Description,Amount,Status,Source Account,Bank Description,Reference
        01-05-2026,Ann,-10.00,Sent,Checking,ACH to Ann,R1
        01-06-2026,Bob,-20.00,Failed,Checking,ACH to Bob,R2
        """,
        currency="USD",
        expected={"amount": [-1000], "date": [date(2026, 1, 5)], "counterparty": ["Ann"]},
        ignored=1,
    ),
    Sample(
        format="mercury",
        text="""
        Date (UTC),Description,Amount,Status,Bank Description
        01-05-2026,Ann,10.00,Pending,x
        01-05-2026,Ann,10.00,Sent,x
        """,
        currency="USD",
        expected={"amount": [1000]},
        ignored=1,
    ),
    Sample(
        format="relay",
        text="""
        Date,Payee,Account #,Transaction Type,Description,Reference,Status,Amount,Currency,Balance
        1/5/2026,Ann,1,Receive,ACH,R1,SETTLED,+1092.00,USD,1092.00
        1/6/2026,Bob,1,Spend,Card,R2,PENDING,-20.00,USD,
        """,
        expected={"amount": [109200], "date": [date(2026, 1, 5)]},
        ignored=1,
    ),
    Sample(
        format="relay",
        text="""
        Date,Payee,Transaction Type,Reference,Status,Amount,Currency,Balance
        1/5/2026,Ann,Spend,R1,SETTLED,-92.00,USD,1092.00
        """,
        expected={"amount": [-9200]},
    ),
    Sample(
        format="monzo",
        text="""
        Transaction ID,Date,Time,Type,Name,Emoji,Category,Amount,Currency,Local amount,Local currency,Description
        tx_1,04/03/2026,10:30:00,Card payment,Shop,,Eating out,-5.20,GBP,-6.00,EUR,SHOP
        """,
        expected={"amount": [-520], "currency": ["GBP"], "date": [date(2026, 3, 4)], "txn_id": ["tx_1"]},
    ),
    Sample(
        format="monzo",
        text="""
        id,created,amount,currency,local_amount,local_currency,category,description
        tx_1,2026-03-04 10:30:00 +0000,-5.20,GBP,-6.00,EUR,eating_out,SHOP
        """,
        expected={"amount": [-520], "date": [date(2026, 3, 4)]},
    ),
)  # fmt: skip


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.format)
def test_an_export_is_read_as_its_maker_means_it(sample: Sample) -> None:
    reading = sample.read()
    assert {name: column(reading, name) for name in sample.expected} == sample.expected
    assert (reading.format, reading.rejects) == (sample.format, ())
    assert reading.rows_ignored == sample.ignored
    assert all(control.agrees for control in reading.controls)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.format)
def test_the_mapping_of_an_export_asks_nothing_the_next_time(sample: Sample) -> None:
    once = sample.read()
    again = read_lines(sample.text, mapping=once.mapping, currency=sample.currency)  # type: ignore[arg-type]
    assert (again.questions, again.refused) == ((), None)
    assert again.table.equals(once.table)


def test_every_format_but_the_generic_one_has_two_samples() -> None:
    counts = {known.name: sum(sample.format == known.name for sample in SAMPLES) for known in FORMATS[:-1]}
    assert {name for name, count in counts.items() if count < 2} == set()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.format)
def test_exactly_one_format_claims_an_export(sample: Sample) -> None:
    columns = sample.read().columns
    assert [known.name for known in FORMATS if known.claims(columns)] == [sample.format]


def test_two_formats_that_claim_one_header_are_a_question() -> None:
    both = "Date,Time,Time Zone,Currency,Gross,Fee,Net,Transaction ID,Total Collected,Fees,Net Total,Payment ID"
    question = only_question(read_lines(f"{both}\n2026-01-13,10:30,UTC,EUR,1.00,0.00,1.00,T,1.00,0.00,1.00,P\n"))
    assert (question.code, [choice.value for choice in question.choices]) == ("FORMAT", ["paypal", "square", "generic"])


def test_a_person_may_say_that_a_file_is_no_such_export() -> None:
    assert format_of(("TransferWise ID", "Date", "Amount", "Currency", "Running Balance"), Answers()).name == "wise"
    given = Answers(given={"FORMAT": "generic"})
    assert format_of(("TransferWise ID", "Date", "Amount", "Currency", "Running Balance"), given).name == "generic"


def test_a_net_that_does_not_follow_from_gross_and_fee_is_asked_about() -> None:
    head = "id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),Available On (UTC)"
    rows = "txn_1,charge,ch_1,20.00,0.88,19.12,eur,2026-01-05,\ntxn_2,charge,ch_2,20.00,0.88,19.21,eur,2026-01-05,"
    question = only_question(read_lines(f"{head}\n{rows}\n"))
    assert question.code == "CONTROL_TOTAL"
    assert "1 of 2 rows keep to Amount less fee = net. Line 3 is the first" in question.text


def test_an_etsy_deposit_states_its_amount_in_words_only_and_is_told() -> None:
    reading = read_lines(
        """
        Date,Type,Title,Info,Currency,Amount,Fees & Taxes,Net,Tax Details
        "January 24, 2026",Sale,Payment for Order #1,Order #1,USD,$16.08,--,$16.08,
        "January 26, 2026",Deposit,$15.00 sent to your bank account,,USD,--,--,--,
        """
    )
    assert [reject.line for reject in reading.rejects] == [3]
