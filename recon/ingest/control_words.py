"""The words by which rows say that they are no transactions: balances, totals, row counts, and states of payments.

Compared in their plain form, and always as the whole cell.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from recon.ingest.aliases import plain


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
    "входящий остаток", "remise a nouveau", "solde anterieur", "solde de depart", "solde debut",
    "saldo a nuovo", "saldo precedente", "saldo inicial do periodo", "saldo do dia anterior",
    "saldo do periodo anterior",
    "saldo de apertura", "saldo previo", "saldo otwarcia", "bilans otwarcia", "likutis pradziai",
    "pradinis likutis", "likutis laikotarpio pradzioje", "sakuma atlikums", "atlikums sakuma", "algsaldo",
    "algjaak", "alkusaldo", "ingaende balans", "inngaende saldo", "primosaldo", "startsaldo", "pocatecni zustatek",
    "pociatocny zostatok", "pocetno stanje", "sold initial", "sold precedent", "nyitoegyenleg", "onceki bakiye",
    "остаток на начало периода", "начальный остаток", "входящий баланс", "остаток на начало",
    "saldo vortrag", "eroffnungssaldo", "kontostand zu beginn", "vorheriger kontostand", "beginning of period balance",
    "beginning of day balance", "opening ledger balance", "opening bal", "bal b f",
    "balance brought fwd", "balance bf", "start of period balance", "vorig saldo", "oud saldo",
)  # fmt: skip
_CLOSING: Final = (
    "closing balance", "balance carried forward", "carried forward", "balance c f", "ending balance", "end balance",
    "final balance", "new balance", "saldo final", "saldo finale", "endsaldo", "neuer saldo", "saldo neu",
    "kontostand neu", "eindsaldo", "slotsaldo", "solde final", "nouveau solde", "saldo koncowe", "zaro egyenleg",
    "utgaende saldo", "исходящий остаток", "balance", "saldo", "solde", "kontostand", "nouveau solde au", "solde fin",
    "solde a reporter", "saldo contabile", "saldo disponibile", "saldo attuale", "saldo do dia", "saldo atual",
    "saldo de cierre", "saldo actual", "saldo disponible", "saldo zamkniecia", "bilans zamkniecia",
    "likutis pabaigai", "galutinis likutis", "likutis laikotarpio pabaigoje", "likutis", "beigu atlikums",
    "atlikums beigas", "atlikums", "loppsaldo", "loppjaak", "loppusaldo", "utgaende balans", "ultimosaldo",
    "konecny zustatek", "konecny zostatok", "zavrsno stanje", "stanje", "sold final", "zaroegyenleg", "egyenleg",
    "bakiye",
    "остаток на конец периода", "конечный остаток", "исходящий баланс", "остаток на конец", "остаток",
    "schlusssaldo", "abschlusssaldo", "kontostand am ende", "aktueller kontostand", "end of period balance",
    "end of day balance", "closing ledger balance", "closing bal", "bal c f", "balance cf",
    "balance carried fwd", "available balance", "ledger balance", "current balance", "nieuw saldo", "zostatek",
)  # fmt: skip
_TOTAL: Final = (
    "total", "totals", "grand total", "sub total", "subtotal", "page total", "total amount", "total debits",
    "total credits", "total debit", "total credit", "sum", "summe", "gesamt", "gesamtsumme", "zwischensumme", "totaal",
    "subtotaal", "totale", "totali", "somma", "totaux", "somme", "total general", "suma", "razem", "osszesen", "summa",
    "итого", "всего", "apyvarta", "viso", "is viso", "apgrozijums", "kopa", "kaive", "kokku", "yhteensa", "totalt",
    "i alt", "celkem", "spolu", "ukupno", "skupaj", "toplam", "obroty", "suma obrotow", "totaal generaal",
    "totaalbedrag",
    "gesamtbetrag", "summe umsatze", "saldo umsatze", "umsatze gesamt", "total mouvements", "total des mouvements",
    "total des operations", "total operations", "total periode", "totale movimenti", "totale generale",
    "totale uscite",
    "totale entrate", "totale addebiti", "totale accrediti", "total de movimientos", "total movimientos",
    "total do periodo", "total geral", "total de debitos", "total de creditos", "total withdrawals", "total deposits",
    "total payments", "total receipts", "total credits and debits", "total transactions", "grand totals", "net total",
    "sub totals", "subtotals", "report total", "period total", "statement total", "overall total", "sum total",
    "total for period", "totals for period", "total turnover", "оборот", "обороты", "итого обороты",
)  # fmt: skip
_WRITTEN: Final = {
    **dict.fromkeys(map(plain, _TOTAL), Aside.TOTAL),
    **dict.fromkeys(map(plain, _CLOSING), Aside.CLOSING_BALANCE),
    **dict.fromkeys(map(plain, _OPENING), Aside.OPENING_BALANCE),
}
PHRASES: Final = {" ".join(name): kind for name, kind in _WRITTEN.items() if " " not in name} | _WRITTEN
"""Plain phrase -> what its row is; single words count spaced out too (`S A L D O`)."""
ALSO_A_NAME: Final = frozenset(("total",))
"""What a dated row with a currency may call its shop: Total runs petrol stations."""
FIRST_WORDS: Final = frozenset(name.split()[0] for name in _WRITTEN)
_LONGEST_LABEL: Final = 8


def kind_of_label(text: str) -> Aside | None:
    """What a plain text says that begins with a phrase and goes on a little: `total for january`, `saldo per 31 12`.

    Only for rows without a date, which are no transactions in any case.
    """
    words = text.split()
    if len(words) > _LONGEST_LABEL:
        return None
    heads = (" ".join(words[:count]) for count in range(len(words), 0, -1))
    return next((PHRASES[head] for head in heads if head in PHRASES), None)


ROW_COUNT: Final = re.compile(
    r"^\W*(?:(?:total|number of|end of file|count|anzahl|nombre|aantal)\W+)?(?:of\W+)?"
    r"(?:(\d{1,9})\W+(?:rows?|records?|transactions?|lines?|entries|items)(?:\W+\w+)?"
    r"|(?:rows?|records?|transactions?|lines?|entries|items)\W+(\d{1,9}))\W*$",
    re.I,
)
_NOT_BOOKED: Final = (
    "pending", "failed", "declined", "reverted", "cancelled", "canceled", "voided", "void", "rejected", "expired",
    "denied", "in progress", "processing", "scheduled", "not booked", "vorgemerkt", "umsatz vorgemerkt", "ausstehend",
    "fehlgeschlagen", "abgelehnt", "storniert", "en attente", "refuse", "refusé", "pendiente", "rechazado",
    "cancelado",
    "in sospeso", "autorizzato", "annullato", "in behandeling", "geweigerd", "oczekujaca", "odrzucona", "pendente",
    "failure", "fail", "unsuccessful", "error", "timed out", "timeout", "refused", "blocked",
    "authorised", "authorized", "authorisation", "authorization", "authorized only", "incomplete", "uncaptured",
    "aborted", "dropped", "draft", "queued", "not completed",
    "transaction failed", "payment failed", "transaction declined", "transaction pending", "awaiting",
    "abgebrochen", "in bearbeitung", "zuruckgewiesen", "reserviert", "vormerkung", "nicht gebucht",
    "echoue", "echouee", "annule", "annulee", "refusee", "en cours", "rejete", "rejetee", "fallido", "fallida",
    "rechazada", "cancelada", "anulado", "anulada", "en curso", "rifiutato", "fallito", "non contabilizzato",
    "in corso", "prenotato", "mislukt", "geannuleerd", "gereserveerd", "reservering", "niet geboekt", "w toku",
    "odrzucone", "oczekujace", "anulowane", "anulowana", "nieudana", "blokada", "falhou", "recusado", "recusada",
    "em processamento", "nao autorizado", "misslyckad", "avvisad", "reserverad", "vantande", "reserveret", "afvist",
    "fuggoben", "fuggo", "elutasitva", "sikertelen", "zarolt", "в обработке", "отклонено", "отказ", "ошибка",
    "не исполнен",
    "отменен", "отменено", "neprovedeno", "zamitnuto", "ceka se",
)  # fmt: skip
_BOOKED: Final = (
    "completed", "complete", "success", "succeeded", "successful", "posted", "booked", "settled", "cleared", "paid",
    "sent", "received", "processed", "approved", "captured", "refunded", "partially refunded", "done", "ok", "final",
    "executed", "confirmed", "accepted", "closed", "funds sent", "deposited", "partially paid", "gebucht",
    "umsatz gebucht", "abgeschlossen", "verbucht", "ausgeführt", "bezahlt", "termine", "effectue", "comptabilise",
    "paye", "valide", "completado", "completada", "pagado", "contabilizzato", "completato", "eseguito", "pagato",
    "voltooid", "geboekt", "verwerkt", "zaksiegowane", "wykonana", "zrealizowana", "concluido", "liquidado", "pago",
    "konyvelt", "teljesult", "проведено", "исполнен", "исполнено", "выполнено", "bokford", "genomford", "zauctovano",
)  # fmt: skip
NOT_BOOKED: Final = frozenset(map(plain, _NOT_BOOKED))
"""States in which no money has moved."""
KNOWN_STATES: Final = NOT_BOOKED | frozenset(map(plain, _BOOKED))
