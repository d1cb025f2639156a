"""What is stored is what the events say: everything projected from the log, made again and compared row by row."""

from __future__ import annotations

from sqlalchemy import Connection

from checks.check import Category, Check, CheckBook, Judgement, Scope, Subject, Variance, judgement
from recon.model.checks import CatalogueLine
from recon.model.ledger import Replay, TableDifference
from recon.workflows.replay_ledger import replay_ledger


def gather(conn: Connection, scope: Scope) -> Replay:
    """A replay of all events, which sees a moment of its own; so this transaction need not stay open for it."""
    conn.rollback()
    return replay_ledger(conn.engine)


def judge(facts: Replay) -> Judgement:
    """A row missing, changed or too many is a fault, table by table."""
    return judgement(
        examined=facts.event_count,
        of=("event", "events"),
        sound="everything stored is what the events say",
        failing=[_variance(difference) for difference in facts.differences],
        account_count=facts.account_count,
        entry_count=facts.entry_count,
    )


def _variance(difference: TableDifference) -> Variance:
    return Variance(
        subject=Subject(item=difference.table),
        expected=0,
        actual=difference.missing_count + difference.extra_count,
        unit="rows",
        note=f"{difference.missing_count:,} missing, {difference.extra_count:,} too many; a changed one is both. "
        f"Such as {', '.join(difference.examples)}.",
    )


CHECK = Check(
    line=CatalogueLine(
        name="projection_replay",
        category=Category.INTERNAL,
        books=(CheckBook.ALL,),
        must_hold="Accounts, journal, balances, wallets and holdings are what the log of events says.",
        guards_against="A row changed, lost or added behind the ledger's back, and a mistake in how events are booked.",
        warns_when="Never.",
        fails_when="Any stored row differs from a replay of all events.",
    ),
    gather=gather,
    judge=judge,
)
