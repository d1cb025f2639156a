"""Facts -> the rows of what the books keep beside the journal, made again for a replay.

Rows that no later fact changes are handed on as they come; those that are changed wait for the last fact. What is held
is summed by the database, exactly: Python's Decimals may round.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from psycopg.types.json import Jsonb
from sqlalchemy import Table

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
from recon.model.ledger import Fact
from recon.store import books
from recon.store.books_tables import (
    balance_snapshot,
    customer,
    holding,
    holding_movement,
    lrs_remittance,
    pending_flow,
    wallet,
)

PROJECTIONS: Final = (customer, wallet, holding_movement, holding, pending_flow, lrs_remittance, balance_snapshot)
"""In the order in which rows may be added; after the accounts and the journal."""

LOCKED: Final = (holding, pending_flow, lrs_remittance, customer)
"""What commands change without touching a balance; none of them holds one of these and waits for one before it."""

HELD: Final = """
insert into {holdings} (customer_id, broker, instrument, book, quantity, allows_short)
select customer_id, broker, instrument, book, sum(quantity), bool_or(allows_short)
  from {movements} group by customer_id, broker, instrument, book
"""

Row = tuple[Any, ...]


class BooksReplayed:
    """Takes facts in the order of their events."""

    def __init__(self) -> None:
        self._ready: dict[Table, list[Row]] = defaultdict(list)
        self._wallets: dict[UUID, dict[str, Any]] = {}
        self._flows: dict[int, dict[str, Any]] = {}
        self._remittances: dict[int, dict[str, Any]] = {}
        self._snapshots: dict[tuple[UUID, date], dict[str, Any]] = {}

    def add(self, event_id: int, fact: Fact) -> None:
        match fact:
            case CustomerAdded():
                self._ready[customer].append(_row(customer, books.customer_row(event_id, fact)))
            case HoldingMoved():
                self._ready[holding_movement].append(_row(holding_movement, books.movement_row(event_id, fact)))
            case WalletOpened():
                self._wallets[fact.account_id] = books.wallet_row(event_id, fact, balance=0)
            case FlowOpened():
                self._flows[event_id] = books.flow_row(event_id, fact)
            case FlowSettled():
                self._flows[fact.flow_id] |= {"settled_at": fact.settled_at, "entry_id": fact.entry_id}
            case FlowFailed():
                ended = {"failed_at": fact.failed_at, "reason": fact.reason, "entry_id": fact.entry_id}
                self._flows[fact.flow_id] |= ended
            case RemittanceSent():
                self._remittances[event_id] = books.remittance_row(event_id, fact)
            case RemittanceReturned():
                self._remittances[fact.remittance_id]["returned_on"] = fact.returned_on
            case SnapshotTaken():
                self._snapshots[fact.account_id, fact.as_of] = books.snapshot_row(event_id, fact)
            case _:
                pass  # the journal's

    def ready(self) -> Iterator[tuple[Table, list[Row]]]:
        """Rows that will not change, each once."""
        yield from self._ready.items()
        self._ready.clear()

    def rest(self, balances: Mapping[UUID, int]) -> Iterator[tuple[Table, list[Row]]]:
        """Every other row, after the last fact; `balances` are what the lines of each account come to."""
        for account_id, row in self._wallets.items():
            row["balance"] = balances.get(account_id, 0)
        for table, rows in (
            (wallet, self._wallets),
            (pending_flow, self._flows),
            (lrs_remittance, self._remittances),
            (balance_snapshot, self._snapshots),
        ):
            yield table, [_row(table, row) for row in rows.values()]


def _row(table: Table, named: Mapping[str, Any]) -> Row:
    """In the order of the table's columns, as COPY takes it."""
    values = (named[column.name] for column in table.columns)
    return tuple(Jsonb(dict(value)) if isinstance(value, Mapping) else value for value in values)
