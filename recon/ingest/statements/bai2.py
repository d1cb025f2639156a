"""BAI2 (Cash Management Balance Reporting Specifications, version 2): records `01` to `99`, amounts in minor units.

A detail (`16`) has no sign: its type code says whether it is a credit (100 to 399) or a debit (400 to 699). Texts may
hold commas and slashes, and `88` goes on with the record before it. Trailers (`49`, `98`, `99`) state the sum of all
amounts, summaries among them, and the number of records: both are held against the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from recon.ingest.answers import Answers
from recon.ingest.encoding import decode
from recon.ingest.findings import Finding
from recon.ingest.grid import OddRow
from recon.ingest.statements.statement import Balance, Entry, Section, Statement, StatementFormat, grid_of
from recon.ingest.stop import Refused
from recon.model.reading import Control, ControlKind, Example, Note
from recon.money import exponents

_CLAIM: Final = re.compile(rb"\s*01,[^,\r\n]*,[^,\r\n]*,\d{6},\d{0,4},[^\r\n]*[\r\n]+02,")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_AMOUNT: Final = re.compile(r"[+-]?\d+")
_OPENING, _CLOSING = "010", "015"
_TEST_GROUP: Final = "4"
_CREDITS: Final = range(100, 400)
_DEBITS: Final = range(400, 700)
_EXTRA_FIELDS: Final = {"S": 3, "V": 2}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    """One logical record: the line it starts on, its physical records, and its fields after the code."""

    code: str
    line: int
    last_line: int
    physical_count: int
    text: str

    def fields(self) -> list[str]:
        return self.text.split(",")


def _claims(head: bytes) -> bool:
    return _CLAIM.match(head.removeprefix(b"\xef\xbb\xbf")) is not None


def _read(data: bytes, answers: Answers) -> Statement:
    text = decode(data, answers)
    reader = _Reader()
    for record in _records(text.data.decode("utf-8", "replace")):
        reader.take(record)
    if not reader.is_whole:
        raise Refused("FILE_DAMAGED", "The file is cut short: its trailer, record 99, is missing. Send it again.")
    return Statement(
        encoding=text.encoding,
        grid=grid_of(reader.entries, reader.odd),
        sections=tuple(reader.sections),
        ignored=dict(reader.ignored),
        findings=tuple(reader.findings),
        notes=tuple(reader.notes),
    )


BAI2: Final = StatementFormat(name="bai2", title="BAI2", claims=_claims, read=_read)


def _records(text: str) -> Iterator[_Record]:
    """Logical records. A record that ended with `/` goes on with further fields, a text with further words."""
    code, first, last, count, parts = "", 0, 0, 0, ""
    for number, raw in enumerate(_LINE_END.split(text), start=1):
        line = raw.strip()
        if not line:
            continue
        here, _, rest = line.partition(",")
        if here == "88" and code:
            parts = f"{parts[:-1]},{rest}" if parts.endswith("/") else f"{parts} {rest}"
            last, count = number, count + 1
            continue
        if code:
            yield _Record(code=code, line=first, last_line=last, physical_count=count, text=parts.removesuffix("/"))
        code, first, last, count, parts = here, number, number, 1, rest
    if code:
        yield _Record(code=code, line=first, last_line=last, physical_count=count, text=parts.removesuffix("/"))


@dataclass(slots=True)
class _Sum:
    """What a trailer speaks of: the amounts and physical records since its header."""

    amount: int = 0
    record_count: int = 0
    parts_count: int = 0

    def add(self, other: _Sum) -> None:
        self.amount += other.amount
        self.record_count += other.record_count
        self.parts_count += 1


@dataclass(slots=True)
class _Reader:
    """Collects entries and sections, record by record, and holds every trailer against what came before it."""

    entries: list[Entry] = field(default_factory=list)
    odd: list[OddRow] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    is_whole: bool = False
    _file: _Sum = field(default_factory=_Sum)
    _group: _Sum = field(default_factory=_Sum)
    _account: _Sum = field(default_factory=_Sum)
    _as_of: str = ""
    _group_currency: str = ""
    _number: str = ""
    _currency: str = ""
    _balances: dict[str, str] = field(default_factory=dict)
    _first_line: int = 0

    def take(self, record: _Record) -> None:
        match record.code:
            case "16":
                self._account.record_count += record.physical_count
                self._detail(record)
            case "03":
                self._account = _Sum(record_count=record.physical_count)
                self._open_account(record)
            case "49":
                self._account.record_count += record.physical_count
                self._close_account(record)
            case "02":
                self._group = _Sum(record_count=record.physical_count)
                self._open_group(record)
            case "98":
                self._group.record_count += record.physical_count
                self._close_group(record)
            case "01":
                self._file.record_count += record.physical_count
            case "99":
                self._file.record_count += record.physical_count
                self._close_file(record)
            case _:
                self._account.record_count += record.physical_count
                problem = f"Record {record.code[:20]} is none of BAI2: 01, 02, 03, 16, 49, 88, 98 or 99 expected."
                self.odd.append(
                    OddRow(line=record.line, cells=(record.text,), code="STATEMENT_RECORD", problem=problem)
                )

    def _open_group(self, record: _Record) -> None:
        fields = [*record.fields(), *[""] * 7]
        self._as_of, self._group_currency = _day(fields[3]), fields[5].strip().upper()
        if fields[2] == _TEST_GROUP:
            self.notes.append(Note(code="TEST_FILE", text=f"The group on line {record.line} says it is a test."))

    def _open_account(self, record: _Record) -> None:
        number, currency, *summaries = [*record.fields(), "", ""]
        self._number, self._first_line = number.strip(), record.line
        self._currency = currency.strip().upper() or self._group_currency or "USD"
        self._balances = {}
        for code, amount in _summaries(summaries):
            self._account.amount += int(amount)
            self._balances.setdefault(code, amount)

    def _detail(self, record: _Record) -> None:
        fields = record.fields()
        code, amount, funds = (field.strip() for field in [*fields, "", ""][:3])
        if not amount:
            self.ignored["without an amount"] += 1
            return
        minor = int(amount) if _AMOUNT.fullmatch(amount) else None
        self._account.amount += minor or 0
        entry = self._entry(record, code, minor, _after_funds(funds, fields[3:]) if funds else fields[3:])
        if isinstance(entry, OddRow):
            self.odd.append(entry)
        else:
            self.entries.append(entry)

    def _entry(self, record: _Record, code: str, minor: int | None, rest: list[str]) -> Entry | OddRow:
        kind = int(code) if code.isdecimal() and code.isascii() else 0
        if minor is None or not (kind in _CREDITS or kind in _DEBITS):
            problem = "The detail has no type code of a credit (100 to 399) or debit (400 to 699), or no whole amount."
            return OddRow(line=record.line, cells=(record.text,), code="STATEMENT_ENTRY", problem=problem)
        bank_reference, customer_reference, *text = [*rest, "", ""][: max(len(rest), 2)]
        return Entry(
            line=record.line,
            date=self._as_of,
            amount=_plain(str(-minor if kind in _DEBITS else minor), self._currency),
            currency=self._currency,
            account=self._number,
            txn_id=bank_reference.strip(),
            payment_ref=customer_reference.strip(),
            description=" ".join(",".join(text).split()),
            kind=code,
        )

    def _close_account(self, record: _Record) -> None:
        self._hold(record, self._account, f"Account {self._number}", records_at=1)
        self._group.add(self._account)
        opening, closing = (self._balances.get(code) for code in (_OPENING, _CLOSING))
        self.sections.append(
            Section(
                name=f"The account on line {self._first_line}",
                account=self._number,
                currency=self._currency,
                first_line=self._first_line,
                last_line=record.last_line,
                opening=None if opening is None else self._balance(opening),
                closing=None if closing is None else self._balance(closing),
            )
        )

    def _balance(self, minor: str) -> Balance:
        return Balance(amount=_plain(minor, self._currency), on=self._as_of)

    def _close_group(self, record: _Record) -> None:
        self._hold(record, self._group, f"The group that ends on line {record.line}", parts="accounts", records_at=2)
        self._file.add(self._group)

    def _close_file(self, record: _Record) -> None:
        self._hold(record, self._file, "The file", parts="groups", records_at=2)
        self.is_whole = True

    def _hold(self, record: _Record, found: _Sum, name: str, *, records_at: int, parts: str = "") -> None:
        fields = [field.strip() for field in record.fields()]
        figures = [
            ("a control total", 0, found.amount, ControlKind.TOTAL),
            *([(parts, 1, found.parts_count, ControlKind.COUNT)] if parts else []),
            ("records", records_at, found.record_count, ControlKind.COUNT),
        ]
        for word, at, is_there, kind in figures:
            if at < len(fields) and _AMOUNT.fullmatch(fields[at]):
                self.findings.append(_finding(record, name, word, int(fields[at]), is_there, kind))


def _finding(record: _Record, name: str, word: str, stated: int, found: int, kind: ControlKind) -> Finding:
    is_total = kind is ControlKind.TOTAL
    says = f"{name} states {word} of {stated}; the amounts sum to {found}." if is_total else (
        f"{name} states {stated} {word}; {found} were found."
    )  # fmt: skip
    return Finding(
        control=Control(kind=kind, account=None, currency=None, stated=stated, found=found, says=says),
        example=Example(line=record.line, cells={"record": f"{record.code},{record.text}"[:200]}),
    )


def _summaries(fields: list[str]) -> Iterator[tuple[str, str]]:
    """(type code, amount) of the summaries of an account record; each with a count and its funds type behind it."""
    while len(fields) >= 2:
        code, amount, *rest = fields
        if code.strip() and _AMOUNT.fullmatch(amount.strip()):
            yield code.strip(), amount.strip()
        fields = _after_funds(rest[1] if len(rest) > 1 else "", rest[2:])


def _after_funds(funds: str, rest: list[str]) -> list[str]:
    """The fields behind a funds type: S is followed by three amounts, V by a day and time, D by a count of pairs."""
    kind = funds.strip().upper()
    if kind == "D" and rest and rest[0].strip().isdecimal():
        return rest[1 + 2 * int(rest[0]) :]
    return rest[_EXTRA_FIELDS.get(kind, 0) :]


def _plain(minor: str, currency: str) -> str:
    """Minor units as a decimal; of a currency without decimals as it stands."""
    places = exponents().get(currency, 2)
    sign, digits = ("-", minor[1:]) if minor.startswith("-") else ("", minor.removeprefix("+"))
    digits = digits.rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else sign + digits


def _day(text: str) -> str:
    """YYMMDD as an ISO date; whether it is a day is checked where every date is."""
    return f"20{text[:2]}-{text[2:4]}-{text[4:6]}" if len(text) == 6 and text.isdecimal() else text
