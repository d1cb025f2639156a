"""Money of the sample ledger that is on its way: since yesterday, and one withdrawal that somebody forgot."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select

from recon.demo.clerk import FLOW, Clerk, Person, deposit_of, open_flow
from recon.demo.clients import INVESTORS, Client
from recon.ledger.refusals import KeyReused
from recon.model.books import FlowKind, SettleFlow
from recon.store.books_tables import pending_flow

STILL_WAITING: Final = tuple(client for client in INVESTORS if client.name in ("Fatima Rahman", "Priya Sharma"))
"""Whose money is on its way since yesterday."""

FORGOTTEN: Final = next(client for client in INVESTORS if client.name == "Omar Haddad")
"""Whose withdrawal never ended."""

ON_ITS_WAY: Final = "1000.00"

STALE_AFTER: Final = timedelta(weeks=5)
"""How long before the first week the stale flow was opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A client whose deposit is on its way, one for each day the sample was loaded on."""

    clerk: Clerk
    client: Client
    person: Person
    house: Mapping[str, UUID]

    def set_out(self) -> None:
        """Yesterday afternoon the money left."""
        at = datetime.combine(self.clerk.today - timedelta(days=1), time(16), UTC)
        name, kind = self._name(at), deposit_of(self.client)
        if kind is FlowKind.REMITTANCE:
            self.clerk.remit(self.person, ON_ITS_WAY, at.date(), name=name)
        open_flow(self.clerk, self.person, kind, ON_ITS_WAY, name=name, at=at)

    def let_earlier_arrive(self) -> None:
        """What earlier loads left on its way came the day after."""
        for id_, opened_at in self._earlier():
            at = opened_at + timedelta(days=1)
            key = f"arrived {self._name(opened_at)}"
            entry = self.clerk.transfer(
                self.house["Float"], self.person.wallet, ON_ITS_WAY, key=key, booked_on=at.date()
            )
            self.clerk.send(SettleFlow(key=f"sample settled {key}", flow_id=id_, settled_at=at, entry_id=entry.id))

    def _name(self, at: datetime) -> str:
        return f"{self.client.external_ref}-{at:%Y-%m-%d}"

    def _earlier(self) -> list[tuple[int, datetime]]:
        columns, yesterday = pending_flow.c, self.clerk.today - timedelta(days=1)
        query = select(columns.id, columns.opened_at).where(
            columns.customer_id == self.person.customer_id,
            columns.source_txn_id.like(
                f"{FLOW}-{deposit_of(self.client).upper()}-{self.client.external_ref}-____-__-__"
            ),
            columns.settled_at.is_(None),
            columns.failed_at.is_(None),
            columns.opened_at < datetime.combine(yesterday, time(), UTC),
        )
        with self.clerk.engine.connect() as conn:
            return [(id_, opened_at) for id_, opened_at in conn.execute(query.order_by(columns.id))]


def forget_one(clerk: Clerk, person: Person, first_on: date) -> None:
    at = datetime.combine(first_on - STALE_AFTER, time(16, 40), UTC)
    with suppress(KeyReused):  # it is there since an earlier load, on another day
        open_flow(clerk, person, FlowKind.WITHDRAWAL, "750.00", name="stale", at=at)
