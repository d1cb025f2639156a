"""Where a proposal would post, so that an approval is of these accounts too: named otherwise meanwhile, it is void."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from recon.workflows.write_off_entries import named_places

Shown = dict[str, dict[str, list[str] | None]]


def shown_places(conn: Connection, currencies: Mapping[int, Iterable[str]]) -> Shown:
    """Of each reconciliation and currency: book, account and counter account as JSON has them; None: none are named."""
    found: Shown = {}
    for reconciliation_id, wanted in currencies.items():
        named = named_places(conn, reconciliation_id)
        found[str(reconciliation_id)] = {
            currency: [
                named[currency].book.value,
                str(named[currency].account_id),
                str(named[currency].counter_account_id),
            ]
            if currency in named
            else None
            for currency in wanted
        }
    return found


def is_as_shown(conn: Connection, shown: Shown) -> bool:
    """Whether the same would be posted to the same accounts now."""
    return shown_places(conn, {int(number): list(currencies) for number, currencies in shown.items()}) == shown
