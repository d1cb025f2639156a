"""How long the database takes for what the triage page asks, on one run with very many discrepancies.

The run is made inside the database: five kinds (one of them rare), four currencies (one of them rare), dates over ten
weeks, amounts from 1 to 8,000, words of every frequency, a third assigned. The bar is 200 ms for a page of fifty.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection, Engine

from recon.model.triage import DiscrepancyStatus
from recon.queries import discrepancies
from recon.queries.discrepancies import DiscrepancyFilter, Order, Sort

REPEATS: Final = 9
NEWEST: Final = date(2026, 3, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """One question: the median and the slowest of its repeats, and how many rows or groups it gave."""

    question: str
    median_ms: float
    slowest_ms: float
    row_count: int


def make_queue(engine: Engine, rows: int) -> int:
    """A run of `rows` discrepancies, made in the database; its number."""
    with engine.begin() as connection:
        run_id = _fill(connection, rows)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("vacuum analyze discrepancy")
        connection.exec_driver_sql("analyze discrepancy_tally")
    return run_id


def bench_queries(engine: Engine, run_id: int, rows: int, *, repeats: int = REPEATS) -> list[Timing]:
    """Asks a run of `make_queue` everything the page can ask, each question so many times."""
    return [_measure(question, ask, repeats) for question, ask in _questions(engine, run_id, rows)]


def _questions(engine: Engine, run_id: int, rows: int) -> Iterator[tuple[str, Callable[[], int]]]:
    both = tuple(DiscrepancyStatus)
    everything = DiscrepancyFilter(run_id=run_id)
    for sort in Sort:
        for is_descending in (True, False):
            arrow = "falling" if is_descending else "rising"
            yield f"page by {sort}, {arrow}", _page(engine, everything, Order(by=sort, is_descending=is_descending))
    yield "page 1,000", _page(engine, everything, Order(), offset=50_000)
    yield "open and resolved, by size", _page(engine, DiscrepancyFilter(run_id=run_id, statuses=both), _BY_SIZE)
    for name, wanted in _filters(run_id, rows).items():
        yield f"page, {name}", _page(engine, wanted, Order())
        yield f"page, {name}, by size", _page(engine, wanted, _BY_SIZE)
        yield f"totals, {name}", _totals(engine, wanted)
    yield (
        "page, frequent word by counterparty",
        _page(engine, DiscrepancyFilter(run_id=run_id, search="kestrel"), Order(by=Sort.PARTY)),
    )
    yield "totals of the queue", _totals(engine, everything)
    middle = discrepancies.page(engine, everything, Order(), offset=rows // 4, limit=1)[0].id
    for name, wanted in (("", everything), (" of a frequent word", replace(everything, search="kestrel"))):
        yield f"previous and next{name}", _beside(engine, wanted, middle)


def _filters(run_id: int, rows: int) -> dict[str, DiscrepancyFilter]:
    queue = DiscrepancyFilter(run_id=run_id)
    return {
        "frequent kind": replace(queue, kinds=("amount_mismatch",)),
        "rare kind": replace(queue, kinds=("suggestion",)),
        "rare currency": replace(queue, currency="KWD"),
        "older than 30 days": replace(queue, date_to=date(2026, 2, 28)),
        "size from 7,900": replace(queue, amount_min=Decimal(7900)),
        "size 10 to 11": replace(queue, amount_min=Decimal(10), amount_max=Decimal(11)),
        "word in every row": replace(queue, search="payment"),
        "frequent word": replace(queue, search="kestrel"),
        "three words": replace(queue, search="kestrel energy 12"),
        "one reference": replace(queue, search=f"INV-2026-{rows // 2:08d}"),
        "start of a reference": replace(queue, search="INV-2026-00007"),
        "no such word": replace(queue, search="zzzz"),
        "an amount": replace(queue, search="815.55"),
        "one of twenty people": replace(queue, assignee="person 7"),
        "nobody's": replace(queue, is_unassigned=True),
        "overdue": replace(queue, due_before=date(2026, 2, 1)),
        "rare kind, frequent word": replace(queue, kinds=("suggestion",), search="kestrel"),
    }


_BY_SIZE: Final = Order(by=Sort.AMOUNT)


def _page(engine: Engine, wanted: DiscrepancyFilter, order: Order, *, offset: int = 0) -> Callable[[], int]:
    return lambda: len(discrepancies.page(engine, wanted, order, offset=offset))


def _totals(engine: Engine, wanted: DiscrepancyFilter) -> Callable[[], int]:
    return lambda: len(discrepancies.totals(engine, wanted))


def _beside(engine: Engine, wanted: DiscrepancyFilter, discrepancy_id: int) -> Callable[[], int]:
    return lambda: len({discrepancies.neighbours(engine, wanted, Order(), discrepancy_id)})


def _measure(question: str, ask: Callable[[], int], repeats: int) -> Timing:
    spent = []
    for _ in range(repeats):
        started = time.perf_counter()
        found = ask()
        spent.append((time.perf_counter() - started) * 1000)
    return Timing(question=question, median_ms=sorted(spent)[repeats // 2], slowest_ms=max(spent), row_count=found)


def _fill(connection: Connection, rows: int) -> int:
    run_id = int(connection.exec_driver_sql(_RUN).scalar_one())
    connection.exec_driver_sql("select setseed(0.5)")
    connection.exec_driver_sql(_ROWS, (run_id, NEWEST, rows))
    return run_id


_RUN: Final = """
with got as (
    insert into upload (sha256, filename, size_bytes, received_by)
    values (repeat('b', 64), 'bench.csv', 1, 'bench') returning id),
