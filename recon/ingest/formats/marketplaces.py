"""Marketplaces whose reports are tables: Amazon's date range report, eBay, Etsy, Booking.com.

The net moved the balance. A deposit in Etsy's statement states its amount in words only, so it is told as a reject and
never read as nothing. Amazon's flat file is a statement of its own (`recon.ingest.statements.amazon`).
"""

from __future__ import annotations

from typing import Final

from recon.ingest.aliases import Role
from recon.ingest.columns import FeeSign
from recon.ingest.formats.format import Format

AMAZON_DATE_RANGE: Final = Format(
    name="amazon_date_range",
    title="Amazon date range report",
    marks=(("date time", "settlement id", "type", "order id", "product sales", "selling fees", "total"),),
    roles={
        Role.DATE: ("date time",),
        Role.AMOUNT: ("total",),
        Role.PAYMENT_REF: ("order id",),
        Role.TXN_ID: (),
        Role.DESCRIPTION: ("description",),
        Role.GROUP_ID: ("settlement id",),
        Role.KIND: ("type",),
        Role.FEE: (),
        Role.STATUS: (),
        Role.INDICATOR: (),
    },
)

EBAY: Final = Format(
    name="ebay",
    title="eBay transaction report",
    marks=(("transaction creation date", "type", "order number", "net amount", "payout id"),),
    roles={
        Role.DATE: ("transaction creation date",),
        Role.AMOUNT: ("net amount",),
        Role.CURRENCY: ("payout currency",),
        Role.TXN_ID: ("transaction id", "reference id"),
        Role.PAYMENT_REF: ("order number",),
        Role.DESCRIPTION: ("item title", "description"),
        Role.COUNTERPARTY: ("buyer name", "buyer username"),
        Role.GROUP_ID: ("payout id",),
        Role.KIND: ("type",),
        Role.FEE: (),
        Role.STATUS: (),
        Role.INDICATOR: (),
    },
    nothing=("--",),
)

ETSY: Final = Format(
    name="etsy",
    title="Etsy statement",
    marks=(("date", "type", "title", "info", "currency", "amount", "fees taxes", "net"),),
    roles={
        Role.DATE: ("date",),
        Role.AMOUNT: ("net",),
        Role.GROSS: ("amount",),
        Role.FEE: ("fees taxes",),
        Role.CURRENCY: ("currency",),
        Role.TXN_ID: (),
        Role.PAYMENT_REF: ("info",),
        Role.DESCRIPTION: ("title",),
        Role.KIND: ("type",),
        Role.INDICATOR: (),
    },
    fee_sign=FeeSign.DEDUCTION,
    nothing=("--",),
)

BOOKING: Final = Format(
    name="booking",
    title="Booking.com payouts",
    marks=(("amount", "commission", "net", "payout date", "payout id"),),
    roles={
        Role.DATE: ("payout date",),
        Role.AMOUNT: ("net",),
        Role.GROSS: ("amount",),
        Role.FEE: ("commission",),
        Role.TXN_ID: (),
        Role.PAYMENT_REF: ("reference number", "reservation number", "book number"),
        Role.COUNTERPARTY: ("guest name", "booker name"),
        Role.GROUP_ID: ("payout id",),
        Role.STATUS: (),
        Role.INDICATOR: (),
    },
    fee_sign=FeeSign.DEDUCTION,
)
