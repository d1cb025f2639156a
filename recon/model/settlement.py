"""What a person does on the workbench: rows of both sides, what is to become of them, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final

from recon.model.decisions import DecisionKind
from recon.model.transactions import Side
from recon.model.triage import Resolution

REASON_LIMIT: Final = 500
"""Characters of a reason."""

REASON_CODES: Final = (
    Resolution.FEE,
    Resolution.FX,
    Resolution.ROUNDING,
    Resolution.TIMING,
    Resolution.DATA_ISSUE,
    Resolution.CODE_ISSUE,
)
"""What a difference can be put down to."""


class SettleMove(StrEnum):
    """What can be done with rows; the value is what is said of it afterwards."""

    MATCH = "matched"  # N:M; a difference beyond the tolerance needs a reason code and is written off
    NET = "netted"  # rows of one side that come to nothing
    SPLIT = "split"  # matched as far as they go; the rest of one row stays open
    IGNORE = "ignored"  # needs no counterpart
    WRITE_OFF = "written off"  # accepted as a loss or gain


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRow:
    """A row as the person who decides saw it: by its line, and how much of it was open (minor units)."""

    side: Side
    line: int
    open_amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One command on rows of a published run. `action_key` is made when the form is drawn: sent twice, done once."""

    run_id: int
    move: SettleMove
    rows: tuple[SeenRow, ...]
    reason_code: Resolution | None = None
    reason: str = ""
    action_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRow:
    """One row of a run that does not tie out yet. `open_amount` is what is left of `amount` (minor units).

    `decision_id`: the decision that settled it, or the part of it that is not open any more. `opened_by`: the decision
    that it does not go with its partner.
    """

    side: Side
    line: int
    fingerprint: str
    kind: str
    discrepancy_id: int | None
    date: date
    amount: int
    open_amount: int
    currency: str
    txn_id: str | None
    payment_ref: str | None
    description: str | None
    counterparty: str | None
    is_open: bool
    decision_id: int | None
    opened_by: int | None

    @property
    def seen(self) -> SeenRow:
        return SeenRow(side=self.side, line=self.line, open_amount=self.open_amount)

    @property
    def reference(self) -> str | None:
        """What both systems may know it by, else the sender's own id."""
        return self.payment_ref or self.txn_id

    @property
    def text(self) -> str | None:
        return self.counterparty or self.description


@dataclass(frozen=True, slots=True, kw_only=True)
class CurrencyLine:
    """One currency: rows and sums (minor units) of both sides."""

    currency: str
    source_count: int
    source: int
    reference_count: int
    reference: int

    @property
    def difference(self) -> int:
        """Source less reference."""
        return self.source - self.reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What a command comes to, before it is carried out.

    `difference`: source less reference by currency, where it is not 0. `written_off`: what is accepted as a loss or
    gain, and may need a second person. `residual`: the row of which a part stays open, and that part.
    """

    kind: DecisionKind
    resolution: Resolution
    difference: Mapping[str, int] = field(default_factory=dict)
    written_off: Mapping[str, int] = field(default_factory=dict)
    residual: SeenRow | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """What came of a command: the decision's number, how many rows it settled, and the entries it posted."""

    decision_id: int
    row_count: int
    entry_ids: tuple[int, ...] = ()
    lacks_accounts: bool = False  # it was written off without an entry, because no accounts are named
    was_known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOffAccounts:
    """Where write-offs of a reconciliation and currency are posted: a difference above 0 is a debit of `account_id`."""

    reconciliation_id: int
    currency: str
    book: str
    account_id: Any  # uuid.UUID
    counter_account_id: Any