read as (
    insert into reading (upload_id, reading_key, format, mapping, rows_read, rows_accepted, rows_rejected,
                         rows_ignored, notes)
    select id, 'bench', 'csv', '{}', 0, 0, 0, 0, '[]' from got returning id),
named as (
    insert into reconciliation (name, created_by)
    values ('Triage bench ' || clock_timestamp(), 'bench') returning id)
insert into run (reconciliation_id, run_key, source_reading_id, reference_reading_id, rules, requested_by, status,
                 attempt, published_attempt, finished_at)
select named.id, 'bench ' || clock_timestamp(), read.id, read.id, '{}', 'bench', 'succeeded', 1, 1, clock_timestamp()
  from named, read returning id
"""

_ROWS: Final = """
insert into discrepancy (run_id, attempt, kind, source_line, reference_line, currency, amount, gross, date, txn_id,
                         payment_ref, description, counterparty, detail, status, resolution, assignee)
select %s, 1, kind, n, n, currency, amount, abs(amount), day, 'TXN' || lpad(n::text, 9, '0'),
       'INV-2026-' || lpad(n::text, 8, '0'),
       'payment ' || (array['order', 'invoice', 'refund', 'subscription'])[1 + n %% 4] || ' ' || left(md5(n::text), 6),
       (array['Kestrel', 'Delta', 'Pacific', 'Stellar', 'Hanseatic', 'Oryx', 'Banco', 'Tessera', 'Nordwind', 'Łódź'])
           [1 + (random() * 9)::int] || ' ' ||
       (array['Energy', 'Agri', 'Tin', 'Insurance', 'Freight', 'Pharma', 'Vale', 'Software'])
           [1 + (random() * 7)::int] || ' ' || (random() * 60)::int,
       'The other side has no row for this.', status, case when status = 'resolved' then 'timing' end,
       case when n %% 3 = 0 then 'person ' || n %% 20 end
  from (select n, %s::date - (power(random(), 2) * 70)::int as day,
               case when random() < 0.0005 then 'suggestion' when random() < 0.02 then 'duplicate'
                    when random() < 0.4 then 'amount_mismatch' when random() < 0.5 then 'missing_in_reference'
                    else 'missing_in_source' end as kind,
               case when random() < 0.0001 then 'KWD' when random() < 0.6 then 'EUR' when random() < 0.5 then 'USD'
                    else 'GBP' end as currency,
               (exp(random() * 9) * 100 * (case when random() < 0.5 then -1 else 1 end))::bigint as amount,
               case when random() < 0.1 then 'resolved' else 'open' end as status
          from generate_series(1, %s) as n) as drawn
"""
