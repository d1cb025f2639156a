"""Two tables in, pairs out.

The algorithm, in order:

1. *Columns.* Both sides become plain columns in canonical order (`columns`): by currency, date, amount, text, ids,
   line. From here on nothing knows the order of the input, so the result cannot depend on it.
2. *Identity* (`identity`). Rows that share a payment_ref or txn_id are one movement, even if the amounts differ.
3. *Groups* (`groups.by_key`). Rows of one side under one payout, batch or invoice number, and the other side's row of
   that number: if they add up, or are known by a group id to be incomplete.
4. *Exact* (`exact`). Rows with the same amount, date and currency, told apart by their texts where keys are crowded.
   Where texts usually agree, one that does not keeps its row for the later passes.
5. *Fees* (`groups.net_of_fee`). Rows whose amounts differ by the fee, near in date, with texts that are alike.
6. *Exchange* (`fx`). Rows in two currencies that share an id, or agree by the rate of the day, the date and the text.
7. *Scored* (`scored`). Rows within the rules' tolerance and window whose texts are alike, by the one-to-one choice
   with the greatest total utility. Two equally good choices are a suggestion, not a coin toss (`assignment`).
8. *Netting* (`groups.netting`). A charge and its reversal on one side, which the other side never saw.
9. *Sums* (`groups.by_sum`). Rows of a day, or a few of a window, that add up to one row of the other side.
10. *Leftovers* (`leftovers`). What is still free but has something strong in common is suggested.

The rules say which of the passes run, and in which order (`Rules.passes`); this is the order of fidelity.

Each pass sees all rows the earlier ones left, so that an early poor match cannot take the partner of a later exact
one; within a pass the choice is optimal, not first come.

A worked example, with a tolerance of 0.50, one day and 80 points of text:

    S1  2026-03-02  50.00 USD  INV-9 Acme        R1  2026-03-02  50.00 USD  Acme INV-9
    S2  2026-03-02  50.00 USD  INV-10 Beta       R2  2026-03-03  49.80 USD  Beta INV-10
    S3  2026-03-05  20.00 USD  Gamma             R3  2026-03-05  20.00 USD  Delta Ltd payroll

S1, S2 and R1 share an exact key. The same words in another order tie S1 to R1 (exact). S2 has lost its key, but is
within 0.20 and one day of R2 and has the same words: a scored match with a delta of 0.20. S3 and R3 share a key of
one row a side, but not one word, while S1 and R1 show that texts mean something here: a suggestion.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from recon.matching.board import Board
from recon.matching.columns import read_sides
from recon.matching.crew import Crew
from recon.matching.passes import passes_of
from recon.matching.report import match_table, netted_table
from recon.matching.same_names import same_names
from recon.model.outcome import Matching
from recon.model.progress import Progress, silent
from recon.model.rules import Rules
from recon.model.transactions import Side


def match(
    source: pa.Table,
    reference: pa.Table,
    rules: Rules,
    *,
    barred: Sequence[tuple[int, int]] = (),
    on_progress: Progress | None = None,
    threads: int = 2,
    crew: Crew | None = None,
) -> Matching:
    """Pair the rows of two transaction tables (TRANSACTION_SCHEMA) under these rules.

    `barred`: pairs of rows (source, reference) that a person ruled out. The result depends on content alone: not on the
    order of rows, nor on `threads`, nor on a `crew` that does part of the work. `on_progress` is called at every stage
    and during long ones; what it raises passes through.
    """
    report = on_progress or silent
    seconds: dict[str, float] = {}
    total = source.num_rows + reference.num_rows
    report("columns", 0, total)
    begun = time.perf_counter()
    source, reference = (same_names(table, rules.aliases) for table in (source, reference))
    sides = read_sides(source, reference, threads, lambda done_count: report("columns", done_count, total))
    board = Board(sides, rules, threads=threads, on_progress=report, barred=barred, crew=crew)
    seconds["columns"] = time.perf_counter() - begun
    for name, run in passes_of(rules):
        report(name.value, board.decided_count(), total)
        begun = time.perf_counter()
        run(board)
        seconds[name.value] = time.perf_counter() - begun
    begun = time.perf_counter()
    matches, netted = match_table(board), netted_table(board)
    seconds["evidence"] = time.perf_counter() - begun
    report("evidence", total, total)
    return Matching(
        matches=matches,
        netted=netted,
        given_up={
            Side.SOURCE: np.sort(board.source.row[board.given_up[Side.SOURCE]]),
            Side.REFERENCE: np.sort(board.reference.row[board.given_up[Side.REFERENCE]]),
        },
        fee_schedules=rules.fee_schedules,
        fx=rules.fx,
        seconds=seconds,
    )
