"""The law of reading: whatever dialect a truth is written in, it is read as exactly that truth, or asked about until it
is; never as something else.

The writer below is the oracle: it knows what it wrote, and answers a question only where the dialect leaves it open.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from recon.model.reading import Reading
from recon.money import exponent
from tests.ingest.files import read_bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the truth; `amount` in minor units."""

    date: date
    amount: int
    currency: str
    description: str
    txn_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a truth is written down."""

    delimiter: str
    mark: str
    grouping: str
    dates: str
    signs: str
    words: tuple[str, str]
    names: dict[str, str]
    currency_in: str
    encoding: str
    line_end: str
    quoted: bool
    trailing: bool
    with_total: bool
    with_balance: bool
    with_blanks: bool
    preamble: tuple[str, ...]
    order: tuple[int, ...]


NAMES = (
    ("date", "amount", "debit", "credit", "currency", "description", "transaction id", "D/C", "balance", "total"),
    ("Buchungstag", "Betrag", "Soll", "Haben", "Währung", "Verwendungszweck", "ID", "Soll/Haben", "Saldo", "Summe"),
    ("Date opération", "Montant", "Débit", "Crédit", "Devise", "Libellé", "Id", "D/C", "Solde", "Total"),
    ("Fecha", "Importe", "Cargo", "Abono", "Divisa", "Concepto", "Id", "D/C", "Saldo", "Total"),
    ("Data contabile", "Importo", "Addebiti", "Accrediti", "Divisa", "Descrizione", "Id", "D/C", "Saldo", "Totale"),
    ("Datum", "Bedrag", "Af", "Bij", "Munt", "Omschrijving", "Volgnr", "Af Bij", "Saldo", "Totaal"),
    ("Data operacji", "Kwota", "Obciążenia", "Uznania", "Waluta", "Opis operacji", "Id", "D/C", "Saldo", "Razem"),
    ("Data", "Valor", "Débito", "Crédito", "Moeda", "Descrição", "Id", "D/C", "Saldo", "Total"),
    ("Bokföringsdag", "Belopp", "Uttag", "Insättning", "Valutakod", "Beskrivning", "Id", "D/C", "Saldo", "Summa"),
    (
        "Könyvelés dátuma",
        "Összeg",
        "Terhelés",
        "Jóváírás",
        "Devizanem",
        "Közlemény",
        "Id",
        "D/C",
        "Egyenleg",
        "Összesen",
    ),
    ("Дата", "Сумма", "Расход", "Приход", "Валюта", "Описание", "Id", "D/C", "Остаток", "Итого"),
)
PARTS = ("date", "amount", "debit", "credit", "currency", "description", "txn_id", "indicator", "balance", "total")
DATES = {
    "%Y-%m-%d": None,
    "%Y/%m/%d": None,
    "%Y%m%d": None,
    "%d.%m.%Y": None,
    "%d %b %Y": None,
    "%d/%m/%Y": "DMY",
    "%m/%d/%Y": "MDY",
    "%d-%m-%Y": "DMY",
    "%d/%m/%y": "DMY",
}
SIGNS = ("minus", "plus", "\u2212", "trailing", "brackets", "suffix", "pair", "pair_zero", "pair_negative", "indicator")
SYMBOLS = {"EUR": "€", "USD": "US$", "JPY": "JPY ", "KWD": "KWD "}
WORDS = (("D", "C"), ("Af", "Bij"), ("S", "H"), ("DR", "CR"), ("debit", "credit"), ("D", "K"))
GROUPINGS = {".": ("", ",", "'", " ", "\u00a0"), ",": ("", ".", "'", " ", "\u202f")}
CODE_PAGES = {"Дата": "cp1251"}
PREAMBLES = ("Account statement", "Konto;12345", "Von,01.01.2026", "", ",,,,", '"Kunde";"Max, Moritz"')

rows = st.builds(
    Row,
    date=st.dates(date(2025, 1, 1), date(2026, 6, 28)),
    amount=st.integers(-9_999_999_99, 9_999_999_99).filter(bool),
    currency=st.sampled_from(("EUR", "USD", "JPY", "KWD")),
    description=st.sampled_from(
        ("Rent", "Café, 2 × cake", 'the "best" shop', "Miete; März", "a | b", "Total Energies", "-")
    ),
    txn_id=st.integers(0, 10**17).map("T{:018d}".format),
)


@st.composite
def dialects(draw: st.DrawFn) -> Dialect:
    mark = draw(st.sampled_from(".,"))
    names = dict(zip(PARTS, draw(st.sampled_from(NAMES)), strict=True))
    return Dialect(
        delimiter=draw(st.sampled_from(",;\t|")),
        mark=mark,
        grouping=draw(st.sampled_from(GROUPINGS[mark])),
        dates=draw(st.sampled_from(tuple(DATES))),
        signs=draw(st.sampled_from(SIGNS)),
        words=draw(st.sampled_from(WORDS)),
        names=names,
        currency_in=draw(st.sampled_from(("column", "lower", "text", "symbol", "header", "given"))),
        encoding=draw(st.sampled_from(("utf-8", "utf-8-sig", "utf-16", CODE_PAGES.get(names["date"], "cp1250")))),
        line_end=draw(st.sampled_from(("\n", "\r\n", "\r"))),
        quoted=draw(st.booleans()),
        trailing=draw(st.booleans()),
        with_total=draw(st.booleans()),
        with_balance=draw(st.booleans()),
        with_blanks=draw(st.booleans()),
        preamble=tuple(draw(st.lists(st.sampled_from(PREAMBLES), max_size=3))),
        order=tuple(draw(st.permutations(range(len(PARTS))))),
    )


def number(amount: int, currency: str, dialect: Dialect) -> str:
    """The size of an amount as the dialect writes it, without a sign."""
    places = exponent(currency)
    whole, decimals = divmod(abs(amount), 10**places)
    text = f"{whole:,}".replace(",", dialect.grouping)
    return f"{text}{dialect.mark}{decimals:0{places}d}" if places else text


def money_cells(row: Row, dialect: Dialect) -> dict[str, str]:
    text = number(row.amount, row.currency, dialect)
    if dialect.currency_in == "text":
        text = f"{text} {row.currency}"
    if dialect.currency_in == "symbol":
        text = f"{SYMBOLS[row.currency]}{text}"
    is_out = row.amount < 0
    match dialect.signs:
        case "minus":
            return {"amount": f"-{text}" if is_out else text}
        case "plus":
            return {"amount": f"-{text}" if is_out else f"+{text}"}
        case "\u2212":
            return {"amount": f"\u2212{text}" if is_out else text}
        case "trailing":
            return {"amount": f"{text}-" if is_out else text}
        case "brackets":
            return {"amount": f"({text})" if is_out else text}
        case "suffix":
            return {"amount": f"{text} {'DR' if is_out else 'CR'}"}
        case "pair":
            return {"debit": text if is_out else "", "credit": "" if is_out else text}
        case "pair_zero":
            nothing = number(0, row.currency, dialect)
            return {"debit": text if is_out else nothing, "credit": nothing if is_out else text}
        case "pair_negative":
            return {"debit": f"-{text}" if is_out else "", "credit": "" if is_out else text}
        case _:
            return {"amount": text, "indicator": dialect.words[0 if is_out else 1]}


def cells_of(row: Row, dialect: Dialect) -> dict[str, str]:
    cells = {"date": row.date.strftime(dialect.dates), "description": row.description, "txn_id": row.txn_id}
    if dialect.currency_in in ("column", "lower"):
        cells["currency"] = row.currency.lower() if dialect.currency_in == "lower" else row.currency
    if dialect.with_balance:
        cells["balance"] = number(123456789, row.currency, dialect)
    return cells | money_cells(row, dialect)


def written(truth: Sequence[Row], dialect: Dialect) -> bytes:
    """The truth as a file."""
    records = [cells_of(row, dialect) for row in truth]
    parts = [PARTS[i] for i in dialect.order if PARTS[i] in records[0]]
    out = io.StringIO()
    writer = csv.writer(
        out,
        delimiter=dialect.delimiter,
        lineterminator=dialect.line_end,
        quoting=csv.QUOTE_ALL if dialect.quoted else csv.QUOTE_MINIMAL,
    )
    end = [""] if dialect.trailing else []
    writer.writerow([header_name(part, truth, dialect) for part in parts] + end)
    for record in records:
        writer.writerow([record[part] for part in parts] + end)
        if dialect.with_blanks:
            out.write(dialect.line_end)
    if dialect.with_total and (total := total_cells(truth, dialect)):
        writer.writerow([total.get(part, "") for part in parts] + end)
    head = "".join(line + dialect.line_end for line in dialect.preamble)
    text = head + out.getvalue()
    narrow = text.replace("\u202f", "\u00a0").replace("\u2212", "-") if dialect.encoding.startswith("cp") else text
    return narrow.encode(dialect.encoding, "replace")


def header_name(part: str, truth: Sequence[Row], dialect: Dialect) -> str:
    in_header = dialect.currency_in == "header" and part in ("amount", "debit", "credit")
    return f"{dialect.names[part]} ({truth[0].currency})" if in_header else dialect.names[part]


def total_cells(truth: Sequence[Row], dialect: Dialect) -> dict[str, str]:
    """A row that states what the truth sums to, where a file of one currency and signed amounts could hold one."""
    if dialect.signs not in ("minus", "plus") or len({row.currency for row in truth}) > 1:
        return {}
    total = Row(
        date=truth[0].date, amount=sum(r.amount for r in truth), currency=truth[0].currency, description="", txn_id=""
    )
    return {"date": dialect.names["total"], "amount": money_cells(total, dialect)["amount"]}


def right_answers(truth: Sequence[Row], dialect: Dialect) -> dict[str, str]:
    """What the writer would say to the questions its dialect may leave open."""
    answers = {
        "DECIMAL_MARK": dialect.mark,
        "ENCODING": dialect.encoding,
        "CURRENCY": truth[0].currency,
        "DELIMITER": dialect.delimiter,
        "SIGN_MODEL": {"pair_negative": "debit_negative", "indicator": "indicator"}.get(dialect.signs, "?"),
    }
    order = DATES[dialect.dates]
    code = "TWO_DIGIT_YEAR" if dialect.dates.endswith("%y") else "DAY_MONTH_ORDER"
    return answers | ({code: order} if order else {})


def read_by_answers(data: bytes, answers: dict[str, str], currency: str | None) -> Reading:
    """The reading after every question was answered once, and rightly."""
    given: dict[str, str] = {}
    while True:
        reading = read_bytes(data, currency=currency, **given)
        assert reading.refused is None
        if not reading.questions and "ENCODING" not in given and is_damaged(reading):
            given["ENCODING"] = answers["ENCODING"]
            continue
        if not reading.questions:
            return reading
        for question in reading.questions:
            assert question.code in answers, question
            assert question.code not in given, question
            assert question.free_text or answers[question.code] in {choice.value for choice in question.choices}
            given[question.code] = answers[question.code]


def is_damaged(reading: Reading) -> bool:
    """A single byte that is no UTF-8 costs its row, and the reject says that an encoding may be named."""
    return any(reject.code == "ROW_BAD_UNICODE" and "ENCODING" in reject.problem for reject in reading.rejects)


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(truth=st.lists(rows, min_size=1, max_size=7), dialect=dialects())
def test_whatever_the_dialect_the_truth_is_read_or_asked_for(truth: list[Row], dialect: Dialect) -> None:
    if dialect.currency_in in ("header", "given"):
        truth = [Row(**{**as_dict(row), "currency": truth[0].currency}) for row in truth]
    data = written(truth, dialect)
    currency = truth[0].currency if dialect.currency_in == "given" else None
    reading = read_by_answers(data, right_answers(truth, dialect), currency)
    assert reading.rejects == (), (data, reading.rejects)
    found = zip(*(reading.table[name].to_pylist() for name in ("date", "amount", "currency", "txn_id")), strict=True)
    assert list(found) == [(row.date, row.amount, row.currency, row.txn_id) for row in truth], data
    again = read_bytes(data, mapping=reading.mapping)
    assert again.table.equals(reading.table)


def as_dict(row: Row) -> dict[str, object]:
    return {name: getattr(row, name) for name in Row.__slots__}
