"""Command + how things stand -> the fact to record, or a refusal. Pure: deciding changes nothing.

Rules it keeps: lines sum to zero in each currency; an entry stays in one book; an account holds one currency; a balance
that may not be overdrawn never leaves its sound side of zero; an entry is reversed at most once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID, uuid5

from recon.ledger.amounts import parse_amount
from recon.ledger.books import decide_books
from recon.ledger.check import check
from recon.ledger.refusals import (
    AccountUnknown,
    AlreadyReversed,
    AmountNotPositive,
    AmountZero,
    BookMismatch,
    CurrencyMismatch,
    EntryUnknown,
    KeyReused,
    Overdraft,
    SameAccount,
    SourceTxnTaken,
    Unbalanced,
)
from recon.model.ledger import (
    AccountOpened,
    AccountState,
    Book,
    Command,
    EntryPosted,
    EntryReversed,
    Fact,
    LedgerEvent,
    Line,
    OpenAccount,
    PostEntry,
    PostingCommand,
    ReverseEntry,
    Standing,
    Transfer,
    TransferPosted,
    origin_of,
)
from recon.money import exponent

__all__ = ["check", "decide", "repeat"]

ACCOUNTS: Final = UUID("5d1c7d0e-5c0c-4f0e-9a0a-7f6f2b1d3c11")
"""Namespace of account ids: an account's id follows from the key of the command that opened it."""


def repeat(earlier: LedgerEvent, *, fingerprint: str) -> LedgerEvent:
    """What came of the first command with the key, if it said the same; raises KeyReused otherwise."""
    if earlier.fingerprint != fingerprint:
        raise KeyReused(earlier.command_key)
    return earlier


def decide(command: Command, standing: Standing, *, today: date) -> Fact:
    """The fact that carries the command out; raises a refusal. `today` is the day of commands that name none."""
    match command:
        case OpenAccount():
            return _open(command)
        case Transfer():
            return _transfer(command, standing, today)
        case PostEntry():
            return _post(command, standing, today)
        case ReverseEntry():
            return _reverse(command, standing, today)
        case _:
            return decide_books(command, standing, today=today)


def _open(command: OpenAccount) -> AccountOpened:
    exponent(command.currency)  # raises for what is no currency
    return AccountOpened(
        account_id=uuid5(ACCOUNTS, command.key),
        book=command.book,
        currency=command.currency,
        type=command.type,
        allows_overdraft=command.allows_overdraft,
        metadata=dict(command.metadata),
    )


def _transfer(command: Transfer, standing: Standing, today: date) -> TransferPosted:
    amount = parse_amount(command.amount, command.currency)
    if amount <= 0:
        raise AmountNotPositive(command.amount)
    if command.source_account_id == command.destination_account_id:
        raise SameAccount(command.source_account_id)
    book = _account(standing, command.source_account_id).book
    origin = _origin(command, book, standing, today)
    _accept(
        (
            Line(account_id=command.source_account_id, amount=-amount, currency=command.currency),
            Line(account_id=command.destination_account_id, amount=amount, currency=command.currency),
        ),
        book,
        standing,
    )
    return TransferPosted(
        **origin,
        source_account_id=command.source_account_id,
        destination_account_id=command.destination_account_id,
        amount=amount,
        currency=command.currency,
    )


def _post(command: PostEntry, standing: Standing, today: date) -> EntryPosted:
    lines = tuple(
        Line(account_id=line.account_id, amount=parse_amount(line.amount, line.currency), currency=line.currency)
        for line in command.lines
    )
    for number, line in enumerate(lines, start=1):
        if not line.amount:
            raise AmountZero(number)
    origin = _origin(command, command.book, standing, today)
    _accept(lines, command.book, standing)
    return EntryPosted(**origin, lines=lines)


def _reverse(command: ReverseEntry, standing: Standing, today: date) -> EntryReversed:
    entry = standing.entry
    if entry is None:
        raise EntryUnknown(command.entry_id)
    if entry.reversed_by is not None:
        raise AlreadyReversed(entry.id, entry.reversed_by)
    lines = tuple(Line(account_id=line.account_id, amount=-line.amount, currency=line.currency) for line in entry.lines)
    origin = _origin(command, entry.book, standing, today)
    _accept(lines, entry.book, standing)
    return EntryReversed(**origin, reverses_id=entry.id, lines=lines)


def _origin(command: PostingCommand, book: Book, standing: Standing, today: date) -> dict[str, Any]:
    """What every posted fact says of where it comes from."""
    system, txn_id = origin_of(command)
    if standing.taken_by is not None:
        raise SourceTxnTaken(system, txn_id, standing.taken_by)
    return {
        "book": book,
        "booked_on": command.booked_on or today,
        "source_system": system,
        "source_txn_id": txn_id,
        "metadata": dict(command.metadata),
    }


def _accept(lines: Iterable[Line], book: Book, standing: Standing) -> None:
    totals: dict[str, int] = defaultdict(int)
    changes: dict[UUID, int] = defaultdict(int)
    for line in lines:
        account = _account(standing, line.account_id)
        if account.book != book:
            raise BookMismatch(account.id, belongs=account.book, given=book)
        if account.currency != line.currency:
            raise CurrencyMismatch(account.id, holds=account.currency, given=line.currency)
        totals[line.currency] += line.amount
        changes[account.id] += line.amount
    for currency, total in sorted(totals.items()):
        if total:
            raise Unbalanced(currency, total)
    _refuse_overdraft(changes, standing.accounts)


def _refuse_overdraft(changes: Mapping[UUID, int], accounts: Mapping[UUID, AccountState]) -> None:
    for account_id, change in sorted(changes.items()):
        account = accounts[account_id]
        available = account.balance * account.type.normal_side
        left = available + change * account.type.normal_side
        if left < 0 and not account.allows_overdraft:
            raise Overdraft(account_id, currency=account.currency, available=available, missing=-left)


def _account(standing: Standing, account_id: UUID) -> AccountState:
    try:
        return standing.accounts[account_id]
    except KeyError:
        raise AccountUnknown(account_id) from None
