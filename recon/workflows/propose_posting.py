"""Ask a second person to post or reverse an entry that is more than one person may post alone.

What is proposed is the fact: account by account what the journal would say. Approved, it is decided again on the
ledger as it stands by then; if that comes to anything else, nothing is posted.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection, Engine

from recon.ledger import check, decide, posting_of
from recon.ledger.refusals import LedgerRefusal
from recon.model.ledger import (
    EntryPosted,
    EntryReversed,
    Fact,
    Line,
    PostEntry,
    PostingCommand,
    ReverseEntry,
    Transfer,
    TransferPosted,
    WantedLine,
    body_of,
    fact_from,
)
from recon.model.people import Action, Deed, Proposal
from recon.money import to_text
from recon.store import ledger, people
from recon.store.evidence import Evidence
from recon.workflows.command_ledger import carry_out, deed_of
from recon.workflows.permit import permit

DOES = "post"

PostingFact = TransferPosted | EntryPosted | EntryReversed


def propose_posting(engine: Engine, command: PostingCommand, *, actor: str, today: date) -> int:
    """Ask that the command is carried out; the proposal's number. Raises a `LedgerRefusal` where it could not be."""
    check(command)
    with engine.begin() as conn:
        permit(conn, actor, Action.LEDGER)
        fact = decide(command, ledger.standing(conn, command), today=today)
        posting = posting_of(fact)
        assert posting is not None, "it posts an entry"
        ((deed, amounts),) = deed_of(posting).items()
        return people.propose(
            conn,
            deed,
            subject=_subject(fact, deed),
            body={"does": DOES, "kind": type(fact).__name__, "fact": body_of(fact)},
            amounts=amounts,
            reason=_reason(command),
            actor=actor,
            action_key=command.key,
        )


def fact_of(asked: Proposal) -> PostingFact:
    """What a proposal to post says the ledger would record."""
    fact = fact_from(asked.body["kind"], asked.body["fact"])
    assert isinstance(fact, TransferPosted | EntryPosted | EntryReversed), "it posts an entry"
    return fact


def lines_of(fact: PostingFact) -> tuple[Line, ...]:
    """What the journal would say."""
    posting = posting_of(fact)
    assert posting is not None, "it posts an entry"
    return posting.lines


def post_proposed(conn: Connection, _evidence: Evidence, asked: Proposal) -> bool:
    """Post exactly the entry that was shown; False when the ledger would not take it any more, or not so."""
    shown = fact_of(asked)
    attempt = conn.begin_nested()
    try:
        event = carry_out(
            conn, command_of(shown, key=f"proposal-{asked.id}"), actor=asked.proposed_by, today=shown.booked_on
        )
    except LedgerRefusal:
        attempt.rollback()
        return False
    if event.fact != shown:
        attempt.rollback()
        return False
    attempt.commit()
    return True


def command_of(fact: PostingFact, *, key: str) -> PostingCommand:
    """The command that comes to this fact."""
    match fact:
        case TransferPosted():
            return Transfer(
                source_account_id=fact.source_account_id,
                destination_account_id=fact.destination_account_id,
                amount=to_text(fact.amount, fact.currency),
                currency=fact.currency,
                **_common(fact, key),
            )
        case EntryPosted():
            return PostEntry(book=fact.book, lines=tuple(map(_wanted, fact.lines)), **_common(fact, key))
        case EntryReversed():
            return ReverseEntry(entry_id=fact.reverses_id, **_common(fact, key))


def _common(fact: PostingFact, key: str) -> dict[str, Any]:
    return {
        "key": key,
        "booked_on": fact.booked_on,
        "source_system": fact.source_system,
        "source_txn_id": fact.source_txn_id,
        "metadata": fact.metadata,
    }


def _wanted(line: Line) -> WantedLine:
    return WantedLine(account_id=line.account_id, amount=to_text(line.amount, line.currency), currency=line.currency)


def _subject(fact: Fact, deed: Deed) -> str:
    if isinstance(fact, EntryReversed):
        return f"journal entry {fact.reverses_id}"
    assert deed is Deed.POST
    return f"a journal entry of book {fact.book}"


def _reason(command: PostingCommand) -> str:
    said = command.metadata.get("reason") or command.metadata.get("description") or ""
    return str(said)
