"""ISO 20022 cash management: camt.053 statements, camt.052 reports and camt.054 notifications, of every version.

Element names are compared without their namespace. What moved the balance is `Ntry/Amt`, signed by `CdtDbtInd`; the
details of a batch become rows of their own where they sum to the entry, and share its reference as their group. A
reversal keeps the sign of its entry; where a bank turns it round and only so the balance closes, that is done and said.
Only entries with status BOOK moved anything. No entities, no document type, no network.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Final
from xml.etree.ElementTree import Element, ParseError

import defusedxml
from defusedxml.ElementTree import iterparse

from recon.ingest.answers import Answers
from recon.ingest.grid import OddRow
from recon.ingest.statements.camt_entries import attribute_of, odd_entry, rows_of, signed, text_of
from recon.ingest.statements.statement import Balance, Entry, Section, Statement, StatementFormat, grid_of
from recon.ingest.stop import Refused
from recon.model.reading import Note

_CLAIM: Final = re.compile(rb"<(?:[\w.-]+:)?BkToCstmr(?:Stmt|AcctRpt|DbtCdtNtfctn)\b")
_STATEMENTS: Final = frozenset(("Stmt", "Rpt", "Ntfctn"))
_OPENING: Final = ("OPBD", "PRCD", "ITBD")
_PENDING: Final = {"PDNG": "pending", "INFO": "for information", "FUTR": "of a future day"}


def _claims(head: bytes) -> bool:
    return _CLAIM.search(head.replace(b"\x00", b"")) is not None


def _read(data: bytes, answers: Answers) -> Statement:
    del answers  # nothing about a camt message is a matter of opinion
    reader = _Reader()
    try:
        for parent, element in _elements(data):
            reader.take(parent, element)
    except ParseError as error:
        line = error.position[0]
        raise Refused("FILE_DAMAGED", f"The XML is damaged or cut short on line {line}. Send it again.") from None
    except defusedxml.DefusedXmlException:
        problem = "The XML declares a document type or entities. A statement has neither: send it as the bank made it."
        raise Refused("FILE_ENTITIES", problem) from None
    except (LookupError, ValueError):
        raise Refused("FILE_DAMAGED", "The XML names an encoding there is none of. Send the file again.") from None
    turned_count = _turn_reversals(reader)
    return Statement(
        encoding=None,
        grid=grid_of(reader.entries, reader.odd),
        sections=tuple(reader.sections),
        ignored=dict(reader.ignored),
        notes=tuple(_notes(reader, turned_count)),
    )


CAMT: Final = StatementFormat(
    name="camt", title="ISO 20022 camt.052, camt.053 and camt.054", claims=_claims, read=_read
)


def _elements(data: bytes) -> Iterator[tuple[str, Element]]:
    """(name of the parent, element) of what is directly below a statement, each complete and without its namespace."""
    path: list[str] = []
    for event, element in iterparse(io.BytesIO(data), events=("start", "end"), forbid_dtd=True):
        name = element.tag.rpartition("}")[2]
        if event == "start":
            path.append(name)
            continue
        path.pop()
        element.tag = name
        parent = path[-1] if path else ""
        if parent in _STATEMENTS or name in _STATEMENTS or name == "LastPgInd":
            yield parent, element
        if parent in _STATEMENTS:
            element.clear()


@dataclass(slots=True)
class _Reader:
    """Collects entries and sections, element by element; a statement's own parts come before its entries."""

    entries: list[Entry] = field(default_factory=list)
    reversals: set[int] = field(default_factory=set)
    odd: list[OddRow] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    is_report: bool = False
    is_part: bool = False
    _head: dict[str, str] = field(default_factory=dict)
    _balances: dict[str, Balance] = field(default_factory=dict)
    _first: int = 1

    def take(self, parent: str, element: Element) -> None:
        if element.tag == "LastPgInd":
            self.is_part |= element.text == "false"
        elif element.tag in _STATEMENTS:
            self._end_statement(element)
        elif element.tag == "Acct":
            self._head["account"] = text_of(element, "Id/IBAN") or text_of(element, "Id/Othr/Id")
            self._head["currency"] = text_of(element, "Ccy")
        elif element.tag == "Id" and parent in _STATEMENTS:
            self._head["id"] = (element.text or "").strip()
        elif element.tag == "Bal":
            self._take_balance(element)
        elif element.tag == "TxsSummry":
            self._head["debits"] = text_of(element, "TtlDbtNtries/Sum")
            self._head["credits"] = text_of(element, "TtlCdtNtries/Sum")
        elif element.tag == "Ntry":
            self._take_entry(element)

    @property
    def _next(self) -> int:
        return len(self.entries) + len(self.odd) + 1

    def _take_balance(self, element: Element) -> None:
        code = text_of(element, "Tp/CdOrPrtry/Cd") or text_of(element, "Tp/CdOrPrtry/Prtry")
        amount = signed(text_of(element, "Amt"), text_of(element, "CdtDbtInd"))
        if amount is None:
            return
        self._head.setdefault("balance_currency", attribute_of(element, "Amt", "Ccy"))
        balance = Balance(amount=amount, on=(text_of(element, "Dt/Dt") or text_of(element, "Dt/DtTm"))[:10])
        if code == "ITBD" and "ITBD" in self._balances:
            self._balances["ITBD closing"] = balance
        else:
            self._balances.setdefault(code, balance)

    def _take_entry(self, element: Element) -> None:
        status = text_of(element, "Sts/Cd") or text_of(element, "Sts")
        if status in _PENDING:
            self.ignored[_PENDING[status]] += 1
            return
        rows = list(rows_of(element, self._next, self._head.get("account", "")))
        if not rows:
            self.odd.append(odd_entry(element, self._next))
            return
        if text_of(element, "RvslInd") == "true":
            self.reversals |= {row.line for row in rows}
        self.entries += rows

    def _end_statement(self, element: Element) -> None:
        head, self._head = self._head, {}
        balances, self._balances = self._balances, {}
        self.is_report |= element.tag == "Rpt"
        opening = next((balances[code] for code in _OPENING if code in balances), None)
        closings = ("CLBD", "ITBD closing", *(("ITBD",) if "OPBD" in balances or "PRCD" in balances else ()))
        closing = next((balances[code] for code in closings if code in balances), None)
        rows = self.entries[-1:] if self._first < self._next else []
        currency = head.get("currency") or head.get("balance_currency") or (rows[0].currency if rows else "")
        has_all = not self.ignored  # a sum over pending entries is no sum of ours
        self.sections.append(
            Section(
                name=f"Statement {head.get('id', '')}".strip(),
                account=head.get("account", ""),
                currency=currency,
                first_line=self._first,
                last_line=self._next - 1,
                opening=opening,
                closing=closing,
                debits=head.get("debits") or None if has_all else None,
                credits=head.get("credits") or None if has_all else None,
            )
        )
        self._first = self._next


