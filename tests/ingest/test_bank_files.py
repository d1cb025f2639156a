"""Bank exports by country, in our own words after their documented shapes: read right by the generic reader, or asked."""  # noqa: E501

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pytest

from recon.model.reading import Reading
from tests.ingest.files import column, read_bytes


@dataclass(frozen=True, kw_only=True)
class BankFile:
    """A file of one bank's shape, and columns of what it must become; `asked` are the questions it may ask first."""

    bank: str
    lines: tuple[str, ...]
    expected: dict[str, list[Any]]
    encoding: str = "utf-8"
    currency: str | None = None
    answers: dict[str, str] = field(default_factory=dict)
    ignored: int = 0

    def read(self) -> Reading:
        data = "\r\n".join([*self.lines, ""]).encode(self.encoding)
        return read_bytes(data, currency=self.currency, **self.answers)  # type: ignore[arg-type]


JAN_13 = date(2026, 1, 13)

BANKS = (
    BankFile(
        bank="Sparkasse (DE)",
        lines=(
            '"Auftragskonto";"Buchungstag";"Valutadatum";"Buchungstext";"Verwendungszweck";"Beguenstigter/Zahlungspflichtiger";"Betrag";"Waehrung";"Info"',
            '"DE02";"13.01.26";"13.01.26";"LASTSCHRIFT";"EREF+INV-1 SVWZ+Rechnung Müller";"Müller";"-2.980,00";"EUR";"Umsatz gebucht"',  # noqa: E501
            '"DE02";"14.01.26";"14.01.26";"LASTSCHRIFT";"x";"Müller";"-1,00";"EUR";"Umsatz vorgemerkt"',
        ),
        encoding="cp1252",
        answers={"ENCODING": "cp1252", "TWO_DIGIT_YEAR": "DMY"},
        expected={"amount": [-298000], "date": [JAN_13], "currency": ["EUR"], "counterparty": ["Müller"]},
        ignored=1,
    ),
    BankFile(
        bank="DKB (DE)",
        lines=(
            '"Konto";"Girokonto DE02"',
            '""',
            '"Kontostand vom 31.01.2026:";"1.000,00 €"',
            '""',
            '"Buchungsdatum";"Wertstellung";"Status";"Zahlungspflichtige*r";"Zahlungsempfänger*in";"Verwendungszweck";"Umsatztyp";"IBAN";"Betrag (€)";"Kundenreferenz"',  # noqa: E501
            '"13.01.2026";"13.01.2026";"Gebucht";"Ich";"Laden";"Einkauf";"Ausgang";"DE03";"-10,80 €";"R1"',
            '"14.01.2026";"14.01.2026";"Gebucht";"Ann";"Ich";"Lohn";"Eingang";"DE04";"1.000,0 €";"R2"',
        ),
        expected={"amount": [-1080, 100000], "currency": ["EUR", "EUR"]},
    ),
    BankFile(
        bank="ING (DE)",
        lines=(
            "Umsatzanzeige;Datei erstellt am: 31.01.2026",
            "",
            "IBAN;DE02",
            "Saldo;1.234,00;EUR",
            "",
            "Buchung;Valuta;Auftraggeber/Empfänger;Buchungstext;Verwendungszweck;Saldo;Währung;Betrag;Währung",
            "13.01.2026;13.01.2026;Laden;Lastschrift;Einkauf;1.234,00;EUR;-23,50;EUR",
        ),
        encoding="iso8859-1",
        answers={"ENCODING": "cp1252"},
        expected={"amount": [-2350], "currency": ["EUR"], "counterparty": ["Laden"]},
    ),
    BankFile(
        bank="Commerzbank (DE)",
        lines=(
            "Buchungstag;Wertstellung;Umsatzart;Buchungstext;Betrag;Währung;IBAN Kontoinhaber;Kategorie",
            "13.01.2026;13.01.2026;Lastschrift;Laden 2026-01-12T10:00:00;-23,5;EUR;DE02;Einkauf",
        ),
        expected={"amount": [-2350], "date": [JAN_13]},
    ),
    BankFile(
        bank="easybank (AT)",
        lines=(
            "AT02;Bezahlung Karte|Laden;13.01.2026;13.01.2026;-12,50;EUR",
            "AT02;Gutschrift|Ann;14.01.2026;14.01.2026;+1.000,00;EUR",
        ),
        answers={
            "HEADER": "none",
            "DATE_COLUMN": "Column 3",
            "AMOUNT_COLUMN": "Column 5",
            "CURRENCY_COLUMN": "Column 6",
        },
        expected={"amount": [-1250, 100000], "currency": ["EUR", "EUR"]},
    ),
    BankFile(
        bank="PostFinance (CH)",
        lines=(
            "Date;Notification text;Credit in CHF;Debit in CHF;Value;Balance in CHF",
            "13.01.2026;Shop;;-12.50;13.01.2026;87.50",
            "13.01.2026;Shop;;-2.50;13.01.2026;85.00",
            "14.01.2026;Ann;1000.00;;14.01.2026;1085.00",
        ),
        expected={"amount": [-1250, -250, 100000], "currency": ["CHF"] * 3},
    ),
    BankFile(
        bank="ING (NL)",
        lines=(
            '"Datum","Naam / Omschrijving","Rekening","Tegenrekening","Code","Af Bij","Bedrag (EUR)","Mutatiesoort","Mededelingen"',  # noqa: E501
            '"20260113","Winkel","NL02","NL03","BA","Af","0,31","Betaalautomaat","x"',
            '"20260113","Winkel","NL02","NL03","BA","Af","0,31","Betaalautomaat","x"',
            '"20260114","Ann","NL02","NL04","OV","Bij","1000,00","Overschrijving","y"',
        ),
        expected={"amount": [-31, -31, 100000], "currency": ["EUR"] * 3, "date": [JAN_13, JAN_13, date(2026, 1, 14)]},
    ),
    BankFile(
        bank="Rabobank (NL)",
        lines=(
            '"IBAN/BBAN","Munt","BIC","Volgnr","Datum","Rentedatum","Bedrag","Saldo na trn","Tegenrekening IBAN/BBAN","Naam tegenpartij","Omschrijving-1"',  # noqa: E501
            '"NL02","EUR","RABO","000000000001","2026-01-13","2026-01-13","+50,00","150,00","NL03","Ann","x"',
            "",
            '"NL02","EUR","RABO","000000000002","2026-01-14","2026-01-14","-12,50","137,50","NL03","Ann","y"',
            "",
        ),
        encoding="cp1252",
        expected={"amount": [5000, -1250], "txn_id": ["000000000001", "000000000002"]},
        ignored=2,
    ),
    BankFile(
        bank="Knab (NL)",
        lines=(
            "KNAB EXPORT;;;;",
            "Rekeningnummer;Transactiedatum;Valutacode;CreditDebet;Bedrag;Tegenrekeningnummer;Omschrijving",
            "NL02;13-01-2026;EUR;D;2500;NL03;huur",
            "NL02;14-01-2026;EUR;C;827,75;NL03;loon",
        ),
        expected={"amount": [-250000, 82775], "currency": ["EUR", "EUR"]},
    ),
    BankFile(
        bank="bunq (NL)",
        lines=(
            '"Date","Interest Date","Amount","Account","Counterparty","Name","Description"',
            '"2026-01-13","2026-01-13","-2,56","NL02","NL03","Shop","coffee"',
        ),
        currency="EUR",
        expected={"amount": [-256], "date": [JAN_13]},
    ),
    BankFile(
        bank="KBC (BE)",
        lines=(
            "Rekeningnummer;Datum;Omschrijving;Valuta;Bedrag;Saldo;credit;debet;Munt",
            "BE02;13/01/2026;winkel;13/01/2026;-12,50;87,50;;-12,50;EUR",
            "BE02;14/01/2026;loon;14/01/2026;1000,00;1087,50;1000,00;;EUR",
        ),
        expected={"amount": [-1250, 100000]},
    ),
    BankFile(
        bank="BancoPosta (IT)",
        lines=(
            "Data;Valuta;Addebiti;Accrediti;Descrizione",
            ";;;26.851,95;SALDO INIZIALE",
            "13/01/26;13/01/26;12,50;;NEGOZIO",
            "14/01/26;14/01/26;;1.000,00;STIPENDIO",
        ),
        currency="EUR",
        answers={"TWO_DIGIT_YEAR": "DMY"},
        expected={"amount": [-1250, 100000]},
        ignored=1,
    ),
    BankFile(
        bank="a French bank",
        lines=(
            "Date;Libellé;Débit;Crédit",
            "13/01/2026;CB BOULANGERIE;12,50;",
            "14/01/2026;VIREMENT SALAIRE;;1 000,00",
        ),
        encoding="cp1252",
        currency="EUR",
        answers={"ENCODING": "cp1252"},
        expected={"amount": [-1250, 100000]},
    ),
    BankFile(
        bank="Bank of Ireland (IE)",
        lines=(
            "Date,Details,Debit,Credit,Balance",
            "13/01/2026,POS SHOP,12.50,,",
            "13/01/2026,POS SHOP,12.50,,75.00",
            "14/01/2026,SALARY,,1000.00,1075.00",
        ),
        currency="EUR",
        expected={"amount": [-1250, -1250, 100000]},
    ),
    BankFile(
        bank="OCBC (SG)",
        lines=(
            "Account details for:,Main",
            "Available Balance,100.00",
            "Ledger Balance,100.00",
            "",
            "Transaction History",
            "Transaction date,Value date,Description,Withdrawals (SGD),Deposits (SGD)",
            "13/01/2026,13/01/2026,FAST PAYMENT,12.50,",
            ",,to Ann,,",
            '14/01/2026,14/01/2026,SALARY,,"1,000.00"',
            ",,from Bob,,",
        ),
        expected={
            "amount": [-1250, 100000],
            "currency": ["SGD", "SGD"],
            "description": ["FAST PAYMENT to Ann", "SALARY from Bob"],
        },
        ignored=2,
    ),
    BankFile(
        bank="Chase (US)",
        lines=(
            "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #",
            "DEBIT,01/13/2026,SHOP,-12.50,DEBIT_CARD,87.50,,",
            "CREDIT,01/14/2026,SALARY,1000.00,ACH_CREDIT,1087.50,,",
        ),
        currency="USD",
        expected={"amount": [-1250, 100000], "date": [JAN_13, date(2026, 1, 14)]},
    ),
    BankFile(
        bank="Schwab (US)",
        lines=(
            '"Date","Status","Type","CheckNumber","Description","Withdrawal","Deposit","RunningBalance"',
            '"01/13/2026","Posted","VISA","","SHOP","$12.50","","$87.50"',
            '"01/14/2026","Posted","ACH","","SALARY","","$1,000.00","$1,087.50"',
        ),
        currency="USD",
        expected={"amount": [-1250, 100000]},
    ),
    BankFile(
        bank="M&S card (GB)",
        lines=(
            "\ufeffDate Processed,Description,Amount,",
            '13-Jan-2026,SHOP,"£12.50",',
            '14-Jan-2026,PAYMENT,"+ £1,100.00",',
            'Pending,CAFE,"£3.00",',
        ),
        answers={"SIGN_MODEL": "unmarked_out"},
        expected={"amount": [-1250, 110000], "currency": ["GBP", "GBP"]},
        ignored=1,
    ),
    BankFile(
        bank="Swedbank (LT)",
        lines=(
            '"Sąskaitos Nr.","","Data","Gavėjas","Paaiškinimai","Suma","Valiuta","D/K","Įrašo Nr.","Kodas"',
            '"LT02","20","2026-01-13","Parduotuvė","pirkinys","12.50","EUR","D","R1","MK"',
            '"LT02","20","2026-01-14","Ann","alga","1000.00","EUR","K","R2","MK"',
        ),
        expected={"amount": [-1250, 100000]},
    ),
    BankFile(
        bank="Danske (LT)",
        lines=(
            "Data;Gavėjas;Paaiškinimas;Suma;Valiuta",
            "2026:01:13;Parduotuvė;pirkinys;-.46;EUR",
        ),
        encoding="cp1257",
        answers={"ENCODING": "cp1257"},
        expected={"amount": [-46], "date": [JAN_13]},
    ),
    BankFile(
        bank="Erste (HU)",
        lines=(
            "Könyvelés dátuma;Partner;Összeg;Pénznem;Bevétel/Kiadás;Közlemény",
            "2026.01.13.;Bolt;-1.250;HUF;Kiadás;vásárlás",
            "2026.01.14.;Ann;100.000;HUF;Bevétel;fizetés",
        ),
        answers={"DECIMAL_MARK": ","},
        expected={"amount": [-125000, 10000000], "date": [JAN_13, date(2026, 1, 14)]},
    ),
    BankFile(
        bank="Alfa (RU)",
        lines=(
            "Тип счёта;Номер счета;Валюта;Дата операции;Референс проводки;Описание операции;Приход;Расход",
            "Текущий;'40817;RUR;13.01.2026;R1;МАГАЗИН;0;12,5",
            "Текущий;'40817;RUR;14.01.2026;R2;ЗАРПЛАТА;1000;0",
        ),
        encoding="cp1251",
        answers={"ENCODING": "cp1251"},
        expected={"amount": [-1250, 100000], "currency": ["RUB", "RUB"]},
    ),
    BankFile(
        bank="Banco do Brasil",
        lines=(
            '"Data","Dependencia Origem","Histórico","Data do Balancete","Número do documento","Valor",',
            '"01/12/2026","","Saldo Anterior","","0","100.00",',
            '"01/13/2026","0000-0","Compra","","123","-12.50",',
        ),
        encoding="iso8859-1",
        currency="BRL",
        answers={"ENCODING": "cp1252"},
        expected={"amount": [-1250], "date": [JAN_13]},
        ignored=1,
    ),
    BankFile(
        bank="Handelsbanken (SE)",
        lines=(
            "Kontoutdrag;;;;",
            "Reskontradatum;Transaktionsdatum;Text;Belopp;Saldo",
            "2026-01-13;2026-01-12;BUTIK;-12,50;87,50",
        ),
        currency="SEK",
        expected={"amount": [-1250], "date": [JAN_13]},
    ),
    BankFile(
        bank="HDFC (IN)",
        lines=(
            "  Date     ,Narration                ,Value Dat,Debit Amount       ,Credit Amount      ,Chq/Ref Number   ,Closing Balance",  # noqa: E501
            "  13/01/26 ,UPI-SHOP                 , 13/01/26 ,          12.50 ,          0.00 ,R1   ,          87.50",
            "  14/01/26 ,SALARY                   , 14/01/26 ,           0.00 ,       1000.00 ,R2   ,        1087.50",
        ),
        currency="INR",
        answers={"TWO_DIGIT_YEAR": "DMY"},
        expected={"amount": [-1250, 100000]},
    ),
    BankFile(
        bank="a bank of Zambia",
        lines=(
            "Statement of account;;;;",
            "Transaction;Transaction;Debit;Credit;Running",
            "Date;Details;Amount;Amount;Balance",
            "13/01/2026;SHOP;59 258,71;;100 000,00",
            "14/01/2026;SALARY;;1 000,00;101 000,00",
        ),
        currency="ZMW",
        expected={"amount": [-5925871, 100000], "description": ["SHOP", "SALARY"]},
    ),
    BankFile(
        bank="Trust Merchant Bank (CD)",
        lines=(
            "Date,Description,CREDIT,DEBIT,Balance",
            '13 Jan 2026,SALARY,"1,162.55USD",,"1,162.55USD"',
            '14 Jan 2026,SHOP,,12.50USD,"1,150.05USD"',
        ),
        expected={"amount": [116255, -1250], "currency": ["USD", "USD"]},
    ),
)


@pytest.mark.parametrize("file", BANKS, ids=lambda file: file.bank)
def test_a_bank_s_file_is_read_as_it_means_it(file: BankFile) -> None:
    reading = file.read()
    assert {name: column(reading, name) for name in file.expected} == file.expected
    assert reading.rejects == ()
    assert reading.rows_ignored == file.ignored


@pytest.mark.parametrize("file", [file for file in BANKS if file.answers], ids=lambda file: file.bank)
def test_what_a_bank_s_file_leaves_open_is_asked_and_never_guessed(file: BankFile) -> None:
    data = "\r\n".join([*file.lines, ""]).encode(file.encoding)
    asked = {question.code for question in read_bytes(data, currency=file.currency).questions}
    assert asked <= file.answers.keys()
    assert asked
