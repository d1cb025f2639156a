"""Where the header is: on the first line, below a preamble, or nowhere; and what to call each column.

A line is the header when it names a date and an amount (or debit, or credit) column in words we know. Otherwise a
person says; the lines are shown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from recon.ingest.aliases import Role, known_names, plain, ranks
from recon.ingest.amount_text import read_amount
from recon.ingest.answers import Answers
from recon.ingest.codes import ValueCode
from recon.ingest.date_text import read_date
from recon.model.reading import RAW_VALUE_LIMIT, Choice, Example, Mapping, Note, Question

SEARCHED_RECORDS: Final = 60
NO_HEADER: Final = "none"
_OFFERED: Final = 8
_HEADER_LINES: Final = 3
"""Most lines column names run over."""
_DIGIT: Final = re.compile("[0-9]")
_NUMBERED: Final = re.compile(r"Column [1-9][0-9]*")

Record = tuple[int, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """`index`: position of the header among the sampled records, None if the file has none. `names`: one a column,
    unique. `preamble`: the records above it. `body_index`: position of the first record below it. `line_count`: the
    lines the names run over.
    """

    index: int | None
    names: tuple[str, ...]
    preamble: tuple[Record, ...] = ()
    body_index: int = 0
    line_count: int = 1

    def notes(self) -> tuple[Note, ...]:
        """What a person may want to know: lines above the header that were not read, names joined from several."""
        notes = []
        filled = [line for line, cells in self.preamble if any(cell.strip() for cell in cells)]
        if filled:
            text = "The column names stand below other lines, which were not read as rows."
            notes.append(Note(code="PREAMBLE", text=text, count=len(filled)))
        if self.line_count > 1:
            text = "The column names run over several lines, which were read as one."
            notes.append(Note(code="HEADER_JOINED", text=text, count=self.line_count))
        return tuple(notes)


def find_header(records: Sequence[Record], answers: Answers, mapping: Mapping) -> Header:
    """The header of the sampled records; raises Asked(HEADER) when no line, or two lines, could be it.

    A line that is the mapping's header, or names every column its roles are read from, is the header.
    """
    searched = records[:SEARCHED_RECORDS]
    index = _as_saved(searched, mapping.header)
    if index is None and "HEADER" not in answers.given:
        index = _with_names(searched, set(mapping.roles.values()))
    if index is not None:
        return _header_at(records, index)
    if answers.get("HEADER") is None and mapping.roles and all(map(_NUMBERED.fullmatch, mapping.roles.values())):
        return _headless(searched)
    if "HEADER" not in answers.given and answers.get("HEADER") != NO_HEADER:
        index = _recognised(searched)
    if index is not None and not _continues(records, index):
        return _begun_above(records, index) or _header_at(records, index)
    if "HEADER" not in answers.given and answers.get("HEADER") is None:
        joined = _joined_header(records, range(len(searched)) if index is None else (index,))
        if joined is not None:
            return joined
    answer = answers.settle(_question(searched, index))
    if answer == NO_HEADER:
        return _headless(searched)
    return _header_at(records, next(i for i, (line, _) in enumerate(searched) if str(line) == answer))


def recognised_count(cells: Sequence[str]) -> int:
    """How many cells are names we know; 0 unless a date and an amount are among them."""
    names = {plain(cell) for cell in cells}
    has_date = not names.isdisjoint(ranks(Role.DATE))
    has_money = any(not names.isdisjoint(ranks(role)) for role in (Role.AMOUNT, Role.DEBIT, Role.CREDIT))
    return len(names & known_names()) if has_date and has_money else 0


def is_transaction(cells: Sequence[str]) -> bool:
    """Whether a line holds a date and, in another cell, an amount: it is no line of names."""
    shapes = [_DIGIT.sub("9", cell) for cell in cells]
    dates = [i for i, shape in enumerate(shapes) if read_date(shape) is not None]
    return any(
        i not in dates[:1] and "9" in shape and not isinstance(read_amount(shape), ValueCode)
        for i, shape in enumerate(shapes)
        if dates
    )


def unique_names(cells: Sequence[str]) -> tuple[str, ...]:
    """Column names in file order: unnamed and repeated ones get their position, counted from 1."""
    stripped = [cell.strip().lstrip("\ufeff") for cell in cells]
    counts = Counter(stripped)
    names: list[str] = []
    for i, name in enumerate(stripped, start=1):
        unique = f"Column {i}" if not name else f"{name} (column {i})" if counts[name] > 1 else name
        names.append(f"{unique} (column {i})" if unique in names else unique)
    return tuple(names)


def _as_saved(records: Sequence[Record], saved: Sequence[str]) -> int | None:
    if not saved:
        return None
    return next((i for i, (_, cells) in enumerate(records) if unique_names(cells)[: len(saved)] == tuple(saved)), None)


def _with_names(records: Sequence[Record], names: set[str]) -> int | None:
    if not names:
        return None
    return next((i for i, (_, cells) in enumerate(records) if names <= set(unique_names(cells))), None)


def _headless(records: Sequence[Record]) -> Header:
    return Header(index=None, names=tuple(f"Column {i + 1}" for i in range(_usual_width(records))))


def _usual_width(records: Sequence[Record]) -> int:
    """Cells of most lines, of which lines of a single cell are none while there are others."""
    widths = Counter(len(cells) for _, cells in records if cells)
    return max(widths, key=lambda width: (width > 1, widths[width], -width))


def _recognised(records: Sequence[Record]) -> int | None:
    counts = [recognised_count(cells) for _, cells in records]
    return counts.index(max(counts)) if any(counts) else None


def _continues(records: Sequence[Record], index: int) -> bool:
    """Whether the line below holds words only, in several columns: a second header line, or a unit line."""
    if index + 1 >= len(records) or len(records) <= index + 2:
        return False
    if not _is_words(records[index + 1][1]):
        return False
    return any(_DIGIT.search(cell) for _, cells in records[index + 2 : index + 4] for cell in cells) and (
        recognised_count(records[index + 1][1]) == 0
    )


def _is_words(cells: Sequence[str]) -> bool:
    """Whether a line holds words only, in several columns."""
    filled = [cell for cell in cells if cell.strip()]
    return len(filled) >= 2 and not any(map(_DIGIT.search, filled))


def _joined_header(records: Sequence[Record], places: Iterable[int]) -> Header | None:
    """The header that begins at one of these places and runs over several lines of words, where the names joined from
    them are known, a date and an amount among them."""
    for index in places:
        if not _is_words(records[index][1]):
            continue
        line_count = 1
        while line_count < _HEADER_LINES and _continues(records, index + line_count - 1):
            line_count += 1
        joined = _over_lines(records, index, line_count)
        if line_count > 1 and recognised_count(joined.names) >= max(1, recognised_count(records[index][1])):
            return joined
    return None


def _begun_above(records: Sequence[Record], index: int) -> Header | None:
    """The header with the line of words above it, where the names joined from both say more than its own do."""
    if not index or not _is_words(records[index - 1][1]):
        return None
    joined = _over_lines(records, index - 1, 2)
    return joined if recognised_count(joined.names) > recognised_count(records[index][1]) else None


def _over_lines(records: Sequence[Record], index: int, line_count: int) -> Header:
    return Header(
        index=index,
        names=unique_names(_joined([cells for _, cells in records[index : index + line_count]])),
        preamble=tuple(records[:index]),
        body_index=index + line_count,
        line_count=line_count,
    )


def _joined(lines: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """Each column's words from top to bottom."""
    columns = zip_longest(*lines, fillvalue="")
    return tuple(" ".join(word for cell in column if (word := cell.strip())) for column in columns)


