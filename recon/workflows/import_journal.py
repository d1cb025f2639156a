"""Post the entries of a journal file: each whole or not at all, each once however often the file is sent.

The file is kept as it was received. Every row ends as posted, known from an earlier import, rejected with the reason,
or blank.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from recon.errors import TieoutError
from recon.ingest.journal import read_journal
from recon.ledger.entries import AccountNames, FileEntry, FileLine, entries_of, rejected
from recon.ledger.refusals import KeyReused
from recon.model.journal import JournalImport, JournalReading
from recon.model.ledger import Book
from recon.model.people_refusals import SecondPersonNeeded
from recon.model.progress import Progress, silent
from recon.model.reading import Reject
from recon.queries.ledger import account_balances
from recon.store import audit
from recon.store.evidence import Evidence, blob_name
from recon.workflows.post_entries import Answer, post_entries
from recon.workflows.receive_upload import receive_upload

FROM_FILE: Final = "file"
"""`source_system` of entries whose file is not said to come from another."""


def import_journal(
    engine: Engine,
    evidence: Evidence,
    file: Path,
    *,
    book: Book,
    actor: str,
    today: date,
    source_system: str = FROM_FILE,
    currency: str | None = None,
    answers: Mapping[str, str] | None = None,
    on_progress: Progress = silent,
) -> JournalImport:
    """What became of every row. Nothing is posted while questions are open. Raises `LedgerBusy`.

    Overdrafts are judged in the order of days and entry names, so the order of rows does not matter.
    """
    upload = receive_upload(engine, evidence, file, filename=file.name, actor=actor).upload
    content = evidence.local_path(blob_name(upload.sha256)).read_bytes()
    read = read_journal(content, filename=upload.filename, today=today, currency=currency, answers=answers)
    accounts = AccountNames(account_balances(engine, book=book))
    entries = entries_of(_lines(read), accounts, book=book, source_system=source_system, spoilt=read.spoilt)
    sound = [entry for entry in entries if entry.command is not None]
    commands = [entry.command for entry in sound if entry.command is not None]
    answers_given = post_entries(engine, book, commands, actor=actor, today=today, on_progress=on_progress)
    found = _outcome(read, entries, tuple(zip(sound, answers_given, strict=True)))
    if not (found.questions or found.refused):
        with engine.begin() as conn:
            detail = {"upload_id": upload.id, "posted_count": found.posted_count, "known_count": found.known_count}
            detail |= {"rows_read": found.rows_read, "rows_rejected": len(found.rejects)}
            audit.record(conn, actor=actor, action="journal_imported", subject=f"book {book}", detail=detail)
    return found


def _lines(read: JournalReading) -> list[FileLine]:
    return [FileLine(**row) for row in read.lines.to_pylist()]


def _why(refused: TieoutError) -> tuple[str, str]:
    """Code and sentence; a key says nothing to who sent a file."""
    if isinstance(refused, SecondPersonNeeded):
        return refused.code, f"{refused.what}. Post it by hand on the Ledger page: there a second person can be asked."
    if isinstance(refused, KeyReused):
        return "ENTRY_CHANGED", "This entry was posted before, and said something else. Reverse that, or rename this."
    return refused.code, str(refused)


def _outcome(
    read: JournalReading, entries: Sequence[FileEntry], answered: Sequence[tuple[FileEntry, Answer]]
) -> JournalImport:
    rejects: list[Reject] = [*read.rejects, *(reject for entry in entries for reject in entry.rejects)]
    posted = [entry for entry, answer in answered if answer.event is not None and not answer.was_known]
    known = [entry for entry, answer in answered if answer.was_known]
    for entry, answer in answered:
        if answer.refused is not None:
            rejects += rejected(entry, *_why(answer.refused))
    found = JournalImport(
        posted_count=len(posted),
        known_count=len(known),
        rows_read=read.rows_read,
        rows_posted=sum(len(entry.lines) for entry in posted),
        rows_known=sum(len(entry.lines) for entry in known),
        rows_ignored=read.rows_ignored,
        rejects=tuple(sorted(rejects, key=lambda reject: reject.line)),
        questions=read.questions,
        refused=read.refused,
    )
    accounted = found.rows_posted + found.rows_known + found.rows_ignored + len(found.rejects)
    assert found.rows_read == accounted, "no row vanishes"
    return found
