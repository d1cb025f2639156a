"""How a text file is laid out: its delimiter, its quote character and where its header is.

Every delimiter is tried on the first lines, quotes respected; the one under which a line names columns we know wins,
then the one that gives most lines the same number of cells. A tie, or a single column, is asked about.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Final

from recon.ingest.answers import Answers
from recon.ingest.delimited import MAX_LINE_CHARS, Dialect, physical_lines, records
from recon.ingest.header import Record, is_transaction, recognised_count
from recon.ingest.stop import Refused
from recon.model.reading import RAW_VALUE_LIMIT, Choice, Example, Question

SAMPLE_BYTES: Final = 256 * 1024
DELIMITERS: Final = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "vertical bar",
    "^": "caret",
    "~": "tilde",
    "\x1f": "unit separator",
    "\x01": "control-A",
}
_NAMED: Final = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
_SEARCHED: Final = 60
_VOTING_LINES: Final = 1000
_SINGLE_QUOTED: Final = re.compile(r"(?:^|[,;\t|])'[^']*'(?:[,;\t|\r\n]|$)")
_SURE_SHARE: Final = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The dialect, the sampled records (by physical line) and the line after each: where its successor starts."""

    dialect: Dialect
    sample: tuple[Record, ...]
    next_lines: tuple[int, ...]


def find_layout(data: bytes, answers: Answers) -> Layout:
    """The layout of UTF-8 text; raises Asked(DELIMITER) when the first lines do not decide."""
    if len(data) > MAX_LINE_CHARS and not any(end in data[:MAX_LINE_CHARS] for end in (b"\n", b"\r")):
        raise Refused(
            "FILE_LINE_TOO_LONG", f"The first line is longer than {MAX_LINE_CHARS >> 20} MB: this is no table."
        )
    lines, skipped, declared = _sample_lines(data)
    answer = answers.get("DELIMITER")
    if answer is not None:
        answer = _NAMED.get(answer, answer)
        if len(answer) == 1 and answer not in '"\r\n\x00':
            answers.use("DELIMITER", answer)
            return _laid_out(lines, Dialect(delimiter=answer), skipped)
    if declared:
        return _laid_out(lines, Dialect(delimiter=declared), skipped)
    quote = _quote_of(lines)
    votes = sorted(((_vote(lines, Dialect(delimiter=d, quote=quote)), d) for d in DELIMITERS), reverse=True)
    best, delimiter = votes[0]
    rivals = [d for vote, d in votes[1:] if vote == best and any(best)]
    if rivals or not any(best):
        answers.settle(_question(lines, [delimiter, *rivals] if rivals else []))
    return _laid_out(lines, Dialect(delimiter=delimiter, quote=quote), skipped)


def _quote_of(lines: list[str]) -> str:
    """The double quote, unless there is none and single quotes wrap cells on most lines (a lone one guards a text)."""
    if any('"' in line for line in lines):
        return '"'
    wrapped = sum(bool(_SINGLE_QUOTED.search(line)) for line in lines)
    return "'" if wrapped > len(lines) / 2 else '"'


def _sample_lines(data: bytes) -> tuple[list[str], int, str | None]:
    """Complete lines from the top, how many were left out above them, and a delimiter an Excel `sep=` line declares."""
    head = data[:SAMPLE_BYTES]
    if len(head) < len(data):
        head = head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1] or head
    lines = physical_lines(head.decode("utf-8", "replace"))
    first = lines[0].strip().strip('"').casefold() if lines else ""
    if first.startswith("sep=") and len(first) <= 5:
        return lines[1:], 1, first[4:] or "\t"
    return lines, 0, None


def _vote(lines: list[str], dialect: Dialect) -> tuple[int, float, int]:
    """(known column names on the best line, share of lines with the usual cell count, that count)."""
    found = [cells for _, _, cells in records(lines[:_VOTING_LINES], dialect) if cells]
    widths = Counter(len(cells) for cells in found)
    if not widths or widths.keys() == {1}:
        return 0, 0.0, 0
    width, usual = max(((w, n) for w, n in widths.items() if w > 1), key=lambda pair: (pair[1], pair[0]))
    named = max(recognised_count(cells) for cells in found[:_SEARCHED])
    if not named and usual < _SURE_SHARE * len(found) and not any(map(is_transaction, found)):
        return 0, 0.0, 0
    return named, round(usual / len(found), 2), width


def _laid_out(lines: list[str], dialect: Dialect, skipped: int) -> Layout:
    sample, next_lines = [], []
    for begin, end, cells in records(lines, dialect):
        shown = cells if cells is not None else [lines[begin].rstrip("\r\n")]
        sample.append((begin + 1 + skipped, tuple(shown)))
        next_lines.append(end + 1 + skipped)
    return Layout(dialect=dialect, sample=tuple(sample), next_lines=tuple(next_lines))


def _question(lines: list[str], rivals: list[str]) -> Question:
    offered = rivals or [d for d in DELIMITERS if d in ",;\t|"]
    text = (
        f"The lines split as evenly by {' as by '.join(DELIMITERS[d] for d in rivals)}. Which one separates the cells?"
        if rivals
        else "The file seems to have a single column. Which character separates its cells?"
    )
    shown = [(i, line.strip()) for i, line in enumerate(lines, start=1) if line.strip()][:5]
    return Question(
        code="DELIMITER",
        text=text,
        column=None,
        choices=tuple(Choice(value=d, label=DELIMITERS[d]) for d in offered),
        examples=tuple(Example(line=i, cells={"line": line[:RAW_VALUE_LIMIT]}) for i, line in shown),
        free_text=True,
    )
