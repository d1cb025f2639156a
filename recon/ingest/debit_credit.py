"""A debit and a credit column: each row fills one of them, and says with it which way the money went.

Debits may be written with a minus throughout. A minus in one of them and not in the others is a reject: it may be a
reversal or a mistake. Nothing of a pair is dropped: a row with both or neither filled is a reject too.
"""

from __future__ import annotations

import numpy as np

from recon.ingest.aliases import Role
from recon.ingest.codes import ValueCode
from recon.ingest.grid import Mask
from recon.ingest.numbers import ParsedAmounts
from recon.ingest.sign_reader import EXAMPLES, Minor, SignReader
from recon.model.reading import Choice, Note


def from_debit_and_credit(reader: SignReader) -> Minor:
    """Signed amounts of a file with a debit and a credit column, or with one of them."""
    sides = {role: reader.read(position) for role, position in reader.money.positions.items()}
    if len(sides) == 1:
        return _from_one_side(reader, *next(iter(sides.items())))
    out, into = sides[Role.DEBIT], sides[Role.CREDIT]
    debit_at, credit_at = reader.money.positions[Role.DEBIT], reader.money.positions[Role.CREDIT]
    has_out, has_in = ~_is_blank(out), ~_is_blank(into)
    reader.faults.mark_verdicts(out.verdicts, debit_at, where=has_out)
    reader.faults.mark_verdicts(into.verdicts, credit_at, where=has_in)
    both = "Debit and credit are both filled. A row moves money one way only."
    reader.faults.mark((out.minor != 0) & (into.minor != 0), debit_at, "ROW_DEBIT_AND_CREDIT", both)
    reader.faults.mark(
        ~has_out & ~has_in, debit_at, ValueCode.AMOUNT_EMPTY.value, "Neither debit nor credit is filled."
    )
    reader.faults.mark(
        into.minor < 0, credit_at, "AMOUNT_NEGATIVE", "A credit is negative. A plain amount is expected."
    )
    if _debits_are_signed(reader, out, debit_at):
        return into.minor + out.minor
    reader.faults.mark(out.minor < 0, debit_at, "AMOUNT_NEGATIVE", "A debit is negative, the others are not.")
    return into.minor - out.minor


def _debits_are_signed(reader: SignReader, out: ParsedAmounts, position: int) -> bool:
    """Whether the debit column holds negative amounts throughout, as some banks write them."""
    moved = np.flatnonzero(out.minor)
    if not len(moved) or (out.minor[moved] > 0).any():
        return False
    if len(moved) == 1:
        answer = reader.ask(
            "The only debit of the file is negative. Is it money out, written with its sign?",
            reader.name(position),
            [
                Choice(value="debit_negative", label="Yes: debits are written with a minus, it is money out"),
                Choice(value="debit_positive", label="No: debits are written without a sign, reject the row"),
            ],
            moved.tolist(),
            (position,),
        )
        return answer == "debit_negative"
    text = "Debits are written with a minus; they were read as money out."
    reader.money.notes.append(Note(code="DEBITS_NEGATIVE", text=text, count=len(moved)))
    return True


def _from_one_side(reader: SignReader, role: Role, parsed: ParsedAmounts) -> Minor:
    """A file with a debit column and no credit column (or the reverse): which way is plus?"""
    position = reader.money.positions[role]
    reader.faults.mark_verdicts(parsed.verdicts, position)
    name = reader.name(position)
    answer = reader.ask(
        f"{name} is the only amount column. Which way did the money of its positive amounts go?",
        name,
        [
            Choice(value="out", label="Out of the account"),
            Choice(value="in", label="Into the account"),
        ][:: 1 if role is Role.DEBIT else -1],
        np.flatnonzero(parsed.verdicts.is_valid)[:EXAMPLES].tolist(),
        (position,),
    )
    return -parsed.minor if answer == "out" else parsed.minor


def _is_blank(parsed: ParsedAmounts) -> Mask:
    """No amount in the cell: nothing, or the dash some exports write for nothing."""
    return parsed.verdicts.holds(ValueCode.AMOUNT_EMPTY) | parsed.verdicts.holds(ValueCode.AMOUNT_PLACEHOLDER)
