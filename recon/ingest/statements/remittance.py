"""What banks say about an entry, in the ways they say it: German GVC subfields, Dutch `/CODE/` pairs, or plain text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_GVC: Final = re.compile(r"\d{3}([^\w\s/:])(?=\d\d)")
_SEPA: Final = re.compile(
    r"(?:^|(?<=\s))(EREF|KREF|MREF|CRED|DEBT|SVWZ|ABWA|ABWE|IBAN|BIC|COAM|OAMT|RTRN)[+:](?=\S|\s|$)"
)
_SLASHED: Final = re.compile(
    r"/(TRTP|IBAN|BIC|NAME|REMI|EREF|KREF|PREF|CSID|MARF|CNTP|ORDP|BENM|ID|ADDR|ISDT|RTRN|ULTC|ULTD|PURP|OCMT|SVCL|BUSP)/"
)
_NOTHING: Final = frozenset(("", "NOTPROVIDED", "NONREF", "NOT PROVIDED"))
_PURPOSE: Final = frozenset((*range(20, 30), *range(60, 64)))
_NAME: Final = frozenset((32, 33))
_BOOKING_TEXT: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Remittance:
    """The parts of what a bank says about an entry; empty where it says nothing."""

    reference: str = ""
    text: str = ""
    counterparty: str = ""
    kind: str = ""


def read_remittance(text: str) -> Remittance:
    """A field's text, its lines parted by line feeds, in whichever way it is written."""
    if (gvc := _GVC.match(text)) is not None:
        return _german(text[gvc.end() - 1 :], gvc[1])
    joined = text.replace("\n", "")
    if _SLASHED.match(joined.lstrip()):
        return _dutch(joined)
    return Remittance(text=_words(text.replace("\n", " ")))


def _german(text: str, mark: str) -> Remittance:
    """Subfields `?20`; a word cut at the end of one goes on in the next, so they are joined without a blank."""
    parts = re.split(rf"{re.escape(mark)}(\d\d)", text.replace("\n", ""))
    fields = [(int(code), said) for code, said in zip(parts[1::2], parts[2::2], strict=True)]
    purpose = "".join(_padded(said) for code, said in fields if code in _PURPOSE)
    said = _sepa(purpose)
    return Remittance(
        reference=said.get("EREF", "") or said.get("KREF", ""),
        text=_words(said.get("SVWZ", "") or (said[""] if said.keys() == {""} else said.get("", ""))),
        counterparty=_words("".join(said for code, said in fields if code in _NAME)),
        kind=_words(next((said for code, said in fields if code == _BOOKING_TEXT), "")),
    )


def _padded(said: str) -> str:
    """A subfield; one that begins a SEPA part begins a word."""
    return f" {said}" if _SEPA.match(said) else said


def _sepa(purpose: str) -> dict[str, str]:
    """`EREF+... SVWZ+...` by their code; what stands before the first under the empty code."""
    parts = _SEPA.split(purpose)
    found = {"": _words(parts[0])}
    for code, said in zip(parts[1::2], parts[2::2], strict=True):
        value = _words(said)
        found.setdefault(code, "" if value.upper() in _NOTHING else value)
    return found


def _dutch(text: str) -> Remittance:
    """`/EREF/.../NAME/.../REMI/...`; the structured remittance of `/REMI/USTD//text` is the text."""
    parts = _SLASHED.split(text)
    found: dict[str, str] = {}
    for code, said in zip(parts[1::2], parts[2::2], strict=True):
        value = said.strip().strip("/").strip()
        if value.upper() not in _NOTHING:
            found.setdefault(code, value)
    remitted = re.sub(r"^(?:USTD|STRD(?:/\w+)?)/+", "", found.get("REMI", ""))
    parties = found.get("CNTP", "").split("/")
    return Remittance(
        reference=found.get("EREF", ""),
        text=_words(remitted),
        counterparty=_words(found.get("NAME", "") or (parties[2] if len(parties) > 2 else "")),
        kind=_words(found.get("TRTP", "")),
    )


def _words(text: str) -> str:
    """Text with single blanks, no-break spaces among them."""
    return " ".join(text.split())
