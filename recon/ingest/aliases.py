"""The names columns go by: role -> names, most wanted first. Compared in their plain form, so case, accents,
underscores and a currency beside the name do not matter.

Names of one rank (one tuple) mean the same thing; where a file has two of them, only a person knows which one counts.
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from functools import cache
from typing import Final

from recon.money import exponents


class Role(StrEnum):
    """What a column of an export can be."""

    DATE = "date"
    VALUE_DATE = "value_date"
    TIME = "time"
    TIME_ZONE = "time_zone"
    AMOUNT = "amount"
    DEBIT = "debit"
    CREDIT = "credit"
    INDICATOR = "indicator"
    CURRENCY = "currency"
    TXN_ID = "txn_id"
    PAYMENT_REF = "payment_ref"
    DESCRIPTION = "description"
    COUNTERPARTY = "counterparty"
    GROUP_ID = "group_id"
    GROSS = "gross"
    FEE = "fee"
    KIND = "kind"
    BALANCE = "balance"
    STATUS = "status"


Ranks = tuple[tuple[str, ...], ...]


def _each(*names: str) -> Ranks:
    """Every name its own rank: the first one present is taken."""
    return tuple((name,) for name in names)


ALIASES: Final[dict[Role, Ranks]] = {
    Role.DATE: (
        (
            "booking date", "posting date", "posted date", "date posted", "post date", "posted", "completed date",
            "date completed", "buchungstag", "buchungsdatum", "boekdatum", "boekingsdatum", "data contabile",
            "data operazione", "fecha operacion", "fecha contable", "fecha de operacion", "date comptable",
            "date operation", "date d operation", "data operacji", "data ksiegowania", "data lancamento",
            "data mov", "data movimento", "könyvelés dátuma", "konyveles datuma", "bokforingsdag", "bokforingsdatum",
            "bogforingsdato", "bokforingsdato", "kirjauspaiva", "дата проводки", "datum zauctovani", "run date",
            "reskontradatum", "buchung", "bokfort", "bokford", "bokfort datum", "bogfort", "bokforingsdag datum",
            "дата обработки", "konyvelesi datum", "konyveles napja", "data ksiegowania operacji", "data de lancamento",
            "data do lancamento", "data di contabilizzazione", "datum boeking", "datum uctovani",
            "datum zauctovania", "datum knjizenja", "data contabila", "fecha de contabilizacion",
            "fecha asiento", "date de comptabilisation", "date d ecriture", "date ecriture",
            "accounting date", "book date", "booked on", "booked", "ledger date",
        ),
        ("date", "datum", "data", "fecha", "dato", "datums", "kuupaev", "paivamaara", "дата", "ημερομηνία", "tarih",
         "pvm",
         "dag", "dia", "giorno", "datas", "dátum"),
        (
            "transaction date", "txn date", "trans date", "tran date", "transaktionsdatum", "date transaction",
            "fecha transaccion", "data transakcji", "tranzakcio datuma", "tranzakcio datuma es ideje",
            "tranzakcio ideje", "дата операции", "дата транзакции",
            "transaction time", "date time", "datetime", "timestamp", "umsatzdatum", "belegdatum", "process date",
            "date processed", "payment date", "invoice date", "transactiedatum", "transactie datum", "trade date",
            "transaction creation date", "transaction datetime", "transaction date time", "order date", "charge date",
            "data operazione valuta", "data da transacao", "data transacao", "data da operacao", "data tranzactiei",
            "fecha de la operacion", "fecha de transaccion", "transaktionstidpunkt", "kopdatum", "posted date time",
            "occurred at", "occurred on", "executed at", "execution date", "ausfuhrungsdatum", "data esecuzione",
            "datum transakce", "datum transakcie", "datum transakcije", "data wykonania", "maksupaiva",
            "date of payment", "entry date", "processed date", "processing date",
            "data registrazione", "data inregistrarii",
        ),
        (
            "created utc", "created", "created at", "created date", "creation date", "created on", "date utc",
            "started date", "date started", "transaction initiation date",
        ),
        ("settlement date", "payout date", "deposit date", "data liquidazione", "data de liquidacao",
         "abrechnungsdatum"),
        ("value date", "valuta", "valutadatum", "wertstellung", "rentedatum", "ertéknap", "date valeur",
         "date de valeur", "fecha valor", "data valuta", "data wartosci", "valutadag", "available on",
         "available on utc", "effective date", "data valor", "data waluty", "data de valor", "data-valor", "rentedag",
         "дата валютирования"),
    ),
    Role.VALUE_DATE: _each(
        "value date", "valuta", "valutadatum", "wertstellung", "rentedatum", "értéknap", "date valeur",
        "date de valeur", "fecha valor", "data valuta", "data wartosci", "valutadag", "available on", "effective date",
    ),
    Role.TIME: _each(
        "time", "uhrzeit", "heure", "hora", "ora", "tijd", "tijdstip", "godzina", "tid", "klockslag", "aika",
        "idopont",
        "время", "cas", "time of day", "transaction time of day", "zeit", "orario", "horario", "saat",
    ),
    Role.TIME_ZONE: _each(
        "time zone", "timezone", "zeitzone", "fuseau horaire", "zona horaria", "huso horario", "fuso orario",
        "fuso horario", "tijdzone", "strefa czasowa", "tidszon", "часовой пояс", "tz",
    ),
    Role.AMOUNT: (
        (
            "amount", "amt", "transaction amount", "txn amount", "value", "amount total", "total amount",
            "payment amount", "invoice amount", "amount in account currency", "betrag", "umsatz", "bedrag", "importo",
            "importe", "montant", "kwota", "összeg", "suma", "сумма", "belopp", "belob", "beløp", "valor", "monto",
            "summa", "castka", "čiastka", "iznos", "znesek", "määrä", "tutar", "ποσό", "bedrag bij af", "gross",
            "gross amount", "net", "net amount", "total", "brutto", "netto", "brut", "bruto", "neto",
            "total collected",
            "net total", "gross transaction amount", "amount gross", "amount net", "amount paid", "settlement amount",
            "payout amount", "booked amount", "amount booked",
            "betrag in eur", "buchungsbetrag", "umsatz in eur", "transaktionsbetrag", "gesamtbetrag", "zahlbetrag",
            "montant net", "montant brut", "montant de l operation", "montant operation", "montant transaction",
            "importe neto", "importe bruto", "importe de la operacion", "importo netto", "importo lordo",
            "importo operazione", "ammontare", "montante", "montante bruto", "montante liquido",
            "valor bruto", "valor liquido", "valor da transacao", "kwota operacji", "kwota transakcji",
            "kwota brutto", "kwota netto", "tranzakcio osszege", "konyvelt osszeg", "transaktionsbelopp",
            "summa transaktion", "сумма операции", "сумма платежа", "сумма в валюте счета", "valoare",
            "iznos transakcije", "suma operatiunii", "transactiebedrag", "bedrag transactie",
        ),
        ("local amount", "original amount", "orig amount", "totale", "quantia", "wartosc"),
    ),
    Role.DEBIT: _each(
        "debit", "debits", "debit amount", "debet", "débit", "soll", "addebiti", "addebito", "dare", "uscite",
        "uscita",
        "withdrawal", "withdrawals", "withdrawal amount", "withdrawal amt", "paid out", "money out", "outflow", "out",
        "debe", "cargo", "cargos", "débito", "débitos", "расход", "obciazenia", "obciążenie", "ausgang", "belastung",
        "lastschrift", "terhelés", "sortie", "dépense", "spent", "payments out", "debit amt", "dr amount",
        "debit transactions", "withdrawals debits", "withdrawal dr", "payments", "montant debit",
        "debits montant", "importe cargo", "importo addebito", "importo dare", "debiti", "saidas", "saida",
        "valor debito",
        "wydatki", "obciazenie konta", "ut", "uttag", "utgift", "utbetalning", "ud", "af", "gastos", "salidas",
        "depenses",
        "kiadas", "terheles osszege", "списание", "дебет", "сумма списания", "ausgaben", "abgang", "auszahlung",
        "net debit", "net debit nc", "isplata", "duguje", "tozi", "plati", "debit value",
    ),
    Role.CREDIT: _each(
        "credit", "credits", "credit amount", "kredit", "crédit", "haben", "accrediti", "accredito", "avere",
        "entrate",
        "entrata", "deposit", "deposits", "deposit amount", "deposit amt", "paid in", "money in", "inflow", "in",
        "haber", "abono", "abonos", "crédito", "créditos", "приход", "uznania", "uznanie", "eingang", "gutschrift",
        "jóváírás", "entrée", "recette", "received", "payments in", "credit amt", "cr amount", "credit transactions",
        "deposits credits", "deposit cr", "receipts", "montant credit", "importe abono", "importo accredito",
        "importo avere", "crediti", "entradas", "entrada", "valor credito", "wplywy", "uznanie konta", "insattning",
        "insatt",
        "inkomst", "inbetalning", "ind", "bij", "ingresos", "recettes", "bevetel", "jovairas osszege", "зачисление",
        "кредит", "поступление", "сумма зачисления", "einnahmen", "zugang", "einzahlung", "net credit",
        "net credit nc",
        "uplata", "potrazuje", "incasari", "credit value",
    ),
    Role.INDICATOR: _each(
        "indicator", "d c", "d k", "dc", "dr cr", "cr dr", "c d", "drcr", "crdr", "af bij", "credit debet",
        "debet credit", "debit credit", "credit debit", "soll haben", "haben soll", "s h", "bevétel kiadás",
        "debit or credit", "credit or debit", "transaction debit or credit", "credit debit indicator",
        "debit credit indicator", "credit debet indicator", "debet credit indicator", "debit credit flag",
        "dr cr flag",
        "cdt dbt ind", "cr dr indicator", "dr cr indicator", "debit credit mark", "d c mark", "direction", "sign",
        "billing amount sign", "bij af",
    ),
    Role.CURRENCY: (
        ("currency", "ccy", "cur", "curr", "currency code", "transaction currency", "währung", "waehrung", "munt",
         "valuta code", "valutakod", "devise", "divisa", "moneda", "moeda", "waluta", "devizanem", "валюта", "mena",
         "měna", "currency iso", "valiuta", "valūta", "valuutta kood", "para birimi", "muntsoort", "valuutta",
         "account currency", "payment currency", "payout currency", "settlement currency", "net currency",
         "valutacode", "currency code iso", "monnaie", "devises", "codice valuta", "divisa de la cuenta",
         "valuta konta", "pénznem", "deviza", "валюта операции", "валюта платежа", "valyuta", "moneta",
         "kontowahrung", "munteenheid",
         "kod waluty", "waluta operacji", "billing currency", "ccy code", "iso currency", "monedas"),
    ),
    Role.TXN_ID: _each(
        "txn id", "txnid", "transaction id", "balance transaction id", "id", "unique id", "txn ref", "entry id",
        "transaction no", "transaction number", "transaction reference", "txn reference", "trans id", "row id",
        "record id", "payment id", "charge id", "psp reference", "transactiereferentie", "transaktionscode",
        "transaktions id", "numero de transaction", "n de transaction", "id de transaccion", "id transakcji",
        "megbízás azonosító", "volgnr", "volgnummer", "buchungsreferenz", "transactie id", "номер операции",
    ),
    Role.PAYMENT_REF: _each(
        "payment ref", "payment reference", "invoice id", "invoice number", "invoice no", "invoice", "order id",
        "order number", "order", "merchant reference", "end to end id", "end to end reference", "endtoendid",
        "kundenreferenz end to end", "kundenreferenz", "customer reference", "external id", "external reference",
        "reference id", "reference no", "reference number", "ref no", "ref", "reference", "referenz",
        "betalingskenmerk", "gestructureerde mededeling", "mandatsreferenz", "referencia", "referenza", "riferimento",
        "référence",
        "rechnungsnummer", "viitenumero", "referens", "bank reference", "source id", "payment intent id",
        "cheque number", "check number", "check or slip", "chq ref number", "chq ref no",
    ),
    Role.DESCRIPTION: _each(
        "description", "narration", "narrative", "details", "transaction details", "transaction description", "memo",
        "particulars", "remarks", "remark", "text", "purpose", "note", "notes", "message", "verwendungszweck",
        "buchungstext", "omschrijving", "omschrijving 1", "mededelingen", "descrizione", "causale",
        "descripción", "concepto", "libellé", "libelle", "designation", "descrição", "descricao", "histórico",
        "opis", "opis operacji", "tytul", "közlemény", "megnevezés", "назначение платежа", "описание",
        "beskrivning", "beskrivelse", "tekstas", "notification text", "wording", "motif", "objet", "concept",
        "detalle", "detalles", "glosa", "oggetto", "descrizione operazione", "descricao do movimento", "movimento",
        "tytul operacji", "szczegoly", "megjegyzes", "leiras", "meddelande", "rubrik", "transaktionstext", "besked",
        "основание", "детали операции", "комментарий", "explicatie", "explicatii", "opis transakcije", "ucel",
        "poznamka",
        "betreff", "zahlungsgrund", "mitteilung", "toelichting", "mededeling", "vrije mededeling",
        "transaction text", "paaiškinimai", "avisierungstext", "maksājuma mērķis", "selgitus", "tekst",
        "selite", "viesti", "popis", "açıklama", "reference", "title", "item",
    ),
    Role.COUNTERPARTY: _each(
        "counterparty", "counterparty name", "payee", "payee name", "payer", "payer name", "name", "merchant",
        "merchant name", "beneficiary", "beneficiary name", "customer", "customer name", "customer email",
        "auftraggeber empfänger", "beguenstigter zahlungspflichtiger", "begünstigter", "zahlungsbeteiligter",
        "zahlungsempfänger", "zahlungsempfänger in", "empfänger", "naam tegenpartij", "naam omschrijving", "naam",
        "tegenpartij", "nome", "beneficiario",
        "bénéficiaire", "nadawca odbiorca", "partner neve", "контрагент", "mottagare", "saaja", "gavėjas",
    ),
    Role.GROUP_ID: _each(
        "group id", "payout id", "automatic payout id", "batch number", "batch id", "batch", "deposit id",
        "settlement id", "transfer id", "payout", "nº lote", "lote",
    ),
    Role.FEE: _each(
        "fee", "fees", "fee amount", "transaction fee", "processing fee", "commission", "gebühr", "gebuehr", "frais",
        "commissione", "comisión", "comissão", "kosten", "prowizja", "fees taxes", "total fees",
    ),
    Role.KIND: _each(
        "kind", "type", "transaction type", "txn type", "reporting category", "category", "event type", "umsatzart",
        "buchungsart", "mutatiesoort", "soort", "tipo", "typ", "tipo movimento", "tipo de movimiento", "art",
    ),
    Role.GROSS: (),  # only a format we know says which column is the amount before fees
    Role.BALANCE: _each(
        "balance", "running balance", "account balance", "closing balance", "balance after", "available balance",
        "saldo", "saldo na trn", "kontostand", "solde", "egyenleg", "boeksaldo", "saldo contabile", "остаток",
        "stan konta", "saldo po operacji", "runningbalance", "zostatek",
    ),
    Role.STATUS: _each(
        "status", "state", "transaction status", "payment status", "estado", "stato", "statut",
        "info",
    ),
}  # fmt: skip

_CAMEL: Final = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Ý])")
_NOT_WORD: Final = re.compile(r"[\W_]+")
_JOINING: Final = {"in", "en"}
_AT_THE_END: Final = {"rs", "euro", "euros", "zl", "kc", "kr", "ft", "lei", "tl", "utc"}
"""Symbols of currencies in letters, and the zone of a date: `Amount (in Rs)`, `Date (UTC)`."""


@cache
def plain(name: str) -> str:
    """A column name to compare by: lower case, no accents, words apart by one space, without a currency at its end."""
    spaced = _CAMEL.sub(" ", unicodedata.normalize("NFKC", name).strip())
    folded = unicodedata.normalize("NFKD", spaced.casefold())
    letters = "".join(char for char in folded if not unicodedata.combining(char))
    words = _NOT_WORD.sub(" ", letters).split()
    if len(words) > 1 and (words[-1].upper() in exponents() or words[-1] in _AT_THE_END):
        words.pop()
        if len(words) > 1 and words[-1] in _JOINING:
            words.pop()
    return " ".join(words)


@cache
def ranks(role: Role) -> dict[str, int]:
    """Plain name -> rank of every name the role goes by; 0 is the most wanted."""
    found: dict[str, int] = {}
    for rank, names in enumerate(ALIASES[role]):
        for name in names:
            found.setdefault(plain(name), rank)
    return found


@cache
def known_names() -> frozenset[str]:
    """Every plain name some role goes by."""
    return frozenset(name for role in Role for name in ranks(role))
