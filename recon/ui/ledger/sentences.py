"""What each ledger event says happened, in one plain sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import assert_never
from uuid import UUID

from recon.model.books import (
    CustomerAdded,
    FlowFailed,
    FlowOpened,
    FlowSettled,
    HoldingMoved,
    RemittanceReturned,
    RemittanceSent,
    SnapshotTaken,
    WalletOpened,
)
from recon.model.ledger import AccountOpened, EntryPosted, EntryReversed, Fact, TransferPosted
from recon.ui.format import counted, day, money, words


def sentence(fact: Fact, names: Mapping[UUID, str]) -> str:
    """Plain text; `names` of the accounts and customers that `named_in` gives."""

    def of(id_: UUID) -> str:
        return names.get(id_, str(id_)[:8])

    match fact:
        case AccountOpened():
            name = str(fact.metadata.get("name") or str(fact.account_id)[:8])
            return f"{name} was opened as {fact.type} account in {fact.currency}"
        case TransferPosted():
            moved = money(fact.amount, fact.currency)
            return f"{moved} from {of(fact.source_account_id)} to {of(fact.destination_account_id)}"
        case EntryPosted():
            return f"{counted(len(fact.lines), 'line')} posted: {', '.join(dict.fromkeys(_debits(fact, names)))}"
        case EntryReversed():
            return f"Entry {fact.reverses_id} was reversed"
        case CustomerAdded():
            return f"{fact.name} ({fact.external_ref}) was added"
        case WalletOpened():
            return f"{of(fact.customer_id)} has a {fact.currency} wallet"
        case HoldingMoved():
            way = "to" if fact.quantity > 0 else "from"
            return f"{units(abs(fact.quantity))} {fact.instrument} {way} {of(fact.customer_id)} at {fact.broker}"
        case FlowOpened():
            return f"{words(fact.kind)} of {money(fact.amount, fact.currency)} for {of(fact.customer_id)} is on its way"
        case FlowSettled():
            return f"Flow {fact.flow_id} settled{f' by entry {fact.entry_id}' if fact.entry_id else ''}"
        case FlowFailed():
            return f"Flow {fact.flow_id} failed: {fact.reason}"
        case RemittanceSent():
            sent = money(fact.amount, fact.currency)
            return f"{sent} of {of(fact.customer_id)} sent to {fact.broker} as {fact.broker_ref}"
        case RemittanceReturned():
            return f"Remittance {fact.remittance_id} came back"
        case SnapshotTaken():
            return f"{of(fact.account_id)} had {money(fact.balance, fact.currency)} at the end of {day(fact.as_of)}"
        case _:
            assert_never(fact)


def units(quantity: Decimal) -> str:
    """`1,250`, `0.125`: no zeros that say nothing."""
    text = f"{quantity:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def named_in(fact: Fact) -> Iterator[UUID]:
    """The accounts and customers its sentence names."""
    match fact:
        case TransferPosted():
            yield fact.source_account_id
            yield fact.destination_account_id
        case EntryPosted():
            yield from (line.account_id for line in fact.lines)
        case SnapshotTaken():
            yield fact.account_id
        case WalletOpened() | HoldingMoved() | FlowOpened() | RemittanceSent():
            yield fact.customer_id
        case _:
            return


def _debits(fact: EntryPosted, names: Mapping[UUID, str]) -> Iterator[str]:
    for line in fact.lines:
        if line.amount > 0:
            name = names.get(line.account_id, str(line.account_id)[:8])
            yield f"{money(line.amount, line.currency)} into {name}"
