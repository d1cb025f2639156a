"""The words by which rows say that they are no transactions: balances, totals, row counts, and states of payments.

Compared in their plain form, and always as the whole cell.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class Aside(StrEnum):
    """Why a row is not a transaction."""

    BLANK = "blank"
    COMMENT = "comment"
    REPEATED_HEADER = "repeated header"
    OPENING_BALANCE = "opening balance"
    CLOSING_BALANCE = "closing balance"
    TOTAL = "total"
    ROW_COUNT = "row count"
    FOOTER = "footer"
    CONTINUATION = "a description that goes on"
    NOT_BOOKED = "not booked"


_OPENING: Final = (
    "opening balance", "balance brought forward", "brought forward", "balance b f", "starting balance",
    "beginning balance", "previous balance", "start balance", "saldo anterior", "saldo inicial", "saldo iniziale",
    "anfangssaldo", "saldo alt", "alter saldo", "kontostand alt", "saldovortrag", "beginsaldo", "openingssaldo",
    "solde initial", "solde precedent", "ancien solde", "saldo poczatkowe", "nyito egyenleg", "ingaende saldo",
    "входящий остаток",
)  # fmt: skip
_CLOSING: Final = (
    "closing balance", "balance carried forward", "carried forward", "balance c f", "ending balance", "end balance",
    "final balance", "new balance", "saldo final", "saldo finale", "endsaldo", "neuer saldo", "saldo neu",
    "kontostand neu", "eindsaldo", "slotsaldo", "solde final", "nouveau solde", "saldo koncowe", "zaro egyenleg",
    "utgaende saldo", "исходящий остаток", "balance", "saldo", "solde", "kontostand",
)  # fmt: skip
_TOTAL: Final = (
    "total", "totals", "grand total", "sub total", "subtotal", "page total", "total amount", "total debits",
    "total credits", "total debit", "total credit", "sum", "summe", "gesamt", "gesamtsumme", "zwischensumme", "totaal",
    "subtotaal", "totale", "totali", "somma", "totaux", "somme", "total general", "suma", "razem", "osszesen", "summa",
    "итого", "всего",
)  # fmt: skip
PHRASES: Final = {
    **dict.fromkeys(_TOTAL, Aside.TOTAL),
    **dict.fromkeys(_CLOSING, Aside.CLOSING_BALANCE),
    **dict.fromkeys(_OPENING, Aside.OPENING_BALANCE),
}
ROW_COUNT: Final = re.compile(
    r"^\W*(?:(?:total|number of|end of file|count|anzahl|nombre|aantal)\W+)?(?:of\W+)?"
    r"(?:(\d{1,9})\W+(?:rows?|records?|transactions?|lines?|entries|items)(?:\W+\w+)?"
    r"|(?:rows?|records?|transactions?|lines?|entries|items)\W+(\d{1,9}))\W*$",
    re.I,
)
NOT_BOOKED: Final = (
    "pending", "failed", "declined", "reverted", "cancelled", "canceled", "voided", "void", "rejected", "expired",
    "denied", "in progress", "processing", "scheduled", "not booked", "vorgemerkt", "umsatz vorgemerkt", "ausstehend",
    "fehlgeschlagen", "abgelehnt", "storniert", "en attente", "refuse", "refusé", "pendiente", "rechazado", "cancelado",
    "in sospeso", "autorizzato", "annullato", "in behandeling", "geweigerd", "oczekujaca", "odrzucona", "pendente",
)  # fmt: skip
