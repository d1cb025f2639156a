"""Why a command about customers, holdings, flows, remittances or snapshots is refused: one sentence each."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from recon.ledger.refusals import LedgerRefusal


class CustomerUnknown(LedgerRefusal):
    code = "CUSTOMER_UNKNOWN"

    def __init__(self, customer_id: UUID) -> None:
        super().__init__(f"There is no customer {customer_id}. Add the customer first, or check the id.")


class CustomerTaken(LedgerRefusal):
    code = "CUSTOMER_TAKEN"

    def __init__(self, external_ref: str, *, book: str) -> None:
        super().__init__(f"Book {book} has a customer {external_ref} already. Use that one, or another reference.")


class NotAUserAccount(LedgerRefusal):
    code = "ACCOUNT_NOT_USER"

    def __init__(self, account_id: UUID, *, type: str) -> None:
        super().__init__(f"Account {account_id} is of type {type}. A wallet is an account of type user.")


class WalletTaken(LedgerRefusal):
    code = "WALLET_TAKEN"

    def __init__(self, account_id: UUID) -> None:
        super().__init__(f"Account {account_id} is a wallet already. Open another account for this one.")


class WalletExists(LedgerRefusal):
    code = "WALLET_EXISTS"

    def __init__(self, customer_id: UUID, *, currency: str) -> None:
        super().__init__(f"Customer {customer_id} has a {currency} wallet already. A customer has one per currency.")


class OtherBook(LedgerRefusal):
    code = "OTHER_BOOK"

    def __init__(self, what: str, *, belongs: str, given: str) -> None:
        super().__init__(f"{what} belongs to book {belongs}, not {given}. Everything of a customer stays in one book.")


class QuantityUnreadable(LedgerRefusal):
    code = "QUANTITY_UNREADABLE"

    def __init__(self, quantity: object) -> None:
        super().__init__(f"{str(quantity)[:40]!r} is not a quantity. Write it with digits and a point, such as 12.5.")


class QuantityZero(LedgerRefusal):
    code = "QUANTITY_ZERO"

    def __init__(self) -> None:
        super().__init__("The quantity is zero, so nothing would move. Give what comes in, or with a minus goes out.")


class QuantityTooPrecise(LedgerRefusal):
    code = "QUANTITY_TOO_PRECISE"

    def __init__(self, quantity: str, *, most: int) -> None:
        super().__init__(f"{quantity[:80]} has more than {most} decimals, and nothing is rounded here. Give fewer.")


class QuantityTooLarge(LedgerRefusal):
    code = "QUANTITY_TOO_LARGE"

    def __init__(self, quantity: str) -> None:
        super().__init__(f"{quantity[:40]} is more than a holding can have. Check it.")


class HoldingShort(LedgerRefusal):
    code = "HOLDING_SHORT"

    def __init__(self, instrument: str, *, held: str, moved: str) -> None:
        super().__init__(
            f"{held} of {instrument} are held, too few to take {moved} out. Say that short is allowed if it is."
        )


class MovementTaken(LedgerRefusal):
    code = "MOVEMENT_TAKEN"

    def __init__(self, source_system: str, source_txn_id: str, movement_id: int) -> None:
        super().__init__(
            f"Transaction {source_txn_id} of {source_system} moved a holding already, as movement {movement_id}. "
            "Move it back if that is wrong."
        )


class NotPositive(LedgerRefusal):
    code = "AMOUNT_NOT_POSITIVE"

    def __init__(self, amount: str) -> None:
        super().__init__(f"The amount {amount} is not positive. Which way the money goes is said by its kind.")


class FlowTaken(LedgerRefusal):
    code = "FLOW_TAKEN"

    def __init__(self, source_system: str, source_txn_id: str, flow_id: int) -> None:
        super().__init__(f"Transaction {source_txn_id} of {source_system} is on its way already, as flow {flow_id}.")


class FlowUnknown(LedgerRefusal):
    code = "FLOW_UNKNOWN"

    def __init__(self, flow_id: int) -> None:
        super().__init__(f"There is no pending flow {flow_id}. Check its number.")


class FlowEnded(LedgerRefusal):
    code = "FLOW_ENDED"

    def __init__(self, flow_id: int, *, at: datetime) -> None:
        super().__init__(f"Flow {flow_id} ended on {at:%Y-%m-%d} already. A flow settles or fails once.")


class RemittanceElsewhere(LedgerRefusal):
    code = "REMITTANCE_BOOK"

    def __init__(self, book: str) -> None:
        super().__init__(f"Remittances under the LRS are kept in book india; this customer belongs to book {book}.")


class RemittanceTaken(LedgerRefusal):
    code = "REMITTANCE_TAKEN"

    def __init__(self, broker: str, broker_ref: str, remittance_id: int) -> None:
        super().__init__(f"Remittance {broker_ref} to {broker} is recorded already, as number {remittance_id}.")


class RemittanceUnknown(LedgerRefusal):
    code = "REMITTANCE_UNKNOWN"

    def __init__(self, remittance_id: int) -> None:
        super().__init__(f"There is no remittance {remittance_id}. Check its number.")


class RemittanceBack(LedgerRefusal):
    code = "REMITTANCE_RETURNED"

    def __init__(self, remittance_id: int, *, returned_on: date) -> None:
        super().__init__(f"Remittance {remittance_id} came back on {returned_on} already.")


class SnapshotExists(LedgerRefusal):
    code = "SNAPSHOT_EXISTS"

    def __init__(self, account_id: UUID, *, as_of: date) -> None:
        super().__init__(
            f"Account {account_id} has a snapshot of {as_of} already. Say that it is replaced if it is wrong."
        )


class DayNotOver(LedgerRefusal):
    code = "DAY_NOT_OVER"

    def __init__(self, as_of: date) -> None:
        super().__init__(f"{as_of} is not over yet, and its balance may still change. Take the snapshot afterwards.")


class InTheFuture(LedgerRefusal):
    code = "IN_THE_FUTURE"

    def __init__(self, given: date) -> None:
        super().__init__(f"{given:%Y-%m-%d} has not come yet. Record what happened on the day it happens.")


class TooEarly(LedgerRefusal):
    code = "TOO_EARLY"

    def __init__(self, given: date, *, began: date) -> None:
        super().__init__(f"{given} is before it began, {began}. Check both.")


class MomentWithoutZone(LedgerRefusal):
    code = "MOMENT_WITHOUT_ZONE"

    def __init__(self, given: datetime) -> None:
        super().__init__(f"{given} does not say its time zone. Add it, such as +00:00.")
