"""Accounts with neobanks and wallets: Wise, Revolut, Venmo, Mercury, Relay, Monzo.

Wise's fee is a row of its own under the same id, so `Total fees` beside a row is not read. Revolut's personal fee comes
on top of the amount and moves the balance too; the business export's total has it inside. A Venmo payment that a card
or a bank funded never touched the balance.
"""

from __future__ import annotations

from typing import Final

from recon.ingest.aliases import Role
from recon.ingest.columns import FeeSign
from recon.ingest.formats.format import Format, RowsLeftOut

WISE: Final = Format(
    name="wise",
    title="Wise balance statement",
    marks=(
        ("transferwise id", "date", "amount", "currency", "running balance"),
        ("transfer wise id", "date", "amount", "currency", "running balance"),
    ),
    roles={
        Role.DATE: ("date",),
        Role.AMOUNT: ("amount",),
        Role.CURRENCY: ("currency",),
        Role.TXN_ID: ("transferwise id", "transfer wise id"),
        Role.PAYMENT_REF: ("payment reference",),
        Role.DESCRIPTION: ("description",),
        Role.COUNTERPARTY: ("payee name", "payer name", "merchant"),
        Role.BALANCE: ("running balance",),
        Role.KIND: ("transaction details type", "transaction type"),
        Role.FEE: (),
        Role.TIME: (),
        Role.STATUS: (),
        Role.INDICATOR: (),
    },
    answers={"DAY_MONTH_ORDER": "DMY"},
)

REVOLUT: Final = Format(
    name="revolut",
    title="Revolut personal",
    marks=(("type", "product", "started date", "completed date", "amount", "fee", "currency", "state", "balance"),),
    roles={
        Role.DATE: ("completed date",),
        Role.AMOUNT: ("amount",),
        Role.FEE: ("fee",),
        Role.CURRENCY: ("currency",),
        Role.DESCRIPTION: ("description",),
        Role.BALANCE: ("balance",),
        Role.STATUS: ("state",),
        Role.KIND: ("type",),
        Role.TXN_ID: (),
        Role.INDICATOR: (),
    },
    fee_sign=FeeSign.COST,
    fee_is_apart=True,
)

REVOLUT_BUSINESS: Final = Format(
    name="revolut_business",
    title="Revolut Business",
    marks=(("date completed", "id", "type", "state", "payment currency", "amount", "total amount", "balance"),),
    roles={
        Role.DATE: ("date completed",),
        Role.AMOUNT: ("total amount",),
        Role.FEE: ("fee",),
        Role.CURRENCY: ("payment currency",),
        Role.TXN_ID: ("id",),
        Role.PAYMENT_REF: ("reference",),
        Role.DESCRIPTION: ("description",),
        Role.COUNTERPARTY: ("payer", "card label", "beneficiary name"),
        Role.GROUP_ID: (),
        Role.BALANCE: ("balance",),
        Role.STATUS: ("state",),
        Role.KIND: ("type",),
        Role.INDICATOR: (),
    },
    fee_sign=FeeSign.COST,
)

VENMO: Final = Format(
    name="venmo",
    title="Venmo statement",
    marks=(("id", "datetime", "type", "status", "note", "from", "to", "amount total"),),
    roles={
        Role.DATE: ("datetime",),
        Role.AMOUNT: ("amount total",),
        Role.FEE: ("amount fee",),
        Role.TXN_ID: ("id",),
        Role.PAYMENT_REF: (),
        Role.DESCRIPTION: ("note",),
        Role.COUNTERPARTY: ("from",),
        Role.BALANCE: (),
        Role.STATUS: ("status",),
        Role.KIND: ("type",),
        Role.INDICATOR: (),
    },
    fee_sign=FeeSign.COST,
    left_out=(
        RowsLeftOut(
            column="funding source",
            words=("", "venmo balance"),
            unless=True,
            reason="a payment that a card or a bank funded",
        ),
    ),
)

MERCURY: Final = Format(
    name="mercury",
    title="Mercury",
    marks=(
        ("date", "description", "amount", "status", "source account"),
        ("date", "description", "amount", "status", "bank description"),
    ),
    roles={
        Role.DATE: ("date",),
        Role.AMOUNT: ("amount",),
        Role.TXN_ID: ("tracking id",),
        Role.PAYMENT_REF: ("reference",),
        Role.DESCRIPTION: ("bank description", "note"),
        Role.COUNTERPARTY: ("description",),
        Role.STATUS: ("status",),
        Role.KIND: ("mercury category", "category"),
        Role.INDICATOR: (),
    },
    answers={"DAY_MONTH_ORDER": "MDY"},
)

RELAY: Final = Format(
    name="relay",
    title="Relay",
    marks=(("date", "payee", "transaction type", "reference", "status", "amount", "balance"),),
    roles={
        Role.DATE: ("date",),
        Role.AMOUNT: ("amount",),
        Role.PAYMENT_REF: ("reference",),
        Role.DESCRIPTION: ("description",),
        Role.COUNTERPARTY: ("payee",),
        Role.BALANCE: ("balance",),
        Role.STATUS: ("status",),
        Role.KIND: ("transaction type",),
        Role.TXN_ID: (),
        Role.INDICATOR: (),
    },
    answers={"DAY_MONTH_ORDER": "MDY"},
)

MONZO: Final = Format(
    name="monzo",
    title="Monzo",
    marks=(
        ("transaction id", "date", "time", "type", "name", "category", "amount", "currency", "local amount"),
        ("id", "created", "amount", "currency", "local amount", "local currency"),
    ),
    roles={
        Role.DATE: ("date", "created"),
        Role.TIME: ("time",),
        Role.AMOUNT: ("amount",),
        Role.CURRENCY: ("currency",),
        Role.TXN_ID: ("transaction id", "id"),
        Role.DESCRIPTION: ("description", "notes and tags", "notes"),
        Role.COUNTERPARTY: ("name",),
        Role.KIND: ("type", "category"),
        Role.PAYMENT_REF: (),
        Role.STATUS: (),
        Role.INDICATOR: (),
    },
    answers={"DAY_MONTH_ORDER": "DMY"},
)
