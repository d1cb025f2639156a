"""How the ledger's words look: books, types of account, kinds of entry and of event, each with one label and colour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from recon.model.ledger import AccountType, Book
from recon.ui.format import Look, md, words

BOOKS: Final[Mapping[Book, str]] = {Book.UAE: "UAE", Book.INDIA: "India"}

TYPES: Final[Mapping[AccountType, Look]] = {
    AccountType.ASSET: Look(label="Asset", color="blue", icon=":material/account_balance:", slot=0),
    AccountType.LIABILITY: Look(label="Liability", color="orange", icon=":material/handshake:", slot=2),
    AccountType.INCOME: Look(label="Income", color="green", icon=":material/trending_up:", slot=1),
    AccountType.EXPENSE: Look(label="Expense", color="red", icon=":material/trending_down:", slot=5),
    AccountType.EQUITY: Look(label="Equity", color="gray", icon=":material/savings:", slot=4),
    AccountType.USER: Look(label="User", color="violet", icon=":material/person:", slot=3),
}

EVENTS: Final[Mapping[str, Look]] = {
    "TransferPosted": Look(label="Transfer", color="blue", icon=":material/swap_horiz:", slot=0),
    "EntryPosted": Look(label="Entry", color="green", icon=":material/receipt_long:", slot=1),
    "EntryReversed": Look(label="Reversal", color="orange", icon=":material/undo:", slot=2),
    "AccountOpened": Look(label="Account opened", color="gray", icon=":material/add_card:", slot=4),
    "CustomerAdded": Look(label="Customer added", color="gray", icon=":material/person_add:", slot=4),
    "WalletOpened": Look(label="Wallet opened", color="gray", icon=":material/wallet:", slot=4),
    "HoldingMoved": Look(label="Holding moved", color="violet", icon=":material/stacked_line_chart:", slot=3),
    "FlowOpened": Look(label="Flow opened", color="blue", icon=":material/schedule_send:", slot=0),
    "FlowSettled": Look(label="Flow settled", color="green", icon=":material/task_alt:", slot=1),
    "FlowFailed": Look(label="Flow failed", color="red", icon=":material/block:", slot=5),
    "RemittanceSent": Look(label="Remittance sent", color="blue", icon=":material/flight_takeoff:", slot=0),
    "RemittanceReturned": Look(label="Remittance returned", color="orange", icon=":material/flight_land:", slot=2),
    "SnapshotTaken": Look(label="Snapshot taken", color="gray", icon=":material/photo_camera:", slot=4),
}
"""By the name of the fact; the first three post an entry."""

POSTING: Final = ("TransferPosted", "EntryPosted", "EntryReversed")


def event_label(kind: str) -> str:
    """Also of a kind that a later version has written."""
    return EVENTS[kind].label if kind in EVENTS else words(kind)


def event_badge(kind: str) -> str:
    """Markdown."""
    return EVENTS[kind].badge() if kind in EVENTS else f":gray-badge[{md(words(kind))}]"
