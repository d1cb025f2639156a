"""A file of journal lines to rows: one row a line, lines of one entry named alike. Nothing is guessed, no row lost.

Amounts are signed (debit plus, credit minus) or stand in a debit and a credit column. Marks such as DR beside a signed
amount are rejected: what they mean for its sign differs between those who write them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.ingest.aliases import Role, plain
from recon.ingest.answers import Answers
from recon.ingest.cells import clean_column
from recon.ingest.columns import Columns
from recon.ingest.detect import Kind, open_content
from recon.ingest.grid import Grid, Mask, OddRow
from recon.ingest.normalise import normalise
from recon.ingest.source import Source
from recon.ingest.stop import Asked, Refused
from recon.ingest.text_file import read_text
from recon.model.feed import NOTHING_DECIDED
from recon.model.journal import JOURNAL_SCHEMA, JournalReading
from recon.model.reading import Choice, Question, Refusal, Reject

ENTRY: Final = Role.TXN_ID
ACCOUNT: Final = Role.GROUP_ID
"""The roles of a transaction in whose place the entry and the account are read."""

NAMES: Final[Mapping[Role, tuple[str, ...]]] = {
    ENTRY: (
        *("source txn id", "entry", "entry id", "entry key", "entry no", "entry number", "journal id", "journal no"),
        *("voucher", "voucher no", "txn id", "transaction id", "transaction"),
    ),
    Role.DATE: ("booked on", "date", "booking date", "posting date", "entry date", "journal date"),
    ACCOUNT: ("account", "account id", "account code", "account name", "account no", "account number"),
    Role.AMOUNT: ("amount", "signed amount"),
    Role.DEBIT: ("debit", "dr", "debit amount"),
    Role.CREDIT: ("credit", "cr", "credit amount"),
    Role.CURRENCY: ("currency", "ccy"),
    Role.DESCRIPTION: ("description", "narration", "memo", "text", "details"),
}
QUESTIONS: Final[Mapping[Role, tuple[str, str]]] = {
    ENTRY: ("ENTRY_COLUMN", "Which column names the entry a line belongs to?"),
    Role.DATE: ("DATE_COLUMN", "Which column is the date of the entry?"),
    ACCOUNT: ("ACCOUNT_COLUMN", "Which column is the account?"),
    Role.AMOUNT: ("AMOUNT_COLUMN", "Which column is the amount, debits plus and credits minus?"),
}
"""What every line must have: the question's code, and its text."""

MARKED: Final = r"(?i)(^|[^a-z])(dr|cr|db)($|[^a-z])"


def read_journal(
    data: bytes,
    *,
    filename: str,
    today: date,
    currency: str | None = None,
    answers: Mapping[str, str] | None = None,
) -> JournalReading:
    """The lines of a CSV or Excel file, rejects and open questions; never raises for what is in the file."""
    try:
        return _read(data, filename, Answers(given=dict(answers or {})), currency, today)
    except Refused as refused:
        return _unread(refused=refused.refusal)
    except Asked as asked:
        return _unread(questions=asked.questions)


def _unread(*, refused: Refusal | None = None, questions: tuple[Question, ...] = ()) -> JournalReading:
    return JournalReading(
        lines=JOURNAL_SCHEMA.empty_table(),
        rows_read=0,
        rows_ignored=0,
        rejects=(),
        questions=questions,
        refused=refused,
    )


def _read(data: bytes, filename: str, answers: Answers, currency: str | None, today: date) -> JournalReading:
    source = _source(data, filename, answers)
    columns = _columns(source.names, answers)
    grid = _without_marks(source.grid, columns)
    found = normalise(grid, columns, answers, currency, today)
    is_named = pc.and_(pc.is_valid(found.table[ENTRY.value]), pc.is_valid(found.table[ACCOUNT.value]))
    rejects = [*found.rejects, *map(_rejected, grid.odd), *_unnamed(found.table.filter(pc.invert(is_named)), columns)]
    lines = _as_lines(found.table.filter(is_named), is_pair=Role.AMOUNT not in columns.roles)
    assert source.grid.row_count == len(lines) + len(rejects) + source.grid.blank_count
    return JournalReading(
        lines=lines,
        rows_read=source.grid.row_count,
        rows_ignored=source.grid.blank_count,
        rejects=tuple(sorted(rejects, key=lambda reject: reject.line)),
        spoilt=_spoilt(grid, columns, rejects),
    )


