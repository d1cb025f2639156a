"""A run's discrepancies as the triage queue shows them: lines for positions, and what the rows themselves say."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.model.outcome import WORK, MatchStatus, Outcome, match_heads

CONFIDENCE_STEPS: Final = 20
TEXT_LIMIT: Final = 2_000
_WORK: Final = pa.array([kind.value for kind in WORK])


def discrepancy_rows(outcome: Outcome, source: pa.Table, reference: pa.Table) -> pa.Table:
    """The discrepancies that are work, in canonical order, with the columns of `recon.store.tables.discrepancy`.

    What both rows have (date, ids, text) is taken from the source row, else from the reference row. `gross` is the
    size of the difference, or of the row itself where there is no difference.
    """
    found = _work(outcome.discrepancies)
    rows = _rows_of(found, source, reference)
    pair = _pair_positions(outcome.matches, found, width=reference.num_rows + 1)
    rows = rows.append_column("pass", outcome.matches["pass"].combine_chunks().take(pair))
    return rows.append_column("confidence", outcome.matches["confidence"].combine_chunks().take(pair))


def shown_rows(found: pa.Table, source: pa.Table, reference: pa.Table) -> pa.Table:
    """The same of discrepancies as the evidence keeps them, without what only their match says.

    Of both sides the columns ROW_COLUMNS are enough.
    """
    return _rows_of(_work(found), source, reference)


def _rows_of(found: pa.Table, source: pa.Table, reference: pa.Table) -> pa.Table:
    ours, theirs = _rows(source, found["source_row"]), _rows(reference, found["reference_row"])
    nothing = pc.equal(found["amount"], 0)
    own_size = pc.abs(pc.coalesce(ours["amount"], theirs["amount"]))
    return pa.table(
        {
            "kind": found["kind"],
            "side": found["side"],
            "source_line": ours["line"],
            "reference_line": theirs["line"],
            "currency": found["currency"],
            "amount": found["amount"],
            "gross": pc.if_else(nothing, own_size, pc.abs(found["amount"])),
            "date": pc.coalesce(ours["date"], theirs["date"]),
            **{
                name: _shown(pc.coalesce(ours[name], theirs[name]))
                for name in ("txn_id", "payment_ref", "description", "counterparty")
            },
            "detail": found["detail"],
        }
    )


def _work(found: pa.Table) -> pa.Table:
    return found.filter(pc.is_in(found["kind"], _WORK)).combine_chunks()


def confidence_counts(matches: pa.Table) -> tuple[int, ...]:
    """How many booked matches have a confidence in each of twenty equal steps from 0 to 1; the last includes 1."""
    heads = matches.filter(pa.array(match_heads(matches)))
    booked = heads["confidence"].filter(pc.equal(heads["status"], MatchStatus.MATCHED))
    counts, _ = np.histogram(booked.to_numpy(), bins=CONFIDENCE_STEPS, range=(0.0, 1.0))
    return tuple(int(count) for count in counts)


def count_of(matches: pa.Table, status: MatchStatus) -> int:
    """How many matches or suggested pairs have that status; the lines of a group are one match."""
    return int(np.count_nonzero(match_heads(matches) & pc.equal(matches["status"], status).to_numpy()))


ROW_COLUMNS: Final = ("line", "amount", "date", "txn_id", "payment_ref", "description", "counterparty")


def _rows(table: pa.Table, positions: pa.ChunkedArray) -> pa.Table:
    """The rows at these positions; a null position gives a row of nulls."""
    return table.select(ROW_COLUMNS).combine_chunks().take(positions.combine_chunks())


def _shown(text: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text as the database can hold and a person can read it; whole, it is in the evidence."""
    return pc.replace_substring(pc.utf8_slice_codeunits(text, 0, TEXT_LIMIT), "\x00", "\ufffd")


def _pair_positions(matches: pa.Table, found: pa.Table, *, width: int) -> pa.Array:
    """For each discrepancy between two rows, where that pair is in `matches`; null where it is not a pair.

    `width` is more than any reference position, so that two positions make one number; pairs are sorted by it.
    """
    keys = matches["source_row"].to_numpy() * width + matches["reference_row"].to_numpy()
    wanted = (
        pc.fill_null(found["source_row"], 0).to_numpy() * width + pc.fill_null(found["reference_row"], 0).to_numpy()
    )
    is_pair = pc.and_(pc.is_valid(found["source_row"]), pc.is_valid(found["reference_row"])).to_numpy()
    positions = np.searchsorted(keys, wanted)
    inside = np.minimum(positions, max(len(keys) - 1, 0))
    is_known = is_pair & (keys[inside] == wanted if len(keys) else np.zeros(len(wanted), dtype=bool))
    return pa.array(inside, mask=~is_known)
