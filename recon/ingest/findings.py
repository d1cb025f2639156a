"""Figures a file states about itself, held against what was read from it.

A stated figure that agrees is a note. One that does not stops the file with CONTROL_TOTAL: a row was lost, doubled or
misread, and only a person can say that it may be read all the same. The answer is kept with the mark of what differed,
so that it holds for the same file and not for the next one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final
from zlib import crc32

import pyarrow as pa

from recon.ingest.answers import Answers
from recon.ingest.numbers import DecimalMark, NumberFormat, parse_amounts
from recon.model.reading import Choice, Control, ControlKind, Example, Note, Question
from recon.money import exponent

ACCEPTED: Final = "accept"
_TOLD: Final = 5
"""Findings told one by one; of more there is a count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One figure, and where the file states it."""

    control: Control
    example: Example


def settle(
    findings: Sequence[Finding], *, rejected_count: int, answers: Answers
) -> tuple[tuple[Control, ...], tuple[Note, ...]]:
    """The controls and notes about them; raises Asked(CONTROL_TOTAL) when a figure differs and was not accepted.

    A sum that rejected rows are missing from is a note: the rejects are the question already.
    """
    wrong = [found for found in findings if not found.control.agrees and _is_whole(found, rejected_count)]
    if wrong:
        question = _question(wrong)
        mark = f"{ACCEPTED} {crc32(_said(wrong).encode()):08x}"
        answers.settle(question, accepts=mark.__eq__)
        answers.use("CONTROL_TOTAL", mark)
    accepted = {id(found) for found in wrong}
    controls = tuple(replace(found.control, is_accepted=id(found) in accepted) for found in findings)
    return controls, tuple(_notes(controls, rejected_count))


def minor_of(text: str, currency: str, mark: str = ".") -> int | None:
    """An amount as a file writes it, in minor units; None for what is no amount of that currency."""
    parsed = parse_amounts(pa.array([text], pa.string()), NumberFormat(decimal=DecimalMark(mark)), exponent(currency))
    return int(parsed.minor[0]) if parsed.verdicts.is_valid[0] else None


def _is_whole(found: Finding, rejected_count: int) -> bool:
    return found.control.kind is ControlKind.COUNT or not rejected_count


def _notes(controls: Sequence[Control], rejected_count: int) -> Iterator[Note]:
    good = [control for control in controls if control.agrees]
    if len(good) > _TOLD:
        yield Note(code="CONTROL_TOTAL", text="Figures the file states about itself agree.", count=len(good))
    else:
        yield from (Note(code="CONTROL_TOTAL", text=control.says) for control in good)
    for control in controls:
        if control.is_accepted:
            yield Note(code="CONTROL_TOTAL", text=f"{control.says} It was accepted.")
        elif not control.agrees:
            text = f"{control.says} {rejected_count} rejected rows are not in the sum."
            yield Note(code="CONTROL_TOTAL_OPEN", text=text)


def _question(wrong: Sequence[Finding]) -> Question:
    more = f" So do {len(wrong) - _TOLD} more figures." if len(wrong) > _TOLD else ""
    return Question(
        code="CONTROL_TOTAL",
        text=f"{_said(wrong[:_TOLD])}{more} A row may be missing, doubled or misread.",
        column=None,
        choices=(Choice(value=ACCEPTED, label="Read the file all the same"),),
        examples=tuple(found.example for found in wrong[:_TOLD]),
    )


def _said(findings: Sequence[Finding]) -> str:
    return " ".join(found.control.says for found in findings)
