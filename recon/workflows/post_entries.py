"""Post many journal entries: as `command_ledger` would each, some hundred to a transaction.

Every entry is decided by itself; one that is refused holds none of the others up. So is one that is more than the
actor may post alone: by hand it can be proposed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from recon.errors import TieoutError
from recon.ledger import check, decide, posting_of, repeat
from recon.ledger.refusals import LedgerBusy
from recon.model.ledger import Book, EntryPosted, LedgerEvent, PostEntry, Posting, Standing, fingerprint, origin_of
from recon.model.people import Action, Deed, Person
from recon.model.progress import Progress, silent
from recon.store import ledger, ledger_batch
from recon.store.ledger_batch import BatchStanding, Decided
from recon.workflows.command_ledger import TRIES, deed_of
from recon.workflows.permit import is_limited, permit, permit_alone

BATCH: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What came of one command: the event that posts the entry, or why it is not posted."""

    event: LedgerEvent | None
    refused: TieoutError | None = None
    was_known: bool = False  # the same command was carried out before


def post_entries(
    engine: Engine,
    book: Book,
    commands: Sequence[PostEntry],
    *,
    actor: str,
    today: date,
    on_progress: Progress = silent,
) -> tuple[Answer, ...]:
    """What came of each command, in their order. All are of `book`, each with a key and source transaction of its own.

    Raises `LedgerBusy` when others changed the same accounts again and again; what was posted by then stays, and the
    same call goes on from there.
    """
    assert len({command.key for command in commands}) == len({origin_of(command) for command in commands})
    answers: list[Answer] = []
    for start in range(0, len(commands), BATCH):
        on_progress("post", start, len(commands))
        answers += _post(engine, book, commands[start : start + BATCH], actor=actor, today=today)
    on_progress("post", len(commands), len(commands))
    return tuple(answers)


def post_together(
    conn: Connection, book: Book, commands: Sequence[PostEntry], *, actor: str, today: date
) -> tuple[LedgerEvent, ...]:
    """The events of all of them, in the caller's transaction. Raises the first refusal: the caller rolls back."""
    for command in commands:
        check(command)
    answers = _once(conn, book, commands, actor=actor, today=today, alone=None)
    for command in commands:
        refused = answers[command.key].refused
        if refused is not None:
            raise refused
    return tuple(event for command in commands if (event := answers[command.key].event) is not None)


def _post(engine: Engine, book: Book, commands: Sequence[PostEntry], *, actor: str, today: date) -> tuple[Answer, ...]:
    refused = {command.key: refusal for command in commands if (refusal := _refusal(command)) is not None}
    sound = [command for command in commands if command.key not in refused]
    answers = _try(engine, book, sound, actor=actor, today=today) if sound else {}
    answers |= {key: Answer(event=None, refused=refusal) for key, refusal in refused.items()}
    return tuple(answers[command.key] for command in commands)


def _refusal(command: PostEntry) -> TieoutError | None:
    try:
        check(command)
    except TieoutError as refusal:
        return refusal
    return None


def _try(engine: Engine, book: Book, commands: Sequence[PostEntry], *, actor: str, today: date) -> dict[str, Answer]:
    for _ in range(TRIES):
        try:
            with engine.begin() as conn:
                person = permit(conn, actor, Action.LEDGER)
                alone = person if is_limited(conn, person, Deed.POST) else None
                return _once(conn, book, commands, actor=actor, today=today, alone=alone)
        except DBAPIError as error:
            if not ledger.lost_a_race(error):
                raise
    raise LedgerBusy


def _once(
    conn: Connection, book: Book, commands: Sequence[PostEntry], *, actor: str, today: date, alone: Person | None
) -> dict[str, Answer]:
    standing = ledger_batch.standing_of(conn, book, commands)
    decided: list[Decided] = []
    answers: dict[str, Answer] = {}
    for command in commands:
        try:
            earlier = standing.earlier.get(command.key)
            if earlier is not None:
                event = repeat(earlier, fingerprint=fingerprint(command))
                answers[command.key] = Answer(event=event, was_known=True)
            else:
                one = _decide(command, standing, today=today)
                if alone is not None:
                    permit_alone(conn, alone, deed_of(_posting(one)))
                _book(one, standing)
                decided.append(one)
        except TieoutError as refusal:
            answers[command.key] = Answer(event=None, refused=refusal)
    events = ledger_batch.append_all(conn, decided, actor=actor)
    return answers | {key: Answer(event=event) for key, event in events.items()}


def _decide(command: PostEntry, standing: BatchStanding, *, today: date) -> Decided:
    """The entry, decided on the balances that those before it in the batch leave."""
    known = Standing(accounts=standing.accounts, taken_by=standing.taken.get(origin_of(command)))
    fact = decide(command, known, today=today)
    assert isinstance(fact, EntryPosted)
    return Decided(key=command.key, fingerprint=fingerprint(command), fact=fact)


def _posting(decided: Decided) -> Posting:
    posting = posting_of(decided.fact)
    assert posting is not None, "it posts an entry"
    return posting


def _book(decided: Decided, standing: BatchStanding) -> None:
    for line in decided.fact.lines:
        account = standing.accounts[line.account_id]
        standing.accounts[line.account_id] = replace(account, balance=account.balance + line.amount)
