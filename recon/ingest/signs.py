"""Which way money went: a signed amount, a debit and a credit column, or an amount beside a word for its direction.

Plus is money into the account. A word that contradicts the sign, and a column that only ever shows one direction where
it should show two, are questions about the whole file.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.ingest.aliases import Role, plain
from recon.ingest.balance_signs import by_balance
from recon.ingest.debit_credit import from_debit_and_credit
from recon.ingest.directions import DIRECTIONS, names_money_out, signs_of_words
from recon.ingest.grid import Mask
from recon.ingest.numbers import ParsedAmounts
from recon.ingest.sign_reader import EXAMPLES, Minor, SignReader
from recon.model.reading import Choice

_GIVEN_BACK: Final = ("refund", "refunds", "refunded", "chargeback", "reversal", "erstattung", "remboursement")


def signed_amounts(reader: SignReader) -> Minor:
    """Signed minor units of every row, 0 where marked as faulty; raises Asked(SIGN_MODEL)."""
    return _from_one_column(reader) if Role.AMOUNT in reader.money.positions else from_debit_and_credit(reader)


def _from_one_column(reader: SignReader) -> Minor:
    position = reader.money.positions[Role.AMOUNT]
    parsed = reader.read(position)
    reader.faults.mark_verdicts(parsed.verdicts, position)
    minor, good = parsed.minor, parsed.verdicts.is_valid
    if reader.money.columns.is_signed:
        return minor
    directions = _directions(reader, minor, good)
    if directions is not None:
        return _by_direction(reader, minor, directions, good, position)
    if parsed.indicators.any() or (parsed.has_plus.any() and not (minor[good] < 0).any()):
        return _by_marks_in_text(reader, parsed, good)
    signed = _by_kind(reader, minor, good)
    return signed if (signed[good] < 0).any() else by_balance(reader, signed, good)


def _directions(reader: SignReader, minor: Minor, good: Mask) -> Minor | None:
    """The sign each row's direction word gives, 0 for none; None where the file has no such column."""
    column = reader.money.columns.roles.get(Role.INDICATOR)
    if column is not None:
        return signs_of_words(reader, column)
    kind = reader.money.columns.roles.get(Role.KIND)
    if kind is None:
        return None
    words = {plain(word) for word in pc.unique(reader.money.grid.column(kind)).to_pylist()}
    has_signs = bool((minor[good] < 0).any())
    is_told = bool(words) and words <= DIRECTIONS.keys()
    is_doubtful = not has_signs and any(map(names_money_out, words))
    return signs_of_words(reader, kind) if is_told or is_doubtful else None


def _by_direction(reader: SignReader, minor: Minor, directions: Minor, good: Mask, position: int) -> Minor:
    """Size from the amount, direction from the word; where they contradict each other, a person says which."""
    if not directions.any():
        return minor
    moved = good & (minor != 0)
    outgoing, incoming = moved & (directions < 0), moved & (directions > 0)
    negatives = moved & (minor < 0)
    is_unsigned = not negatives.any()
    agrees = bool((np.sign(minor[moved]) == directions[moved]).all())
    if is_unsigned or agrees:
        return np.abs(minor) * directions
    rows = np.flatnonzero((outgoing & (minor > 0)) | (incoming & (minor < 0)))[:EXAMPLES].tolist()
    column = reader.money.columns.roles.get(Role.INDICATOR, reader.money.columns.roles.get(Role.KIND, position))
    answer = reader.ask(
        "The sign of some amounts contradicts the word beside it. Which one says where the money went?",
        reader.name(column),
        [
            Choice(value="indicator", label="The word: the sign of the amount is ignored"),
            Choice(value="signed", label="The sign of the amount: the word is ignored"),
        ],
        rows,
        (column, position),
    )
    return np.abs(minor) * directions if answer == "indicator" else minor


def _by_marks_in_text(reader: SignReader, parsed: ParsedAmounts, good: Mask) -> Minor:
    """Some amounts carry CR, DR or, in a column without a minus, a plus. Which way the bare ones went, a person says:
    cards write what was spent without a sign.
    """
    is_marked = (parsed.indicators != 0) | parsed.has_plus
    bare = good & ~is_marked & (parsed.minor > 0)
    if not bare.any():
        return parsed.minor
    rows = [*np.flatnonzero(bare)[:2].tolist(), *np.flatnonzero(is_marked)[:2].tolist()]
    marks = "CR or DR" if parsed.indicators.any() else "with a plus"
    position = reader.money.positions[Role.AMOUNT]
    answer = reader.ask(
        f"Some amounts are marked {marks} and some are not. Which way did the money of the unmarked ones go?",
        reader.name(position),
        [
            Choice(value="unmarked_out", label="Unmarked amounts are money out"),
            Choice(value="unmarked_in", label="Unmarked amounts are money in"),
        ],
        rows,
        (position,),
    )
    return np.where(bare, -parsed.minor, parsed.minor) if answer == "unmarked_out" else parsed.minor


def _by_kind(reader: SignReader, minor: Minor, good: Mask) -> Minor:
    """Signed as it stands, unless refunds are as positive as the charges they give back."""
    kind = reader.money.columns.roles.get(Role.KIND)
    if kind is None or (minor[good] < 0).any():
        return minor
    lowered = pc.utf8_lower(pc.utf8_trim_whitespace(reader.money.grid.column(kind)))
    refunds = good & np.asarray(pc.is_in(lowered, value_set=pa.array(_GIVEN_BACK)).to_numpy(), dtype=bool)
    if not refunds.any() or refunds[good].all():
        return minor
    rows = [*np.flatnonzero(refunds)[:2].tolist(), *np.flatnonzero(good & ~refunds)[:2].tolist()]
    answer = reader.ask(
        "Refunds have positive amounts here, like the payments they give back. Which way did their money go?",
        reader.name(kind),
        [
            Choice(value="refunds_out", label="Refunds are money out, the others money in"),
            Choice(value="signed", label="Every amount is money in, as its sign says"),
        ],
        rows,
        (kind, reader.money.positions[Role.AMOUNT]),
    )
    return np.where(refunds, -minor, minor) if answer == "refunds_out" else minor
