"""How long the workbench takes: what a tick asks, each decision and its undo, and ten thousand of them at once.

The run is made inside the database: half its open rows on each side, a fifth of them in suggestions of one row a side,
the rest without a counterpart; four currencies, ten weeks, a thousand names. The bar is 500 ms for an action at 100,000
open rows, and 5 s for 10,000 suggestions.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from typing import Final

from sqlalchemy import Connection, Engine

from recon.bench.triage import Timing
from recon.model.rules import Rules
from recon.model.settlement import Ask, OpenRow, SettleMove
from recon.model.transactions import Side
from recon.model.triage import Resolution
from recon.queries.open_rows import (
    PaneFilter,
    PaneSort,
    chosen_rows,
    currencies_of,
    pane_lines,
    pane_rows,
    pane_sums,
)
from recon.queries.settled_rows import decided_count
from recon.queries.suggested_rows import suggestion_count, suggestion_ids, suggestions
from recon.workflows.confirm_suggestions import confirm_suggestions, reject_suggestions
from recon.workflows.settle_rows import settle_rows
from recon.workflows.undo_answers import undo_answers
from recon.workflows.undo_settlement import undo_settlement
from recon.workflows.weigh_choice import weigh_choice

REPEATS: Final = 9
MANY: Final = 10_000
NEWEST: Final = date(2026, 3, 31)
_ACTOR: Final = "bench"
_ALONE_KINDS: Final = ("missing_in_reference", "missing_in_source")
_serial = itertools.count()


def bench_workbench(engine: Engine, rows: int) -> Iterator[Timing]:
    """Makes a run of `rows` open rows and does with it what the page does; each figure as it is found."""
    with engine.begin() as connection:
        run_id = fill(connection, rows)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("vacuum analyze workbench_row")
        connection.exec_driver_sql("analyze discrepancy")
    for question, ask in _questions(engine, run_id):
        yield _measure(question, ask)
    yield from _decisions(engine, run_id)
    yield from _many(engine, run_id)


def fill(connection: Connection, rows: int) -> int:
    """A published run of that many open rows, ready for the workbench; its id."""
    run_id = int(connection.exec_driver_sql(_RUN, (json.dumps(Rules().as_dict()),)).scalar_one())
    connection.exec_driver_sql("select setseed(0.5)")
    suggested, alone = rows // 10, rows // 2 - rows // 10
    connection.exec_driver_sql(_SUGGESTED, {"run": run_id, "newest": NEWEST, "count": suggested})
    for side in Side:
        known = {"run": run_id, "newest": NEWEST, "count": alone, "first": suggested, "side": side.value}
        connection.exec_driver_sql(_ALONE, known)
    connection.exec_driver_sql("insert into workbench_run (run_id) values (%s)", (run_id,))
    return run_id


def _questions(engine: Engine, run_id: int) -> Iterator[tuple[str, Callable[[], int]]]:
    source = PaneFilter(run_id=run_id, side=Side.SOURCE)
    (first,) = pane_rows(engine, source, limit=1)
    everything = pane_lines(engine, source, limit=MANY)
    yield "all a tick asks", lambda: _tick(engine, run_id, [first.line], first)
    yield f"all a tick asks, {len(everything):,} rows chosen", lambda: _tick(engine, run_id, everything, None)
    yield "page 400", lambda: len(pane_rows(engine, source, offset=20_000))
    for sort in PaneSort:
        yield f"page by {sort}", _page(engine, source, sort)
    for name, search in (("a name", "kestrel 17"), ("an amount", "815.55"), ("a day", "15 Mar"), ("nothing", "zzzz")):
        wanted = PaneFilter(run_id=run_id, side=Side.REFERENCE, search=search)
        yield f"search for {name}", _found(engine, wanted)
    yield "page of suggestions", lambda: len(suggestions(engine, run_id))


def _page(engine: Engine, wanted: PaneFilter, sort: PaneSort) -> Callable[[], int]:
    return lambda: len(pane_rows(engine, wanted, sort=sort, is_descending=True))


def _found(engine: Engine, wanted: PaneFilter) -> Callable[[], int]:
    return lambda: sum(one.count for one in pane_sums(engine, wanted)) and len(pane_rows(engine, wanted))


def _tick(engine: Engine, run_id: int, lines: Sequence[int], near: OpenRow | None) -> int:
    """What is asked when the rows are drawn anew: both panes, the choice and the figures over them."""
    suggestion_count(engine, run_id)
    decided_count(engine, run_id)
    currencies_of(engine, run_id)
    rows = chosen_rows(engine, run_id, {Side.SOURCE: lines})
    weigh_choice(rows, Rules(), reason_code=None)
    for side in Side:
        wanted = PaneFilter(run_id=run_id, side=side)
        pane_sums(engine, wanted)
        pane_rows(engine, wanted, near=near if side is Side.REFERENCE else None)
    return len(rows)


def _decisions(engine: Engine, run_id: int) -> Iterator[Timing]:
    taken: list[int] = []
    places = itertools.count(step=10)

    def settle(move: SettleMove, source: int, reference: int, code: Resolution | None = None) -> Callable[[], int]:
        def act() -> int:
            counts = ((Side.SOURCE, source), (Side.REFERENCE, reference))
            taken.append(_settle(engine, run_id, move, _free(engine, run_id, counts, next(places)), code))
            return source + reference

        return act

    yield _measure("match 1:1, the difference written off", settle(SettleMove.MATCH, 1, 1, Resolution.FEE))
    yield _measure("match 3:5, the difference written off", settle(SettleMove.MATCH, 3, 5, Resolution.FEE))
    yield _measure("ignore one", settle(SettleMove.IGNORE, 1, 0))
    yield _measure("take a decision back", lambda: undo_settlement(engine, taken.pop(), actor=_ACTOR))


def _free(engine: Engine, run_id: int, counts: Sequence[tuple[Side, int]], offset: int) -> tuple[OpenRow, ...]:
    """Rows of one currency that are in no suggestion."""
    rows: list[OpenRow] = []
    for side, count in counts:
        wanted = PaneFilter(run_id=run_id, side=side, currency="EUR", kinds=_ALONE_KINDS)
        rows += pane_rows(engine, wanted, limit=count, offset=offset) if count else ()
    return tuple(rows)


def _settle(
    engine: Engine, run_id: int, move: SettleMove, rows: Sequence[OpenRow], code: Resolution | None = None
) -> int:
    ask = Ask(
        run_id=run_id,
        move=move,
        rows=tuple(row.seen for row in rows),
        reason_code=code,
        reason="Bench.",
        action_key=f"bench {run_id} {next(_serial)}",
    )
    return settle_rows(engine, ask, actor=_ACTOR).decision_id


def _many(engine: Engine, run_id: int) -> Iterator[Timing]:
    """Once each: what thousands of rows take."""
    rows = pane_rows(engine, PaneFilter(run_id=run_id, side=Side.REFERENCE), limit=MANY)
    settled: list[int] = []

    def ignore() -> int:
        settled.append(_settle(engine, run_id, SettleMove.IGNORE, rows))
        return len(rows)

    yield _once(f"ignore {len(rows):,} rows in one decision", ignore)
    yield _once("take it back", lambda: undo_settlement(engine, settled[0], actor=_ACTOR))
    ids = suggestion_ids(engine, run_id, limit=MANY)
    keys = {verb: f"bench {verb} {run_id}" for verb in ("confirm", "reject")}

    def confirm() -> int:
        return confirm_suggestions(engine, run_id, ids, actor=_ACTOR, action_key=keys["confirm"]).done_count

    def reject() -> int:
        return reject_suggestions(engine, run_id, ids, actor=_ACTOR, action_key=keys["reject"]).done_count

    for verb, answer in (("confirm", confirm), ("reject", reject)):
        yield _once(f"{verb} {len(ids):,} suggestions", answer)
        yield _once("take them back", partial(_take_back, engine, run_id, keys[verb]))


def _take_back(engine: Engine, run_id: int, key: str) -> int:
    return undo_answers(engine, run_id, key, actor=_ACTOR).undone_count


def _measure(question: str, ask: Callable[[], int], repeats: int = REPEATS) -> Timing:
    spent = []
    for _ in range(repeats):
        started = time.perf_counter()
        found = ask()
        spent.append((time.perf_counter() - started) * 1000)
    return Timing(question=question, median_ms=sorted(spent)[repeats // 2], slowest_ms=max(spent), row_count=found)


def _once(question: str, ask: Callable[[], int]) -> Timing:
    return _measure(question, ask, repeats=1)


_RUN: Final = """
with got as (
    insert into upload (sha256, filename, size_bytes, received_by)
    values (md5(clock_timestamp()::text) || md5(random()::text), 'bench.csv', 1, 'bench') returning id),
