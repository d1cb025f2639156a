"""Why the ledger does not do what it was asked: one sentence each, and nothing was changed."""

from __future__ import annotations

from uuid import UUID

from recon.errors import TieoutError
from recon.money import to_display


class LedgerRefusal(TieoutError):
    """Base of the refusals."""

    code = "LEDGER_REFUSED"


class AmountUnreadable(LedgerRefusal):
    code = "AMOUNT_UNREADABLE"

    def __init__(self, amount: object) -> None:
        super().__init__(f"{str(amount)[:40]!r} is not an amount. Write it with digits and a point, such as 1250.50.")


class AmountNotPositive(LedgerRefusal):
    code = "AMOUNT_NOT_POSITIVE"

    def __init__(self, amount: str) -> None:
        super().__init__(f"The amount {amount} is not positive. To move money the other way, swap the accounts.")


class AmountZero(LedgerRefusal):
    code = "AMOUNT_ZERO"

    def __init__(self, line: int) -> None:
        super().__init__(f"Line {line} moves nothing. Leave it out, or give its amount.")


class AmountTooPrecise(LedgerRefusal):
    code = "AMOUNT_TOO_PRECISE"

    def __init__(self, amount: str, currency: str, places: int) -> None:
        allowed = f"at most {places} decimals" if places else "no decimals"
        super().__init__(f"{amount} is finer than {currency} can hold. Give {allowed}: nothing is rounded here.")


class AmountTooLarge(LedgerRefusal):
    code = "AMOUNT_TOO_LARGE"

    def __init__(self, amount: str) -> None:
        super().__init__(f"{amount[:40]} is more than one line can hold. Split it.")


class Unbalanced(LedgerRefusal):
    code = "ENTRY_UNBALANCED"

    def __init__(self, currency: str, difference: int) -> None:
        super().__init__(
            f"The {currency} lines do not sum to zero: {to_display(difference, currency)} is left over. "
            "Debits are plus, credits minus."
        )


class LineCount(LedgerRefusal):
    code = "ENTRY_LINES"

    def __init__(self, found: int, *, most: int) -> None:
        super().__init__(f"An entry has 2 to {most:,} lines; this one has {found:,}.")


class AccountUnknown(LedgerRefusal):
    code = "ACCOUNT_UNKNOWN"

    def __init__(self, account_id: UUID) -> None:
        super().__init__(f"There is no account {account_id}. Open it first, or check its id.")


class CurrencyMismatch(LedgerRefusal):
    code = "CURRENCY_MISMATCH"

    def __init__(self, account_id: UUID, *, holds: str, given: str) -> None:
        super().__init__(f"Account {account_id} holds {holds}, not {given}. Use an account of that currency.")


class BookMismatch(LedgerRefusal):
    code = "BOOK_MISMATCH"

    def __init__(self, account_id: UUID, *, belongs: str, given: str) -> None:
        super().__init__(f"Account {account_id} belongs to book {belongs}, not {given}. An entry stays in one book.")


class SameAccount(LedgerRefusal):
    code = "SAME_ACCOUNT"

    def __init__(self, account_id: UUID) -> None:
        super().__init__(f"Account {account_id} is both source and destination. Choose two accounts.")


class Overdraft(LedgerRefusal):
    code = "OVERDRAFT"

    def __init__(self, account_id: UUID, *, currency: str, available: int, missing: int) -> None:
        super().__init__(
            f"Account {account_id} has {to_display(available, currency)}, which is {to_display(missing, currency)} "
            "too little, and it may not be overdrawn."
        )


class SourceTxnTaken(LedgerRefusal):
    code = "SOURCE_TXN_TAKEN"

    def __init__(self, source_system: str, source_txn_id: str, entry_id: int) -> None:
        super().__init__(
            f"Transaction {source_txn_id} of {source_system} is in this book already, as entry {entry_id}. "
            "Reverse that entry if it is wrong."
        )


class EntryUnknown(LedgerRefusal):
    code = "ENTRY_UNKNOWN"

    def __init__(self, entry_id: int) -> None:
        super().__init__(f"There is no journal entry {entry_id}. Check its number.")


class AlreadyReversed(LedgerRefusal):
    code = "ENTRY_REVERSED"

    def __init__(self, entry_id: int, reversed_by: int) -> None:
        super().__init__(f"Entry {entry_id} is reversed already, by entry {reversed_by}.")


class EntryStands(LedgerRefusal):
    """What an entry was posted for, or is named as the correction of, still stands."""

    code = "ENTRY_STANDS"

    def __init__(self, entry_id: int, *, behind: str, undo: str) -> None:
        super().__init__(f"Entry {entry_id} stands behind {behind}. {undo}: the books then follow.")


class KeyReused(LedgerRefusal):
    code = "KEY_REUSED"

    def __init__(self, key: str) -> None:
        super().__init__(f"The key {key!r} was used for another command. Send this one with a key of its own.")


class TextInvalid(LedgerRefusal):
    code = "TEXT_INVALID"

    def __init__(self, name: str, *, most: int) -> None:
        super().__init__(f"The {name} is empty, has control characters, or has more than {most} characters.")


class MetadataInvalid(LedgerRefusal):
    code = "METADATA_INVALID"

    def __init__(self, problem: str) -> None:
        super().__init__(f"The metadata cannot be kept: {problem}.")


class DateOutOfRange(LedgerRefusal):
    code = "DATE_OUT_OF_RANGE"

    def __init__(self, given: object, *, first: object, last: object) -> None:
        super().__init__(f"{given} is not a day the books can have: they run from {first} to {last}.")


class LedgerBusy(LedgerRefusal):
    code = "LEDGER_BUSY"

    def __init__(self) -> None:
        super().__init__(
            "Too many others changed the same accounts at the same time. Nothing was posted. Send it again."
        )
