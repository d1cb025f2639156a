"""`ledger`: prove it from its events, bring entries in from a file, store balances."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from recon.cli.database import database
from recon.cli.exits import Exit
from recon.cli.options import AsJson, Currency, answers_of, existing
from recon.cli.readings import question_document, show_questions, show_rejects
from recon.cli.screen import emit, progress_bar, say, show_table
from recon.config import settings
from recon.model.journal import JournalImport
from recon.model.ledger import Book, Replay
from recon.workflows.import_journal import FROM_FILE, import_journal
from recon.workflows.replay_ledger import replay_ledger
from recon.workflows.take_snapshots import take_snapshots

app = typer.Typer(
    name="ledger",
    help="Prove the ledger, bring entries in, store balances.",
    short_help="Prove the ledger, bring entries in, store balances.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def ledger() -> None:
    """Prove the ledger, bring entries in, store balances."""


@app.command()
def replay(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Put right what differs; posting waits meanwhile.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Project every event again and compare: accounts, journal and balances are what the events say.

    Ends with 0 when they are, or were put right; with 1 when they are not.
    """
    with database(settings()) as (engine, _):
        found = replay_ledger(engine, rebuild=rebuild, actor=settings().actor)
    is_proved = found.is_rebuilt or not found.differences
    if as_json:
        emit(asdict(found) | {"is_proved": is_proved})
    else:
        _show(found)
    raise typer.Exit(Exit.READ if is_proved else Exit.FAILED)


@app.command("import")
def import_entries(
    file: Annotated[Path, typer.Argument(help="Journal lines: entry, date, account, amount or debit and credit.")],
    book: Annotated[Book, typer.Option(help="The book the entries are posted in.")],
    source_system: Annotated[str, typer.Option(help="Where the entries come from.")] = FROM_FILE,
    currency: Currency = None,
    answer: Annotated[list[str] | None, typer.Option(metavar="CODE=CHOICE", help="Answer a question.")] = None,
    as_json: AsJson = False,
) -> None:
    """Post the entries of a CSV or Excel file: each whole or not at all, each once however often it is sent.

    Ends with 0 when every row was posted or known, 1 when rows were rejected, 2 when the file was refused, 3 with
    questions.
    """
    chosen = settings()
    with database(chosen) as (engine, evidence), progress_bar() as progress:
        found = import_journal(
            engine,
            evidence,
            existing(file),
            book=book,
            actor=chosen.actor,
            today=_today(),
            source_system=source_system,
            currency=currency,
            answers=answers_of(answer or ()),
            on_progress=progress,
        )
    if as_json:
        emit(_import_document(found))
    else:
        _show_import(file.name, found)
    raise typer.Exit(_import_status(found))


@app.command()
def snapshot(
    book: Annotated[Book, typer.Option(help="The book whose balances are stored.")],
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day; yesterday, unless said.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Store the balance of every account at the end of a day that is over; accounts that have one keep it."""
    chosen, today = settings(), _today()
    day = as_of.date() if as_of else today - timedelta(days=1)
    with database(chosen) as (engine, _):
        taken_count = take_snapshots(engine, book=book, as_of=day, actor=chosen.actor, today=today)
    if as_json:
        emit({"book": book, "as_of": day.isoformat(), "taken": taken_count})
    else:
        say(f"{taken_count:,} balances of {day} were stored in book {book}.")


def _today() -> date:
    return datetime.now(UTC).date()


def _import_status(found: JournalImport) -> Exit:
    if found.refused:
        return Exit.REFUSED
    if found.questions:
        return Exit.QUESTIONS
    return Exit.FAILED if found.rejects else Exit.READ


def _import_document(found: JournalImport) -> dict[str, Any]:
    return {
        "entries": {"posted": found.posted_count, "known": found.known_count},
        "rows": {
            "read": found.rows_read,
            "posted": found.rows_posted,
            "known": found.rows_known,
            "rejected": len(found.rejects),
            "ignored": found.rows_ignored,
        },
        "rejects": [asdict(reject) for reject in found.rejects],
        "questions": [question_document(question) for question in found.questions],
        "refused": asdict(found.refused) if found.refused else None,
    }


def _show_import(filename: str, found: JournalImport) -> None:
    if found.refused:
        say(f"{filename} was refused: {found.refused.problem}")
    elif found.questions:
        say(f"{filename} leaves something open. Answer, and it is posted:")
        show_questions(found.questions)
    else:
        known = f", {found.known_count:,} were there already" if found.known_count else ""
        say(f"{found.posted_count:,} entries were posted{known}. {len(found.rejects):,} rows were rejected.")
        show_rejects(found.rejects, of_count=len(found.rejects))


def _show(found: Replay) -> None:
    say(f"Events: {found.event_count:,}. Accounts: {found.account_count:,}. Journal entries: {found.entry_count:,}.")
    if not found.differences:
        say("Accounts, journal and balances are what the events say.")
        return
    rows = [(d.table, f"{d.missing_count:,}", f"{d.extra_count:,}", ", ".join(d.examples)) for d in found.differences]
    show_table(("table", "missing", "too many", "rows such as"), rows, numbers=("missing", "too many"))
    say(
        "These were put right from the events."
        if found.is_rebuilt
        else "The events count. Run it with --rebuild to put these right."
    )