def _notes(reader: _Reader, turned_count: int) -> Iterator[Note]:
    if turned_count:
        text = "Reversals count the other way round than they are marked: only so does the balance close."
        yield Note(code="REVERSALS_TURNED", text=text, count=turned_count)
    if reader.is_report:
        text = "An interim report (camt.052): the statement of the day brings these entries again."
        yield Note(code="INTERIM_REPORT", text=text)
    if reader.is_part:
        yield Note(code="STATEMENT_PART", text="The message says that it is not the last part of its statement.")


def _turn_reversals(reader: _Reader) -> int:
    """Turn the reversals of each statement whose balance closes only so; gives how many rows were turned."""
    turned = 0
    for section in reader.sections:
        own = [i for i, row in enumerate(reader.entries) if section.first_line <= row.line <= section.last_line]
        reversed_ = [i for i in own if reader.entries[i].line in reader.reversals]
        if not reversed_ or section.opening is None or section.closing is None:
            continue
        missing = Decimal(section.closing.amount) - Decimal(section.opening.amount)
        missing -= sum(Decimal(reader.entries[i].amount) for i in own)
        if missing and missing == -2 * sum(Decimal(reader.entries[i].amount) for i in reversed_):
            for i in reversed_:
                reader.entries[i] = replace(reader.entries[i], amount=format(-Decimal(reader.entries[i].amount), "f"))
            turned += len(reversed_)
    return turned
