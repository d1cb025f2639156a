"""The rows of a report: what the engine found, by position, joined with the transactions it found it in.

Positions of rows become lines of the files. Money stays in minor units beside its `currency`; the writers turn it into
decimals. Column names are a contract with scripts: new ones go at the end.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.model.reading import Reject
from recon.model.transactions import Side

_SHOWN = ("date", "amount", "txn_id", "payment_ref", "description", "counterparty")


def matched_rows(matches: pa.Table, source: pa.Table, reference: pa.Table) -> pa.Table:
    """One row a match, suggested pair or line of a group, in the matches' order, with both rows beside each other.

    A row that stands in several lines of its group has its amount in the first of them only, so that columns add up.
    `currency` is the source's, and `amount_delta` is in it; `reference_currency` is another where money was exchanged.
    """
    ours = source.take(matches["source_row"])
    theirs = reference.take(matches["reference_row"])
    columns = {
        "source_line": ours["line"],
        "reference_line": theirs["line"],
        **{name: matches[name] for name in ("status", "pass", "confidence", "amount_delta", "days")},
        "currency": ours["currency"],
    }
    for name in _SHOWN:
        columns |= {f"source_{name}": ours[name], f"reference_{name}": theirs[name]}
    for side in Side:
        amount = columns[f"{side}_amount"]
        columns[f"{side}_amount"] = pc.if_else(_is_repeated(matches, side), pa.scalar(None, pa.int64()), amount)
    columns |= {name: matches[name] for name in ("similarity", "evidence", "weights", "group")}
    return pa.table(columns | {"shape": shapes(matches), "reference_currency": theirs["currency"]})


def _is_repeated(matches: pa.Table, side: Side) -> pa.Array:
    """Lines of groups whose row of that side stands in an earlier line of its group."""
    repeated = np.zeros(matches.num_rows, np.bool_)
    lines = np.flatnonzero(matches["group"].is_valid().to_numpy())
    rows = matches[f"{side}_row"].to_numpy()[lines]
    repeated[lines] = True
    repeated[lines[np.unique(rows, return_index=True)[1]]] = False  # a row is in one group
    return pa.array(repeated)


def netted_rows(netted: pa.Table, source: pa.Table, reference: pa.Table) -> pa.Table:
    """One row for each two rows of one side that cancel each other: money in, and the same amount out as `other_`."""
    tables = []
    for side, rows in ((Side.SOURCE, source), (Side.REFERENCE, reference)):
        own = netted.filter(pc.equal(netted["side"], side.value))
        incoming, outgoing = rows.take(own["row"]), rows.take(own["other_row"])
        columns = {"side": own["side"], "line": incoming["line"], "other_line": outgoing["line"]}
        columns |= {"currency": incoming["currency"], "amount": incoming["amount"]}
        for name in _SHOWN:
            if name != "amount":
                columns |= {name: incoming[name], f"other_{name}": outgoing[name]}
        tables.append(pa.table(columns))
    return pa.concat_tables(tables)


def shapes(matches: pa.Table) -> pa.Array:
    """How many source rows each line's match ties to how many reference rows: `1:1`, `3:1`."""
    group = matches["group"]
    shape = np.full(matches.num_rows, "1:1", object)
    lines = np.flatnonzero(group.is_valid().to_numpy())
    numbers, number = np.unique(group.drop_null().to_numpy(), return_inverse=True)
    ours, theirs = (
        np.bincount(np.unique(np.stack([number, matches[f"{side}_row"].to_numpy()[lines]]), axis=1)[0])
        for side in (Side.SOURCE, Side.REFERENCE)
    )
    words = np.array([f"{one}:{other}" for one, other in zip(ours.tolist(), theirs.tolist(), strict=True)], object)
    if len(numbers):
        shape[lines] = words[number]
    return pa.array(shape, pa.string())


def discrepancy_rows(discrepancies: pa.Table, source: pa.Table, reference: pa.Table) -> pa.Table:
    """One row a discrepancy, in canonical order.

    `side` and `line` name one row to look at: of a one-sided discrepancy its own row, of a two-sided one the source's.
    `amount` is in `currency`, `row_amount` in `row_currency`: another one where money was exchanged.
    """
    ours, theirs = discrepancies["source_row"], discrepancies["reference_row"]
    of_source = pc.is_valid(ours)
    columns = {
        "kind": discrepancies["kind"],
        "side": pc.if_else(of_source, Side.SOURCE.value, Side.REFERENCE.value),
        "line": pc.coalesce(source["line"].take(ours), reference["line"].take(theirs)),
        "source_line": source["line"].take(ours),
        "reference_line": reference["line"].take(theirs),
        "currency": discrepancies["currency"],
        "amount": discrepancies["amount"],
    }
    for name in _SHOWN:
        of_either = pc.if_else(of_source, source[name].take(ours), reference[name].take(theirs))
        columns["row_amount" if name == "amount" else name] = of_either
    own_currency = pc.if_else(of_source, source["currency"].take(ours), reference["currency"].take(theirs))
    return pa.table(columns | {"detail": discrepancies["detail"], "row_currency": own_currency})


def reject_rows(rejects: Iterable[Reject], *, side: Side | None = None) -> pa.Table:
    """One row a reject, with the value as it stands in the file; `side` comes first where given."""
    rows = tuple(rejects)
    columns = {
        "line": pa.array([reject.line for reject in rows], pa.int64()),
        **{
            name: pa.array([getattr(reject, name) for reject in rows], pa.string())
            for name in ("column", "value", "code", "problem")
        },
    }
    first = {"side": pa.array([side.value] * len(rows), pa.string())} if side else {}
    return pa.table(first | columns)
