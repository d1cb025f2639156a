"""Builders for the tests of reading: text to a reading, without naming a path."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

from recon.ingest import read_file
from recon.model.reading import Mapping, Question, Reading

TODAY = date(2026, 6, 30)


def read_bytes(
    data: bytes,
    *,
    filename: str = "export.csv",
    mapping: Mapping | None = None,
    currency: str | None = None,
    **answers: str,
) -> Reading:
    """The reading of a file of these bytes; keyword arguments are answers by their code."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "upload"
        path.write_bytes(data)
        return read_file(
            path, filename=filename, mapping=mapping, currency=currency, answers=answers or None, today=TODAY
        )


def read_lines(text: str, **options: object) -> Reading:
    """The reading of a drawn text file: indentation and the first line break are not part of it."""
    return read_bytes(dedent(text).removeprefix("\n").encode(), **options)  # type: ignore[arg-type]


def column(reading: Reading, name: str) -> list[object]:
    """One column of what was read; fails when a question or a refusal stands in the way."""
    assert (reading.questions, reading.refused) == ((), None)
    return reading.table[name].to_pylist()


def only_question(reading: Reading) -> Question:
    """The one open question."""
    (question,) = reading.questions
    return question
