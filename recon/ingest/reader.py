"""One file to one `Reading`, from its bytes to its transactions. No database, no clock, no exception for bad data.

    a table:      bytes -> kind -> text -> layout -> header -> grid -> roles -> rows -> transactions
    a statement:  bytes -> kind -> entries -> account -> transactions

A step that cannot go on raises Refused or Asked; both end here, as values of the reading.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pyarrow as pa

from recon.ingest.answers import Answers
from recon.ingest.columns import assign_roles
from recon.ingest.control import row_findings
from recon.ingest.control_words import Aside
from recon.ingest.detect import MAX_FILE_BYTES, Kind, open_content
from recon.ingest.drift import check_header
from recon.ingest.feed_zone import feed_zone
from recon.ingest.findings import settle
from recon.ingest.formats import format_of
from recon.ingest.formats.apply import as_written, leave_out, roles_for, without_placeholders
from recon.ingest.formats.generic import GENERIC
from recon.ingest.grid import Grid, OddRow
from recon.ingest.normalise import Normalised, normalise
from recon.ingest.one_account import choose_account
from recon.ingest.parquet import read_transactions
from recon.ingest.rows import Sorted, sort_rows
from recon.ingest.section_controls import accounts_of, section_findings, sums_of
from recon.ingest.statements import statement_format_of
from recon.ingest.statements.statement import Statement, statement_columns
from recon.ingest.stop import Asked, Refused
from recon.ingest.table_accounts import table_accounts
from recon.ingest.text_file import read_text
from recon.ingest.warnings import warnings
from recon.model.progress import Progress, silent
from recon.model.reading import Account, Control, Mapping, Note, Question, Reading, ReadingStage, Refusal, Reject
from recon.model.transactions import empty_transactions


def read_file(
    path: Path,
    *,
    filename: str | None = None,
    mapping: Mapping | None = None,
    currency: str | None = None,
    answers: MappingType[str, str] | None = None,
    today: date | None = None,
    on_progress: Progress = silent,
) -> Reading:
    """The file at `path` as transactions, rejects and open questions; never raises for what is in the file.

    `filename` is the name it was sent under, `currency` counts where the file names none, `answers` go before those
    of `mapping`. `today` bounds the dates that are accepted. `on_progress` is told the stages, of `ReadingStage`.
    """
    draft = _Draft(mapping=mapping or Mapping(), answers=dict(answers or {}), on_progress=on_progress)
    draft.tell(ReadingStage.OPEN)
    try:
        _read(draft, _bytes_of(path), filename or path.name, currency, today or date.today())  # noqa: DTZ011
    except Refused as refused:
        draft.refused = refused.refusal
    except Asked as asked:
        draft.questions = asked.questions
    return draft.finished()


@dataclass(slots=True, kw_only=True)
class _Draft:
    """What is known so far, so that a refused or questioned file still shows how far it was read."""

    mapping: Mapping
    answers: dict[str, str]
    on_progress: Progress
    format: str = "unknown"
    encoding: str | None = None
    columns: tuple[str, ...] = ()
    table: pa.Table = field(default_factory=empty_transactions)
    rows_read: int = 0
    rows_ignored: int = 0
    rejects: tuple[Reject, ...] = ()
    questions: tuple[Question, ...] = ()
    refused: Refusal | None = None
    notes: list[Note] = field(default_factory=list)
    used: Mapping = field(default_factory=Mapping)
    raw: pa.Table = field(default_factory=lambda: pa.table({"line": pa.array([], pa.int64())}))
    accounts: tuple[Account, ...] = ()
    controls: tuple[Control, ...] = ()

    def tell(self, stage: ReadingStage) -> None:
        stages = list(ReadingStage)
        self.on_progress(stage.value, stages.index(stage), len(stages))

    def finished(self) -> Reading:
        assert self.rows_read == len(self.table) + len(self.rejects) + self.rows_ignored
        return Reading(
            format=self.format,
            encoding=self.encoding,
            columns=self.columns,
            rows_read=self.rows_read,
            rows_accepted=len(self.table),
            rows_rejected=len(self.rejects),
            rows_ignored=self.rows_ignored,
            table=self.table,
            rejects=self.rejects,
            questions=self.questions,
            refused=self.refused,
            notes=tuple(self.notes),
            mapping=self.used,
            raw=self.raw,
            accounts=self.accounts,
            controls=self.controls,
        )


def _bytes_of(path: Path) -> bytes:
    if path.stat().st_size > MAX_FILE_BYTES:
        raise Refused("FILE_TOO_LARGE", f"The file is larger than {MAX_FILE_BYTES >> 30} GB.")
    return path.read_bytes()


def _read(draft: _Draft, data: bytes, filename: str, currency: str | None, today: date) -> None:
    answers = Answers(given=draft.answers, saved=draft.mapping.answers)
    content = open_content(data, filename)
    draft.format = "csv" if content.kind is Kind.TEXT else content.kind.value
    if content.kind is Kind.PARQUET:
        _accept_parquet(draft, content.data, today)
        return
    if content.kind is Kind.STATEMENT:
        _read_statement(draft, content.data, answers, currency, today)
        return
    if content.kind is Kind.TEXT:
        source = read_text(content.data, answers, draft.mapping)
    else:
        from recon.ingest.excel import read_workbook  # its libraries take their time to load; most files are text

        source = read_workbook(content.data, content.kind, answers, draft.mapping)
    del data, content
    feed_zone(answers)
    draft.encoding = source.encoding
    draft.columns = source.names
    draft.notes.extend(source.notes)
    draft.raw = source.grid.preview(source.names)
    draft.tell(ReadingStage.COLUMNS)
    _understand(draft, source.grid, answers, currency, today)


def _accept_parquet(draft: _Draft, data: bytes, today: date) -> None:
    found, draft.raw = read_transactions(data, today)
    draft.columns = tuple(draft.raw.column_names[1:])
    draft.table, draft.rejects = found.table, found.rejects
    draft.rows_read = len(found.table) + len(found.rejects)


def _understand(draft: _Draft, grid: Grid, answers: Answers, currency: str | None, today: date) -> None:
    """Grid to transactions: what the columns mean, which rows count, and what they say."""
    check_header(draft.columns, draft.mapping.header, answers)
    known = format_of(draft.columns, answers)
    draft.format = draft.format if known is GENERIC else known.name
    grid = without_placeholders(known, grid)
    answers.known = known.answers
    columns = assign_roles(
        draft.columns,
        grid,
        answers,
        roles_for(known, draft.columns, draft.mapping.roles),
        currency=currency or answers.get("CURRENCY"),
        may_miss="HEADER_CHANGED" in answers.given,
        barred=known.barred(),
    )
    columns = as_written(known, columns)
    counted, left_out = leave_out(known, draft.columns, grid)
    draft.tell(ReadingStage.VALUES)
    rows = sort_rows(counted, columns)
    found = normalise(rows.grid, columns, answers, currency, today)
    rejects = _rejects(found, rows.grid)
    data_row_count = rows.grid.row_count + rows.counts[Aside.NOT_BOOKED]
    findings = row_findings(rows.controls, columns, found.table, data_row_count=data_row_count, answers=answers)
    findings += found.findings
    draft.controls = tuple(finding.control for finding in findings)  # known also while they are asked about
    draft.accounts = table_accounts(draft.controls, found.table, found.accounts)
    draft.controls, control_notes = settle(findings, rejected_count=len(rejects), answers=answers)
    draft.rows_read, draft.rows_ignored = grid.row_count, rows.counts.total() + left_out.total()
    draft.table, draft.rejects = found.table, rejects
    draft.notes += [*control_notes, *found.notes, *_ignored(rows, left_out)]
    draft.notes += [*warnings(found.table, len(rejects), today)]
    draft.used = Mapping(roles=columns.mapped(), answers=dict(answers.used), header=draft.columns)


def _read_statement(draft: _Draft, data: bytes, answers: Answers, currency: str | None, today: date) -> None:
    """A statement's entries to transactions, held against the balances and sums it states."""
    known = statement_format_of(data)
    assert known is not None
    draft.format = known.name
    statement = known.read(data, answers)
    columns = statement_columns()
    draft.encoding, draft.columns = statement.encoding, columns.names
    draft.raw = statement.grid.preview(columns.names)
    draft.tell(ReadingStage.VALUES)
    found = normalise(statement.grid, columns, answers, currency, today)
    rejects = _rejects(found, statement.grid)
    sums = sums_of(statement.sections, found.table, [reject.line for reject in rejects])
    findings = [*statement.findings, *section_findings(sums)]
    draft.accounts = accounts_of(sums)
    draft.controls = tuple(finding.control for finding in findings)
    draft.controls, control_notes = settle(findings, rejected_count=len(rejects), answers=answers)
    chosen = choose_account(statement.sections, answers)
    draft.table, draft.rejects = chosen.of(found.table), tuple(filter(chosen.keeps, rejects))
    pending = sum(statement.ignored.values())
    draft.rows_read = statement.grid.row_count + pending
    draft.rows_ignored = draft.rows_read - len(draft.table) - len(draft.rejects)
    draft.notes += [*statement.notes, *control_notes, *found.notes, *_left_out(statement, draft.rows_ignored - pending)]
    draft.notes += warnings(draft.table, len(draft.rejects), today)
    draft.used = Mapping(answers=dict(answers.used))