read as (
    insert into reading (upload_id, reading_key, format, mapping, rows_read, rows_accepted, rows_rejected,
                         rows_ignored, notes)
    select id, 'bench ' || clock_timestamp(), 'csv', '{}', 0, 0, 0, 0, '[]' from got returning id),
named as (
    insert into reconciliation (name, created_by)
    values ('Workbench bench ' || clock_timestamp(), 'bench') returning id)
insert into run (reconciliation_id, run_key, source_reading_id, reference_reading_id, rules, requested_by, status,
                 attempt, published_attempt, finished_at)
select named.id, 'bench ' || clock_timestamp(), read.id, read.id, %s::jsonb, 'bench', 'succeeded', 1, 1,
       clock_timestamp()
  from named, read returning id
"""

_DRAWN: Final = """
select n, %(newest)s::date - (random() * 70)::int as day,
       (array['EUR', 'EUR', 'EUR', 'USD', 'GBP', 'SEK'])[1 + (random() * 5)::int] as currency,
       (exp(random() * 9) * 100 * (case when random() < 0.3 then -1 else 1 end))::bigint as amount,
       (array['Kestrel', 'Delta', 'Pacific', 'Stellar', 'Hanseatic', 'Oryx', 'Banco', 'Tessera', 'Nordwind', 'Łódź'])
           [1 + (random() * 9)::int] || ' ' || (random() * 100)::int as name
