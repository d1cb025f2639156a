"""One `Ntry` of a camt message to its rows: the entry itself, or one row for each detail of its batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Final
from xml.etree.ElementTree import Element

from recon.ingest.grid import OddRow
from recon.ingest.statements.statement import Entry

_NO_REFERENCE: Final = frozenset(("", "NOTPROVIDED", "NONREF"))
_PARTIES: Final = {"CRDT": ("Dbtr", "UltmtDbtr"), "DBIT": ("Cdtr", "UltmtCdtr")}


def rows_of(element: Element, first: int, account: str) -> Iterator[Entry]:
    """The rows of one booked entry: its details where they sum to it, else the entry; none when it cannot be read."""
    indicator = text_of(element, "CdtDbtInd")
    amount = signed(text_of(element, "Amt"), indicator)
    booked, valued = (_day(element, name) for name in ("BookgDt", "ValDt"))
    if amount is None or not (booked or valued):
        return
    details = element.findall("NtryDtls/TxDtls")
    entry = Entry(
        line=first,
        date=booked or valued,
        value_date=valued,
        amount=amount,
        currency=attribute_of(element, "Amt", "Ccy"),
        account=account,
        txn_id=text_of(element, "AcctSvcrRef") or text_of(element, "NtryRef"),
        description=text_of(element, "AddtlNtryInf"),
        kind=_kind(element),
    )
    parts = _amounts(details, entry.currency, indicator)
    if len(details) > 1 and parts is not None and sum(parts) == Decimal(amount):
        group = text_of(element, "NtryDtls/Btch/PmtInfId") or entry.txn_id
        for at, (detail, part) in enumerate(zip(details, parts, strict=True)):
            row = replace(entry, line=first + at, amount=format(part, "f"), group_id=group, txn_id="")
            yield _with_details(row, detail, indicator)
    else:
        batch = text_of(element, "NtryDtls/Btch/PmtInfId")
        yield _with_details(replace(entry, group_id=batch), details[0], indicator) if len(details) == 1 else entry


def _with_details(entry: Entry, detail: Element, indicator: str) -> Entry:
    """The entry as one of its details tells it; what the detail does not say is the entry's."""
    reference = next(
        (said for path in ("Refs/EndToEndId", "RmtInf/Strd/CdtrRefInf/Ref", "Refs/InstrId", "Refs/MndtId")
         if (said := text_of(detail, path)).upper() not in _NO_REFERENCE),
        "",
    )  # fmt: skip
    return replace(
        entry,
        txn_id=text_of(detail, "Refs/AcctSvcrRef") or text_of(detail, "Refs/TxId") or entry.txn_id,
        payment_ref=reference,
        description=_remitted(detail) or text_of(detail, "AddtlTxInf") or entry.description,
        counterparty=_party(detail, indicator),
    )


def _amounts(details: list[Element], currency: str, indicator: str) -> list[Decimal] | None:
    """The details' amounts in the entry's currency, signed as it unless they say otherwise; None if one is not."""
    found = []
    for detail in details:
        at = next((path for path in ("Amt", "AmtDtls/TxAmt/Amt") if attribute_of(detail, path, "Ccy") == currency), "")
        part = signed(text_of(detail, at), text_of(detail, "CdtDbtInd") or indicator) if at else None
        if part is None:
            return None
        found.append(Decimal(part))
    return found


def _party(detail: Element, indicator: str) -> str:
    """The other side of the payment: who paid what came in, or got what went out."""
    for role in _PARTIES.get(indicator, ()):
        for path in (f"RltdPties/{role}/Nm", f"RltdPties/{role}/Pty/Nm"):
            if name := text_of(detail, path):
                return name
    return ""


def _remitted(detail: Element) -> str:
    return " ".join(" ".join((part.text or "").split()) for part in detail.findall("RmtInf/Ustrd")).strip()


def _kind(element: Element) -> str:
    code = "/".join(text_of(element, f"BkTxCd/Domn/{path}") for path in ("Cd", "Fmly/Cd", "Fmly/SubFmlyCd")).strip("/")
    return code or text_of(element, "BkTxCd/Prtry/Cd")


def odd_entry(element: Element, number: int) -> OddRow:
    said = tuple(
        f"{name} {text_of(element, name)}" for name in ("NtryRef", "Amt", "CdtDbtInd") if text_of(element, name)
    )
    problem = "The entry has no amount, no direction or no date that can be read: Amt, CdtDbtInd and BookgDt expected."
    return OddRow(line=number, cells=said, code="STATEMENT_ENTRY", problem=problem)


def signed(amount: str, indicator: str) -> str | None:
    """The amount with its sign; None for what is no plain decimal, or has no direction."""
    try:
        value = Decimal(amount)
    except InvalidOperation:
        return None
    if not value.is_finite() or indicator not in _PARTIES:
        return None
    return format(-value if indicator == "DBIT" else value, "f")


def _day(element: Element, name: str) -> str:
    return (text_of(element, f"{name}/Dt") or text_of(element, f"{name}/DtTm"))[:10]


def text_of(element: Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


def attribute_of(element: Element, path: str, name: str) -> str:
    found = element.find(path)
    return "" if found is None else found.get(name, "")
