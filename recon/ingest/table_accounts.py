"""The accounts a table is about: what rows of it, or a column of running balances, say it opened and closed with."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from recon.model.reading import Account, Control, ControlKind


def table_accounts(controls: Iterable[Control], table: pa.Table, running: Sequence[Account]) -> tuple[Account, ...]:
    """One account a currency, by currency. Balances on rows of their own count before a column of running ones."""
    by_currency = {account.currency: account for account in running}
    for control in controls:
        if control.kind is ControlKind.BALANCE and control.currency is not None:
            by_currency[control.currency] = _of_rows(control, control.currency, table)
    return tuple(by_currency[currency] for currency in sorted(by_currency))


def _of_rows(control: Control, currency: str, table: pa.Table) -> Account:
    """A control of balances holds the opening balance and the movements as one figure."""
    amounts = table["amount"].filter(pc.equal(table["currency"], currency))
    total = int(pc.sum(amounts).as_py() or 0)
    return Account(
        number=None,
        currency=currency,
        row_count=len(amounts),
        total=total,
        opening=control.found - total,
        closing=control.stated,
    )
