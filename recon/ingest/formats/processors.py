"""Payment processors: PayPal, Square, Adyen, Shopify Payments, SIBS.

What moved the balance is always the net. PayPal's and Square's fees are deductions (net = gross + fee), the others' are
costs. Adyen's fee is the sum of its four parts, and its batch nets to zero with the payout. PayPal's pending rows of
bank funding do move the balance, so no row is left out for its status.
"""

from __future__ import annotations

from typing import Final

from recon.ingest.aliases import Role
from recon.ingest.columns import FeeSign
from recon.ingest.formats.format import Format, RowsLeftOut

PAYPAL: Final = Format(
    name="paypal",
    title="PayPal activity and statement (English, German, French, Spanish)",
    marks=(
        ("date", "time", "time zone", "gross", "fee", "net", "transaction id"),
        ("datum", "uhrzeit", "zeitzone", "brutto", "gebuhr", "netto", "transaktionscode"),
        ("date", "heure", "brut", "frais", "net", "n de transaction"),
        ("fecha", "hora", "bruto", "comision", "neto", "id de transaccion"),
    ),
    roles={
        Role.DATE: ("date", "datum", "fecha"),
        Role.TIME: ("time", "uhrzeit", "heure", "hora"),
        Role.TIME_ZONE: ("time zone", "zeitzone", "fuseau horaire", "zona horaria"),
        Role.AMOUNT: ("net", "netto", "neto"),
        Role.GROSS: ("gross", "brutto", "brut", "bruto"),
        Role.FEE: ("fee", "gebuhr", "frais", "comision"),
        Role.CURRENCY: ("currency", "wahrung", "devise", "divisa"),
        Role.BALANCE: ("balance", "guthaben", "solde", "saldo"),
        Role.TXN_ID: ("transaction id", "transaktionscode", "n de transaction", "id de transaccion"),
        Role.PAYMENT_REF: (
            *("invoice number", "invoice id", "rechnungsnummer", "numero de facture", "numero de factura"),
            *("reference txn id", "zugehoriger transaktionscode", "numero de la transaction de reference"),
            "id de transaccion de referencia",
        ),
        Role.COUNTERPARTY: ("name", "nom", "nombre"),
        Role.KIND: ("type", "typ", "tipo", "description", "beschreibung", "descripcion"),
        Role.GROUP_ID: (),
        Role.STATUS: (),
        Role.INDICATOR: (),
    },
    fee_sign=FeeSign.DEDUCTION,
)

SQUARE: Final = Format(
    name="square",
    title="Square transactions",
    marks=(("date", "time", "time zone", "total collected", "fees", "net total", "transaction id", "payment id"),),
    roles={
        Role.DATE: ("date",),
        Role.TIME: ("time",),
        Role.TIME_ZONE: ("time zone",),
        Role.AMOUNT: ("net total",),
        Role.GROSS: ("total collected",),
        Role.FEE: ("fees",),
        Role.TXN_ID: ("payment id",),
        Role.PAYMENT_REF: ("transaction id",),
        Role.DESCRIPTION: ("description",),
        Role.COUNTERPARTY: ("customer name",),
        Role.GROUP_ID: ("deposit id",),
        Role.KIND: ("event type",),
        Role.INDICATOR: (),
    },
    fee_sign=FeeSign.DEDUCTION,
)

ADYEN: Final = Format(
    name="adyen_settlement",
    title="Adyen settlement details",
    marks=(("psp reference", "merchant reference", "net debit nc", "net credit nc", "batch number"),),
    roles={
        Role.DATE: ("booking date", "creation date"),
        Role.DEBIT: ("net debit nc",),
        Role.CREDIT: ("net credit nc",),
        Role.CURRENCY: ("net currency",),
        Role.TXN_ID: ("modification reference",),
        Role.PAYMENT_REF: ("merchant reference",),
        Role.DESCRIPTION: ("modification merchant reference",),
        Role.COUNTERPARTY: (),
        Role.GROUP_ID: ("batch number",),
        Role.KIND: ("type",),
        Role.STATUS: (),
        Role.INDICATOR: (),
    },
    fee_parts=("commission nc", "markup nc", "scheme fees nc", "interchange nc"),
    fee_sign=FeeSign.COST,
)

SHOPIFY: Final = Format(
    name="shopify_payments",
    title="Shopify Payments transactions",
    marks=(("transaction date", "type", "order", "payout status", "payout date", "amount", "fee", "net"),),
    roles={
        Role.DATE: ("transaction date",),
        Role.VALUE_DATE: ("available on",),
        Role.AMOUNT: ("net",),
        Role.GROSS: ("amount",),
        Role.FEE: ("fee",),
        Role.CURRENCY: ("currency",),
        Role.TXN_ID: (),
        Role.PAYMENT_REF: ("order",),
        Role.DESCRIPTION: ("payment method name", "card brand"),
        Role.COUNTERPARTY: (),
        Role.GROUP_ID: ("payout id", "payout date"),
        Role.KIND: ("type",),
        Role.STATUS: (),
        Role.INDICATOR: (),
    },
    fee_sign=FeeSign.COST,
)

SHOPIFY_PAYOUTS: Final = Format(
    name="shopify_payouts",
    title="Shopify Payments payouts",
    marks=(("payout date", "status", "charges", "refunds", "adjustments", "fees", "total", "currency"),),
    roles={
        Role.DATE: ("payout date",),
        Role.AMOUNT: ("total",),
        Role.CURRENCY: ("currency",),
        Role.TXN_ID: ("payout id",),
        Role.DESCRIPTION: (),
        Role.FEE: (),
        Role.STATUS: (),
    },
    left_out=(RowsLeftOut(column="status", words=("paid",), unless=True, reason="a payout that is not paid"),),
)

SIBS: Final = Format(
    name="sibs",
    title="SIBS terminal movements (Portugal)",
    marks=(("no lote", "montante bruto", "comissao", "montante liquido"),),
    roles={
        Role.AMOUNT: ("montante liquido",),
        Role.GROSS: ("montante bruto",),
        Role.FEE: ("comissao",),
        Role.GROUP_ID: ("no lote",),
    },
    fee_sign=FeeSign.COST,
    answers={"DAY_MONTH_ORDER": "DMY"},
)
