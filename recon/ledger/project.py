"""Facts -> the journal. Pure, and the only way rows of the journal come about: live and in a replay alike."""

from __future__ import annotations

from recon.model.ledger import EntryPosted, EntryReversed, Fact, Line, Posting, TransferPosted


def posting_of(fact: Fact) -> Posting | None:
    """The journal entry the fact posts; None for one that moves no money."""
    match fact:
        case TransferPosted():
            out = Line(account_id=fact.source_account_id, amount=-fact.amount, currency=fact.currency)
            into = Line(account_id=fact.destination_account_id, amount=fact.amount, currency=fact.currency)
            return _posting(fact, (out, into))
        case EntryPosted():
            return _posting(fact, fact.lines)
        case EntryReversed():
            return _posting(fact, fact.lines, reverses_id=fact.reverses_id)
        case _:
            return None


def _posting(
    fact: TransferPosted | EntryPosted | EntryReversed, lines: tuple[Line, ...], *, reverses_id: int | None = None
) -> Posting:
    return Posting(
        book=fact.book,
        booked_on=fact.booked_on,
        source_system=fact.source_system,
        source_txn_id=fact.source_txn_id,
        reverses_id=reverses_id,
        lines=lines,
        metadata=fact.metadata,
    )
