"""PayPal's settlement report (STL) and transaction report (TRR): CSV records whose first cell says what they are.

Source: PayPal's report reference. `CH` names the columns, `SB` is a transaction. Amounts are whole numbers of
hundredths in every currency, the yen too, without a sign: `CR` and `DR` beside them say which way money went, and a fee
that is a debit is a cost. What moved the balance is gross less fee. The dispute report (DDR) lists claims and no
movements, so it is refused.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from recon.ingest.answers import Answers
from recon.ingest.encoding import decode
from recon.ingest.findings import Finding
from recon.ingest.grid import OddRow
from recon.ingest.statements.statement import Entry, Section, Statement, StatementFormat, grid_of
from recon.ingest.stop import Refused
from recon.model.reading import Control, ControlKind, Example

_CLAIM: Final = re.compile(rb'(?:\xef\xbb\xbf)?\s*"?RH"?,')
_DATE: Final = re.compile(r"(\d{4})/(\d\d)/(\d\d)(.*)")
_SIGNS: Final = {"CR": 1, "DR": -1}
_ENDS: Final = frozenset(("RF", "RC", "FF"))


def _claims(head: bytes) -> bool:
    return _CLAIM.match(head) is not None


def _read(data: bytes, answers: Answers) -> Statement:
    text = decode(data, answers)
    reader = _Reader()
    for line, cells in _records(text.data.decode("utf-8", "replace")):
        reader.take(line, cells)
    if not reader.is_whole:
        raise Refused("FILE_DAMAGED", "The report is cut short: its footer (RF, RC or FF) is missing. Get it again.")
    return Statement(
        encoding=text.encoding,
        grid=grid_of(reader.entries, reader.odd),
        sections=tuple(reader.sections),
        findings=tuple(reader.findings),
    )


PAYPAL_REPORT: Final = StatementFormat(
    name="paypal_report",
    title="PayPal settlement report (STL) and transaction report (TRR)",
    claims=_claims,
    read=_read,
)


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """(line, cells) of every record; a cell may hold line breaks."""
    rows = csv.reader(text.split("\n"))
    line = 0
    for cells in rows:
        yield line + 1, [cell.strip() for cell in cells]
        line = rows.line_num


@dataclass(slots=True)
class _Reader:
    """Collects entries and sections, record by record."""

    entries: list[Entry] = field(default_factory=list)
    odd: list[OddRow] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    is_whole: bool = False
    _names: list[str] = field(default_factory=list)
    _account: str = ""
    _first: int = 1
    _count: int = 0

    def take(self, line: int, cells: list[str]) -> None:
        code = cells[0].upper() if cells else ""
        self.is_whole |= code in _ENDS
        if code == "SH":
            self._account, self._first, self._count = (cells[3] if len(cells) > 3 else ""), line, 0
        elif code == "CH":
            self._names = [name.casefold() for name in cells[1:]]
            if "gross transaction amount" not in self._names:
                problem = "This PayPal report lists no movements of money. Send the settlement report (STL) instead."
                raise Refused("FILE_KIND", problem)
        elif code == "SB":
            self._take_row(line, cells[1:])
        elif code == "SC":
            self._end_section(line, cells)

    def _take_row(self, line: int, values: list[str]) -> None:
        self._count += 1
        said = dict(zip(self._names, values, strict=False))
        gross = _hundredths(said, "gross transaction amount", "transaction debit or credit")
        fee = _hundredths(said, "fee amount", "fee debit or credit") or 0
        on = _DATE.fullmatch(said.get("transaction completion date") or said.get("transaction initiation date", ""))
        currency = said.get("gross transaction currency", "")
        if gross is None or on is None or (fee and said.get("fee currency", currency) not in (currency, "")):
            problem = "The row has no amount with CR or DR, no date, or a fee in another currency than its amount."
            self.odd.append(OddRow(line=line, cells=tuple(values), code="STATEMENT_ENTRY", problem=problem))
            return
        self.entries.append(
            Entry(
                line=line,
                date=f"{on[1]}-{on[2]}-{on[3]}{on[4]}",
                amount=_decimal(gross + fee),
                fee=_decimal(-fee) if said.get("fee amount") else "",
                currency=currency,
                account=self._account,
                txn_id=said.get("transaction id", ""),
                payment_ref=said.get("invoice id", "") or said.get("paypal reference id", ""),
                description=said.get("custom field", ""),
                counterparty=said.get("consumer id", ""),
                kind=said.get("transaction event code", ""),
            )
        )

    def _end_section(self, line: int, cells: list[str]) -> None:
        section = Section(
            name=f"The section on line {self._first}",
            account=self._account,
            currency="",
            first_line=self._first,
            last_line=line,
        )
        self.sections.append(section)
        if len(cells) > 1 and cells[1].isdecimal():
            stated = int(cells[1])
            says = f"{section.name} states {stated} rows; {self._count} were found."
            kind = ControlKind.COUNT
            control = Control(kind=kind, account=None, currency=None, stated=stated, found=self._count, says=says)
            self.findings.append(
                Finding(control=control, example=Example(line=line, cells={"record": ",".join(cells)}))
            )


def _hundredths(said: dict[str, str], amount: str, direction: str) -> int | None:
    """The signed hundredths of an amount; None without digits or direction."""
    text, sign = said.get(amount, ""), _SIGNS.get(said.get(direction, "").upper())
    return sign * int(text) if text.isdecimal() and text.isascii() and sign else 0 if text == "0" else None


def _decimal(hundredths: int) -> str:
    """Hundredths as a decimal, without decimals where there are none: a yen has none."""
    sign, digits = ("-" if hundredths < 0 else ""), str(abs(hundredths)).rjust(3, "0")
    return f"{sign}{digits[:-2]}" if digits.endswith("00") else f"{sign}{digits[:-2]}.{digits[-2:]}"