def _header_at(records: Sequence[Record], index: int) -> Header:
    below = index + 1
    if _continues(records, index):
        below += 1
    return Header(index=index, names=unique_names(records[index][1]), preamble=tuple(records[:index]), body_index=below)


def _question(records: Sequence[Record], found: int | None) -> Question:
    shown = [(line, cells) for line, cells in records if any(cell.strip() for cell in cells)][:_OFFERED]
    first_is_names = found is not None or not (shown and is_transaction(shown[0][1]))
    if found is None:
        usual = _usual_width(records)
        shown.sort(key=lambda row: (is_transaction(row[1]), -_known_count(row[1]), len(row[1]) != usual))
        text = "No line names a date and an amount column in words we know. Which line holds the column names?"
    else:
        line = records[found][0]
        shown = list(records[found : found + 2])
        text = (
            f"The column names seem to run over lines {line} and {records[found + 1][0]}. Which line names the columns?"
        )
    lines = [Choice(value=str(line), label=f"Line {line}: {_clipped(cells)}") for line, cells in shown]
    none = Choice(value=NO_HEADER, label="The file has no column names: its first line is a transaction")
    return Question(
        code="HEADER",
        text=text,
        column=None,
        choices=(*lines, none) if first_is_names else (none, *lines),
        examples=tuple(
            Example(line=line, cells={f"Column {i}": cell[:RAW_VALUE_LIMIT] for i, cell in enumerate(cells, start=1)})
            for line, cells in sorted(shown, key=lambda record: record[0])[:5]
        ),
    )


def _known_count(cells: Sequence[str]) -> int:
    return len({plain(cell) for cell in cells} & known_names())


def _clipped(cells: Sequence[str]) -> str:
    return " | ".join(cell.strip() for cell in cells)[:RAW_VALUE_LIMIT]