def _source(data: bytes, filename: str, answers: Answers) -> Source:
    content = open_content(data, filename)
    match content.kind:
        case Kind.TEXT:
            return read_text(content.data, answers, NOTHING_DECIDED)
        case Kind.XLSX | Kind.XLS:
            from recon.ingest.excel import read_workbook  # its libraries take their time to load

            return read_workbook(content.data, content.kind, answers, NOTHING_DECIDED)
        case _:
            raise Refused("FILE_KIND", "A journal is read from CSV or Excel. Send it as one of these.")


def _columns(names: Sequence[str], answers: Answers) -> Columns:
    """The columns by their names, or by an answer; raises Asked with every one that is missing or there twice."""
    found: dict[Role, list[int]] = {
        role: [at for at, name in enumerate(names) if plain(name) in known] for role, known in NAMES.items()
    }
    is_pair = bool(found[Role.DEBIT] and found[Role.CREDIT]) and not found[Role.AMOUNT]
    roles = {role: at[0] for role, at in found.items() if len(at) == 1}
    if not is_pair:
        roles = {role: at for role, at in roles.items() if role not in (Role.DEBIT, Role.CREDIT)}
    questions: list[Question] = []
    for role, (code, text) in QUESTIONS.items():
        if role is Role.AMOUNT and is_pair:
            continue
        if role not in roles or answers.get(code) is not None:
            try:
                roles[role] = names.index(answers.settle(_question(code, text, names), accepts=names.__contains__))
            except Asked as asked:
                questions += asked.questions
    if questions:
        raise Asked(*questions)
    return Columns(names=tuple(names), roles=roles, is_signed=True)


def _question(code: str, text: str, names: Sequence[str]) -> Question:
    choices = tuple(Choice(value=name, label=name) for name in names)
    return Question(code=code, text=text, column=None, choices=choices)


def _without_marks(grid: Grid, columns: Columns) -> Grid:
    """The grid with rows whose signed amount has DR or CR beside it among its odd ones."""
    position = columns.roles.get(Role.AMOUNT)
    if position is None:
        return grid
    marked: Mask = np.asarray(pc.match_substring_regex(grid.column(position), MARKED).to_numpy(), dtype=bool)
    at = np.flatnonzero(marked)
    cells = grid.cells.take(at).to_pydict().values()
    odd = [
        OddRow(
            line=int(grid.lines[row]),
            cells=tuple(told),
            code="AMOUNT_MARKED",
            problem="The amount says DR or CR. Write debits plus and credits minus, or in columns of their own.",
        )
        for row, told in zip(at.tolist(), zip(*cells, strict=True), strict=True)
    ]
    return grid.keep(~marked, (*grid.odd, *odd)) if odd else grid


def _unnamed(rows: pa.Table, columns: Columns) -> list[Reject]:
    """Rows that do not say which entry they belong to, or which account they move."""
    rejects = []
    for line, entry in zip(rows["line"].to_pylist(), rows[ENTRY.value].to_pylist(), strict=True):
        role, code, what = (ENTRY, "ENTRY_EMPTY", "entry") if entry is None else (ACCOUNT, "ACCOUNT_EMPTY", "account")
        problem = f"There is no {what}."
        rejects.append(Reject(line=line, column=columns.name(role), value=None, code=code, problem=problem))
    return rejects


def _spoilt(grid: Grid, columns: Columns, rejects: Sequence[Reject]) -> frozenset[str]:
    """The entries rejected rows name; one that does not fit the table may name it in any of its cells."""
    is_rejected = np.isin(grid.lines, [reject.line for reject in rejects])
    named = clean_column(grid.column(columns.roles[ENTRY]).filter(pa.array(is_rejected))).to_pylist()
    return frozenset(named) | {cell.strip() for row in grid.odd for cell in row.cells}


def _rejected(row: OddRow) -> Reject:
    return Reject(line=row.line, column=None, value=row.text, code=row.code, problem=row.problem)


def _as_lines(rows: pa.Table, *, is_pair: bool) -> pa.Table:
    """A pair of columns was read as money in and out of an account, where a debit is minus; in a journal it is plus."""
    amounts = pc.negate(rows["amount"]) if is_pair else rows["amount"]
    return pa.table(
        {
            "line": rows["line"],
            "entry": rows[ENTRY.value],
            "date": rows["date"],
            "account": rows[ACCOUNT.value],
            "amount": amounts,
            "currency": rows["currency"],
            "description": rows["description"],
        },
        schema=JOURNAL_SCHEMA,
    )