"""

_ROW: Final = "run_id, side, line, fingerprint, kind, discrepancy_id, date, amount, open_amount, currency, payment_ref"

_SUGGESTED: Final = f"""
with it as (select %(run)s::bigint as run),
drawn as ({_DRAWN} from generate_series(1, %(count)s) as n),
made as (
    insert into discrepancy (run_id, attempt, kind, source_line, reference_line, currency, amount, gross, date,
                             counterparty, detail, confidence)
    select run, 1, 'suggestion', n + 1, n + 1, currency, 0, abs(amount), day, name, 'Another row fits as well.',
           round(random()::numeric, 2)
      from it, drawn returning id, source_line)
insert into workbench_row ({_ROW}, counterparty)
select run, side, n + 1, md5(run || side || n), 'suggestion', made.id, day, amount, amount, currency,
       'INV-' || lpad(n::text, 8, '0'), name
  from it, drawn join made on made.source_line = n + 1, unnest(array['source', 'reference']) as side
"""  # noqa: S608 - our own text, here and below

_ALONE: Final = f"""
with it as (select %(run)s::bigint as run, %(side)s::text as side),
drawn as ({_DRAWN} from generate_series(%(first)s + 1, %(first)s + %(count)s) as n),
made as (
    insert into discrepancy (run_id, attempt, kind, source_line, reference_line, currency, amount, gross, date,
                             counterparty, detail)
    select run, 1, case side when 'source' then 'missing_in_reference' else 'missing_in_source' end,
           case side when 'source' then n + 1 end, case side when 'reference' then n + 1 end, currency, amount,
           abs(amount), day, name, 'The other side has no row for this.'
      from it, drawn returning id, kind, coalesce(source_line, reference_line) as line)
insert into workbench_row ({_ROW}, counterparty)
select run, side, line, md5(run || side || n), kind, made.id, day, amount, amount, currency,
       'INV-' || lpad(n::text, 8, '0'), name
  from it, drawn join made on made.line = n + 1
"""  # noqa: S608