def _rejects(found: Normalised, grid: Grid) -> tuple[Reject, ...]:
    return tuple(sorted([*found.rejects, *map(_rejected, grid.odd)], key=lambda reject: reject.line))


def _left_out(statement: Statement, elsewhere_count: int) -> Iterator[Note]:
    for reason, count in sorted(statement.ignored.items()):
        yield Note(code="ROWS_IGNORED", text=f"Entries that moved nothing yet: {reason}.", count=count)
    if elsewhere_count:
        yield Note(code="ROWS_IGNORED", text="Entries of other accounts.", count=elsewhere_count)


def _rejected(row: OddRow) -> Reject:
    return Reject(line=row.line, column=None, value=row.text, code=row.code, problem=row.problem)


def _ignored(rows: Sorted, left_out: Counter[str]) -> Iterator[Note]:
    if rows.unknown_states:
        text = f"Rows were read as booked in a state we do not know: {', '.join(rows.unknown_states)}."
        yield Note(code="STATUS_UNKNOWN", text=text, count=len(rows.unknown_states))
    by_reason = {reason.value: count for reason, count in rows.counts.items()} | left_out
    for reason, count in sorted(by_reason.items()):
        yield Note(code="ROWS_IGNORED", text=f"Rows that are no transactions: {reason}.", count=count)
