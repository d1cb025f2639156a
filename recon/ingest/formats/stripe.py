"""Stripe: the dashboard's balance history, and the itemised reports (balance change, payout reconciliation).

Source: Stripe's report reference (`balance_change_from_activity.itemized`, `payout_reconciliation.itemized`). What
moved the balance is the net; a fee is a cost. `created_utc` is UTC by its name, `created` is of the account's own zone.
The payout a row was paid out with is its group; rows of a manual payout have none.
"""

from __future__ import annotations

from typing import Final

from recon.ingest.aliases import Role
from recon.ingest.columns import FeeSign
from recon.ingest.formats.format import Format

STRIPE_HISTORY: Final = Format(
    name="stripe_balance",
    title="Stripe balance history",
    marks=(("id", "type", "source", "amount", "fee", "net", "created", "available on"),),
    roles={
        Role.DATE: ("created",),
        Role.VALUE_DATE: ("available on",),
        Role.AMOUNT: ("net",),
        Role.GROSS: ("amount",),
        Role.FEE: ("fee",),
        Role.TXN_ID: ("id",),
        Role.PAYMENT_REF: ("order id metadata", "invoice id metadata", "source"),
        Role.DESCRIPTION: ("description",),
        Role.COUNTERPARTY: (),
        Role.GROUP_ID: ("transfer",),
        Role.KIND: ("type",),
        Role.STATUS: (),
    },
    fee_sign=FeeSign.COST,
)

STRIPE_ITEMIZED: Final = Format(
    name="stripe_itemized",
    title="Stripe itemised balance and payout reports",
    marks=(("balance transaction id", "gross", "fee", "net", "reporting category"),),
    roles={
        Role.DATE: ("created utc", "created"),
        Role.VALUE_DATE: ("available on utc", "available on"),
        Role.AMOUNT: ("net",),
        Role.GROSS: ("gross",),
        Role.FEE: ("fee",),
        Role.CURRENCY: ("currency",),
        Role.TXN_ID: ("balance transaction id",),
        Role.PAYMENT_REF: ("payment metadata order id", "invoice number", "invoice id", "charge id", "source id"),
        Role.DESCRIPTION: ("description",),
        Role.COUNTERPARTY: ("customer name", "customer email"),
        Role.GROUP_ID: ("automatic payout id",),
        Role.KIND: ("reporting category",),
        Role.STATUS: (),
    },
    fee_sign=FeeSign.COST,
)
